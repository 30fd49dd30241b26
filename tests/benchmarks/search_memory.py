"""A process that does nothing but search an index: ``python -m tests.benchmarks.search_memory INDEX``.

It imports what search needs and no more, asks the sample questions and prints what memory that took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from knowledge_base.store import open_index
from training.questions import read_questions
from triage.adapters.models.static_encoder import StaticEncoder


def resident() -> dict[str, float]:
    """Resident memory in MB: now, the private part of it (the system may drop the rest, files), and the peak."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    names = {"rss_mb": "VmRSS", "private_mb": "RssAnon", "peak_mb": "VmHWM"}
    return {name: round(kib[field] * 1024 / 1e6) for name, field in names.items()}


def main() -> None:
    """Open the index, search it with the sample questions, and tell what that took."""
    index = open_index(Path(sys.argv[1]), StaticEncoder.load())
    questions = [question.text for question in read_questions()]
    index.search(questions[0])
    cpu_before = time.process_time()
    for question in questions:
        index.search(question)
    cpu_s = time.process_time() - cpu_before
    found = {"passages": len(index), "query_cpu_ms": round(1000 * cpu_s / len(questions), 2), **resident()}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
