"""One builder at a time."""

from __future__ import annotations

import datetime as dt
import os
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from rag.errors import IndexLocked
from rag.stores.local.disk import create_file, make_folder, remove_file, remove_folder, write_file

LOCK: Final = "build.lock"
HOLDER: Final = "builder.lock"

_HOLDER_LINE = re.compile(
    r"process [0-9]+ on (?P<host>.+), started [^ ,]+, building since [^ ,]+\n"
)


@contextmanager
def build_lock(index: Path) -> Iterator[None]:
    """Hold an index for building, and make its folder; one made here and left empty is removed again.

    The operating system lets go of the lock if the process dies. On a file system that several hosts
    share it may not know of the others' locks; there the name of the holder speaks, and one of another
    host is never overruled. Raises IndexLocked, naming the holder, if another thread, process or host
    builds; OSError if the folder cannot be written.
    """
    new = make_folder(index)
    with ExitStack() as stack:
        stack.callback(_locked(index).release)
        if new:
            stack.callback(_tidy, index)
        _announce(index / HOLDER)
        stack.callback(_withdraw, index / HOLDER)
        yield


def _tidy(index: Path) -> None:
    """Remove a folder that holds nothing but locks: before they are let go, so no one else has them."""
    with suppress(OSError):
        if all(path.name.endswith(".lock") for path in index.iterdir()):
            remove_folder(index)


def _withdraw(path: Path) -> None:
    with suppress(OSError):  # one that stays is stale, and the next build sees that
        remove_file(path)


def _locked(index: Path) -> FileLock:
    create_file(index / LOCK)
    lock = FileLock(index / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = _holder(index / HOLDER)
        raise IndexLocked(
            f"{index} is being built by {who[0] if who else 'another process'}",
            fix="wait until it is done, then try again",
        ) from None
    return lock


def _announce(path: Path) -> None:
    """Write down who builds; what a dead builder of this host left is replaced."""
    host = socket.gethostname()
    while True:
        try:
            write_file(path, (_line(host).encode(),))
        except FileExistsError:
            who = _holder(path)
            if who and who[1] != host:
                raise IndexLocked(
                    f"{path.parent} is being built by {who[0]}",
                    fix=f"wait until it is done; if that build is dead for certain, remove {path}",
                ) from None
            remove_file(path)
        else:
            return


def _line(host: str) -> str:
    import psutil

    started = dt.datetime.fromtimestamp(psutil.Process().create_time(), dt.UTC)
    now = dt.datetime.now(dt.UTC)
    return (
        f"process {os.getpid()} on {host}, started {started.isoformat(timespec='seconds')},"
        f" building since {now.isoformat(timespec='seconds')}\n"
    )


def _holder(path: Path) -> tuple[str, str] | None:
    """Who builds, in words, and on which host; None where that cannot be told."""
    if not path.is_file():  # opening a FIFO put in its place would wait for a writer for ever
        return None
    try:
        with path.open("rb") as file:
            line = file.read(1024).decode()
    except (OSError, ValueError):
        return None
    match = _HOLDER_LINE.fullmatch(line)
    return (line.strip(), match["host"]) if match else None
