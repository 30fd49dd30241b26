"""Loads a company folder (taxonomy, urgency, cues, replies, style, rules, identity); names every fault at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import yaml
from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from triage.domain.company import (
    Category,
    Company,
    Cue,
    Danger,
    HouseRule,
    ReplyTemplate,
    Taxonomy,
    Templates,
    UrgencyPolicy,
)
from triage.domain.four_eyes import FourEyes
from triage.domain.sought import Sought
from triage.domain.style import Address, Length, Style, StyleRules, Tone
from triage.errors import ConfigurationError

_T = TypeVar("_T")
SHIPPED = Path(__file__).parent.parent / "company"
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


def load_company(folder: Path = SHIPPED) -> Company:
    """Read and check a company folder.

    Raises:
        ConfigurationError: lists every missing file, unknown code, bad pattern and broken template.
    """
    reader = _Reader(folder)
    taxonomy = reader.read("taxonomy.yaml", _taxonomy, Taxonomy("", ()))
    urgency = reader.read("urgency.yaml", _urgency, None)
    cues: dict[str, tuple[Cue, ...]] = reader.read("cues.yaml", _cues, {})
    no_identity: dict[str, str] = {}
    no_rules: tuple[HouseRule, ...] = ()
    identity = reader.read("identity.yaml", _identity, no_identity)
    house_rules = reader.read("lint.yaml", _house_rules, no_rules)
    style = reader.read("style.yaml", _style, StyleRules())
    four_eyes = reader.read("approval.yaml", _four_eyes, FourEyes())
    avoided = reader.read("style.yaml", lambda data: _house_rules({"rules": data.get("avoid", ())}), no_rules)
    templates = Templates(_templates(folder / "replies", reader))
    reader.faults += _missing_replies(taxonomy, templates)
    if reader.faults or urgency is None:
        raise ConfigurationError(reader.faults)
    return Company(
        name=identity.get("name", folder.name),
        taxonomy=taxonomy,
        urgency=urgency,
        flags=cues.get("flags", ()),
        remedies=cues.get("remedies", ()),
        legal_bases=cues.get("legal_bases", ()),
        buyers=cues.get("buyers", ()),
        tones=cues.get("tones", ()),
        case_facts=cues.get("case_facts", ()),
        danger_signs=cues.get("danger_signs", ()),
        calm_signs=cues.get("calm_signs", ()),
        templates=templates,
        house_rules=(*house_rules, *avoided),
        identity=identity,
        style=style,
        four_eyes=four_eyes,
    )


@dataclass(slots=True)
class _Reader:
    folder: Path
    faults: list[str] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[Mapping[str, Any]], _T], default: _T) -> _T:
        try:
            return parse(yaml.safe_load((self.folder / name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            self.faults.append(f"{self.folder / name} is missing.")
        except (yaml.YAMLError, re.error, KeyError, TypeError, ValueError, AttributeError) as exc:
            self.faults.append(f"{self.folder / name}: {type(exc).__name__}: {exc}.")
        return default


def _taxonomy(data: Mapping[str, Any]) -> Taxonomy:
    categories = tuple(
        Category(
            code=code,
            labels=entry["labels"],
            description=entry["description"],
            routing=entry["routing"],
            evidence=tuple(entry["evidence"]),
            reply_kind=entry["reply_kind"],
            tag=entry["tag"],
            law=entry.get("law", code),
            subcategories=entry.get("subcategories") or {},
            formerly=tuple(map(str, entry.get("formerly") or ())),
        )
        for code, entry in data["categories"].items()
    )
    return Taxonomy(str(data["version"]), categories)


def _urgency(data: Mapping[str, Any]) -> UrgencyPolicy:
    _check_tone(data["tone"], data["days_left"])
    return UrgencyPolicy(
        version=str(data["version"]),
        days_left=tuple(sorted((int(days), int(points)) for days, points in data["days_left"].items())),
        short_terms=data.get("short_terms", {}),
        promises=frozenset(data.get("promises", ())),
        value=tuple(sorted(((int(least), int(points)) for least, points in data["value_pln"].items()), reverse=True)),
        flags=data["flags"],
        categories=data["categories"],
        cues=tuple((name, cue["points"], Sought(cue["pattern"])) for name, cue in data["cues"].items()),
        repeat_points=data["repeat"]["points"],
        repeat_cap=data["repeat"]["cap"],
        tone=data["tone"],
        thresholds=tuple(sorted(data["thresholds"].items(), key=lambda item: -item[1])),
        forced=frozenset(data["forced"]),
        danger=_danger(data["danger"]),
        at_least=tuple(_least_level(name, one, data) for name, one in data.get("at_least", {}).items()),
    )


def _least_level(name: str, data: Mapping[str, Any], policy: Mapping[str, Any]) -> tuple[str, int, frozenset[str]]:
    """What some factors are worth together, as the least score of a level."""
    known = {f"flag:{code}" for code in policy["flags"]} | set(policy["cues"])
    unknown = set(data["factors"]) - known
    if unknown or not data["factors"]:
        wrong = ", ".join(sorted(unknown)) or "none"
        raise ValueError(f"at_least.{name}.factors: {wrong}; name flags that have points (flag:CODE) or cues")
    if data["level"] not in policy["thresholds"]:
        raise ValueError(f"at_least.{name}.level: {data['level']}; name one of the thresholds")
    return name, int(policy["thresholds"][data["level"]]), frozenset(data["factors"])


def _danger(data: Mapping[str, Any]) -> Danger:
    """``probability`` may be one number, whatever the signs, or one for each number of signs from none on."""
    least = data["probability"] if isinstance(data["probability"], list) else [data["probability"]]
    if not least:
        raise ValueError("danger.probability: give a number, or one for no sign of danger, for one and so on")
    calm = float(data.get("calm", 1.0))
    if not 1.0 <= calm < math.inf:
        raise ValueError(
            "danger.calm: give 1 or more, by which the odds of danger must be higher for each sign of calm"
        )
    return Danger(data["flag"], data["category"], tuple(map(float, least)), calm)


def _check_tone(tone: Mapping[str, int], days_left: Mapping[int, int]) -> None:
    """Sentiment alone must not move a ticket past one whose day is nearer."""
    span = max(tone.values()) - min(tone.values())
    points = [0, *(days_left[days] for days in sorted(days_left, reverse=True))]
    step = min(nearer - further for further, nearer in pairwise(points))
    if span >= step:
        raise ValueError(
            f"tone: from the calmest to the angriest are {span} points; give fewer than the smallest step of "
            f"days_left, {step}, or an angry ticket could pass one whose day is nearer"
        )


def _cues(data: Mapping[str, Any]) -> dict[str, tuple[Cue, ...]]:
    return {
        name: tuple(
            Cue(
                entry["code"],
                Sought(entry["pattern"]),
                Sought(entry["unless"]) if "unless" in entry else None,
                re.compile(entry["denied"]) if "denied" in entry else None,
            )
            for entry in entries
        )
        for name, entries in data.items()
        if name != "version"
    }


def _house_rules(data: Mapping[str, Any]) -> tuple[HouseRule, ...]:
    return tuple(
        HouseRule(
            code=entry["code"],
            pattern=Sought(entry["pattern"]),
            severity=entry["severity"],
            reason=entry["reason"],
            source=entry["source"],
            suggestion=entry.get("suggestion", ""),
        )
        for entry in data["rules"]
    )


def _four_eyes(data: Mapping[str, Any]) -> FourEyes:
    rule = data["second_approver"]
    amount = rule["amount_pln"]
    return FourEyes(
        categories=frozenset(rule["categories"]),
        reply_kinds=frozenset(rule["reply_kinds"]),
        flags=frozenset(rule["flags"]),
        amount_pln=None if amount is None else Decimal(str(amount)),
    )


def _style(data: Mapping[str, Any]) -> StyleRules:
    return StyleRules(
        preset=Style(Tone(data["preset"]["tone"]), Length(data["preset"]["length"])),
        addresses={
            tone: {
                language: Address(words["salutation"], words["farewell"])
                for language, words in data["tones"][tone.value].items()
            }
            for tone in Tone
        },
        signature={language: tuple(lines) for language, lines in data["signature"].items()},
    )


def _templates(folder: Path, reader: _Reader) -> Iterator[ReplyTemplate]:
    """Reply templates: ``replies/<language>/<KIND>.md`` with a small YAML head (subject, decision)."""
    environment = SandboxedEnvironment()
    for path in sorted(folder.glob("*/*.md")):
        match = _FRONT.match(path.read_text(encoding="utf-8"))
        if match is None:
            reader.faults.append(f"{path} needs a YAML head between two '---' lines.")
            continue
        head, body = yaml.safe_load(match[1]), match[2]
        try:
            environment.parse(body)
            environment.parse(head["subject"])
        except TemplateSyntaxError as exc:
            reader.faults.append(f"{path}, line {exc.lineno}: {exc.message}.")
            continue
        language, kind = path.parent.name, path.stem
        yield ReplyTemplate(
            f"{language}/{kind}@{head['version']}", kind, language, head["subject"], body, bool(head.get("decision"))
        )


def _missing_replies(taxonomy: Taxonomy, templates: tuple[ReplyTemplate, ...]) -> list[str]:
    present = {(template.kind, template.language) for template in templates}
    return [
        f"Category {category.code} proposes reply {category.reply_kind!r}, "
        f"but replies/{language}/{category.reply_kind}.md is missing."
        for category in taxonomy.categories
        for language in ("pl", "en")
        if (category.reply_kind, language) not in present
    ]


def _identity(data: Mapping[str, Any]) -> dict[str, str]:
    return {key: ", ".join(map(str, value)) if isinstance(value, list) else str(value) for key, value in data.items()}
