"""A helpdesk's own list of categories, made into a company folder to fill in.

Understood are a CSV with a column of names (``name``, ``label``, ``title``, ``category``, ``nazwa``, ``kategoria``)
and, where there are, ``code``/``id``/``value``, ``parent``, ``description``, ``queue``; and JSON: a list of names or of
objects with such keys, the options of a Zendesk ticket field, or Freshdesk's nested choices
(``{"Returns": {"Late": []}}``). What has a parent becomes its subcategory, and so does ``Late`` of ``Returns::Late``,
as Zendesk nests options. Old tickets are known by every name and value that the helpdesk gave (``formerly``).
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from triage.adapters.company import SHIPPED, load_company
from triage.domain.company import Company
from triage.domain.folding import fold, name_key
from triage.errors import InvalidInput

_KEYS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "label", "title", "category", "nazwa", "kategoria"),
    "code": ("code", "value", "key", "kod", "id"),
    "parent": ("parent", "parent_name", "nadrzedna", "rodzic"),
    "description": ("description", "opis"),
    "routing": ("queue", "group", "routing", "kolejka", "grupa"),
}
_LISTS = ("categories", "custom_field_options", "choices", "options", "values", "topics")
_BELOW = "::"
_NOT_IN_CODE = re.compile(r"[^A-Z0-9]+")
_OF_SHIPPED_DANGER = re.compile(r"(danger: \{.*?category: )[A-Z0-9]+")
_HEAD = """# Imported from {source}. Fill in for each category what the sample company's taxonomy.yaml shows:
# labels in both languages, routing (queue), evidence (what the desk needs), reply_kind (a template in replies/), and
# law: the category of the law tables it stands for, so that its clocks run and its rights are checked; "" runs none:
#   C01 faulty goods, C02 guarantee, C03 paid repair, C04 withdrawal, C05 transport, C06 wrong delivery, C07 refund,
#   C08 status, C09 help, C10 parts, C11 safety, C12 business claim, C13 service complaint, C14 legal, C15 GDPR,
#   C16 supplier, C17 digital, C18 other
# formerly lists what else old tickets call a category; `triage train` knows them by it.
"""


@dataclass(frozen=True, slots=True)
class ImportedCategory:
    """A category as the helpdesk names it; ``parent`` is the parent's name, ``whole`` its own with the parents'."""

    name: str
    code: str = ""
    parent: str = ""
    description: str = ""
    routing: str = ""
    whole: str = ""


def read_categories(path: Path) -> tuple[ImportedCategory, ...]:
    """Read a helpdesk's list.

    Raises:
        InvalidInput: the file is missing, empty or of no form that is understood.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"{path} cannot be read: give a CSV or JSON file in UTF-8 (in Excel: “CSV UTF-8”; elsewhere "
            f"`iconv -f WINDOWS-1250 -t UTF-8`)."
        ) from None
    try:
        found = tuple(_of_json(json.loads(text)) if path.suffix.lower() == ".json" else _of_csv(text))
        found = tuple(_unnested(found))
    except ValueError:
        raise InvalidInput(f"{path.name} is not valid JSON.") from None
    if not found:
        raise InvalidInput(f"{path.name} names no category: a CSV needs a column `name`, JSON a list of names.")
    return found


def write_company(categories: Iterable[ImportedCategory], target: Path, source: str) -> Company:
    """Write a company folder with this taxonomy; everything else is the sample company's, to be changed.

    Points for urgency are given by the category of the law tables, so they hold as soon as ``law`` is filled in.

    Raises:
        InvalidInput: the folder is there already.
    """
    if target.exists():
        raise InvalidInput(f"{target} is there already: give a new folder.")
    shutil.copytree(SHIPPED, target, ignore=shutil.ignore_patterns("seed", "samples", "taxonomy.yaml", "__pycache__"))
    taxonomy = {"version": "imported", "categories": _taxonomy(tuple(categories))}
    body = yaml.safe_dump(taxonomy, allow_unicode=True, sort_keys=False, width=110)
    (target / "taxonomy.yaml").write_text(_HEAD.format(source=source) + body, encoding="utf-8")
    urgency = target / "urgency.yaml"
    weights = urgency.read_text(encoding="utf-8")
    urgency.write_text(_OF_SHIPPED_DANGER.sub(r"\1none", weights), encoding="utf-8")
    return load_company(target)


