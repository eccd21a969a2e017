"""The build lock: one build at a time."""

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
from rag.files import read_file
from rag.stores.local.disk import create_file, make_folder, remove_file, remove_files, write_file

LOCK: Final = "build.lock"
HOLDER: Final = "builder.lock"

_HOLDER_LINE = re.compile(
    r"process [0-9]+ on (?P<host>.+), started [^ ,]+, building since [^ ,]+\n"
)


@contextmanager
def build_lock(index: Path) -> Iterator[None]:
    """Lock an index for a build, and make its folder if needed; a new folder left empty is removed.

    If the process dies, the operating system releases the lock. On a network file system, a host may not
    see the locks of another; so a file names the builder, and a builder on another host is never
    overruled. Raises IndexLocked, naming the builder, if another thread, process or host builds; OSError
    if the folder cannot be written.
    """
    new = make_folder(index)
    with ExitStack() as stack:
        stack.callback(_acquire(index).release)
        if new:
            stack.callback(_tidy, index)
        _announce(index / HOLDER)
        stack.callback(_withdraw, index / HOLDER)
        yield


def _tidy(index: Path) -> None:
    """Remove a folder that holds only the lock files. Called while they are locked, so nobody uses them."""
    with suppress(OSError):
        if {path.name for path in index.iterdir()} <= {LOCK, HOLDER}:
            remove_files(index, (HOLDER,), last=LOCK)


def _withdraw(path: Path) -> None:
    with suppress(OSError):  # if it stays, the next build sees that it is stale
        remove_file(path)


def _acquire(index: Path) -> FileLock:
    create_file(index / LOCK)
    lock = FileLock(index / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        builder = _builder(index / HOLDER)
        raise IndexLocked(
            f"{index} is being built by {builder[0] if builder else 'another process'}",
            fix="wait until it is done, then try again",
        ) from None
    return lock


def _announce(path: Path) -> None:
    """Write down who builds, in place of what a dead builder on this host left."""
    host = socket.gethostname()
    while True:
        try:
            write_file(path, (_line(host).encode(),))
        except FileExistsError:
            builder = _builder(path)
            if builder and builder[1] != host:
                raise IndexLocked(
                    f"{path.parent} is being built by {builder[0]}",
                    fix=f"wait until it is done; if you are sure that build is dead, remove {path}",
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


def _builder(path: Path) -> tuple[str, str] | None:
    """The builder, in words, and its host; None if the file does not say."""
    try:
        line = read_file(path, 1024).decode()
    except (OSError, ValueError):
        return None
    match = _HOLDER_LINE.fullmatch(line)
    return (line.strip(), match["host"]) if match else None
