"""The one door to a customer: approve, edit, reject, claim, send. Each step is one unit of work.

Nothing else makes an :class:`~triage.domain.reply.ApprovedReply`, and a sender accepts nothing else. An approval binds
who decided, which version of the case and which messages they read, the digest of every word, the recipients, the
channel and an expiry. All of it is checked twice: when the person decides, and again in the transaction that claims the
send, where it is also asked whether they may still decide. A newer customer message, an edit, a second approval or a
passed expiry voids it.

* :mod:`~triage.approval.binding` says what an approval binds and when it no longer holds;
* :mod:`~triage.approval.desk` is what a person decides;
* :mod:`~triage.approval.dispatch` claims, sends once and settles the outcome;
* :mod:`~triage.approval.pauses` is the rest that a closed way out is given.
"""

from triage.approval.binding import APPROVAL_LIFE, Reading
from triage.approval.desk import Desk, Lint
from triage.approval.dispatch import Dispatch
from triage.approval.pauses import Pauses

__all__ = ["APPROVAL_LIFE", "Desk", "Dispatch", "Lint", "Pauses", "Reading"]
