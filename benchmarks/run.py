"""The measurements by name, each run in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Final

from benchmarks.measure import Options, Section

MEASUREMENTS: Final = {
    "embed": "models",
    "cold": "models",
    "lexical": "lexical",
    "dense": "dense",
    "search": "whole",
    "ask": "whole",
    "update": "updates",
    "overhead": "updates",
    "peer": "peer",
}
"""Each measurement by name, in the order of the page, and the module that has it."""


def measure(name: str, options: Options) -> Section:
    """One measurement in a fresh process, so that none inherits another's libraries and memory."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_run, name, options).result()


def _run(name: str, options: Options) -> Section:
    module = import_module(f"benchmarks.{MEASUREMENTS[name]}")
    measurement: Callable[[Options], Section] = getattr(module, name)
    return measurement(options)
