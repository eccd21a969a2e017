"""Every operation that changes an index folder, in one place.

A file counts as written only when its bytes and its name are both on the disk, so what is written here is
synced too. Failures are OSErrors that carry the path. All of it goes through plain calls of ``os``: so a
test that puts something in its place meets every one of them.
"""

from __future__ import annotations

import hashlib
import io
import math
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

# Bytes written by one call: small pieces are gathered to as much, large ones cut, so that what is hashed
# is still in the processor's cache when it is written.
_BLOCK: Final = 1 << 20

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and SHA-256 (hex) of a file, as the manifest holds them."""

    size: int
    sha256: str


def write_file(path: Path, pieces: Iterable[bytes | memoryview]) -> FileRecord:
    """Write a new file from its pieces and sync it; the record describes what was written.

    Raises FileExistsError if there is one of this name.
    """
    digest, size = hashlib.sha256(), 0
    with _opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
        for block in _blocks(pieces):
            digest.update(block)
            _write(descriptor, block)
            size += len(block)
        os.fsync(descriptor)
    return FileRecord(size, digest.hexdigest())


def append_file(path: Path, begin: int, data: bytes) -> None:
    """Put ``data`` at the end of a file cut to ``begin`` bytes, and sync it; those bytes stay untouched."""
    with _opened(path, os.O_WRONLY) as descriptor:
        os.ftruncate(descriptor, begin)
        os.lseek(descriptor, begin, os.SEEK_SET)
        _write(descriptor, data)
        os.fsync(descriptor)


def create_file(path: Path) -> None:
    """Make an empty file unless there is one; the name becomes durable with its folder's next sync."""
    with _opened(path, os.O_WRONLY | os.O_CREAT):
        pass


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | _BINARY, 0o666)
    try:
        yield descriptor
    except OSError as error:
        error.filename = error.filename or str(path)  # calls on a descriptor know no path
        raise
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _blocks(pieces: Iterable[bytes | memoryview]) -> Iterator[bytearray | memoryview]:
    """The same bytes in pieces fit to be written by one call each."""
    gathered = bytearray()
    for piece in pieces:
        if len(piece) < _BLOCK:
            gathered += piece
            if len(gathered) < _BLOCK:
                continue
        if gathered:
            yield gathered
            gathered = bytearray()
        if len(piece) >= _BLOCK:
            whole = memoryview(piece)
            for begin in range(0, len(whole), _BLOCK):
                yield whole[begin : begin + _BLOCK]
    if gathered:
        yield gathered


def write_array(path: Path, array: npt.NDArray[np.generic]) -> FileRecord:
    """Write an array as a plain C-ordered ``.npy``."""
    array = np.ascontiguousarray(array)
    header = _array_header(array.dtype, array.shape)
    return write_file(path, (header, array.data.cast("B") if array.size else b""))


def write_rows(
    path: Path,
    pieces: Iterable[npt.NDArray[np.generic]],
    dtype: npt.DTypeLike,
    shape: tuple[int, ...],
) -> FileRecord:
    """Write an array of this type and shape from its rows, in pieces, as ``write_array`` would whole."""
    header = _array_header(np.dtype(dtype), shape)
    rows = (np.ascontiguousarray(piece, dtype).data.cast("B") for piece in pieces if piece.size)
    return write_file(path, (header, *rows))


def map_array(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """An array that ``write_array`` wrote, memory-mapped; a first dimension of -1 stands for any length.

    Its header is not parsed but must be, byte for byte, the one that an array of this type and shape has:
    numpy's parser takes what is damaged for Python, and is not safe to use from several threads
    (python/cpython#106905). Raises ValueError for any other file.
    """
    kind = np.dtype(dtype)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        row = kind.itemsize * math.prod(shape[1:])
        first = shape[0] if shape[0] >= 0 else (size - len(_array_header(kind, shape))) // row
        shape = (first, *shape[1:])
        header = _array_header(kind, shape)
        if first < 0 or size != len(header) + first * row or file.read(len(header)) != header:
            raise ValueError(f"{path}: not the array of {kind} {shape} that was built")
        if not first * row:  # an array without items cannot be mapped
            return np.zeros(shape, kind)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, kind, offset=len(header)).reshape(shape)


def _array_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header,
        {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape},
    )
    return header.getvalue()


def make_folder(path: Path) -> bool:
    """Make a folder, and those above it that are missing, and sync their names; False if it was there."""
    if path.is_dir():
        return False
    if not path.parent.is_dir():
        make_folder(path.parent)
    try:
        os.mkdir(path)
    except FileExistsError:
        if path.is_dir():  # another process was first
            return False
        raise
    sync_folder(path.parent)
    return True


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable (a no-op where folders cannot be synced, as on Windows)."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # one that may be written but not listed
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(descriptor)


def replace_file(path: Path, *pieces: bytes | memoryview) -> None:
    """Put new bytes in place of a file in one step: readers see the old ones or these, never a mix."""
    aside = path.with_name(path.name + ".new")
    remove_file(aside)  # left by a build that was killed right here
    write_file(aside, pieces)
    os.replace(aside, path)
    sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Remove a file if it is there."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def remove_folder(path: Path) -> None:
    """Remove a folder with all it holds."""
    for entry in sorted(path.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            remove_folder(entry)
        else:
            os.unlink(entry)
    os.rmdir(path)


def hash_file(path: Path) -> FileRecord:
    """Size and SHA-256 of a file as it is now."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileRecord(file.tell(), digest.hexdigest())
