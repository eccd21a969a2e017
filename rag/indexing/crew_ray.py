"""Embeds on the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rag.corpus.frames import Garbled
from rag.indexing.cluster import Cluster
from rag.indexing.crew_member import Assignment, answer, vectors_in

if TYPE_CHECKING:
    from rag.records.base import FloatArray


class RayCrew:
    """A ``Crew`` of all processors that a Ray cluster has to spare, with a worker on each."""

    def __init__(self, address: str, assignment: Assignment) -> None:
        self._cluster = Cluster(address)
        self._assignment = asdict(assignment)
        self._dimension = assignment.dimension

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch; the workers work ahead of who takes them."""
        start = self._cluster.start
        tasks = [start(answer, self._assignment, list(batch)) for batch in batches]
        try:
            for batch, task in zip(batches, tasks, strict=True):
                yield vectors_in(self._cluster.result(task), batch, self._dimension)
        except Garbled as error:
            raise self._cluster.unavailable(f"one {error}") from error
        finally:
            self._cluster.cancel(tasks)

    def close(self) -> None:
        """Leave the cluster."""
        self._cluster.close()
