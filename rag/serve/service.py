"""What every request works with: the retriever, the pool, the figures."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from starlette.requests import Request

from rag.asking.retriever import Retriever
from rag.errors import RagError
from rag.serve.observe import Metrics
from rag.serve.pool import Pool

EVERY: Final = 1.0
"""Seconds between two looks for a new generation of the index."""

logger = logging.getLogger(__name__)
T = TypeVar("T")


def _threads() -> int:
    """One for each processor: a question keeps one busy, apart from the models."""
    return max(2, min(8, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Service:
    """One server's retriever and threads."""

    retriever: Retriever
    pool: Pool = field(default_factory=lambda: Pool(_threads()))
    metrics: Metrics = field(default_factory=Metrics)

    async def do(self, request: Request, work: Callable[[Callable[[], bool]], T]) -> T:
        """The result of some work in the pool. Raises Busy, Abandoned, and what the work raises."""
        async with self.pool.submit(request, work) as job:
            return await job.result()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the index for as long as the server runs."""
        self.metrics.pool.set_function(lambda: self.pool.taken)
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()
            await asyncio.to_thread(self.pool.close)

    async def _follow(self) -> None:
        """Move to each new generation of the index; while one cannot be opened, the old one serves."""
        complaint = ""
        while True:
            await asyncio.sleep(EVERY)
            try:
                if await asyncio.to_thread(self.retriever.reload):
                    self.metrics.reloads.inc()
                    logger.info("serving %s", self.retriever.info.generation)
                complaint = ""
            except RagError as error:
                if error.message != complaint:
                    complaint = error.message
                    logger.warning("the old index serves on: %s", complaint)