def _taxonomy(categories: tuple[ImportedCategory, ...]) -> dict[str, dict[str, object]]:
    codes: dict[str, str] = {}
    entries: dict[str, dict[str, object]] = {}
    names = {one.name for one in categories}
    for one in categories:
        if one.parent and one.parent in names:
            continue
        code = codes[one.name] = _unused(one.code or one.name, entries)
        entries[code] = {
            "labels": {"pl": one.name, "en": one.name},
            "description": {"pl": one.description or one.name, "en": one.description or one.name},
            "routing": one.routing or "inbox",
            "evidence": [],
            "reply_kind": "ACK",
            "tag": code.lower(),
            "law": "",
            "subcategories": {},
            "formerly": _other_names(one, (one.name, code), (each for each in categories if each.parent == one.name)),
        }
    for one in categories:
        if one.parent in codes:
            below = entries[codes[one.parent]]["subcategories"]
            assert isinstance(below, dict)
            below[_unused(one.code or one.name, below).lower()] = {"pl": one.name, "en": one.name}
    return entries


def _unnested(categories: Iterable[ImportedCategory]) -> Iterator[ImportedCategory]:
    """``Returns::Late`` as ``Late`` below ``Returns``, which is added where it is not in the list itself."""
    categories = tuple(categories)
    named = {one.name for one in categories}
    for one in categories:
        parent, _, name = (part.strip() for part in one.name.partition(_BELOW))
        if not parent or not name:
            yield one
            continue
        if parent not in named:
            named.add(parent)
            yield ImportedCategory(parent, routing=one.routing)
        yield replace(one, name=name.replace(_BELOW, " / "), parent=parent, whole=one.name)


def _other_names(category: ImportedCategory, known: Iterable[str], below: Iterable[ImportedCategory]) -> list[str]:
    """What else the helpdesk's tickets may call a category: its value there, and names and values of its parts."""
    called = [category.code, *(name for one in below for name in (one.name, one.code, one.whole))]
    keys = {name_key(name) for name in known}
    return [name for name in dict.fromkeys(called) if name and name_key(name) not in keys]


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """A code of a name: upper case, Latin letters and digits, not given before."""
    stem = _NOT_IN_CODE.sub("_", fold(name).upper()).strip("_")[:32] or "CATEGORY"
    code, number = stem, 2
    while code in taken or code.lower() in taken:
        code, number = f"{stem}_{number}", number + 1
    return code


def _of_csv(text: str) -> Iterator[ImportedCategory]:
    heading = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=heading.count))
    for row in rows:
        yield from _of_object({str(key): value for key, value in row.items() if key})


def _of_json(value: object, parent: str = "") -> Iterator[ImportedCategory]:
    if isinstance(value, str):
        yield ImportedCategory(value.strip(), parent=parent)
    elif isinstance(value, list):
        for one in value:
            yield from _of_json(one, parent)
    elif isinstance(value, dict):
        listed = next((value[key] for key in _LISTS if key in value), None)
        if listed is not None:
            yield from _of_json(listed, parent)
        elif any(key in value for key in _KEYS["name"]):
            yield from _of_object(value | ({"parent": parent} if parent else {}))
        else:
            for name, below in value.items():
                if isinstance(below, dict) and any(key in below for key in _LISTS):
                    yield from _of_json(below, parent)  # an envelope such as {"ticket_field": {…}}
                    continue
                yield ImportedCategory(str(name), parent=parent)
                yield from _of_json(below, str(name))


def _of_object(row: Mapping[str, object]) -> Iterator[ImportedCategory]:
    keys = {fold(key).strip(): value for key, value in row.items()}
    found = {
        field: next((str(keys[key]).strip() for key in names if keys.get(key) not in (None, "")), "")
        for field, names in _KEYS.items()
    }
    if found["name"]:
        # an id that is only a number says nothing to anybody
        yield ImportedCategory(**found | ({"code": ""} if found["code"].isdigit() else {}))
