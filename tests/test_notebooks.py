"""The notebooks run from top to bottom, here on a sample; their stored outputs stay small."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SAMPLES = {
    "01_search": 'SPLIT = "test"\nQUESTIONS = 20',
    "02_classifier": 'HISTORY = None\nTEXT, LABEL, ID = "text", "category", "id"\nTICKETS = 400\nMAX_ERROR = 0.05',
}
MAX_BYTES = 400_000


def test_every_notebook_has_a_sample_to_run_on() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_stored_outputs_are_whole_small_and_without_errors(name: str) -> None:
    path = NOTEBOOKS / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size < MAX_BYTES
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", SAMPLES)
def test_a_notebook_runs_on_a_sample_and_draws(name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    (parameters,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    parameters.source = SAMPLES[name]
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS.parent)}})
    client.execute()
    plots = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "display_data" and "image/png" in output.data
    ]
    assert len(plots) >= 3
