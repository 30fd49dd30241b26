"""Everything a front end needs for learning from people, wired together."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.company import Taxonomy
from triage.learning.automation import Automation
from triage.learning.corrections import Corrections
from triage.learning.drift import Drift
from triage.learning.models import Models
from triage.learning.samples import Samples


@dataclass(frozen=True, slots=True)
class Learning:
    """The use cases of this package over one storage and one company's data."""

    taxonomy: Taxonomy
    corrections: Corrections
    automation: Automation
    models: Models
    samples: Samples
    drift: Drift
