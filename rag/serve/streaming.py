"""Server-sent events: work in a thread that tells of its progress, as a stream of events.

A comment goes out every fifteen seconds, so that no proxy between takes the connection for dead.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Final, TypeVar

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import Request
from starlette.responses import StreamingResponse

from rag.errors import Abandoned
from rag.serve.pool import Job, Pool

PING: Final = 15.0
"""Seconds between two comments, and before the stream begins without an event."""
EVENTS: Final = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
            "required": ["data"],
        }
    }
}
"""How OpenAPI describes a stream: by one of its events, in versions before 3.2."""

_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

T = TypeVar("T")
Tell = Callable[[str], None]
Events = Callable[[AsyncIterator[str], Job[T]], AsyncIterator[bytes]]
"""Makes events of the sentences as they are told, and then of the result."""


def event(data: object, name: str | None = None) -> bytes:
    """One event, its data as JSON; a string is sent as it is."""
    return format_sse_event(data_str=data if isinstance(data, str) else to_json(data), event=name)


def to_json(value: object) -> str:
    """JSON that can always be encoded: lone surrogates are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode()


async def stream(
    pool: Pool,
    request: Request,
    work: Callable[[Callable[[], bool], Tell], T],
    events: Events[T],
) -> StreamingResponse:
    """The events that ``events`` makes of the progress and the result of ``work``.

    The response begins with the first event, so whatever ``work`` raises before that is raised here and can
    still become a plain refusal. If that takes longer than ``PING``, it begins with a comment.
    """
    progress = _Progress()

    def run(abandoned: Callable[[], bool]) -> T:
        return work(abandoned, lambda text: progress.tell(text, abandoned))

    async with AsyncExitStack() as stack:
        job = await stack.enter_async_context(pool.submit(request, run))
        job.future.add_done_callback(progress.end)
        source = events(progress, job)
        upcoming: asyncio.Future[Any] = asyncio.ensure_future(anext(source))
        done, _ = await asyncio.wait({upcoming}, timeout=PING)
        if done:
            upcoming.result()
        held = stack.pop_all()

    async def body() -> AsyncIterator[bytes]:
        following = upcoming
        async with held:
            while True:
                done, _ = await asyncio.wait({following}, timeout=PING)
                if not done:
                    yield KEEPALIVE_COMMENT
                    continue
                try:
                    yield following.result()
                except StopAsyncIteration:
                    return
                following = asyncio.ensure_future(anext(source))

    return StreamingResponse(body(), headers=_HEADERS, media_type="text/event-stream")


class _Progress(AsyncIterator[str]):
    """Sentences on their way from the thread that works to the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[str | None] = asyncio.Queue()

    def tell(self, text: str, abandoned: Callable[[], bool]) -> None:
        """Hand over a sentence. Raises Abandoned if nobody waits for it. Called in the thread."""
        if abandoned():
            raise Abandoned("the client has gone")
        self._loop.call_soon_threadsafe(self._told.put_nowait, text)

    def end(self, _: object) -> None:
        """No sentence follows."""
        self._loop.call_soon_threadsafe(self._told.put_nowait, None)

    async def __anext__(self) -> str:
        """The next sentence."""
        text = await self._told.get()
        if text is None:
            raise StopAsyncIteration
        return text
