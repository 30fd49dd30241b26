"""What a person may have of their data: everything stored, as one JSON document and as text they can read.

Source: GDPR art. 15(1) (purposes, categories, storage period, rights), 15(3) (copy), 20 (machine-readable).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from triage.domain.privacy import Person
from triage.ports.privacy import PersonalStore, PrivacyUnit
from triage.privacy.plan import last_contact, retention_of, subject_of
from triage.privacy.schedule import RetentionSchedule

FORMAT: Final = "triage-subject-export/1"
Json = Mapping[str, object]

_LAW: Final = {
    "purposes": "answering and settling after-sales requests; duties under consumer, accounting and product safety law;"
    " establishing and defending claims (GDPR art. 6(1)(b), (c), (f))",
    "rights": "rectification, erasure, restriction, objection; complaint to the President of the Personal Data"
    " Protection Office (GDPR art. 15(1)(e), (f))",
    "automated_decisions": "none: a person approves every reply; models only suggest (GDPR art. 15(1)(h), 22)",
}


@dataclass(frozen=True, slots=True)
class Export:
    """A copy of a person's data; ``data`` are JSON values."""

    data: Json
    tickets: tuple[str, ...]

    @property
    def text(self) -> str:
        """The same for a reader, as Markdown."""
        return "\n".join(_lines(self.data)) + "\n"


def export_person(
    uow: PrivacyUnit, person: Person, files: Sequence[PersonalStore], schedule: RetentionSchedule, now: datetime
) -> Export:
    """Collect everything from every store."""
    traces = uow.subjects.find(person)
    own = tuple(trace.ticket_id for trace in traces if trace.own)
    subject = subject_of(uow, person, own)
    stores = {store.name: list(store.export(subject)) for store in (*uow.personal_stores, *files)}
    data: Json = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "asked_for": {
            "emails": list(person.emails),
            "phones": list(person.phones),
            "name": person.name,
            "order_no": person.order_no,
            "external_ids": list(person.external_ids),
        },
        "found": [{"ticket": trace.ticket_id, "why": trace.why.value} for trace in traces],
        "kept": [_kept(uow, ticket_id, schedule, now.date()) for ticket_id in own],
        "law": dict(_LAW),
        "stores": {name: records for name, records in stores.items() if records},
    }
    return Export(data, own)


def _kept(uow: PrivacyUnit, ticket_id: str, schedule: RetentionSchedule, today: date) -> Json:
    retention = retention_of(uow.cases.get(ticket_id), schedule, today)
    ends = retention.ends(last_contact(uow.tickets.get(ticket_id)))
    return {"ticket": ticket_id, "what": retention.what, "until": ends.isoformat(), "source": retention.source}


def _lines(data: Json) -> Iterator[str]:
    yield f"# Personal data, {str(data['made_at'])[:10]}"
    yield ""
    for name, words in _mapping(data["law"]).items():
        yield f"- **{name.replace('_', ' ')}**: {words}"
    stores = _mapping(data["stores"])
    yield from _section("How long it is kept", _records(data["kept"]))
    for name, records in stores.items():
        yield from _section(name.replace("_", " ").capitalize(), _records(records))


def _section(title: str, records: Sequence[Json]) -> Iterator[str]:
    yield from ("", f"## {title} ({len(records)})")
    for record in records:
        yield ""
        for name, value in record.items():
            if value not in (None, "", [], {}):
                yield from _entry(name, value, "")


def _entry(name: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{indent}- {name}:"
        for inner, content in value.items():
            if content not in (None, "", [], {}):
                yield from _entry(str(inner), content, indent + "  ")
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        yield f"{indent}- {name}:"
        for number, one in enumerate(value, 1):
            yield from _entry(str(number), one, indent + "  ")
    else:
        words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"{indent}- {name}: " + f"\n{indent}  ".join(words.splitlines() or [""])


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _records(value: object) -> Sequence[Json]:
    assert isinstance(value, list)
    return value
