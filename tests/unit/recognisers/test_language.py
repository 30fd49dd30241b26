from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.recognisers import language
from triage.recognisers.language import detect_language

DEV = Path(__file__).parents[3] / "training" / "data" / "dev_tickets.jsonl"


def test_polish_and_english_development_tickets_are_told_apart_without_the_large_model() -> None:
    language._identifier.cache_clear()
    rows = [json.loads(line) for line in DEV.read_text("utf-8").splitlines()]
    right = sum(detect_language(row["text"]) == row["language"] for row in rows)
    assert right / len(rows) >= 0.99
    assert language._identifier.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("reklamacja pralki nie dziala", "pl"),
        ("where is my refund", "en"),
        ("Я здала кавоварку у ремонт, коли вона буде готова?", "uk"),
        ("Стиральная машина не работает, был ремонт", "ru"),
        ("", "und"),
        ("12 !! 🙃", "und"),
    ],
)
def test_scripts_and_short_texts(text: str, tag: str) -> None:
    assert detect_language(text) == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Guten Tag, ich habe im August eine Waschmaschine bei Ihnen gekauft und sie ist kaputt.", "de"),
        ("Dobrý den, prosím o opravu, pračka už není funkční a jsem bez prádla.", "cs"),
        ("Bonjour, ma machine ne marche pas et je voudrais un remboursement.", "fr"),
    ],
)
def test_other_languages_are_named(text: str, tag: str) -> None:
    assert detect_language(text) == tag
