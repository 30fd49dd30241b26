"""What can be wrong with a file, as the parsing process says it: the reason, and what a person can do about it."""

from __future__ import annotations

from typing import Final

SPLIT: Final = "Split the document into smaller files."
SAVE_AGAIN: Final = "Open it, check that it shows text, and save it again."
_OLD_WORD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK"
#: Behind what else a PDF may have before it (ISO 32000-1, implementation note 13).
_PDF_WITHIN: Final = 1024


class Fault(ValueError):
    """A file cannot be read."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(reason)


def check_signature(content: bytes, suffix: str) -> None:
    """Refuse what is not the format its name says, before a parser stumbles over it.

    Raises:
        Fault: it is empty, or another format.
    """
    if not content.strip():
        raise Fault("the file is empty", "Save it again, or leave it out.")
    if suffix == ".pdf" and b"%PDF" not in content[:_PDF_WITHIN]:
        raise Fault("it is no PDF, whatever its name says", "Save it as a PDF, or give it the suffix of what it is.")
    if suffix == ".docx" and content.startswith(_OLD_WORD):
        raise Fault(
            "it is an old Word file or protected by a password", "Save it as .docx (Word document) without a password."
        )
    if suffix == ".docx" and not content.startswith(_ZIP):
        raise Fault("it is no DOCX, whatever its name says", "Save it as .docx, or give it the suffix of what it is.")


def locked() -> Fault:
    """The fault of a file that asks for a password."""
    return Fault("it is protected by a password", "Save it without a password.")


def scanned() -> Fault:
    """The fault of a file that holds pictures of text."""
    return Fault(
        "there is no text in it, probably it is a scan", "Have its text recognised (OCR) and save it as PDF again."
    )
