"""``triage gaps`` and ``triage qrels``: what the knowledge base lacks, and people's verdicts as a test set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.adapters.storage.database import opened
from triage.adapters.storage.searches import SqlSearchLog
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.library import open_shelves
from triage.bootstrap.shelves import Shelves
from triage.config import DEFAULT_TENANT, Settings, load_settings
from triage.library.gaps import MOST_SEARCHES, Gap, find_gaps
from triage.library.judgements import corpus_lines, judged_queries, qrels_lines, query_lines

console = Console(stderr=True)
_Tenant = Annotated[str, typer.Option(help="Whose searches.")]
_Days = Annotated[int, typer.Option(min=1, help="How many days to look back.")]


def gaps(
    tenant: _Tenant = DEFAULT_TENANT,
    days: _Days = 90,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")] = False,
) -> None:
    """List questions the knowledge base did not answer, the most wanted first; near-duplicates count together."""
    settings = load_settings()
    with _log_of(settings) as log:
        since = datetime.now(UTC) - timedelta(days=days)
        searches = log.searches(tenant, since=since, limit=MOST_SEARCHES)
        found = find_gaps(searches, log.verdicts(tenant, since=since), load_encoder(settings).encoder)
    if as_json:
        for gap in found:
            print(json.dumps(asdict(gap), ensure_ascii=False, default=datetime.isoformat))
    else:
        Console().print(_table(found))
        console.print(f"{len(found)} gaps in {len(searches)} searches of {days} days.")


def qrels(
    folder: Annotated[Path, typer.Argument(help="Where corpus.jsonl, queries.jsonl and qrels.tsv are written.")],
    tenant: _Tenant = DEFAULT_TENANT,
    days: _Days = 365,
) -> None:
    """Write what people said of answers as a retrieval test set in BEIR's form."""
    settings = load_settings()
    since = datetime.now(UTC) - timedelta(days=days)
    with _shelves_of(settings) as (shelves, log):
        searches = log.searches(tenant, since=since, limit=MOST_SEARCHES)
        verdicts = log.verdicts(tenant, since=since)
        passages = shelves.serving(tenant).index.parts.passages
        known = {passage.id for passage in passages}
        queries = judged_queries(searches, [verdict for verdict in verdicts if verdict.passage_id in known])
        gone = sum(verdict.passage_id is not None and verdict.passage_id not in known for verdict in verdicts)
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "corpus.jsonl", corpus_lines(passages))
    _write(folder / "queries.jsonl", query_lines(queries))
    _write(folder / "qrels.tsv", qrels_lines(queries))
    judgements = sum(len(query.gains) for query in queries)
    left_out = f" {gone} verdicts on passages that are gone were left out." if gone else ""
    console.print(f"{len(queries)} questions, {judgements} judgements, {len(passages)} passages in {folder}.{left_out}")


@contextmanager
def _log_of(settings: Settings) -> Iterator[SqlSearchLog]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        yield SqlSearchLog(database.sessions)


@contextmanager
def _shelves_of(settings: Settings) -> Iterator[tuple[Shelves, SqlSearchLog]]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        yield open_shelves(settings, database), SqlSearchLog(database.sessions)


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def _table(found: tuple[Gap, ...]) -> Table:
    table = Table("times", "no result", "question", "other wordings", "last asked")
    for gap in found:
        others = "\n".join(wording for wording in gap.wordings if wording != gap.question)
        table.add_row(str(gap.times), str(gap.unanswered), gap.question, others, f"{gap.last_asked:%Y-%m-%d}")
    return table
