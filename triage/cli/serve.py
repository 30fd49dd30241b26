"""``triage serve`` and ``triage worker``: the API with workers beside it, or workers alone on another machine."""

from __future__ import annotations

import importlib
import ipaddress
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from triage.bootstrap.access import first_admin_key
from triage.bootstrap.logs import write_logs
from triage.bootstrap.services import Services, open_services, run_worker
from triage.bootstrap.tracing import start_tracing
from triage.config import load_settings

logger = logging.getLogger(__name__)
console = Console(stderr=True)

RESTART_PAUSE_S = 2.0


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default TRIAGE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default TRIAGE_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Workers beside the API; default TRIAGE_WORKERS.")] = None,
) -> None:
    """Serve the API, with its docs at /docs, and work on jobs beside it."""
    given = {"host": host, "port": port, "workers": workers}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    write_logs(settings)
    start_tracing(settings, "api")
    with console.status("preparing") as status:
        with open_services(settings, lambda what: status.update(f"loading {what}")) as services:
            status.stop()
            serve_services(services)


def serve_services(services: Services) -> None:
    """Serve services that are open, until a signal stops it; the first start makes an admin key and shows it once."""
    settings = services.settings
    key = first_admin_key(services) if _is_loopback(settings.host) else None
    if key:
        console.print(f"First API key (shown once, role admin): [bold]{key}[/]", soft_wrap=True)
    # by name, because the api package stands above this one
    application = importlib.import_module("api.app").create_app(services)
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level.lower(),
        server_header=False,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        limit_concurrency=200,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=25,
        h11_max_incomplete_event_size=16_384,
    )
    # uvicorn raises the signal that stopped it again; as an exception it still lets the workers be stopped
    signal.signal(signal.SIGTERM, _exit)
    console.print(f"API: http://{settings.host}:{settings.port}/docs   Ctrl-C stops it.", soft_wrap=True)
    with _worker_processes(settings.workers):
        _Server(config).run()


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=32, help="Jobs worked on at once in this process.")] = 1,
    until_idle: Annotated[bool, typer.Option(help="Stop when no job is left.")] = False,
    with_parent: Annotated[bool, typer.Option(help="Stop when standard input closes.", hidden=True)] = False,
) -> None:
    """Work on jobs; start as many as you like, on as many machines as you like, against one PostgreSQL."""
    settings = load_settings()
    write_logs(settings)
    start_tracing(settings, "worker")
    if with_parent:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    with open_services(
        settings, lambda what: logger.info("loading", extra={"action": "loading", "what": what})
    ) as services:
        run_worker(services, concurrency=concurrency, until_idle=until_idle)


class _Server(uvicorn.Server):
    """Ends the streams of events at the signal: uvicorn waits for open answers before it tells the application."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop taking requests, and tell the streams."""
        self.config.app.state.stopping.set()  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


@dataclass(slots=True)
class _Supervised:
    """A worker process that is started again when it dies, until it is told to stop."""

    stopping: threading.Event = field(default_factory=threading.Event)
    process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while not self.stopping.is_set():
            self.process = subprocess.Popen(
                [sys.executable, "-m", "triage", "worker", "--with-parent"], stdin=subprocess.PIPE
            )
            status = self.process.wait()
            if not self.stopping.is_set():
                logger.warning("worker ended", extra={"action": "worker_restarted", "status": status})
                self.stopping.wait(RESTART_PAUSE_S)

    def stop(self) -> None:
        self.stopping.set()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``; elsewhere the first key must be made before listening."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _stop_with_parent() -> None:
    """Standard input closes when the serving process ends, however it ended: no worker stays behind alone."""
    os.read(sys.stdin.fileno(), 1)  # unbuffered: a lock held in a daemon thread would break the interpreter's exit
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _worker_processes(count: int) -> Iterator[None]:
    """Workers run in processes of their own, so that model work never holds up a request."""
    supervised = [_Supervised() for _ in range(count)]
    threads = [threading.Thread(target=one.run, daemon=True) for one in supervised]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for one in supervised:
            one.stop()
        for thread in threads:
            thread.join(timeout=5)
