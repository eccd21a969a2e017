"""Every file operation by which an index comes to be, in one place.

A file counts as written only when its bytes and its name are both on the disk, so each function syncs
what it wrote. Failures are OSErrors that carry the path.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    return write_file(path, (header.getvalue(), array.data.cast("B") if array.size else b""))


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable (a no-op where folders cannot be synced, as on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` in place of a file in one step: readers see the old bytes or the new, never a mix."""
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)  # left by a build that was killed right here
    write_file(aside, (data,))
    aside.replace(path)
    sync_folder(path.parent)


def hash_file(path: Path) -> FileRecord:
    """Size and SHA-256 of a file as it is now."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileRecord(file.tell(), digest.hexdigest())
