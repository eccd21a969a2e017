"""Embeds on the workers of a Ray cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rag.corpus.frames import Garbled
from rag.indexing.cluster import Cluster
from rag.indexing.crew_member import Assignment, answer, vectors_in

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_AHEAD: Final = 128
"""Batches to hand out before they are needed. If the build ends early, they are still embedded: cancelling
a task while its result arrives ends the program (seen with Ray 2.60; its issue 54785 is of this kind)."""


class RayCrew:
    """A ``Crew`` of all processors that a Ray cluster has to spare, with a worker on each."""

    def __init__(self, address: str, assignment: Assignment) -> None:
        self._cluster = Cluster(address)
        self._assignment = asdict(assignment)
        self._dimension = assignment.dimension

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch; the workers work ahead of the caller."""
        waiting: deque[tuple[Sequence[str], Any]] = deque()
        for batch in batches:
            waiting.append((batch, self._cluster.start(answer, self._assignment, list(batch))))
            if len(waiting) > _AHEAD:
                yield self._vectors(*waiting.popleft())
        while waiting:
            yield self._vectors(*waiting.popleft())

    def close(self) -> None:
        """Leave the cluster."""
        self._cluster.close()

    def _vectors(self, batch: Sequence[str], task: Any) -> FloatArray:
        try:
            return vectors_in(self._cluster.result(task), batch, self._dimension)
        except Garbled as error:
            raise self._cluster.unavailable(f"one {error}") from error
