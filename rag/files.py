"""Paths as users write them, and regular files, which are all that is ever opened.

Where a file is expected, there may be a named pipe, a device or a folder. Opening a pipe waits for a
writer, perhaps forever, and a device may have no end. So every file that this program did not just write is
opened here.
"""

from __future__ import annotations

import errno
import mmap
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Final

from rag.errors import InvalidArgument, OutOfResources

# Without O_NONBLOCK, opening a pipe blocks before anybody can look at it.
_READ: Final[int] = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_SHORTAGES: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link",
}


class NotAFile(OSError):
    """Something else is where a file or folder should be; it has to be removed first."""


def home_expanded(path: str | Path) -> Path:
    """A path with ``~`` replaced by the home folder. Raises InvalidArgument if that is not known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InvalidArgument(
            f"{path}: the home folder that ~ stands for is not known",
            fix="write out the whole path",
        ) from None


def all_absolute(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """One path or several, made absolute, without repeats."""
    each = [paths] if isinstance(paths, str | Path) else paths
    return list(dict.fromkeys(map(absolute, each)))


def absolute(path: str | Path) -> Path:
    """The absolute path, which names the same file after a change of the working folder.

    Raises InvalidArgument if ``~`` or the working folder is not known.
    """
    expanded = home_expanded(path)
    try:
        return expanded.absolute()
    except OSError:
        raise InvalidArgument(
            f"{path}: the working folder is gone, so this path leads nowhere",
            fix="change to a folder that exists, or write out the whole path",
        ) from None


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; links are followed.

    Raises NotAFile or another OSError, or OutOfResources, which is no fault of the file.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        _check_resources(error, path)
        raise
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


def map_file(file: BufferedReader, path: Path) -> mmap.mmap:
    """Memory-map an open file that is not empty. Raises OSError or OutOfResources."""
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        _check_resources(error, path)
        raise


def _check_resources(error: OSError, path: Path) -> None:
    """Raise OutOfResources if that is why a system call failed."""
    if error.errno in _SHORTAGES:
        raise OutOfResources(
            f"{path}: {error.strerror}",
            fix="close other programs, or raise the limits of this one (ulimit -n, ulimit -v)",
        ) from error


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


def bytes_below(folder: Path) -> int:
    """The size of all files below a folder, in bytes; 0 if it does not exist. Links count as themselves."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # a build has just removed it
                total += Path(parent, name).lstat().st_size
    return total


def _check(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "a device")
        raise NotAFile(errno.EINVAL, f"is {kind}, not a file", str(path))
