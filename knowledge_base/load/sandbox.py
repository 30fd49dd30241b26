"""Runs the parsing process for one file and turns every way it can end into a parsed text or a ``LoadError``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final, NoReturn

from knowledge_base.errors import DocumentTooLarge, ParsingTimedOut, UnreadableDocument
from knowledge_base.load.faults import SAVE_AGAIN, SPLIT
from knowledge_base.load.limits import ParseLimits
from knowledge_base.load.parsed import ParsedText, from_json

_PACKAGE_ROOT: Final = Path(__file__).resolve().parents[2]


def parse_in_sandbox(path: Path, limits: ParseLimits) -> ParsedText:
    """Parse a file in a process with limits and an empty environment.

    Raises:
        DocumentTooLarge: over a limit of pages, text, unpacked size or memory.
        ParsingTimedOut: over the time limit.
        UnreadableDocument: broken, encrypted, or without text.
    """
    command = [
        sys.executable,
        "-m",
        "knowledge_base.load.worker",
        str(path),
        path.suffix.lower(),
        json.dumps(asdict(limits)),
    ]
    environment = {
        "PYTHONPATH": str(_PACKAGE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    try:
        ended = subprocess.run(command, capture_output=True, timeout=limits.wall_s, env=environment, check=False)
    except subprocess.TimeoutExpired as error:
        raise ParsingTimedOut(path.name, f"parsing took longer than {limits.wall_s:g} s", SPLIT) from error
    if ended.returncode == 0:
        result = json.loads(ended.stdout)
        if "parsed" in result:
            return from_json(result["parsed"])
        fault = DocumentTooLarge if result["fault"] == "large" else UnreadableDocument
        raise fault(path.name, result["reason"], result["remedy"])
    _raise_for_crash(path.name, ended.returncode, limits)


def _raise_for_crash(name: str, returncode: int, limits: ParseLimits) -> NoReturn:
    if returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise ParsingTimedOut(name, f"parsing took more than {limits.cpu_s} s of processor time", SPLIT)
    raise UnreadableDocument(name, "the parser failed on it", SAVE_AGAIN)
