"""Imports the protocol's package fast: a host waits for the list of tools, and this is most of it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def fast_imports() -> Iterator[None]:
    """What is imported inside makes a million objects, and hundreds of models that are seldom needed."""
    gc.disable()
    # pydantic would read the metadata of every installed package in search of plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with suppress(ImportError):  # private to the package; without it, only the start is slower
        from mcp_types._wire_base import WireModel

        WireModel.model_config["defer_build"] = (
            True  # each message's checks are built at its first use
        )
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
