"""The tools of a measurement: records of figures, calls timed in turn, percentiles and ratios."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import numpy as np

ROOT: Final = Path(__file__).resolve().parent.parent
"""The project's own folder, in which ``benchmarks`` can be imported."""

OURS: Final = "article-rag"

Better = Literal["low", "high"]
Input = TypeVar("Input")


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity on each side.

    ``values`` maps each side that has a figure to it. ``better`` says which direction is better; None means
    that the figures are not compared.
    """

    what: str
    unit: str
    values: Mapping[str, float]
    better: Better | None = "low"

    def advantage(self, other: str) -> float | None:
        """How many times better our figure is than another side's: 2 is twice as fast."""
        if self.better is None or OURS not in self.values or other not in self.values:
            return None
        return ratio(self.values[OURS], self.values[other], self.better)


@dataclass(frozen=True, slots=True)
class Section:
    """One measurement: what was done, and its figures."""

    name: str
    title: str
    how: str
    """What a reader needs to know to judge the figures, in one or two sentences."""
    rows: tuple[Row, ...]
    libraries: Mapping[str, str] = field(default_factory=dict)
    """The versions of the libraries involved."""
    date: str = ""

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Section:
        """The inverse of ``to_dict``."""
        return cls(**{**raw, "rows": tuple(Row(**row) for row in raw["rows"])})

    def to_dict(self) -> dict[str, Any]:
        """The section for the JSON record."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure, and on what."""

    data: Path | None = None
    """A folder in BEIR layout; None takes the seeds."""
    split: str = "test"
    rounds: int = 5
    passages: int = 100_000
    """Of the search indexes."""
    articles: int = 10_000
    """Of the updated index."""
    largest: int = 1_000_000
    """Size of the largest index, in passages."""


def section(
    name: str, title: str, how: str, rows: Sequence[Row], libraries: Sequence[str]
) -> Section:
    """A section with today's date and the versions of these libraries."""
    versions = {library: version(library) for library in libraries}
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return Section(name, title, how, tuple(rows), versions, today)


# ---------------------------------------------------------------- arithmetic


def ratio(ours: float, theirs: float, better: Better) -> float:
    """How many times better our figure is.

    >>> ratio(2.0, 10.0, "low"), ratio(60.0, 20.0, "high")
    (5.0, 3.0)
    """
    numerator, denominator = (theirs, ours) if better == "low" else (ours, theirs)
    return numerator / denominator if denominator else float("inf")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` percent of the values do not exceed, linearly interpolated.

    >>> percentile([3.0, 1.0, 2.0], 50), percentile([0.0, 10.0], 99)
    (2.0, 9.9)
    """
    return float(np.percentile(np.asarray(values, float), share))


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 50)


# ---------------------------------------------------------------- timing


def seconds(call: Callable[[], object]) -> float:
    """The wall time of one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def in_turn(
    calls: Mapping[str, Callable[[Input], object]], inputs: Sequence[Input], rounds: int
) -> dict[str, list[float]]:
    """The seconds of each call on each input in each round, without a first warm-up round.

    Each input goes to all sides, and another side begins each time: so a machine that slows down slows all
    of them, and no side always runs with the caches that the same other one left.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    order = deque(calls)
    for number in range(rounds + 1):
        for each in inputs:
            for name in order:
                spent = seconds(partial(calls[name], each))
                if number:
                    times[name].append(spent)
            order.rotate()
    return times


def process(*command: str) -> Callable[[Path], object]:
    """A call that runs a command in a folder and drops its output; the exit status must be 0 or 3."""

    def run(folder: Path) -> None:
        done = subprocess.run(  # noqa: S603  # our own commands
            command, cwd=folder, env=environment(), capture_output=True, check=False, text=True
        )
        if done.returncode not in (0, 3):
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")

    return run


def environment() -> dict[str, str]:
    """The environment without the tool's settings, and without network or progress bars."""
    ignored = ("RAG_", "PYTHONDONTWRITEBYTECODE")  # the latter compiles the code at every start
    rest = {name: value for name, value in os.environ.items() if not name.startswith(ignored)}
    return rest | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "TQDM_DISABLE": "1"}


def say(text: str) -> None:
    """Print a line of progress."""
    print(text, file=sys.stderr, flush=True)
