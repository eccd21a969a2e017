"""Every file operation by which an index comes to be, in one place.

A file counts as written only when its bytes and its name are both on the disk, so each function syncs
what it wrote. Failures are OSErrors that carry the path.
"""

from __future__ import annotations

import hashlib
import io
import math
import mmap
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and SHA-256 (hex) of a file, as the manifest holds them."""

    size: int
    sha256: str


def write_file(path: Path, pieces: Iterable[bytes | memoryview]) -> FileRecord:
    """Write a new file from its pieces and sync it; the record describes what was written."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return FileRecord(size, digest.hexdigest())


def write_array(path: Path, array: npt.NDArray[np.generic]) -> FileRecord:
    """Write an array as a plain C-ordered ``.npy``."""
    array = np.ascontiguousarray(array)
    header = _array_header(array.dtype, array.shape)
    return write_file(path, (header, array.data.cast("B") if array.size else b""))


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


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable (a no-op where folders cannot be synced, as on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, *pieces: bytes) -> None:
    """Put new bytes in place of a file in one step: readers see the old ones or these, never a mix."""
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)  # left by a build that was killed right here
    write_file(aside, pieces)
    aside.replace(path)
    sync_folder(path.parent)


def hash_file(path: Path) -> FileRecord:
    """Size and SHA-256 of a file as it is now."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileRecord(file.tell(), digest.hexdigest())
