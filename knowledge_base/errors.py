"""Every error the knowledge base raises, in one tree.

::

    KnowledgeBaseError
    ├── LoadError                one file cannot be read; the others are not touched
    │   ├── UnsupportedFormat    no reader for this kind of file
    │   ├── UnreadableDocument   broken, encrypted or empty
    │   ├── InvalidFrontMatter   the metadata has faults; lists every one
    │   ├── DocumentTooLarge     over a limit of size, pages, text or unpacked size
    │   └── ParsingTimedOut      over the time limit
    ├── IndexUnavailable         there is no index yet
    ├── IndexCorrupt             a file differs from the manifest, or is not ours
    ├── EncoderMismatch          the vectors were made by another encoder
    └── InvalidSearch            the query or a filter cannot be used

Messages name the file and say what to do. They never carry the text of a document or a query.
"""

from __future__ import annotations


class KnowledgeBaseError(Exception):
    """Something in the knowledge base went wrong."""


class LoadError(KnowledgeBaseError):
    """A document cannot be read.

    Attributes:
        name: the file's name, without its folder.
        reason: what is wrong.
        remedy: what a person can do about it.
    """

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        self.name = name
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{name}: {reason}. {remedy}")


class UnsupportedFormat(LoadError):
    """There is no reader for this kind of file."""


class UnreadableDocument(LoadError):
    """The file is broken, encrypted, or holds no text."""


class InvalidFrontMatter(LoadError):
    """The document's metadata has faults."""


class DocumentTooLarge(LoadError):
    """The file is over a limit of size, pages, text, or unpacked size."""


class ParsingTimedOut(LoadError):
    """Reading the file took longer than allowed."""


class IndexUnavailable(KnowledgeBaseError):
    """There is no index yet: build one first."""


class IndexCorrupt(KnowledgeBaseError):
    """The index on disk is damaged or not ours: build it again."""


class EncoderMismatch(KnowledgeBaseError):
    """The index was built with another encoder: build it again with this one."""

    def __init__(self, built_with: str, opened_with: str) -> None:
        self.built_with = built_with
        self.opened_with = opened_with
        super().__init__(
            f"The index was built with encoder {built_with!r} and cannot be searched with {opened_with!r}: "
            "build it again with this encoder, or open it with the other one."
        )


class InvalidSearch(KnowledgeBaseError):
    """The query or a filter cannot be used."""
