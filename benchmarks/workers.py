"""Embedding by several workers: processes of this machine, and a Ray cluster on it.

    python -m benchmarks.workers [--rounds 5] [--write]

Prints throughput by number of workers. --write puts the table into docs/scale.md, with a plot beside it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.machine import Machine
from benchmarks.measure import Options, Row, Section, median, say, seconds, section
from benchmarks.report import SCALE, WORKERS, draw_workers, put_into, table
from benchmarks.texts import PASSAGE, STRETCH, Recombined, load_collection, texts_of
from rag.indexing.crew import Alone, Crew, Processes
from rag.indexing.crew_member import Assignment
from rag.indexing.crew_ray import RayCrew
from rag.indexing.embed import BATCH
from rag.models import load_embedder

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_BATCHES: Final = 12
"""Of a round."""

WHOLE: Final = "one process, a thread for each core"
PROCESSES: Final = "processes with a thread each"
RAY: Final = "Ray workers with a thread each"


def workers(options: Options) -> Section:
    """Passages a second by kind and number of workers."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection)).passages(_BATCHES * BATCH)
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    embedder = load_embedder()
    assignment = Assignment.like(embedder, None, "auto", named=True)
    cores = os.cpu_count() or 1
    counts = sorted({1, 2, cores})
    with _cluster(cores) as cluster:
        crews: dict[tuple[str, int], Crew] = {(WHOLE, 1): Alone(embedder)}
        crews |= {(PROCESSES, n): Processes(replace(assignment, threads=1), n) for n in counts}
        crews |= {
            (RAY, n): _OnSome(cluster, RayCrew("auto", assignment), cores - n) for n in counts
        }
        try:
            rates = _rates(crews, batches, options.rounds)
        finally:
            for crew in crews.values():
                crew.close()
    return section(
        "workers",
        "Embedding by several workers",
        f"{len(texts):,} passages of {PASSAGE * STRETCH} words a round, in batches of {BATCH}, by each crew"
        f" in turn, on {cores} cores; workers have loaded their model before. A column for each number of"
        " workers. All crews gave the same vectors, bit by bit.",
        [
            Row(kind, "/s", {str(n): rates[kind, n] for n in counts if (kind, n) in rates}, None)
            for kind in (WHOLE, PROCESSES, RAY)
        ],
        ("openvino", "ray"),
    )


def _rates(
    crews: Mapping[tuple[str, int], Crew], batches: Sequence[Sequence[str]], rounds: int
) -> dict[tuple[str, int], float]:
    """The passages a second of each crew; raises ArithmeticError if their vectors differ."""
    expected: FloatArray | None = None
    spent: dict[tuple[str, int], list[float]] = {key: [] for key in crews}
    for number in range(rounds + 1):
        for key, crew in crews.items():
            found: list[FloatArray] = []

            def embed(crew: Crew = crew, found: list[FloatArray] = found) -> None:
                found += crew.embed(batches)

            time = seconds(embed)
            vectors = np.concatenate(found)
            expected = vectors if expected is None else expected
            if not np.array_equal(vectors, expected):
                raise ArithmeticError(f"{key}: other vectors")
            if number:  # in the first round, models are loaded
                spent[key].append(time)
        say(f"  round {number} of {rounds}")
    passages = sum(map(len, batches))
    return {key: passages / median(times) for key, times in spent.items()}


@contextmanager
def _cluster(cores: int) -> Iterator[Any]:
    """Ray with so many processors, on this machine only."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    ray.init(
        "local",
        num_cpus=cores,
        include_dashboard=False,
        object_store_memory=100_000_000,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
        _system_config={"worker_niceness": 0},
    )
    try:
        yield ray
    finally:
        ray.shutdown()


class _OnSome:
    """A crew of Ray's while some of the cluster's processors are taken by others, who do nothing."""

    def __init__(self, ray: Any, crew: RayCrew, taken: int) -> None:
        self._ray = ray
        self._crew = crew
        self._taken = taken

    def embed(self, batches: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """The vectors of each batch."""
        if not self._taken:
            yield from self._crew.embed(batches)
            return
        group = self._ray.util.placement_group([{"CPU": self._taken}])
        self._ray.get(group.ready())
        try:
            yield from self._crew.embed(batches)
        finally:
            self._ray.util.remove_placement_group(group)

    def close(self) -> None:
        """Leave the cluster."""
        self._crew.close()


def main() -> None:
    """Measure, print the table, and perhaps put it and its plot into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the table into docs/scale.md")
    options = parser.parse_args()
    found = workers(Options(rounds=options.rounds))
    text = f"{found.how} Measured {found.date} on: {Machine.this()}.\n\n{table(found)}\n"
    print(text)
    if options.write:
        put_into(SCALE, found.name, f"{text}\n![{found.title}]({WORKERS})\n")
        draw_workers(found, SCALE.with_name(WORKERS))


if __name__ == "__main__":
    main()
