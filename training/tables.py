"""Tables of labelled tickets from files, with errors that say what to do."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from triage.errors import InvalidInput

FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "json", ".json": "json", ".parquet": "parquet"}
_TEXT = (".csv", ".tsv", ".jsonl", ".json")
_READ_AT_ONCE = 1 << 20

Row = dict[str, object]


def read_table(path: Path, wanted: Sequence[str]) -> Iterable[Row]:
    """Rows of a table, read with ``datasets``; a .csv may be separated by commas, semicolons or tabs.

    Args:
        wanted: names of the columns that must be there.

    Raises:
        InvalidInput: the file is missing, empty, damaged, of another format or encoding, or lacks a column.
    """
    if not path.exists():
        raise InvalidInput(f"There is no file {path}.")
    if not path.is_file() or path.suffix.lower() not in FORMATS:
        raise InvalidInput(f"{path} is not a table: give a .jsonl, .csv, .tsv or .parquet file.")
    if path.stat().st_size == 0:
        raise InvalidInput(f"{path.name} is empty: give a table with a column of texts and a column of labels.")
    if path.suffix.lower() in _TEXT:
        _check_encoding(path)
    table = _opened(path)
    if missing := [name for name in wanted if name not in table.column_names]:
        raise InvalidInput(
            f"{path.name} has no column {', '.join(missing)}; it has {', '.join(table.column_names)}. "
            "Name yours with --text, --label, --id, --time, --thread."
        )
    rows: Iterable[Row] = table
    return rows


def _opened(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202  (`datasets` has no types)
    from datasets import Dataset, disable_progress_bars
    from datasets.utils.logging import CRITICAL, set_verbosity

    disable_progress_bars()
    set_verbosity(CRITICAL)  # what cannot be parsed would be logged, and it is ticket text
    suffix = path.suffix.lower()
    options = {"sep": _separator(path)} if FORMATS[suffix] == "csv" else {}
    reader = {"csv": Dataset.from_csv, "json": Dataset.from_json, "parquet": Dataset.from_parquet}[FORMATS[suffix]]
    try:
        return reader(str(path), keep_in_memory=True, **options)
    except Exception as exc:
        # `datasets` wraps what its readers raise in many types; the message may hold ticket text, so it is cut off
        raise InvalidInput(_fault(path, exc)) from None


def _separator(path: Path) -> str:
    """Excel writes semicolons where the decimal sign is a comma: take what stands most often in the heading."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    with path.open(encoding="utf-8-sig") as file:
        heading = file.readline()
    return max(",;\t", key=heading.count)


def _check_encoding(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_READ_AT_ONCE):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            found = "UTF-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "WINDOWS-1250"
            raise InvalidInput(
                f"{path.name} is not UTF-8: save it as UTF-8 (in Excel: “CSV UTF-8”), or convert it with "
                f"`iconv -f {found} -t UTF-8 {path.name} > utf8-{path.name}`."
            ) from None


def _fault(path: Path, exc: Exception) -> str:
    if path.suffix.lower() == ".jsonl":
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                try:
                    whole = not line.strip() or isinstance(json.loads(line), dict)
                except ValueError:
                    whole = False
                if not whole:
                    return f"{path.name}, line {number}, is not a JSON object: mend or remove the line."
    if FORMATS[path.suffix.lower()] == "csv" and (uneven := _uneven_line(path)):
        return (
            f"{path.name}, line {uneven}: the row does not have as many cells as the heading. Put texts that hold the "
            'separator, a quotation mark or a line break in quotation marks, and write those inside twice ("").'
        )
    if "no data" in str(exc):
        return f"{path.name} has a heading but no rows."
    return f"{path.name} cannot be read as {path.suffix} ({type(exc).__name__}): is it damaged, or of another format?"


def _uneven_line(path: Path) -> int | None:
    """Line on which the first row begins that has other cells than the heading; an open quotation mark makes one."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=_separator(path))
        begins = 1
        try:
            heading = next(rows, [])
            for row in rows:
                if row and len(row) != len(heading):
                    return begins + 1
                begins = rows.line_num
        except csv.Error:  # a cell longer than any text: a quotation mark was left open
            return begins + 1
    return None
