"""Listens, says where, and stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.errors import RagError
from rag.serve.security import bracketed

HEADER_SECONDS: Final = 10.0
"""The head of a request must have arrived by then."""
FAREWELL_SECONDS: Final = 10
"""How long running requests may take to end."""
_FILES: Final = 65_536
"""Open files to ask for: each connection is one."""


def serve(app: ASGIApp, host: str, port: int, listening: Callable[[str], None]) -> bool:
    """Serve until a signal comes; true if it was Ctrl-C.

    ``listening`` is told the address once requests are taken; ``port`` 0 takes any free one. Raises
    RagError if the address cannot be had, and what the application raises at its start.
    """
    _raise_file_limit()
    with contextlib.closing(bound(host, port)) as listener:
        server = Server(app, lambda: listening(_address(host, listener)))
        asyncio.run(server.serve(sockets=[listener]))
        return server.interrupted


class Server(uvicorn.Server):
    """Says when it listens; a signal ends it and is then done with."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PromptProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                log_level="critical",  # requests and failures are logged by the application
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=FAREWELL_SECONDS,
            )
        )
        self._ready = ready
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at a signal."""
        with super().capture_signals():
            yield
            self.interrupted = signal.SIGINT in self._captured_signals
            self._captured_signals.clear()  # or they would be raised again


class PromptProtocol(H11Protocol):
    """HTTP for clients that send the head of their request in time; others are refused."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on, as long as the head of a request is incomplete."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._hurry is None:
            self._hurry = self.loop.call_later(HEADER_SECONDS, self._too_late)

    def _stop_waiting(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _too_late(self) -> None:
        self._hurry = None
        if not self.transport.is_closing() and self.conn.our_state is h11.IDLE:
            self.send_400_response("The request took too long.")


def bound(host: str, port: int) -> socket.socket:
    """A socket bound to this address, not yet listening."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unavailable(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _unavailable(host, port, error) from error
    return listener


def _unavailable(host: str, port: int, error: OSError) -> RagError:
    fix = "choose another with --port, or 0 for any" if error.errno == errno.EADDRINUSE else ""
    return RagError(f"{bracketed(host)}:{port}: {error.strerror or error}", fix=fix)


def _address(host: str, listener: socket.socket) -> str:
    port: Any = listener.getsockname()[1]
    return f"http://{bracketed(host)}:{port}"


def _raise_file_limit() -> None:
    """As many open files as the system lets this process have: a thousand clients may come."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
