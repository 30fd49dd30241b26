"""A file outbox: every approved reply becomes one RFC 5322 ``.eml`` file, for a mail gateway or a person to send.

At most once: the file is named by the approval and linked into place under that name, which fails when it exists. The
body is written with an 8-bit transfer encoding and its line ends as approved, so the file holds the approved words byte
for byte. ``X-Triage-Approval`` lets an unclear delivery be read back.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path

from triage.domain.reply import ApprovedReply, Delivery
from triage.errors import DeliveryDeferred, DeliveryRefused, DeliveryUnknown
from triage.ports.privacy import Erasure, Subject

_EML = policy.SMTPUTF8.clone(linesep="\n", max_line_length=None, cte_type="8bit")


@dataclass(frozen=True, slots=True)
class FileOutbox:
    """Writes replies to ``folder``."""

    folder: Path
    sender_name: str
    sender_address: str
    now: Callable[[], datetime]

    @property
    def way(self) -> str:
        """The folder is one way out."""
        return "outbox"

    def send(self, reply: ApprovedReply) -> Delivery:
        """Write the reply's file.

        Raises:
            DeliveryDeferred: nothing was written: the disk is full, or the folder may not be written.
            DeliveryRefused: nothing was written: an address that is none.
            DeliveryUnknown: the file is in place, but not certainly durable.
        """
        target = self._path(reply.approval.id)
        temporary = self.folder / f"{reply.approval.id}.{uuid.uuid4().hex}.tmp"
        try:
            self._write(temporary, self._mail(reply))
            with suppress(FileExistsError):  # it left before; unlike a rename, a link never replaces it
                os.link(temporary, target)
        except OSError as exc:
            raise DeliveryDeferred("The outbox cannot be written: check disk space and permissions.") from exc
        except ValueError as exc:
            raise DeliveryRefused("The reply cannot be written as a mail: check the recipient's address.") from exc
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        self._sync_folder()
        return self._delivery(reply.approval.id)

    def find_delivery(self, approval_id: str) -> Delivery | None:
        """The delivery of this approval, if its file is there.

        What an interrupted send left beside it is removed: it holds personal data, and a sender that was only paused
        can no longer put it in place after it was said not to be there.
        """
        for leftover in self.folder.glob(f"{approval_id}.*.tmp"):
            leftover.unlink(missing_ok=True)
        return self._delivery(approval_id) if self._path(approval_id).exists() else None

    name = "outbox"

    def export(self, subject: Subject) -> list[dict[str, object]]:
        """The mails written to a person; see :class:`triage.ports.privacy.PersonalStore`."""
        mails = (self._path(one) for one in subject.approvals)
        return [
            {"file": path.name, "mail": path.read_text(encoding="utf-8", errors="replace")}
            for path in mails
            if path.exists()
        ]

    def erase(self, erasure: Erasure) -> int:
        """Remove the mails written to a person; the words themselves stay with a case that is kept, masked."""
        mails = [path for one in erasure.subject.approvals for path in self.folder.glob(f"{one}.*")]
        for path in mails:
            path.unlink(missing_ok=True)
        return len(mails)

    def count_before(self, moment: datetime) -> int:
        """How many mails are older; see :class:`triage.ports.privacy.AgingStore`."""
        return len(self._written_before(moment))

    def delete_before(self, moment: datetime) -> int:
        """Remove them; what was sent stays with its case."""
        old = self._written_before(moment)
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _written_before(self, moment: datetime) -> list[Path]:
        return [path for path in self.folder.glob("*.eml") if path.stat().st_mtime < moment.timestamp()]

    def _write(self, path: Path, mail: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(mail)
            file.flush()
            os.fsync(file.fileno())

    def _sync_folder(self) -> None:
        """Make the file's name as durable as its bytes."""
        try:
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as exc:
            raise DeliveryUnknown from exc

    def _path(self, approval_id: str) -> Path:
        return self.folder / f"{approval_id}.eml"

    def _delivery(self, approval_id: str) -> Delivery:
        path = self._path(approval_id)
        return Delivery(approval_id, path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC))

    def _mail(self, reply: ApprovedReply) -> bytes:
        mail = EmailMessage(policy=_EML)
        mail["From"] = formataddr((self.sender_name, self.sender_address))
        mail["To"] = ", ".join(reply.approval.recipients)
        mail["Subject"] = " ".join(reply.subject.splitlines())
        mail["Date"] = format_datetime(self.now())
        mail["Message-ID"] = f"<{reply.approval.id}@{self.sender_address.rpartition('@')[2]}>"
        if reply.in_reply_to and reply.in_reply_to.startswith("<"):
            mail["In-Reply-To"] = reply.in_reply_to
        mail["X-Triage-Approval"] = reply.approval.id
        mail.set_content(reply.body, cte="8bit")
        return mail.as_bytes()
