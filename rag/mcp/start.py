"""Imports the protocol's package fast: the first call of a tool waits for it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_imports() -> Iterator[None]:
    """Pause garbage collection: it would look again and again at the million objects that imports make."""
    gc.disable()
    # pydantic would read the metadata of every installed package in search of plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
