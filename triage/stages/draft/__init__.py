"""Draft: a letter composed from an approved template, facts of the case, rules and quoted passages; no model is asked.

The composer never accepts or refuses a claim. A template that decides is used only when a person picked it.
"""

from triage.stages.draft.compose import compose
from triage.stages.draft.composer import Composer
from triage.stages.draft.slots import slots_of

__all__ = ["Composer", "compose", "slots_of"]
