"""The embedding cache: vectors by text, kept between builds so that no text is embedded twice.

The folder ``embeddings/`` holds append-only files, named by the embedder's fingerprint and a number; the
highest number counts. A file begins with one line: format, fingerprint, dimension. Then come records:
SHA-256 of the text (32 bytes), the vector (float32, little-endian) and the CRC-32 of both (4 bytes,
little-endian). If a text has two records, the later one counts. A record with a wrong checksum is
ignored. A killed build or a power cut can leave a torn or empty end; the next append cuts it off. The
manifest records how large the file was when the generation was written. Losing the file costs only time.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.files import is_file, is_folder, read_file
from rag.records import Damage
from rag.stores.local.disk import append_file, make_folder, map_bytes, remove_file, replace_file
from rag.stores.local.manifest import CacheRecord

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray

FOLDER: Final = "embeddings"

# The cache is wasteful if it has more unused records than this share of the used ones, plus some.
_WASTE: Final = 1.0
_ALLOWANCE: Final = 1_000

_NAME = re.compile(r"([0-9a-f]{16})-([0-9]{6,12})\.cache")
_HEADER = re.compile(rb"rag embeddings 2 ([0-9a-f]{64}) ([1-9][0-9]{0,5})\n")


class EmbeddingCache:
    """The vectors of one embedder, on disk. For one process at a time, under the build lock.

    ``fingerprint`` (SHA-256, hex) covers everything that changes a vector.
    """

    def __init__(self, index: Path, fingerprint: str, dimension: int) -> None:
        self._folder = index / FOLDER
        self._fingerprint = fingerprint
        self._header = f"rag embeddings 2 {fingerprint} {dimension}\n".encode()
        self._record = _record(dimension)
        make_folder(self._folder)
        self.path = self._newest() or self._create(())
        records = np.frombuffer(map_bytes(self.path), np.uint8)
        begin, size = len(self._header), self._record.itemsize
        count = (len(records) - begin) // size
        while count > 0 and not _is_intact(records[begin + (count - 1) * size :][:size].tobytes()):
            count -= 1
        self._size = begin + count * size
        self._records = records[begin : self._size].view(self._record)
        # numpy strips trailing NULs when it reads S32; _key strips them too.
        self._rows = {key: i for i, key in enumerate(self._records["text"].tolist())}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def state(self) -> CacheRecord:
        """The file's name and size, for the manifest."""
        return CacheRecord(self.path.name, self._size)

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector of each text, or None if it is missing or damaged."""
        return [self._get(_key(text)) for text in texts]

    def _get(self, key: bytes) -> FloatArray | None:
        row = self._rows.get(key)
        if row is None or not _is_intact(self._records[row : row + 1].tobytes()):
            return None
        vector: FloatArray = self._records["vector"][row].copy()
        return vector

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Add records and sync them; ``get`` sees them when the cache is next opened."""
        records = self._pack(texts, vectors)
        append_file(self.path, self._size, records.tobytes())
        self._size += records.nbytes

    def is_wasteful(self, texts: int) -> bool:
        """Whether most records are unused, if ``texts`` texts are in use."""
        records = (self._size - len(self._header)) // self._record.itemsize
        return records > (1 + _WASTE) * texts + _ALLOWANCE

    def rewrite(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Start a new file with only these records.

        The old file stays until ``drop_caches``: the current generation names it until the swap.
        """
        records = self._pack(texts, vectors)
        self.path = self._create((records.view(np.uint8).data,))
        self._size = len(self._header) + records.nbytes

    def _pack(self, texts: Sequence[str], vectors: FloatArray) -> npt.NDArray[np.void]:
        records = np.zeros(len(texts), self._record)
        records["text"] = [_key(text) for text in texts]
        records["vector"] = vectors
        records["crc"] = [zlib.crc32(record.tobytes()[:-4]) for record in records]
        return records

    def _newest(self) -> Path | None:
        """The file with the right header and the highest number."""
        for path in reversed(self._own_files()):
            if read_file(path, len(self._header)) == self._header:
                return path
        return None

    def _create(self, records: Sequence[memoryview]) -> Path:
        # Anything with such a name counts: what is no file, and so no cache, keeps its name.
        numbers = [_number(path) for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]
        name = f"{self._fingerprint[:16]}-{max(numbers, default=0) + 1:06}.cache"
        replace_file(self._folder / name, self._header, *records)
        return self._folder / name

    def _own_files(self) -> list[Path]:
        return [p for p in caches(self._folder) if p.name.startswith(self._fingerprint[:16])]


def caches(folder: Path) -> list[Path]:
    """The cache files in ``embeddings/`` by number; only regular files count."""
    found = (path for path in folder.iterdir() if _NAME.fullmatch(path.name) and is_file(path))
    return sorted(found, key=_number)


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def drop_caches(index: Path, current: str) -> None:
    """Remove all cache files except ``current``, unfinished ones too; nothing through a link."""
    folder = index / FOLDER
    for path in sorted(folder.iterdir()) if is_folder(folder) else ():
        is_cache = _NAME.fullmatch(path.name.removesuffix(".new")) is not None
        if is_cache and path.name != current and is_file(path):
            remove_file(path)


def check_cache(index: Path, expected: CacheRecord) -> Iterator[Damage]:
    """The damage to the cache file that a manifest names.

    Only the records that existed when the manifest was written count; later ones may be torn.
    """
    path, shown = index / FOLDER / expected.name, f"{FOLDER}/{expected.name}"
    try:
        data = np.frombuffer(map_bytes(path), np.uint8)
    except OSError as error:
        yield Damage(shown, error.strerror or str(error))
        return
    header = _HEADER.match(data[:128].tobytes())
    if header is None or not expected.name.startswith(header[1].decode()[:16]):
        yield Damage(shown, "the header is not that of this embedding cache")
        return
    if len(data) < expected.size:
        yield Damage(shown, f"{len(data)} bytes, should be at least {expected.size}")
    record = _record(int(header[2])).itemsize
    begins = range(header.end(), min(len(data), expected.size) - record + 1, record)
    bad = sum(not _is_intact(data[begin : begin + record].tobytes()) for begin in begins)
    if bad:
        yield Damage(shown, f"{bad} of {len(begins)} records altered")


def _record(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("text", "S32"), ("vector", "<f4", (dimension,)), ("crc", "<u4")])


def _is_intact(record: bytes) -> bool:
    return zlib.crc32(record[:-4]) == int.from_bytes(record[-4:], "little")


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest().rstrip(b"\0")
