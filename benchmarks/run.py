"""The measurements by name, each run in its own process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Final, TypeVar

from benchmarks.measure import Options, Section

Result = TypeVar("Result")

MEASUREMENTS: Final = {
    "embed": "models",
    "workers": "workers",
    "cold": "start",
    "lexical": "lexical",
    "dense": "dense",
    "search": "whole",
    "scale": "scale",
    "ask": "whole",
    "update": "updates",
    "overhead": "updates",
    "peer": "peer",
}
"""The module of each measurement, in the order of the page."""


def prepare() -> None:
    """Compile the model if needed: it happens once per user, so no figure includes it."""
    _in_fresh_process(_load)


def measure(name: str, options: Options) -> Section:
    """Run a measurement in a new process, so that it inherits no libraries or memory."""
    return _in_fresh_process(_run, name, options)


def _in_fresh_process(call: Callable[..., Result], *arguments: object) -> Result:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(call, *arguments).result()


def _load() -> None:
    from rag.models import load_embedder

    load_embedder()


def _run(name: str, options: Options) -> Section:
    module = import_module(f"benchmarks.{MEASUREMENTS[name]}")
    measurement: Callable[[Options], Section] = getattr(module, name)
    return measurement(options)
