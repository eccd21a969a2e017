"""Opens regular files, and nothing else.

Where a file is expected, there may be a named pipe, a device or a folder. Opening a pipe waits for a writer,
perhaps forever, and a device may have no end. So every file that this program did not just write is opened
here.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

# Without O_NONBLOCK, opening a pipe blocks before anybody can look at it.
_READ: Final[int] = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link",
}


class NotAFile(OSError):
    """Something else is where a file or folder should be; it has to be removed first."""


def open_file(path: Path) -> BinaryIO:
    """Open a regular file for reading; links are followed. Raises NotAFile, or another OSError."""
    descriptor = os.open(path, _READ)
    try:
        _check(os.fstat(descriptor).st_mode, path)
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, limit: int = -1) -> bytes:
    """The bytes of a regular file, at most ``limit`` of them. Raises NotAFile, or another OSError."""
    with open_file(path) as file:
        return file.read(limit)


def is_file(path: Path) -> bool:
    """Whether ``path`` is itself a regular file, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether ``path`` is itself a folder, not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def check_writable(path: Path) -> None:
    """Raise NotAFile if something that is no regular file, or a link, is where one will be written."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    _check(mode, path)


def _check(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "a device")
        raise NotAFile(errno.EINVAL, f"is {kind}, not a file", str(path))
