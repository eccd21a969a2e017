"""Simulates the latency of a search that asks all shards of an index and waits for the slowest.

    python -m benchmarks.fanout [--write]

Nothing here runs a cluster. A replica of a shard serves one request after another. How long it needs is
drawn from the times measured for a million passages on one machine (docs/benchmarks.json); now and then it
stalls. --write puts the table into docs/scale.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import simpy

from benchmarks.report import SCALE, Record, put_into, table_of

if TYPE_CHECKING:
    import numpy.typing as npt

NAME: Final = "fanout"
_SEED: Final = 0
_SEARCHES: Final = 1_000
"""At least so many searches are simulated for each figure, and so many more as they are cheap."""
_REQUESTS: Final = 30_000
"""Requests to shards."""
_WARM_UP: Final = 0.1
"""Share of the searches that come before the cluster is as busy as it stays; they are not counted."""
_STALLS: Final = 0.01
_STALL: Final = 10.0
"""This share of requests takes so many times as long: a page that is not in memory, a compaction, another
program on the same machine. An assumption."""

Random = np.random.Generator
Service = Callable[[Random], float]
"""Draws the milliseconds that a replica needs for one request."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """How an index is spread out, and how busy it is."""

    shards: int
    replicas: int = 1
    load: float = 0.3
    """Share of the time for which a replica is at work."""
    hedge: float | None = None
    """Milliseconds after which a request is sent to a second replica too; the first answer counts."""


def latencies(
    cluster: Cluster, service: Service, searches: int, seed: int = _SEED
) -> npt.NDArray[np.float64]:
    """The milliseconds of some searches, which come at random times."""
    random = np.random.default_rng(seed)
    mean = float(np.mean([service(random) for _ in range(10_000)]))
    pause = mean / (cluster.load * cluster.replicas)
    environment = simpy.Environment()
    shards = [_Shard(environment, cluster, service, random) for _ in range(cluster.shards)]
    spent: list[float] = []

    def search() -> Iterator[Any]:
        begun = environment.now
        yield environment.all_of([shard.ask() for shard in shards])
        spent.append(environment.now - begun)

    def arrivals() -> Iterator[Any]:
        for _ in range(searches):
            environment.process(search())
            yield environment.timeout(random.exponential(pause))

    environment.process(arrivals())
    environment.run()
    return np.array(spent[int(_WARM_UP * searches) :])


class _Shard:
    """The replicas of one part of the index."""

    def __init__(
        self, environment: Any, cluster: Cluster, service: Service, random: Random
    ) -> None:
        self._environment = environment
        self._replicas = [simpy.Resource(environment) for _ in range(cluster.replicas)]
        self._hedge = cluster.hedge if cluster.replicas > 1 else None
        self._service = service
        self._random = random
        self._turn = count()

    def ask(self) -> Any:
        """The event of the first answer; the replica with the fewest requests is asked."""
        answered = self._environment.event()
        begin = next(self._turn)  # so that of equals not always the same is taken
        order = self._replicas[begin % len(self._replicas) :] + self._replicas
        first, *others = sorted(dict.fromkeys(order), key=lambda each: each.count + len(each.queue))
        self._environment.process(self._serve(first, answered))
        if self._hedge is not None:
            self._environment.process(self._ask_again(others[0], answered, self._hedge))
        return answered

    def _serve(self, replica: Any, answered: Any) -> Iterator[Any]:
        with replica.request() as turn:
            yield turn
            if answered.triggered:  # another replica was first, and this request is withdrawn
                return
            yield self._environment.timeout(self._service(self._random))
        if not answered.triggered:
            answered.succeed()

    def _ask_again(self, replica: Any, answered: Any, after: float) -> Iterator[Any]:
        yield self._environment.timeout(after)
        if not answered.triggered:
            yield from self._serve(replica, answered)


# ---------------------------------------------------------------- the table


def measured() -> tuple[float, float]:
    """The median and the 99th percentile of a hybrid search among a million passages, in milliseconds."""
    rows = {row.what: row.values for row in Record.saved().sections["scale"].rows}
    return rows["hybrid, p50"]["1,000,000"], rows["hybrid, p99"]["1,000,000"]


def stalling(median: float, p99: float, stalls: float = _STALLS) -> Service:
    """Log-normal times with this median and 99th percentile, some of which are stalls."""
    spread = np.log(p99 / median) / 2.326

    def service(random: Random) -> float:
        usual = median * np.exp(spread * random.standard_normal())
        return float(usual * _STALL if random.random() < stalls else usual)

    return service


def main() -> None:
    """Simulate, print the table, and perhaps put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/scale.md")
    write = parser.parse_args().write
    median, p99 = measured()
    ways = {
        "one replica": {"replicas": 1},
        "two replicas": {"replicas": 2},
        "two, hedged": {"replicas": 2, "hedge": round(p99)},
    }
    lines = []
    for shards, load in ((1, 0.3), (10, 0.3), (100, 0.3), (500, 0.3), (100, 0.1), (100, 0.5)):
        searches = max(_SEARCHES, _REQUESTS // shards)
        cells = [str(shards), f"{load:.0%}"]
        for way in ways.values():
            cluster = Cluster(shards, load=load, **way)
            spent = latencies(cluster, stalling(median, p99), searches)
            cells.append(" / ".join(f"{each:,.0f}" for each in np.percentile(spent, (50, 95, 99))))
        lines.append(cells)
        print(cells, flush=True)
    text = table_of(["shards", "load", *(f"{name}, ms" for name in ways)], lines)
    print(text)
    if write:
        put_into(SCALE, NAME, text)


if __name__ == "__main__":
    main()
