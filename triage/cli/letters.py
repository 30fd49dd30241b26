"""``triage similar`` and ``triage suggestions``: what approved letters of the past offer the desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.bootstrap.services import open_services
from triage.config import DEFAULT_TENANT, load_settings
from triage.domain.drafting import SimilarCase, SuggestionState
from triage.drafting.review import as_document

console = Console()
_Tenant = Annotated[str, typer.Option(help="Whose cases.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


def similar(
    what: Annotated[str, typer.Argument(help="Id of a stored case; with --text: words to compare with.")],
    text: Annotated[bool, typer.Option("--text", help="WHAT is a text, not a case.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=20, help="At most this many.")] = 5,
    tenant: _Tenant = DEFAULT_TENANT,
    as_json: _Json = False,
) -> None:
    """Solved cases most like a case or a text, with what was decided; names and numbers are placeholders."""
    with open_services(load_settings()) as services:
        cases = services.letters.similar
        found = cases.to_text(tenant, what, limit=limit) if text else cases.to_case(tenant, what, limit=limit)
    if as_json:
        for one in found:
            print(json.dumps(_record(one), ensure_ascii=False))
        return
    table = Table("Case", "Likeness", "Category", "Letter", "State", "Problem")
    for one in found:
        solved = one.solved
        row = (solved.case_id, f"{one.similarity:.2f}", solved.category, solved.reply_kind, one.state)
        table.add_row(*row, solved.problem[:120])
    console.print(table)


def suggestions(
    state: Annotated[SuggestionState, typer.Option(help="open, template, knowledge or rejected.")] = (
        SuggestionState.OPEN
    ),
    export: Annotated[
        Path | None, typer.Option(help="Write accepted ones (--state template or knowledge) as files here.")
    ] = None,
    tenant: _Tenant = DEFAULT_TENANT,
    as_json: _Json = False,
) -> None:
    """Wordings agents arrived at; after review, files for the replies or the documents folder."""
    with open_services(load_settings()) as services:
        found = services.letters.suggestions.waiting(tenant, state=state, limit=1000)
    if export is not None:
        if state not in (SuggestionState.TEMPLATE, SuggestionState.KNOWLEDGE):
            raise typer.BadParameter("Only reviewed suggestions are exported: --state template or --state knowledge.")
        export.mkdir(parents=True, exist_ok=True)
        for one in found:
            (export / f"{one.reply_kind}-{one.language}-{one.id}.md").write_text(as_document(one), encoding="utf-8")
    for one in found:
        if as_json:
            print(json.dumps({"id": one.id, "kind": one.reply_kind, "language": one.language, "seen": one.seen,
                              "text": one.text}, ensure_ascii=False))  # fmt: skip
        else:
            console.print(f"{one.id} {one.reply_kind}/{one.language}, {one.seen}×:\n{one.text}\n", markup=False)


def _record(found: SimilarCase) -> dict[str, object]:
    solved = found.solved
    return {
        "case": solved.case_id,
        "similarity": found.similarity,
        "category": solved.category,
        "reply_kind": solved.reply_kind,
        "state": found.state,
        "problem": solved.problem,
        "reply": solved.reply,
    }
