"""All operations that change an index folder.

A file counts as written only when its bytes and its name are both on the disk, so every write is synced.
Failures are OSErrors with the path. Everything goes through plain ``os`` calls, so that tests can inject
a fault into each of them.
"""

from __future__ import annotations

import errno
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

from rag.files import NotAFile, check_writable, is_file, is_folder, map_file, open_file

# Bytes per write call: small pieces are joined and large ones cut, so that the bytes are still in the
# processor's cache between hashing and writing.
_BLOCK: Final = 1 << 20

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and SHA-256 (hex) of a file, as the manifest holds them."""

    size: int
    sha256: str


def write_file(path: Path, pieces: Iterable[bytes | memoryview]) -> FileRecord:
    """Write a new file from its pieces, sync it, and return its record.

    Raises FileExistsError if the file exists.
    """
    digest, size = hashlib.sha256(), 0
    with _open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
        for block in _blocks(pieces):
            digest.update(block)
            _write(descriptor, block)
            size += len(block)
        os.fsync(descriptor)
    return FileRecord(size, digest.hexdigest())


def append_file(path: Path, begin: int, data: bytes) -> None:
    """Cut a file to ``begin`` bytes, append ``data`` and sync it. Raises NotAFile, also for a link."""
    check_writable(path)
    with _open(path, os.O_WRONLY) as descriptor:
        os.ftruncate(descriptor, begin)
        os.lseek(descriptor, begin, os.SEEK_SET)
        _write(descriptor, data)
        os.fsync(descriptor)


def create_file(path: Path) -> None:
    """Make an empty file if none exists; the next sync of its folder makes the name durable.

    Raises NotAFile if something else has the name.
    """
    check_writable(path)
    with _open(path, os.O_WRONLY | os.O_CREAT):
        pass


@contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | _BINARY, 0o666)
    try:
        yield descriptor
    except OSError as error:
        error.filename = error.filename or str(path)  # calls on a descriptor do not know the path
        raise
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _blocks(pieces: Iterable[bytes | memoryview]) -> Iterator[bytearray | memoryview]:
    """The same bytes in pieces of the right size for one write call each."""
    buffer = bytearray()
    for piece in pieces:
        if len(piece) < _BLOCK:
            buffer += piece
            if len(buffer) < _BLOCK:
                continue
        if buffer:
            yield buffer
            buffer = bytearray()
        if len(piece) >= _BLOCK:
            view = memoryview(piece)
            for begin in range(0, len(view), _BLOCK):
                yield view[begin : begin + _BLOCK]
    if buffer:
        yield buffer


def write_array(path: Path, array: npt.NDArray[np.generic]) -> FileRecord:
    """Write an array as a plain ``.npy`` file in C order."""
    array = np.ascontiguousarray(array)
    header = _array_header(array.dtype, array.shape)
    return write_file(path, (header, array.data.cast("B") if array.size else b""))


def write_rows(
    path: Path,
    pieces: Iterable[npt.NDArray[np.generic]],
    dtype: npt.DTypeLike,
    shape: tuple[int, ...],
) -> FileRecord:
    """Like ``write_array``, but takes the array as consecutive pieces of its rows."""
    header = _array_header(np.dtype(dtype), shape)
    rows = (np.ascontiguousarray(piece, dtype).data.cast("B") for piece in pieces if piece.size)
    return write_file(path, (header, *rows))


def map_array(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Memory-map an array that ``write_array`` wrote; a first dimension of -1 stands for any length.

    The header is compared byte for byte with the one for this type and shape, and not parsed: numpy's
    parser evaluates it as Python, and is not thread-safe (python/cpython#106905). Raises ValueError if
    they differ.
    """
    kind = np.dtype(dtype)
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        row = kind.itemsize * math.prod(shape[1:])
        first = shape[0] if shape[0] >= 0 else (size - len(_array_header(kind, shape))) // row
        shape = (first, *shape[1:])
        header = _array_header(kind, shape)
        if first < 0 or size != len(header) + first * row or file.read(len(header)) != header:
            raise ValueError(f"{path}: not an array of {kind} {shape}")
        if not first * row:  # an empty array cannot be mapped
            return np.zeros(shape, kind)
        mapped = map_file(file, path)
    return np.frombuffer(mapped, kind, offset=len(header)).reshape(shape)


def map_bytes(path: Path) -> mmap.mmap | bytes:
    """The bytes of a file, memory-mapped."""
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size == 0:  # an empty file cannot be mapped
            return b""
        return map_file(file, path)


def _array_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header,
        {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape},
    )
    return header.getvalue()


def make_folder(path: Path) -> bool:
    """Make a folder and its missing parents, and sync their names; False if it exists.

    Raises NotAFile if something else has the name.
    """
    if path.is_dir():
        return False
    if not path.parent.is_dir():
        make_folder(path.parent)
    try:
        os.mkdir(path)
    except FileExistsError:
        if path.is_dir():  # another process was first
            return False
        raise NotAFile(errno.EEXIST, "is not a folder", str(path)) from None
    sync_folder(path.parent)
    return True


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Does nothing on Windows, where folders cannot be synced."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # a folder that may be written but not listed
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(descriptor)


def replace_file(path: Path, *pieces: bytes | memoryview) -> None:
    """Replace a file in one step: readers see the old bytes or the new ones, never a mix.

    Raises NotAFile if a folder has the name.
    """
    new = path.with_name(path.name + ".new")
    _check_not_folder(path)
    remove_file(new)  # a build that was killed right here leaves it
    write_file(new, pieces)
    os.replace(new, path)
    sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Remove a file if it exists. Raises NotAFile if it is a folder."""
    _check_not_folder(path)
    with suppress(FileNotFoundError):
        os.unlink(path)


def _check_not_folder(path: Path) -> None:
    if is_folder(path):
        check_writable(path)


def remove_files(folder: Path, names: Iterable[str], last: str) -> bool:
    """Remove these files of a folder and the file ``last``, then the folder.

    False if it holds anything else, which stays. Nothing is removed through a link: neither if the folder
    is one, nor if a file is.
    """
    if not is_folder(folder):
        return not os.path.lexists(folder)
    for name in (*sorted(names), last):
        if is_file(folder / name):
            os.unlink(folder / name)
    if any(folder.iterdir()):
        return False
    os.rmdir(folder)
    return True


def hash_file(path: Path) -> FileRecord:
    """The current size and SHA-256 of a file."""
    with open_file(path) as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileRecord(file.tell(), digest.hexdigest())
