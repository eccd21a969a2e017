"""Who embeds: this process, several like it on this machine, or the workers of a Ray cluster.

All are given the same batches and run the same code, so an index is the same byte for byte whoever embedded
it. A worker may die: that costs the batch it was at, which another one embeds.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

import rag
from rag.corpus.frames import Garbled, receive, send
from rag.corpus.workers import processors
from rag.indexing.cluster import ATTEMPTS, PATIENCE, too_many_died
from rag.indexing.crew_member import Assignment, vectors_in
from rag.protocols import Embedder

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from rag.indexing.crew_member import main; main()"
)


class Crew(Protocol):
    """Embeds batches of texts. ``close`` it in the end."""

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch in turn, float32 (len(batch), dimension).

        Raises WorkersUnavailable, or OutOfResources if worker after worker dies at a batch.
        """

    def close(self) -> None:
        """End the workers."""


class Alone:
    """A ``Crew`` of this process only."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch, when asked for."""
        return map(self._embedder.embed_documents, batches)

    def close(self) -> None:
        """Nothing to end."""


class Processes:
    """A ``Crew`` of some processes on this machine, which share its processors."""

    def __init__(self, assignment: Assignment, size: int) -> None:
        self._members = [_Member(json.dumps(asdict(assignment))) for _ in range(size)]
        self._free: queue.SimpleQueue[_Member] = queue.SimpleQueue()
        for member in self._members:
            self._free.put(member)
        self._dimension = assignment.dimension
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="rag-embedding")
        self._closed = False

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch; the processes work ahead of the caller."""
        return self._threads.map(self._embed, batches)

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._closed = True
        for member in self._members:
            member.kill()
        self._threads.shutdown(cancel_futures=True)
        for member in self._members:
            member.end()

    def _embed(self, batch: Sequence[str]) -> FloatArray:
        """The vectors of one batch, by a process that is free."""
        member = self._free.get()
        try:
            for _ in range(ATTEMPTS):
                with suppress(OSError, Garbled, EOFError):
                    return member.embed(batch, self._dimension)
                member.end()
                if self._closed:
                    break
        finally:
            self._free.put(member)
        raise too_many_died()


class _Member:
    """One process, started when there is work for it."""

    def __init__(self, assignment: str) -> None:
        self._assignment = assignment
        self._process: subprocess.Popen[bytes] | None = None

    def embed(self, texts: Sequence[str], dimension: int) -> FloatArray:
        """The vectors of some texts: float32 (len(texts), dimension).

        Raises OSError, Garbled or EOFError if the process died or took too long.
        """
        process = self._process = self._process or self._started()
        clock = threading.Timer(PATIENCE, process.kill)
        clock.start()
        try:
            to, back = cast("tuple[IO[bytes], IO[bytes]]", (process.stdin, process.stdout))
            send(to, list(texts))
            message = receive(back)
        finally:
            clock.cancel()
        if message is None:
            raise EOFError
        return vectors_in(message, texts, dimension)

    def _started(self) -> subprocess.Popen[bytes]:
        folders = [each for each in sys.path if Path(each).is_absolute()]
        folders.append(str(Path(rag.__file__).parent.parent))
        return subprocess.Popen(  # noqa: S603  # this program's own code
            [sys.executable, "-P", "-c", _START, json.dumps(folders), self._assignment],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Kill the process; whoever waits for it is told so."""
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """Kill the process and forget it; the next work starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                cast("IO[bytes]", stream).close()


def crew_of(workers: int | str, embedder: Embedder, assignment: Assignment) -> Crew:
    """The crew that the setting ``workers`` asks for: a number of processes, or the address of Ray.

    Raises WorkersUnavailable if Ray cannot be reached.
    """
    if workers == 1:
        return Alone(embedder)
    if isinstance(workers, int):
        return Processes(assignment.sharing(processors(), workers), workers)
    from rag.indexing.crew_ray import RayCrew

    return RayCrew(workers, assignment)
