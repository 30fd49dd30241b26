"""What a language model may answer: a letter of sentences with their sources, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
MAX_ANSWER = 40_000


class ProposedSentence(BaseModel):
    """One sentence and the id of what it rests on (``letter`` or a quotation's id)."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    text: Annotated[str, Field(min_length=1, max_length=1500)]
    source: Annotated[str, Field(max_length=200)] = "letter"


class ProposedParagraph(BaseModel):
    """Sentences that stand together."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    sentences: Annotated[list[ProposedSentence], Field(min_length=1, max_length=40)]


class ProposedLetter(BaseModel):
    """The whole letter."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    subject: Annotated[str, Field(min_length=1, max_length=300)]
    paragraphs: Annotated[list[ProposedParagraph], Field(min_length=1, max_length=80)]


def read_proposal(answer: str) -> ProposedLetter:
    """Read a model's answer; prose or code fences around the one JSON object are tolerated.

    Raises:
        ValueError: there is no object, or it is no letter; the message names the fields, never the text.
    """
    if len(answer) > MAX_ANSWER:
        raise ValueError("the answer is too long")
    found = _OBJECT.search(answer)
    if found is None:
        raise ValueError("the answer holds no JSON object")
    try:
        return ProposedLetter.model_validate(json.loads(found[0]))
    except ValidationError as error:
        places = {".".join(str(part) for part in fault["loc"][:1]) + f": {fault['type']}" for fault in error.errors()}
        raise ValueError("; ".join(sorted(places))) from error
    except RecursionError as error:
        raise ValueError("the answer is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError("the answer is not valid JSON") from error
