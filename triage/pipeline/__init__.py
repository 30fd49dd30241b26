"""The way of one ticket: the only place that knows the order of the stages.

* :mod:`~triage.pipeline.way` takes a ticket through all of them;
* :mod:`~triage.pipeline.consequences` is what follows from category and facts, also of what people set;
* :mod:`~triage.pipeline.letters` is another letter for a case that was triaged, and the checks of any words;
* :mod:`~triage.pipeline.tools` is what they work with.
"""

from triage.pipeline.consequences import on_another_day, reconsider
from triage.pipeline.letters import check_draft, write_draft
from triage.pipeline.tools import Law, Tools
from triage.pipeline.way import run, run_all

__all__ = ["Law", "Tools", "check_draft", "on_another_day", "reconsider", "run", "run_all", "write_draft"]
