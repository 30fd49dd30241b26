"""Files to documents: Markdown, HTML, PDF, DOCX, plain text, and macros as CSV.

Untrusted binary formats are parsed in a process of their own with limits of time, memory, pages and size; a file that
breaks one gives a ``LoadError`` that names the file and says what to do, and nothing else is lost.
"""

from knowledge_base.load.document import SUPPORTED, find_files, load_document, read_digest
from knowledge_base.load.limits import DEFAULT_LIMITS, ParseLimits
from knowledge_base.load.sources import FileSource, KeptSource, Source, folder_sources

__all__ = [
    "DEFAULT_LIMITS",
    "SUPPORTED",
    "FileSource",
    "KeptSource",
    "ParseLimits",
    "Source",
    "find_files",
    "folder_sources",
    "load_document",
    "read_digest",
]
