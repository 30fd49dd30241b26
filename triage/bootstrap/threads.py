"""How many threads the libraries for linear algebra may use in a process that works on many small things at once.

Their threads wait for each other by spinning: with one for each core, a ticket costs the processor time of two for
nothing. Work is shared out between processes instead.
"""

from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

_SAID_OTHERWISE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread_each() -> None:
    """Let each library that is loaded use one thread, unless the environment says otherwise."""
    if not any(name in os.environ for name in _SAID_OTHERWISE):
        threadpool_limits(limits=1)
