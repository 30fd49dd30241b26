"""A document's metadata: YAML front matter of Markdown, or a sidecar file ``<file>.meta.yaml`` for other formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import yaml

from knowledge_base.errors import InvalidFrontMatter
from knowledge_base.passage import Audience, DocumentMetadata

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_MAX_CHARS: Final = 20_000
_REMEDY: Final = "Correct the metadata at the top of the file, or in its .meta.yaml file."

Fields = Mapping[str, object]


def front_matter_fields(name: str, text: str) -> Fields:
    """Front matter's fields; none where there is none.

    Raises:
        InvalidFrontMatter: it is not YAML, or not key: value pairs.
    """
    found = _FRONT_MATTER.match(text)
    return parse_fields(name, found[1]) if found else {}


def front_matter_end(text: str) -> int:
    """Offset behind the front matter; 0 where there is none."""
    found = _FRONT_MATTER.match(text)
    return found.end() if found else 0


def parse_fields(name: str, text: str) -> Fields:
    """Key: value pairs of YAML metadata.

    Raises:
        InvalidFrontMatter: too long, not YAML, or not key: value pairs.
    """
    # An alias can unfold to gigabytes from a few lines; metadata needs none.
    if len(text) > _MAX_CHARS or re.search(r"(?m)(?:^|[\s\[,:-])[&*]\w", text):
        raise InvalidFrontMatter(name, "its metadata is too long or uses YAML anchors", _REMEDY)
    try:
        fields = yaml.load(text, Loader=yaml.CSafeLoader)  # ten times faster, and refuses endless nesting
    except (ValueError, AttributeError) as error:  # as PyYAML makes values; the latter of "!!timestamp x"
        raise InvalidFrontMatter(name, "its metadata has a value that cannot be, such as a day", _REMEDY) from error
    except yaml.YAMLError as error:
        raise InvalidFrontMatter(name, "its metadata is not valid YAML", _REMEDY) from error
    if not isinstance(fields, dict):
        raise InvalidFrontMatter(name, "its metadata is not a list of key: value lines", _REMEDY)
    return fields


def metadata(name: str, fields: Fields, *, fallback_id: str, fallback_title: str) -> DocumentMetadata:
    """Check the fields and make metadata of them; language is empty where it is not given.

    Raises:
        InvalidFrontMatter: lists every fault.
    """
    reader = _Reader(fields)
    found = DocumentMetadata(
        id=reader.text("id") or fallback_id,
        version=reader.text("version") or "1",
        title=reader.text("title") or fallback_title or fallback_id,
        doc_type=reader.text("doc_type") or "document",
        language=(reader.text("language") or "").lower(),
        audience=reader.audience(),
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
        product=reader.text("product"),
        model=reader.text("model"),
        legal_refs=reader.texts("legal_refs"),
        safety=reader.flag("safety"),
        owner=reader.text("owner"),
        review_date=reader.day("review_date"),
        supersedes=reader.texts("supersedes"),
        asked_as=reader.phrases("asked_as"),
    )
    if found.valid_from and found.valid_to and found.valid_to < found.valid_from:
        reader.faults.append("valid_to is before valid_from")
    if reader.faults:
        raise InvalidFrontMatter(name, "; ".join(reader.faults), _REMEDY)
    return found


class _Reader:
    """Reads typed fields and collects the faults."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.faults: list[str] = []

    def text(self, key: str) -> str | None:
        value = self._fields.get(key)
        if value is None or isinstance(value, str):
            return value.strip() or None if value else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        self.faults.append(f"{key} must be text")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._fields.get(key)
        if value is None or isinstance(value, str):
            return (value.strip(),) if value and value.strip() else ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(item.strip() for item in value)
        self.faults.append(f"{key} must be a list of texts")
        return ()

    def phrases(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Headings, each with its phrases; phrases are separated by semicolons."""
        value = self._fields.get(key) or {}
        if isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair):
            return tuple((h, tuple(p.strip() for p in phrases.split(";") if p.strip())) for h, phrases in value.items())
        self.faults.append(f"{key} must give phrases, separated by semicolons, for the beginnings of headings")
        return ()

    def day(self, key: str) -> date | None:
        value = self._fields.get(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.faults.append(f"{key} must be a date such as 2026-01-31")
                return None
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.faults.append(f"{key} must be a date such as 2026-01-31")
        return None

    def flag(self, key: str) -> bool:
        value = self._fields.get(key, False)
        if not isinstance(value, bool):
            self.faults.append(f"{key} must be true or false")
        return value is True

    def audience(self) -> Audience:
        # What does not say that customers may read it is internal.
        value = self._fields.get("audience", Audience.INTERNAL.value)
        if value not in tuple(Audience):
            self.faults.append("audience must be customer or internal")
            return Audience.INTERNAL
        return Audience(str(value))
