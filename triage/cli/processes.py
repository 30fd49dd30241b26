"""The processes of ``triage serve``: started, started again when they die, and stopped together."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

RESTART_PAUSE_S = 2.0
STOP_WITHIN_S = 30.0
TRIAGE = (sys.executable, "-m", "triage")
WORKER = (*TRIAGE, "worker", "--with-parent")
READY = b"ready\n"


@dataclass(slots=True)
class Supervised:
    """A process that is started again when it dies, until it is told to stop.

    Attributes:
        command: its command line; the process must end when its standard input closes.
        inherited: open files it may use.
        reports: whether it writes :data:`READY` to its standard output once it can work.
    """

    command: Sequence[str]
    inherited: tuple[int, ...] = ()
    reports: bool = False
    ready: threading.Event = field(default_factory=threading.Event)
    never_ready: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    pause_s: float = RESTART_PAUSE_S
    process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Keep it running; gives up when it never became ready, because its settings will not mend themselves."""
        while not self.stopping.is_set():
            stdout = subprocess.PIPE if self.reports else None
            with subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=stdout, pass_fds=self.inherited
            ) as self.process:
                self._wait_until_ready(self.process)
                status = self.process.wait()
            if self.stopping.is_set():
                return
            if not self.ready.is_set():
                self.never_ready.set()
                return
            logger.warning("process ended", extra={"action": "process_restarted", "status": status})
            self.stopping.wait(self.pause_s)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            self.ready.set()
        elif process.stdout.readline() == READY:
            self.ready.set()
            process.stdout.close()

    def stop(self) -> None:
        """Tell it to stop, without waiting."""
        self.stopping.set()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self) -> None:
        """Wait until it has stopped; end it when it does not."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()


@contextmanager
def running(processes: Sequence[Supervised]) -> Iterator[None]:
    """Keep processes running for the length of a ``with`` block; they are told to stop at once, then waited for."""
    threads = [threading.Thread(target=one.run, daemon=True) for one in processes]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for one in processes:
            one.stop()
        for one in processes:
            one.end()
        for thread in threads:
            thread.join(timeout=5)


def stop_with_parent() -> None:
    """Let this process end when the one that started it does, however it ended: none stays behind alone."""
    threading.Thread(target=_stop_with_parent, daemon=True).start()


def _stop_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # unbuffered: a lock held in a daemon thread would break the interpreter's exit
    os.kill(os.getpid(), signal.SIGTERM)


def say_ready() -> None:
    """Tell the process that started this one that work can begin; nothing else goes to standard output after it."""
    os.write(sys.stdout.fileno(), READY)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
