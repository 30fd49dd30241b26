"""Processes of the search benchmarks: how many threads their libraries use, and what they print."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def child_environment(*, threads: int, data_dir: Path | None = None) -> dict[str, str]:
    """What a process sees: so many threads for linear algebra and tokenizers, and no model hub."""
    return {
        **os.environ,
        **dict.fromkeys(_THREADS, str(threads)),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "true",
        **({"TRIAGE_DATA_DIR": str(data_dir)} if data_dir else {}),
    }


def child(*arguments: str, data_dir: Path | None = None, threads: int = 2) -> str:
    """What a Python process prints.

    Raises:
        RuntimeError: it failed.
    """
    environment = child_environment(threads=threads, data_dir=data_dir)
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout
