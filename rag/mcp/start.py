"""Imports the protocol's package fast: the first call of a tool waits for it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_imports() -> Iterator[None]:
    """Imports inside make a million objects, which the collector would look at over and over."""
    gc.disable()
    # pydantic would read the metadata of every installed package in search of plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
