"""The parsing process: reads one file under limits and prints its text as JSON. Run by ``sandbox``, not by people.

    python -m knowledge_base.load.worker FILE SUFFIX LIMITS-AS-JSON

Prints ``{"parsed": …}`` or ``{"fault": KIND, "reason": …, "remedy": …}``; any other end of the process is a crash.
"""

from __future__ import annotations

import json
import resource
import sys
import zipfile
from pathlib import Path

from knowledge_base.load.faults import SAVE_AGAIN, SPLIT, Fault, check_signature
from knowledge_base.load.limits import ParseLimits
from knowledge_base.load.parsed import ParsedText, to_json
from knowledge_base.load.text import TEXT_FORMATS, decode, parse_plain


def parse(content: bytes, suffix: str, limits: ParseLimits) -> ParsedText:
    """Parse one file; each format's library is imported only for its own files."""
    check_signature(content, suffix)
    if suffix == ".pdf":
        from knowledge_base.load.pdf import parse_pdf

        return parse_pdf(content, limits.text_chars, limits.pages)
    if suffix == ".docx":
        from knowledge_base.load.docx import check_archive, parse_docx

        check_archive(content, unpacked_bytes=limits.unpacked_bytes, entries=limits.entries, ratio=limits.ratio)
        return parse_docx(content, limits.text_chars)
    if suffix in TEXT_FORMATS:
        return parse_plain(decode(content), suffix, limits.text_chars)
    from knowledge_base.load.html import parse_html

    return parse_html(content, limits.text_chars)


def restrict(limits: ParseLimits) -> None:
    """Take memory, processor time and the right to write files away from this process."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Parse the file named on the command line."""
    path, suffix, limits = Path(sys.argv[1]), sys.argv[2], ParseLimits(**json.loads(sys.argv[3]))
    content = path.read_bytes()
    restrict(limits)
    try:
        result: dict[str, object] = {"parsed": to_json(parse(content, suffix, limits))}
    except MemoryError:
        reason = f"parsing needs more than {limits.memory_bytes:,} bytes of memory"
        result = {"fault": "large", "reason": reason, "remedy": SPLIT}
    except Fault as error:
        result = {"fault": "broken", "reason": str(error), "remedy": error.remedy}
    except ValueError as error:
        large = "more than" in str(error)
        result = {
            "fault": "large" if large else "broken",
            "reason": str(error),
            "remedy": SPLIT if large else SAVE_AGAIN,
        }
    except (zipfile.BadZipFile, OSError, KeyError, RuntimeError, LookupError, TypeError, AttributeError) as error:
        # Broken files make the parsers fail in many ways; here is the edge where all of them become one fault.
        reason = f"it is damaged and cannot be parsed ({type(error).__name__})"
        result = {"fault": "broken", "reason": reason, "remedy": SAVE_AGAIN}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
