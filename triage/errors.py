"""Every error the triage core raises, in one tree.

::

    TriageError
    ├── ConfigurationError       settings or company data are wrong; lists every fault
    ├── InvalidInput             what came in cannot be read
    │   ├── InvalidTicket
    │   ├── InvalidLabel         no such category, subcategory, urgency or tag
    │   └── UnreadableMail
    ├── NotFound                 no such object, or not yours (never told apart)
    │   ├── TicketNotFound
    │   ├── CaseNotFound
    │   ├── ModelNotFound
    │   └── DocumentNotFound
    ├── Conflict                 the world moved on since the caller last looked
    │   ├── StaleVersion         If-Match / case version does not match
    │   ├── DraftChanged         the draft is not the one the person read
    │   ├── AlreadyDecided       approved, rejected or sent before
    │   ├── IllegalTransition    the case state machine does not allow this step
    │   ├── PromiseNotHeld       no limit on errors is promised for this field, so no machine may fill it alone
    │   ├── ModelRefused         the model may not serve: it lacks the taxonomy's labels, or is worse
    │   ├── IdempotencyMismatch  same Idempotency-Key, other body
    │   ├── Contended            somebody else holds the same object for longer than one waits for it
    │   ├── SubjectErased        a late event about a person who was erased
    │   └── PlanChanged          what an erasure would do is not what the person read
    ├── DecisionRefused          a letter that cannot be written for this case
    ├── LoginRefused             wrong name or password, or a user who is kept out; never told apart
    │   └── SignOnRefused        the identity provider's word does not let them in
    ├── LoginRests               the name was tried too often
    ├── ApprovalRefused          a check that guards sending said no
    ├── StageFailed              a pipeline stage could not do its work
    │   └── RedactionFailed      personal data could not be removed: nothing may leave the process
    ├── ModelError
    │   ├── ModelUnavailable     missing weights, hub, extra or server
    │   └── ModelTampered        a file differs from its manifest
    ├── DeliveryError
    │   ├── DeliveryRefused      certainly not sent
    │   │   └── DeliveryDeferred what stood in its way may pass: tried again later
    │   └── DeliveryUnknown      may or may not have been sent; a person must look
    ├── OutgoingError            another server could not be called
    │   ├── OutgoingRefused      its address is not allowed; nothing left
    │   ├── OutgoingUnreachable  no connection; nothing left
    │   └── OutgoingInterrupted  too slow, too large or cut off; the request may have arrived
    ├── Overloaded               too much work waits: try again later
    └── StorageError
        └── StorageUnavailable   the database cannot be reached

The first sentence of each docstring is the default message. Messages never carry ticket text or secrets.
"""

from __future__ import annotations


class TriageError(Exception):
    """Something in the triage core went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or default_message(type(self)))


def default_message(error: type[BaseException]) -> str:
    """First line of an error's docstring, used when no message is given."""
    return (error.__doc__ or error.__name__).strip().splitlines()[0]


class ConfigurationError(TriageError):
    """The configuration has faults.

    Attributes:
        faults: every fault found, one sentence each, with what to do.
    """

    def __init__(self, faults: tuple[str, ...] | list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("Configuration is not usable:\n" + "\n".join(f"  - {fault}" for fault in self.faults))


class InvalidInput(TriageError):
    """The input cannot be read."""


class InvalidTicket(InvalidInput):
    """The ticket is not valid: give an id and a text, or a list of messages."""


class InvalidLabel(InvalidInput):
    """The value cannot be set on this field."""


class UnreadableMail(InvalidInput):
    """The mail cannot be parsed: send a complete RFC 822 message."""


class NotFound(TriageError):
    """There is no such object."""


class TicketNotFound(NotFound):
    """There is no such ticket."""


class CaseNotFound(NotFound):
    """There is no such case."""


class ModelNotFound(NotFound):
    """There is no such model: `triage models list` names those there are."""


class DocumentNotFound(NotFound):
    """There is no such document."""


class Conflict(TriageError):
    """The object changed since it was read: read it again and repeat the decision."""


class StaleVersion(Conflict):
    """The case has a newer version than the one you read: read it again."""


class DraftChanged(Conflict):
    """The draft is not the one you read: read it again and approve what you see."""


class AlreadyDecided(Conflict):
    """This draft was already approved, rejected or sent."""


class IllegalTransition(Conflict):
    """The case is in a state that does not allow this step."""


class PromiseNotHeld(Conflict):
    """No limit on errors is promised for this field, so no machine may fill it in alone."""


class ModelRefused(Conflict):
    """The model may not serve."""


class IdempotencyMismatch(Conflict):
    """The Idempotency-Key was used before with another body: use a new key."""


class Contended(Conflict):
    """Somebody else is changing the same object at this moment: repeat it shortly."""


class SubjectErased(Conflict):
    """The person this belongs to was erased: it is not taken in again."""


class DecisionRefused(TriageError):
    """This letter cannot be written for this case."""


class PlanChanged(Conflict):
    """Something changed since the erasure was planned: read the plan again and name its digest."""


class LoginRefused(TriageError):
    """Name or password is wrong."""


class SignOnRefused(LoginRefused):
    """Single sign-on was refused: begin again, or ask an administrator for a role."""


class LoginRests(TriageError):
    """This name was tried too often: wait before you try again.

    Attributes:
        rest_s: how long, in seconds.
    """

    def __init__(self, rest_s: float) -> None:
        self.rest_s = rest_s
        super().__init__()


class ApprovalRefused(TriageError):
    """The approval is not valid for this reply: nothing was sent."""


class StageFailed(TriageError):
    """A pipeline stage failed: the case goes to a person.

    Attributes:
        stage: name of the stage.
    """

    def __init__(self, stage: str, reason: str) -> None:
        self.stage = stage
        self.reason = reason
        super().__init__(f"Stage {stage!r} failed: {reason}")


class RedactionFailed(StageFailed):
    """Personal data could not be removed: nothing leaves the process."""

    def __init__(self, reason: str) -> None:
        super().__init__("redact", reason)


class ModelError(TriageError):
    """A model cannot be used."""


class ModelUnavailable(ModelError):
    """The model is not available: check its setting, its files or its server."""


class ModelTampered(ModelError):
    """A model file differs from its manifest: install the model again."""


class DeliveryError(TriageError):
    """The reply could not be delivered."""


class DeliveryRefused(DeliveryError):
    """The reply was certainly not sent."""


class DeliveryDeferred(DeliveryRefused):
    """The reply was certainly not sent, and what stood in its way may pass.

    Attributes:
        asked_s: how long the other side asked to be left alone, in seconds; zero when it did not say.
    """

    def __init__(self, message: str | None = None, asked_s: float = 0.0) -> None:
        self.asked_s = asked_s
        super().__init__(message)


class DeliveryUnknown(DeliveryError):
    """The reply may or may not have been sent: look in the helpdesk before sending again."""


class OutgoingError(TriageError):
    """Another server could not be called."""


class OutgoingRefused(OutgoingError):
    """The URL may not be called: use https and a public host, or list the host in TRIAGE_PRIVATE_HOSTS."""


class OutgoingUnreachable(OutgoingError):
    """No connection could be made: nothing left."""


class OutgoingInterrupted(OutgoingError):
    """No usable answer came back: the request may have arrived."""


class Overloaded(TriageError):
    """Too much work waits already: send it again later."""


class StorageError(TriageError):
    """The database did not do what was asked."""


class StorageUnavailable(StorageError):
    """The database cannot be reached: check TRIAGE_DATABASE_URL or the data directory."""
