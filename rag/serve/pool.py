"""The threads that search and answer: a fixed number, with a short queue before them.

A request that finds the queue full is refused at once. One whose client has gone away is dropped: before it
begins if it still waits, else between two stages of its work.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from starlette.requests import Request

from rag.errors import Abandoned, RagError

WAITING: Final = 32
"""Requests that may wait for a thread."""

T = TypeVar("T")


class Busy(RagError):
    """All threads are at work, and the queue before them is full."""

    def __init__(self) -> None:
        super().__init__("too many questions at once", fix="ask again in a second")


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """One piece of work in the pool, seen from the event loop."""

    future: Future[T]
    gone: threading.Event = field(default_factory=threading.Event)

    async def result(self) -> T:
        """What the work returned. Raises what it raised, or Abandoned if the client has gone."""
        try:
            return await asyncio.wrap_future(self.future)
        except asyncio.CancelledError:
            if self.gone.is_set():
                raise Abandoned("the client has gone") from None
            raise


class Pool:
    """A number of threads, and the work that waits for them. ``submit`` belongs to the event loop."""

    def __init__(self, threads: int, waiting: int = WAITING) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="ask")
        self._room = threads + waiting
        self._lock = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        """The pieces of work that wait or run."""
        return self._taken

    @property
    def is_full(self) -> bool:
        """Whether the next piece would be refused."""
        return self._taken >= self._room

    @asynccontextmanager
    async def submit(
        self, request: Request, work: Callable[[Callable[[], bool]], T]
    ) -> AsyncIterator[Job[T]]:
        """Start ``work`` in a thread for as long as the client of ``request`` stays.

        ``work`` is given a function that tells whether the client has gone. At the end of the block, work
        that is still running is abandoned. Raises Busy if there is no room.
        """
        with self._lock:
            if self.is_full:
                raise Busy
            self._taken += 1
        gone = threading.Event()
        future = self._executor.submit(work, gone.is_set)
        future.add_done_callback(self._free)
        watch = asyncio.create_task(_leave(request, gone, future))
        try:
            yield Job(future, gone)
        finally:
            watch.cancel()
            gone.set()
            future.cancel()

    def close(self) -> None:
        """Wait for what runs; drop what waits."""
        self._executor.shutdown(cancel_futures=True)

    def _free(self, _: object) -> None:
        with self._lock:
            self._taken -= 1


async def _leave(request: Request, gone: threading.Event, future: Future[T]) -> None:
    """Abandon the work when the client goes away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
    future.cancel()
