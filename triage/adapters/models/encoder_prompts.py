"""What stands before a question and before a passage, as a model was trained: told by its files, else by its name."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

#: What models call the two kinds of text in their own files.
_QUERY: Final = ("query",)
_PASSAGE: Final = ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class Prompts:
    """Text before a question and before a passage; both empty for a model that takes them alike."""

    query: str = ""
    passage: str = ""


def prompts_of(model: str, own: Mapping[str, str | None]) -> Prompts:
    """The prompts of a model.

    Args:
        model: a directory or hub name.
        own: prompts by kind as sentence-transformers read them from the model's folder.
    """
    told = [next((own[kind] or "" for kind in kinds if own.get(kind)), "") for kinds in (_QUERY, _PASSAGE)]
    if any(told):
        return Prompts(*told)
    name = Path(model).name
    return next((prompts for pattern, prompts in _known() if pattern.match(name)), Prompts())


@functools.cache
def _known() -> tuple[tuple[re.Pattern[str], Prompts], ...]:
    """Prompts by a pattern of names, the first that matches counts."""
    table = tomllib.loads(files(__package__).joinpath("encoder_prompts.toml").read_text("utf-8"))
    return tuple((re.compile(each["name"], re.I), Prompts(each["query"], each["passage"])) for each in table["prompt"])
