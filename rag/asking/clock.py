"""How long the stages of one call take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Adds up how long each stage of one call takes, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._begun = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Milliseconds since the call began."""
        return (time.perf_counter() - self._begun) * 1000

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time spent within to a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - begun) * 1000
            self.milliseconds[stage] = round(self.milliseconds.get(stage, 0.0) + spent, 2)
