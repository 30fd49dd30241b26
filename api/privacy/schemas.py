"""People, what was found of them, and what becomes of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from triage.domain.privacy import Person, Why
from triage.privacy.erase import ErasureReport
from triage.privacy.plan import ErasurePlan, Fate
from triage.privacy.retention import RetentionPlan

_Text = Annotated[str, Field(min_length=1, max_length=320, pattern=r"^[^\x00-\x1f]+$")]
_Many = Annotated[list[_Text], Field(max_length=20)]


class PersonRequest(BaseModel):
    """Who is meant: an address, a number, a helpdesk id, or a name together with an order."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"emails": ["anna@example.com"], "phones": ["+48 601 234 567"]}]},
    )

    emails: _Many = []
    phones: _Many = []
    name: str = Field("", max_length=320, pattern=r"^[^\x00-\x1f]*$", description="hidden wherever it stands")
    order_no: str = Field("", max_length=100, pattern=r"^[^\x00-\x1f]*$")
    external_ids: _Many = []

    def person(self) -> Person:
        """The person meant.

        Raises:
            InvalidInput: nobody can be told from this.
        """
        return Person(tuple(self.emails), tuple(self.phones), self.name, self.order_no, tuple(self.external_ids))


class EraseRequest(BaseModel):
    """A person to erase, and the plan that was read."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"person": {"emails": ["anna@example.com"]}, "plan_digest": "0" * 64}]},
    )

    person: PersonRequest
    plan_digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="`digest` of the plan, from `POST …/plan`")


class PlannedTicketView(BaseModel):
    """A ticket, why it was found, and what an erasure does to it."""

    model_config = ConfigDict(from_attributes=True)

    ticket_id: str
    why: Why
    fate: Fate
    retention: str = Field(description="class of the retention schedule; empty for somebody else's ticket")
    kept_until: date | None = Field(description="last day of the legal hold")
    source: str = Field(description="act and article of the hold")
    open: bool = Field(description="nobody has answered it yet")


class PlanView(BaseModel):
    """A dry run: nothing was changed."""

    digest: str = Field(description="names this plan when it is carried out")
    schedule: str = Field(description="version of the retention schedule")
    tickets: list[PlannedTicketView]

    @classmethod
    def of(cls, plan: ErasurePlan) -> PlanView:
        """Show a plan."""
        tickets = [PlannedTicketView.model_validate(one) for one in plan.tickets]
        return cls(digest=plan.digest, schedule=plan.schedule, tickets=tickets)


class ErasedView(BaseModel):
    """What was done."""

    id: str = Field(description="names the erasure in the audit log")
    deleted: int
    pseudonymised: int
    mentions: int
    tombstones: int
    changed: dict[str, int] = Field(description="records deleted or masked, by store")
    tables_rewritten: int = Field(description="so that deleted bytes are gone from tables and the write-ahead log")
    left_to_administrator: list[str] = Field(description="what the service's database role may not do")

    @classmethod
    def of(cls, report: ErasureReport, tables: int, left: tuple[str, ...]) -> ErasedView:
        """Show a report."""
        return cls(
            id=report.id,
            deleted=report.deleted,
            pseudonymised=report.pseudonymised,
            mentions=report.mentions,
            tombstones=report.tombstones,
            changed=dict(report.changed),
            tables_rewritten=tables,
            left_to_administrator=list(left),
        )


class ExportView(BaseModel):
    """A copy of everything stored about a person; null in a repeated answer."""

    data: dict[str, object] | None = Field(description="for machines")
    text: str | None = Field(description="the same for a reader, as Markdown")


class RetentionClassView(BaseModel):
    """One class of the retention schedule on a day."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    store: str
    what: str
    source: str
    evidence: str = Field(description="S seen, W weak source, K background knowledge, P company policy")
    kept: int | None
    overdue: int
    waiting: int = Field(description="cases past their term that nobody has settled; they stay")


class RetentionView(BaseModel):
    """What is older than its term."""

    schedule: str
    day: date
    applied: bool = Field(description="false: a dry run, nothing was changed")
    classes: list[RetentionClassView]

    @classmethod
    def of(cls, plan: RetentionPlan, *, applied: bool) -> RetentionView:
        """Show a plan or what was done."""
        classes = [RetentionClassView.model_validate(one) for one in plan.classes]
        return cls(schedule=plan.schedule, day=plan.day, applied=applied, classes=classes)
