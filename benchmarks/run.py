"""The measurements by name, each run in a process of its own."""

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
"""Each measurement by name, in the order of the page, and the module that has it."""


def prepare() -> None:
    """Compile the model if it is not yet: that is done once for a user, and belongs to no figure."""
    _in_fresh_process(_load)


def measure(name: str, options: Options) -> Section:
    """One measurement in a fresh process, so that none inherits another's libraries and memory."""
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
