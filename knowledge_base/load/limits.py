"""How much a single file may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits of one file.

    Attributes:
        file_bytes: size on disk.
        text_chars: text taken out of it.
        pages: pages of a PDF.
        unpacked_bytes: what the entries of a DOCX say they unpack to, together.
        entries: entries of a DOCX.
        ratio: unpacked size over packed size of a DOCX.
        memory_bytes: address space of the parsing process.
        cpu_s: processor seconds of the parsing process.
        wall_s: seconds until it is ended.
    """

    file_bytes: int = 25 * MIB
    text_chars: int = 5 * MIB
    pages: int = 500
    unpacked_bytes: int = 100 * MIB
    entries: int = 1000
    ratio: int = 100
    memory_bytes: int = 512 * MIB
    cpu_s: int = 30
    wall_s: float = 60.0


DEFAULT_LIMITS = ParseLimits()
