"""What the core needs from outside, as small protocols; every adapter and every fake answers to one of these."""

from knowledge_base.passage import Encoder
from triage.ports.approvals import ApprovalRecord, ApprovalRepository
from triage.ports.delivery import ReplySender
from triage.ports.halting import SendingPauses
from triage.ports.learning import AutomationRepository, BlindSample, CorrectionRepository, ModelRegistry, PredictionLog
from triage.ports.models import Classifier, Clock, Drafter, LineWriter, PersonalDataRecogniser, Retriever
from triage.ports.queue import QueueFilter, QueueOrder
from triage.ports.storage import (
    AuditLog,
    CaseRepository,
    JobQueue,
    TicketRepository,
    UnitOfWork,
    UnitOfWorkFactory,
)

__all__ = [
    "ApprovalRecord",
    "ApprovalRepository",
    "AuditLog",
    "AutomationRepository",
    "BlindSample",
    "CaseRepository",
    "Classifier",
    "Clock",
    "CorrectionRepository",
    "Drafter",
    "Encoder",
    "JobQueue",
    "LineWriter",
    "ModelRegistry",
    "PersonalDataRecogniser",
    "PredictionLog",
    "QueueFilter",
    "QueueOrder",
    "ReplySender",
    "Retriever",
    "SendingPauses",
    "TicketRepository",
    "UnitOfWork",
    "UnitOfWorkFactory",
]
