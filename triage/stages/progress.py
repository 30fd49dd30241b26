"""How far one ticket has come on its way through the stages, and what it looks like when the way ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from triage.domain.case import CaseState, StageFailure, TriageCase
from triage.errors import StageFailed, TriageError

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """The case as far as it has come, how long each stage took, and which one could not do its work."""

    _case: TriageCase
    timings_ms: dict[str, float] = field(default_factory=dict)
    failure: StageFailure | None = None
    _found: dict[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> TriageCase:
        """The case with all that was found."""
        if self._found:
            self._case, self._found = replace(self._case, **self._found), {}
        return self._case

    def found(self, **parts: object) -> None:
        """Put parts into the case."""
        self._found |= parts

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage.

        Raises:
            StageFailed: whatever the stage raised, without the message of a foreign error.
        """
        started = time.perf_counter()
        try:
            yield
        except TriageError as exc:
            reason = exc.reason if isinstance(exc, StageFailed) else f"{type(exc).__name__}: {exc}"
            raise StageFailed(name, reason) from exc
        except Exception as exc:
            # the pipeline's edge: the message of a foreign error may hold ticket text, its type does not
            logger.error("stage failed", extra={"action": "stage_failed", "stage": name, "error": type(exc).__name__})
            raise StageFailed(name, type(exc).__name__) from exc
        finally:
            self.took(name, time.perf_counter() - started)

    def took(self, name: str, seconds: float) -> None:
        """Count time to a stage."""
        self.timings_ms[name] = round(self.timings_ms.get(name, 0.0) + seconds * 1000, 3)

    def failed(self, at: StageFailed) -> None:
        """Remember at which stage the run ended."""
        self.failure = StageFailure(at.stage, at.reason)

    def ended(self, now: datetime) -> TriageCase:
        """The next version of the case, for a person to decide or to look at."""
        state = CaseState.NEEDS_ATTENTION if self.failure else CaseState.PENDING_APPROVAL
        done = self.case.become(state, now)
        return replace(done, version=self.case.version + 1, failure=self.failure, timings_ms=self.timings_ms)
