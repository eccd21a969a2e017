"""Checks an index on Milvus: every row against its checksum, every number against the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.errors import IndexCorrupt
from rag.records import Chunk, Damage, Document, Inspection
from rag.stores.milvus.connection import Connection, Row
from rag.stores.milvus.documents import Entry
from rag.stores.milvus.index import MilvusIndex
from rag.stores.milvus.manifest import current
from rag.stores.milvus.passages import ALL, counted, is_intact, terms_in
from rag.stores.milvus.schema import DENSE
from rag.stores.milvus.store import MilvusStore

if TYPE_CHECKING:
    from rag.records.base import FloatArray

LENGTH_TOLERANCE: Final = 1e-3
"""How far a vector's length may be from 1: bf16 has three decimal digits."""
_MOST: Final = 20
"""How many damages of one kind are named."""


def inspect(index: MilvusIndex) -> Inspection:
    """Read every row of an index. Raises IndexNotFound, or IndexMismatch for another format."""
    with closing(Connection(index)) as connection:
        name = current(connection)
        inspector = _Inspector()
        facts = None
        try:
            store = MilvusStore(connection, name)
            facts = store.facts
            inspector.run(store)
        except IndexCorrupt as error:
            inspector.note(str(name), error.message)
        files = 3 if facts else 1
        return Inspection(tuple(inspector.damages), facts, files, inspector.bytes)


def intact_passages(index: MilvusIndex) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    """Every passage that is whole, with its document and vector, whatever else is damaged.

    Raises IndexCorrupt if the list of documents is damaged.
    """
    with closing(Connection(index)) as connection:
        store = MilvusStore(connection, current(connection))
        texts: dict[int, Document] = {}
        for row in _rows(store):
            entry = _entry_of(store, row)
            if entry is None or not is_intact(row):
                continue
            try:
                if entry.number not in texts:
                    texts.clear()
                    texts[entry.number] = store.document(entry.doc_id)
                [chunk] = (
                    chunk
                    for chunk in store.chunks_of(entry.doc_id)
                    if (chunk.start, chunk.end) == (row["start"], row["stop"])
                )
            except (IndexCorrupt, ValueError):
                continue
            yield texts[entry.number], chunk, np.array(row[DENSE], np.float32)


@dataclass(slots=True)
class _Inspector:
    """Collects what is wrong."""

    damages: list[Damage] = field(default_factory=list)
    bytes: int = 0
    _told: Counter[str] = field(default_factory=Counter)

    def note(self, place: str, what: str, kind: str = "") -> None:
        """Name a damage, unless there are many of its kind."""
        self._told[kind] += 1
        if not kind or self._told[kind] <= _MOST:
            self.damages.append(Damage(place, what))

    def run(self, store: MilvusStore) -> None:
        """Look at everything in a store."""
        manifest = store.manifest
        self.bytes = manifest.bytes
        spans = self._documents(store)
        frequencies: Counter[str] = Counter()
        length = chunks = 0
        for row in _rows(store):
            chunks += 1
            what = self._fault(store, row, spans)
            if what:
                self.note(manifest.passages, f"{row['id']}: {what}", "passage")
                continue
            terms = terms_in(row)
            frequencies.update(counted([terms]))
            length += row["length"]
        if (chunks, length) != (manifest.chunks, manifest.length):
            self.note(manifest.passages, f"{chunks} passages, should be {manifest.chunks}")
        elif not self.damages and frequencies != Counter(dict(store.vocabulary.all())):
            self.note(str(store.generation), "the vocabulary is not that of the passages")

    def _documents(self, store: MilvusStore) -> dict[int, list[tuple[int, int]]]:
        """The spans of the chunks of each document, by its number."""
        spans = {}
        for entry in store.records.entries:
            try:
                document, chunks = store.document(entry.doc_id), store.chunks_of(entry.doc_id)
            except IndexCorrupt as error:
                self.note(store.manifest.shared, error.message, "document")
                continue
            spans[entry.number] = [(chunk.start, chunk.end) for chunk in chunks]
            ends = [*(block.end for block in document.blocks), *(chunk.end for chunk in chunks)]
            if len(chunks) != entry.chunks or max(ends, default=0) > len(document.text):
                self.note(store.manifest.shared, f"{entry.doc_id}: wrong offsets", "document")
        return spans

    def _fault(self, store: MilvusStore, row: Row, spans: dict[int, Any]) -> str:
        """What is wrong with the row of a passage; "" if nothing is."""
        if not is_intact(row):
            return "altered since it was written"
        entry = _entry_of(store, row)
        if entry is None:
            return "it is of no document"
        own = spans.get(entry.number)
        place = row["position"]
        if own is not None and own[place : place + 1] != [(row["start"], row["stop"])]:
            return "it is no passage of its document"
        vector = np.array(row[DENSE], np.float32)
        if not abs(float(np.linalg.norm(vector)) - 1) <= LENGTH_TOLERANCE:
            return "its vector is not of length 1"
        return ""


def _rows(store: MilvusStore) -> Iterator[Row]:
    return store.passages.rows("", ALL)


def _entry_of(store: MilvusStore, row: Row) -> Entry | None:
    rank = store.records.ranks.get(row["document"])
    return None if rank is None else store.records.entries[rank]
