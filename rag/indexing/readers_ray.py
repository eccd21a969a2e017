"""Reads articles on the workers of a Ray cluster, each in a child process with limits, as here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.metadata import version
from types import TracebackType
from typing import Any, Final, Self

from rag.corpus.frames import Garbled, Message, job_message, read_job, read_result, result_message
from rag.corpus.load import Job
from rag.corpus.workers import Readers, Result, Workers
from rag.errors import WorkersUnavailable
from rag.formats.base import is_container, is_text
from rag.indexing.cluster import Cluster
from rag.indexing.crew_member import check_version, raise_refusal, refusal

_AHEAD: Final = 256
"""Files to hand out before they are needed."""
_AHEAD_BYTES: Final = 64_000_000
_LARGEST: Final = 16_000_000
"""Bytes of a file that is sent to another machine."""


class RayReaders:
    """``Readers`` on a cluster. Use it as a context.

    A file that holds many articles, is large, or is quickly read is read by ``here``, on this machine.
    """

    def __init__(self, address: str, here: Readers) -> None:
        self._cluster = Cluster(address)
        self._here = here

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cluster.close()

    def read(self, jobs: Iterable[Job], many: bool = False) -> Iterator[tuple[Job, Result]]:
        """The results of each job, as ``Workers.read`` gives them."""
        waiting: deque[tuple[Job, Any]] = deque()
        held = 0
        for job in jobs:
            waiting.append((job, self._started(job, many)))
            held += len(job.data)
            while len(waiting) > _AHEAD or held > _AHEAD_BYTES:
                held -= len(waiting[0][0].data)
                yield from self._results(*waiting.popleft(), many)
        while waiting:
            yield from self._results(*waiting.popleft(), many)

    def _started(self, job: Job, many: bool) -> Any:
        """The task that reads a file, or None if it is read here."""
        quick = not many and is_text(job.data, job.file)
        if quick or is_container(job.file) or len(job.data) > _LARGEST:
            return None
        return self._cluster.start(read_file, version("article-rag"), *job_message(job, 0, ""))

    def _results(self, job: Job, task: Any, many: bool) -> Iterator[tuple[Job, Result]]:
        if task is None:
            yield from self._here.read([job], many)
            return
        messages: Sequence[Message] = self._cluster.result(task)
        try:
            for message in messages:
                raise_refusal(message)
                yield job, read_result(message)
        except Garbled as error:
            raise self._cluster.unavailable(f"one {error}") from error
        yield job, None


def read_file(build: str, header: Any, data: bytes) -> list[Message]:
    """What is in a file, or why this worker refuses to read it; called on a worker.

    ``build`` is the version of this program that builds the index; the rest is a ``job_message``.
    """
    try:
        check_version(build)
    except WorkersUnavailable as error:
        return [refusal(error)]
    job, _, _ = read_job((header, data))
    results = _reader().read([job], many=True)
    return [result_message(result) for _, result in results if result is not None]


@lru_cache(1)
def _reader() -> Workers:
    """The child process of this worker; it ends with the worker."""
    return Workers(1)
