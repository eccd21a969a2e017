"""The passages of a generation: the rows that are written for them, read and searched."""

from __future__ import annotations

import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.errors import IndexNotWritten
from rag.records import Bm25Parameters, Chunk, Document, chunk_id_of
from rag.stores.milvus import codec
from rag.stores.milvus.bm25 import weight
from rag.stores.milvus.connection import Connection, Match, Row
from rag.stores.milvus.documents import Entry
from rag.stores.milvus.expressions import all_of, publisher_number
from rag.stores.milvus.manifest import Manifest, visible
from rag.stores.milvus.schema import DENSE, EFFORT, LEXICAL, MOST_WORDS

if TYPE_CHECKING:
    from rag.records.base import FloatArray

SPAN: Final = ("document", "position", "start", "stop")
"""The fields that tell which chunk a row is."""
_PLAIN: Final = ("id", "build", "generation", *SPAN, "length", "publisher", "published", "terms")
ALL: Final = (*_PLAIN, "words", DENSE, LEXICAL, "checksum")
"""The fields of a row."""
_NEW: Final = 60.0
"""Seconds in which a server may still be taking in what a new generation is made of."""
_LEAST_EFFORT: Final = 512


class Passages:
    """The passages of a generation on the server, which an expression can narrow. Thread-safe."""

    def __init__(self, connection: Connection, manifest: Manifest) -> None:
        self._connection = connection
        self._manifest = manifest
        self._visible = visible(manifest)
        self._opened = time.monotonic()

    def rows(self, where: str, fields: Sequence[str]) -> Iterator[Row]:
        """Those for which an expression holds, in no order that means anything."""
        own = all_of((self._visible, where))
        return self._connection.rows(self._manifest.passages, own, fields, self._consistency)

    def search(
        self, field: str, vector: object, limit: int, where: str, fields: Sequence[str]
    ) -> list[Match]:
        """Of those, the ``limit`` with the largest inner product with a vector, best first."""
        own = all_of((self._visible, where))
        graph = self._manifest.graph and field == DENSE
        effort = {"ef": max(EFFORT * limit, _LEAST_EFFORT)} if graph else {}
        return self._connection.search(
            self._manifest.passages, field, vector, limit, own, fields, self._consistency, effort
        )

    @property
    def _consistency(self) -> str:
        """A generation is complete before it is current, and a minute later everywhere."""
        return "Strong" if time.monotonic() < self._opened + _NEW else "Bounded"


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to be written. The weights of its terms are known once the mean length is."""

    fields: dict[str, Any]
    terms: Sequence[str]

    @property
    def length(self) -> int:
        """In terms."""
        return length_of(self.terms)

    @property
    def size(self) -> int:
        """About what the row takes, in bytes."""
        fields = self.fields
        return 4 * len(fields[DENSE]) + 16 * len(fields["words"]) + len(fields["terms"])

    def row(self, generation: int, mean: float) -> dict[str, Any]:
        """The row, with weights for passages of this mean length."""
        row = self.fields | {"generation": generation, LEXICAL: self._weights(mean)}
        return row | {"checksum": _checksum(row)}

    def _weights(self, mean: float) -> dict[int, float]:
        """For each term, what it adds to a score, without its idf."""
        weights: defaultdict[int, float] = defaultdict(float)
        for term, often in Counter(filter(None, self.terms)).items():
            gain = weight(often, self.length, mean, Bm25Parameters())
            weights[codec.dimension_of(term)] += gain
        return dict(weights) or {0: 1e-9}  # Milvus takes no empty vector


def new_passage(
    document: Document,
    entry: Entry,
    position: int,
    chunk: Chunk,
    terms: Sequence[str],
    vector: FloatArray,
) -> NewPassage:
    """A chunk, with its terms and its vector. Raises IndexNotWritten if it has too many terms."""
    words = sorted({codec.word_of(term) for term in terms if term})
    if len(words) > MOST_WORDS:
        raise IndexNotWritten(
            f"{chunk.chunk_id} has {len(words)} different words, and Milvus takes {MOST_WORDS}",
            fix="index with a smaller chunk_chars",
        )
    return NewPassage(
        {
            "id": passage_id(entry, chunk),
            "build": entry.build,
            "document": entry.number,
            "position": position,
            "start": chunk.start,
            "stop": chunk.end,
            "length": length_of(terms),
            "publisher": publisher_number(document.publisher),
            "published": document.published or "",
            "terms": codec.packed(list(terms)),
            "words": words,
            DENSE: np.asarray(vector, np.float32).tolist(),
        },
        terms,
    )


def passage_id(entry: Entry, chunk: Chunk) -> str:
    """The id of the row of a chunk: like the chunk's, with the document's number in place of its id."""
    return chunk_id_of(f"{entry.build:x}.{entry.number}", chunk.start, chunk.end)


def length_of(terms: Sequence[str]) -> int:
    """The length of a passage in terms; a BREAK is none."""
    return sum(1 for term in terms if term)


def counted(passages: Iterable[Sequence[str]]) -> Iterator[str]:
    """Each term once for each passage that contains it."""
    for terms in passages:
        yield from {term for term in terms if term}


def terms_in(row: Row) -> list[str]:
    """The terms of a passage, in order. Raises ValueError if they were altered."""
    terms: list[str] = codec.unpacked(row["terms"])
    return terms


def is_intact(row: Row) -> bool:
    """Whether a row is as it was written."""
    return bool(_checksum(row) == row["checksum"])


def _checksum(row: Row) -> int:
    weights = row[LEXICAL]
    arrays = (
        np.array(sorted(row["words"]), np.int64),
        np.array(row[DENSE], np.float32),
        np.array(sorted(weights), np.int64),
        np.array([weights[dimension] for dimension in sorted(weights)], np.float32),
    )
    checksum = zlib.crc32(" ".join(str(row[name]) for name in _PLAIN).encode())
    for array in arrays:
        checksum = zlib.crc32(array.tobytes(), checksum)
    return checksum
