"""Look for what should be gone: in every row of every table, and in every byte of every file."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from triage.domain.privacy import Person, phone_pattern

_TABLES = text("SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema() ORDER BY relname")


@dataclass(frozen=True, slots=True)
class Residue:
    """A place that still names a person, and how often."""

    place: str
    count: int


def find_residue(engine: Engine, folders: Sequence[Path], person: Person) -> tuple[Residue, ...]:
    """Rows and files in which an identifier or the full name of a person stands.

    Rows are read through the database too, because it may store long values compressed.
    """
    return (*_in_rows(engine, person), *_in_files(folders, person))


def _in_rows(engine: Engine, person: Person) -> Iterator[Residue]:
    needles = "|".join(pattern.pattern.decode() for pattern in _patterns(person))
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for table in connection.execute(_TABLES).scalars().all():
            rows = connection.execution_options(yield_per=1000).execute(text(f'SELECT t::text FROM "{table}" t'))
            count = sum(len(re.findall(needles, row, re.IGNORECASE)) for row in rows.scalars())
            if count:
                yield Residue(f"table {table}", count)


def _in_files(folders: Sequence[Path], person: Person) -> Iterator[Residue]:
    patterns = _patterns(person)
    for path in sorted({path for folder in folders for path in folder.rglob("*")}):
        if path.is_file() and not path.is_symlink() and (count := _in_file(path, patterns)):
            yield Residue(str(path), count)


def _in_file(path: Path, patterns: Sequence[re.Pattern[bytes]]) -> int:
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return 0
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return sum(len(pattern.findall(content)) for pattern in patterns)
    except FileNotFoundError:  # a log segment that was removed meanwhile
        return 0


def _patterns(person: Person) -> tuple[re.Pattern[bytes], ...]:
    words = [*person.emails, *person.external_ids, *([person.name] if person.name.strip() else [])]
    exact = [re.compile(re.escape(word).encode("utf-8"), re.IGNORECASE) for word in words]
    return (*exact, *(re.compile(phone_pattern(phone).pattern.encode("ascii")) for phone in person.phones))
