"""Vectors by text, kept across builds so that no text is embedded twice.

One append-only file for each embedder. It begins with a line naming the format and the dimension; then come
records of SHA-256 of the text (32 bytes), the vector (float32, little-endian) and the CRC-32 of both
(4 bytes, little-endian). A record whose checksum is wrong is as good as absent; a torn tail, left by
a build that was killed, is cut off when the next one appends. Losing the file costs time only.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.index.disk import replace_file

if TYPE_CHECKING:
    from rag.types import FloatArray


class EmbeddingCache:
    """The vectors of one embedder, on disk. For one process at a time, under the build lock.

    ``fingerprint`` names everything that changes a vector. With ``fresh``, what was cached is dropped.
    """

    def __init__(
        self, folder: Path, fingerprint: str, dimension: int, *, fresh: bool = False
    ) -> None:
        self.path = folder / f"{fingerprint[:16]}.cache"
        self._header = f"rag embeddings 1 {dimension}\n".encode()
        self._record = np.dtype([("text", "S32"), ("vector", "<f4", (dimension,)), ("crc", "<u4")])
        folder.mkdir(parents=True, exist_ok=True)
        if fresh or not self._usable():
            replace_file(self.path, self._header)
        records = np.memmap(self.path, np.uint8, "r")
        whole = (len(records) - len(self._header)) // self._record.itemsize
        self._size = len(self._header) + whole * self._record.itemsize
        self._records = records[len(self._header) : self._size].view(self._record)
        # numpy strips trailing NULs from S32 on reading, and so does the key made in _key.
        self._places = {key: i for i, key in enumerate(self._records["text"].tolist())}

    def _usable(self) -> bool:
        try:
            with self.path.open("rb") as file:
                return file.read(len(self._header)) == self._header
        except FileNotFoundError:
            return False

    def __len__(self) -> int:
        return len(self._places)

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector of each text, or None where it is absent or damaged."""
        return [self._get(_key(text)) for text in texts]

    def _get(self, key: bytes) -> FloatArray | None:
        place = self._places.get(key)
        if place is None:
            return None
        raw = self._records[place : place + 1].tobytes()
        if zlib.crc32(raw[:-4]) != int.from_bytes(raw[-4:], "little"):
            return None
        vector: FloatArray = self._records["vector"][place].copy()
        return vector

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Add records and sync them; they are found from the next opening on."""
        records = np.zeros(len(texts), self._record)
        records["text"] = [_key(text) for text in texts]
        records["vector"] = vectors
        records["crc"] = [zlib.crc32(record.tobytes()[:-4]) for record in records]
        with self.path.open("r+b") as file:
            file.truncate(self._size)
            file.seek(self._size)
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())
        self._size += records.nbytes


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest().rstrip(b"\0")
