"""The door to a customer is the only one, and the import rules that keep it so are not decoration."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("triage", "knowledge_base", "api", "training")


def constructors_of(name: str, root: Path) -> set[str]:
    """Files that call ``name(…)``, however it was imported; ``replace`` of one counts as making one."""
    found = set()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _called(node) == name:
                    found.add(path.relative_to(root).as_posix())
    return found


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def aliases_of(name: str) -> set[str]:
    """Files that import ``name`` under another one, which would hide a call from the search above."""
    found = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and any(a.name == name and a.asname for a in node.names):
                    found.add(path.relative_to(ROOT).as_posix())
    return found


def test_only_the_approval_module_makes_an_approved_reply() -> None:
    assert constructors_of("ApprovedReply", ROOT) == {"triage/approval/dispatch.py"}
    assert aliases_of("ApprovedReply") == set()


def test_the_search_finds_a_second_maker(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
    (tmp_path / "api" / "shortcut.py").write_text("from triage.domain import reply\nreply.ApprovedReply(1, 2, 3)\n")
    assert constructors_of("ApprovedReply", tmp_path) == {"api/shortcut.py"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages' code, for planting faults in."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            target = copy / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copyfile(ROOT / "pyproject.toml", copy / "pyproject.toml")
    return copy


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=tree, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("knowledge_base/passage.py", "import triage.errors", "Packages point one way"),
        ("triage/domain/case.py", "import sqlalchemy", "The core imports no framework"),
        ("triage/stages/urgency.py", "import triage.stages.deadline", "Stages meet only in the pipeline"),
        ("triage/adapters/storage/cases.py", "import triage.stages.urgency", "Adapters know ports"),
    ],
)
def test_a_planted_wrong_import_fails_the_lint(tree: Path, module: str, line: str, contract: str) -> None:
    clean = lint(tree)
    assert clean.returncode == 0, clean.stdout
    path = tree / module
    kept = path.read_text(encoding="utf-8")
    path.write_text(f"{kept}\n{line}\n", encoding="utf-8")
    try:
        planted = lint(tree)
    finally:
        path.write_text(kept, encoding="utf-8")
    assert planted.returncode == 1
    assert f"{contract}" in planted.stdout
    assert "BROKEN" in planted.stdout
