"""``triage serve`` and ``triage worker``: the API with workers beside it, or workers alone on another machine.

The services are imported where they are opened: a process that only looks after others needs neither them nor their
memory.
"""

from __future__ import annotations

import importlib
import logging
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import IO, TYPE_CHECKING, Annotated

import typer
import uvicorn
from rich.console import Console

from triage.bootstrap.access import first_admin_key, is_loopback, prepared
from triage.bootstrap.collector import keep_what_is_there
from triage.bootstrap.logs import write_logs
from triage.bootstrap.tracing import start_tracing
from triage.cli.processes import TRIAGE, WORKER, Supervised, running, say_ready, stop_with_parent
from triage.config import Settings, load_settings
from triage.domain.outbound import ChangePosition

if TYPE_CHECKING:
    from triage.bootstrap.services import Services

logger = logging.getLogger(__name__)
console = Console(stderr=True)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default TRIAGE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default TRIAGE_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Workers beside the API; default TRIAGE_WORKERS.")] = None,
    api_processes: Annotated[
        int | None, typer.Option(min=1, help="Processes that answer; default TRIAGE_API_PROCESSES.")
    ] = None,
    part_of: Annotated[str, typer.Option(help="What the processes that answer share.", hidden=True)] = "",
) -> None:
    """Serve the API, with its docs at /docs, and work on jobs beside it."""
    given = {"host": host, "port": port, "workers": workers, "api_processes": api_processes}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    write_logs(settings)
    if part_of:
        _serve_part(settings, part_of)
        return
    signal.signal(signal.SIGTERM, _exit)
    if settings.api_processes > 1:
        _serve_together(settings)
        return
    from triage.bootstrap.services import open_services

    start_tracing(settings, "api")
    with console.status("preparing") as status:
        with open_services(settings, lambda what: status.update(f"loading {what}")) as services:
            status.stop()
            serve_services(services)


def serve_services(services: Services) -> None:
    """Serve services that are open, until a signal stops it; the first start makes an admin key and shows it once."""
    settings = services.settings
    if is_loopback(settings.host):
        _show(first_admin_key(services.keys, services.clock))
    # by name, because the api package stands above this one
    application = importlib.import_module("api.app").create_app(services)
    # uvicorn raises the signal that stopped it again; as an exception it still lets the workers be stopped
    signal.signal(signal.SIGTERM, _exit)
    with running([Supervised(WORKER) for _ in range(settings.workers)]):
        _Server(_config(settings, application), partial(console.print, _address(settings), soft_wrap=True)).run()


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
        stop_with_parent()
    from triage.bootstrap.services import open_services, run_worker

    with open_services(
        settings, lambda what: logger.info("loading", extra={"action": "loading", "what": what})
    ) as services:
        run_worker(services, concurrency=concurrency, until_idle=until_idle)


def _serve_together(settings: Settings) -> None:
    """Several processes answer on one socket and keep one set of limits; this one only looks after them.

    A request in hand of a process that is killed gets no answer; connections that wait are taken by another one.
    """
    with prepared(settings) as common, _listening(settings) as listening, _shared() as (counting, streams):
        # by name, because the api package stands above this one
        importlib.import_module("api.auth").refuse_without_keys(settings.host, common.keys)
        importlib.import_module("api.buckets").shared_file(counting.fileno())
        _show(common.first_key)
        inherited = (listening.fileno(), counting.fileno(), streams.fileno())
        shared = f"{','.join(map(str, inherited))},{common.newest_change}"
        address = ("--host", settings.host, "--port", str(listening.getsockname()[1]))
        part = (*TRIAGE, "serve", *address, "--api-processes", str(settings.api_processes), "--part-of", shared)
        answering = [Supervised(part, inherited, reports=True) for _ in range(settings.api_processes)]
        with running([*answering, *(Supervised(WORKER) for _ in range(settings.workers))]):
            _wait_for(answering)
            console.print(_address(settings), soft_wrap=True)
            signal.pause()


def _serve_part(settings: Settings, shared: str) -> None:
    """One of several processes that answer."""
    from triage.bootstrap.services import open_services

    listening_fd, counting_fd, streams_fd, position = shared.split(",")
    stop_with_parent()
    start_tracing(settings, "api")
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from the keyboard, the process that looks after this one gets it too
    with open_services(settings) as services, socket.socket(fileno=int(listening_fd)) as listening:
        # every process counts changes from the same one on, so that each shows the same metrics
        services.outbound.metrics.position = ChangePosition.parse(position) or services.outbound.metrics.position
        buckets = importlib.import_module("api.buckets").SharedBuckets(int(counting_fd))
        listeners = importlib.import_module("api.events.stream").shared_listeners(int(streams_fd))
        application = importlib.import_module("api.app").create_app(services, buckets=buckets, listeners=listeners)
        _Server(_config(settings, application), say_ready).run(sockets=[listening])


@contextmanager
def _shared() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The files by which processes count together: how often, and how many at once."""
    with tempfile.TemporaryFile() as counting, tempfile.TemporaryFile() as streams:
        yield counting, streams


def _wait_for(answering: Sequence[Supervised]) -> None:
    """Wait until every process can answer.

    Raises:
        SystemExit: one of them ended before; it has said why.
    """
    while not all(one.ready.is_set() for one in answering):
        if any(one.never_ready.is_set() for one in answering):
            raise SystemExit(1)
        time.sleep(0.05)


def _listening(settings: Settings) -> socket.socket:
    """A socket of the address, on which nothing is taken yet."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as exc:
        listening.close()
        raise typer.BadParameter(f"{settings.host}:{settings.port} cannot be listened on: {exc.strerror}.") from exc
    return listening


def _config(settings: Settings, application: object) -> uvicorn.Config:
    return uvicorn.Config(
        application,  # type: ignore[arg-type]
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


class _Server(uvicorn.Server):
    """Ends the streams of events at the signal: uvicorn waits for open answers before it tells the application."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests, and say so."""
        await super().startup(sockets)
        if self.started:
            keep_what_is_there()
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop taking requests, and tell the streams."""
        self.config.app.state.stopping.set()  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def _address(settings: Settings) -> str:
    return f"API: http://{settings.host}:{settings.port}/docs   Ctrl-C stops it."


def _show(key: str | None) -> None:
    if key:
        console.print(f"First API key (shown once, role admin): [bold]{key}[/]", soft_wrap=True)


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
