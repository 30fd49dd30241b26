"""What an index is built from, and where it lies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowledge_base.passage import Encoder
from knowledge_base.rulings import Ruling
from triage.config import Settings

if TYPE_CHECKING:  # loaders are large, and `triage search` is to start at once
    from knowledge_base.load import Source

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an index is built from, and where it lies.

    Attributes:
        sources: the documents.
        stamp: names the state of those that come from the database; empty without any.
        like: an index whose unchanged documents may be taken over.
        rulings: what people ruled on questions.
    """

    index_dir: Path
    sources: Callable[[], Iterable[Source]]
    stamp: Callable[[], str] = lambda: ""
    like: Path | None = None
    rulings: Callable[[], Sequence[Ruling]] = tuple


def folder_holdings(settings: Settings, encoder: Encoder) -> Holdings:
    """The documents folder alone."""
    from knowledge_base.load import folder_sources

    return Holdings(index_dir_of(settings, encoder), lambda: folder_sources(settings.documents_dir))


def index_dir_of(settings: Settings, encoder: Encoder, tenant: str | None = None) -> Path:
    """Where an index lies: each encoder has generations of its own, each tenant with documents of its own too."""
    folder = settings.index_dir / _NOT_IN_NAMES.sub("_", encoder.name)
    if tenant is None:
        return folder
    return folder / "tenants" / hashlib.sha256(tenant.encode("utf-8")).hexdigest()[:24]
