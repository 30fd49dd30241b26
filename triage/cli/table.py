"""Tables for people: triaged tickets and search hits."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from knowledge_base.answer import Answer, ScoredPassage
from triage.domain.case import TriageCase
from triage.domain.reply import Draft

_LEVEL_STYLE = {"P1": "bold white on red", "P2": "bold yellow", "P3": "cyan", "P4": "dim"}


def case_table(cases: list[TriageCase]) -> Table:
    """One row per case: category with probability, urgency with reasons, next deadline, top source, first line."""
    table = Table(show_lines=True, expand=True)
    for heading, ratio in (
        ("Ticket", 3),
        ("Category", 4),
        ("Urgency", 5),
        ("Next deadline", 3),
        ("Top source", 5),
        ("Draft", 7),
    ):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for case in sorted(cases, key=_queue_order):
        table.add_row(
            case.ticket_id, _category(case), _urgency(case), _deadline(case), _source(case), _first_line(case)
        )
    return table


def print_answer(console: Console, answer: Answer, note: str) -> None:
    """Each hit with document, section, page, quote and why it ranked; where there is none, what comes nearest."""
    if not answer.hits:
        console.print("Nothing found: no passage of the knowledge base answers this.", style="yellow")
    if note:
        console.print(note, style="yellow", markup=False)
    if answer.nearest:
        console.print("Nearest, does not answer:", style="dim")
    _print_hits(console, (*answer.hits, *answer.nearest))


def _print_hits(console: Console, hits: tuple[ScoredPassage, ...]) -> None:
    for number, hit in enumerate(hits, 1):
        passage = hit.passage
        page = f", p. {hit.page}" if hit.page else ""
        console.print(
            f"[bold]{number}. {passage.document_id} v{passage.document_version}[/] {passage.title}{page} "
            f"[dim]{hit.relevance:.2f} {', '.join(hit.why.reasons)} · {passage.audience.value}[/]"
        )
        console.print(f"   {' › '.join(passage.section)}", style="cyan", markup=False)
        quote = Text(f"   „{' '.join(hit.quote.text.split())}”")
        quote.highlight_words(list(hit.terms), "bold green", case_sensitive=False)
        console.print(quote)


def _queue_order(case: TriageCase) -> tuple[str, str, str]:
    due = case.next_deadline.safe_due.isoformat() if case.next_deadline else "9999"
    return (case.urgency.level.value if case.urgency else "P0", due, case.ticket_id)


def _category(case: TriageCase) -> str:
    found = case.classification
    if found is None:
        return "–"
    doubt = "? " if found.abstained else ""
    return f"{doubt}{found.code} {found.label} {found.probability:.0%}"


def _urgency(case: TriageCase) -> Text:
    if case.urgency is None:
        return Text(f"failed: {case.failure.stage}" if case.failure else "–", style="red")
    reasons = ", ".join(f"{factor.name} {factor.points:+d} „{factor.evidence}”" for factor in case.urgency.factors[:3])
    text = Text(f"{case.urgency.level.value}", style=_LEVEL_STYLE[case.urgency.level.value])
    return text.append(f" {case.urgency.score}: {reasons}", style="default not bold on default")


def _deadline(case: TriageCase) -> str:
    deadline = case.next_deadline
    if deadline is None:
        return "–"
    return f"{deadline.legal_due} {deadline.rule}" + (f" ({deadline.caveat})" if deadline.caveat else "")


def _source(case: TriageCase) -> str:
    if not case.passages:
        return "–"
    passage = case.passages[0].passage
    return f"{passage.document_id} {' › '.join(passage.section[-1:])}"


def _first_line(case: TriageCase) -> str:
    return f"[{case.draft.kind}] {_opening(case.draft)}" if case.draft else "–"


def _opening(draft: Draft) -> str:
    """The first line after the salutation: what the letter has to say."""
    lines = [line.strip() for line in draft.body.splitlines() if line.strip()]
    after = next((number for number, line in enumerate(lines, 1) if line.endswith(",") and len(line) < 40), 0)
    return " ".join(lines[after : after + 1])
