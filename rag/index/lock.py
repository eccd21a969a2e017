"""One builder at a time."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from rag.errors import IndexLocked

LOCK: Final = "build.lock"
_HOLDER: Final = "builder.txt"


@contextmanager
def build_lock(index: Path) -> Iterator[None]:
    """Hold the index for building. The operating system lets go of it if the process dies.

    Raises IndexLocked, naming the holder, if another process has it.
    """
    lock = FileLock(index / LOCK)
    holder = index / _HOLDER
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            who = holder.read_text(encoding="utf-8")
        except OSError:  # it is just beginning, or just done
            who = "another process"
        raise IndexLocked(
            f"{index} is being built by {who}", fix="wait until it is done, then try again"
        ) from None
    try:
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
