"""Vectors by text, kept across builds so that no text is embedded twice.

Append-only files in ``embeddings/``, named by the embedder's fingerprint and a number; the highest counts.
A file begins with a line naming the format, the fingerprint and the dimension; then come records of
SHA-256 of the text (32 bytes), the vector (float32, little-endian) and the CRC-32 of both (4 bytes,
little-endian). Of two records of a text the later counts. A record whose checksum is wrong is as good as
absent; a torn or empty end, left by a build that was killed or by a power cut, is cut off when the next
one appends. The manifest says how large the file was when the generation was made. Losing the file costs
time only.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.records import Damage
from rag.stores.local.disk import append_file, make_folder, remove_file, replace_file
from rag.stores.local.manifest import CacheRecord

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray

FOLDER: Final = "embeddings"

# Records of texts that are no more are dropped when there are this many more than of those that are.
_WASTE: Final = 1.0
_FEW: Final = 1_000

_NAME = re.compile(r"([0-9a-f]{16})-([0-9]{6})\.cache")
_HEADER = re.compile(rb"rag embeddings 2 ([0-9a-f]{64}) ([1-9][0-9]{0,5})\n")


class EmbeddingCache:
    """The vectors of one embedder, on disk. For one process at a time, under the build lock.

    ``fingerprint`` (SHA-256, hex) names everything that changes a vector.
    """

    def __init__(self, index: Path, fingerprint: str, dimension: int) -> None:
        self._folder = index / FOLDER
        self._fingerprint = fingerprint
        self._header = f"rag embeddings 2 {fingerprint} {dimension}\n".encode()
        self._record = _record(dimension)
        make_folder(self._folder)
        self.path = self._newest() or self._create(())
        records = np.memmap(self.path, np.uint8, "r")
        begin, size = len(self._header), self._record.itemsize
        whole = (len(records) - begin) // size
        while whole > 0 and not _sound(records[begin + (whole - 1) * size :][:size].tobytes()):
            whole -= 1
        self._size = begin + whole * size
        self._records = records[begin : self._size].view(self._record)
        # numpy strips trailing NULs from S32 on reading, and so does the key made in _key.
        self._places = {key: i for i, key in enumerate(self._records["text"].tolist())}

    def __len__(self) -> int:
        return len(self._places)

    @property
    def state(self) -> CacheRecord:
        """The file's name and size, for the manifest."""
        return CacheRecord(self.path.name, self._size)

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector of each text, or None where it is absent or damaged."""
        return [self._get(_key(text)) for text in texts]

    def _get(self, key: bytes) -> FloatArray | None:
        place = self._places.get(key)
        if place is None or not _sound(self._records[place : place + 1].tobytes()):
            return None
        vector: FloatArray = self._records["vector"][place].copy()
        return vector

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Add records and sync them; they are found from the next opening on."""
        records = self._packed(texts, vectors)
        append_file(self.path, self._size, records.tobytes())
        self._size += records.nbytes

    def is_wasteful(self, texts: int) -> bool:
        """Whether most records are of none of so many texts that are in use."""
        records = (self._size - len(self._header)) // self._record.itemsize
        return records > (1 + _WASTE) * texts + _FEW

    def rewrite(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Go on in a new file with these records and no others; the old one stays for ``drop_caches``.

        So the generation that is current until the swap keeps the file that it names.
        """
        records = self._packed(texts, vectors)
        self.path = self._create((records.view(np.uint8).data,))
        self._size = len(self._header) + records.nbytes

    def _packed(self, texts: Sequence[str], vectors: FloatArray) -> npt.NDArray[np.void]:
        records = np.zeros(len(texts), self._record)
        records["text"] = [_key(text) for text in texts]
        records["vector"] = vectors
        records["crc"] = [zlib.crc32(record.tobytes()[:-4]) for record in records]
        return records

    def _newest(self) -> Path | None:
        """The file with the highest number whose header is right."""
        for path in reversed(self._own_files()):
            with path.open("rb") as file:
                if file.read(len(self._header)) == self._header:
                    return path
        return None

    def _create(self, records: Sequence[memoryview]) -> Path:
        numbers = [int(path.stem[-6:]) for path in self._own_files()]
        name = f"{self._fingerprint[:16]}-{max(numbers, default=0) + 1:06}.cache"
        replace_file(self._folder / name, self._header, *records)
        return self._folder / name

    def _own_files(self) -> list[Path]:
        return [p for p in caches(self._folder) if p.name.startswith(self._fingerprint[:16])]


def caches(folder: Path) -> list[Path]:
    """The cache files in ``embeddings/``, by name."""
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def drop_caches(index: Path, kept: str) -> None:
    """Remove all cache files, half-written ones too, but the one that the current manifest names."""
    for path in sorted((index / FOLDER).iterdir()):
        if path.name != kept and _NAME.match(path.name):
            remove_file(path)


def check_cache(index: Path, known: CacheRecord) -> Iterator[Damage]:
    """What is wrong with the cache file that a manifest names.

    What a build appended after that manifest was written may have been torn: that is no damage.
    """
    path, shown = index / FOLDER / known.name, f"{FOLDER}/{known.name}"
    try:
        data = np.memmap(path, np.uint8, "r") if path.stat().st_size else np.zeros(0, np.uint8)
    except OSError as error:
        yield Damage(shown, error.strerror or str(error))
        return
    header = _HEADER.match(data[:128].tobytes())
    if header is None or not known.name.startswith(header[1].decode()[:16]):
        yield Damage(shown, "does not begin as the embedding cache of this name")
        return
    if len(data) < known.size:
        yield Damage(shown, f"{len(data)} bytes, should be {known.size} at least")
    record = _record(int(header[2])).itemsize
    begins = range(header.end(), min(len(data), known.size) - record + 1, record)
    bad = sum(not _sound(data[begin : begin + record].tobytes()) for begin in begins)
    if bad:
        yield Damage(shown, f"{bad} of {len(begins)} records altered")


def _record(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("text", "S32"), ("vector", "<f4", (dimension,)), ("crc", "<u4")])


def _sound(record: bytes) -> bool:
    return zlib.crc32(record[:-4]) == int.from_bytes(record[-4:], "little")


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest().rstrip(b"\0")
