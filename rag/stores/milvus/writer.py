"""Writes the next generation of an index on Milvus.

Rows are written once. Each names the build that wrote it, and a generation is the list of its builds and
of the documents that it leaves out; so what a build writes is seen by nobody until the alias of the index
names its generation, and then all at once. Two machines may build at the same time: the second to finish
fails. ``sweep`` removes what no generation needs.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from rag.errors import (
    DocumentNotFound,
    IndexLocked,
    IndexNotFound,
    IndexNotWritten,
    InvalidArgument,
)
from rag.protocols import Store
from rag.records import (
    Corpus,
    EmbedderInfo,
    IndexedDocument,
    IndexFacts,
    Recipe,
    SkippedSource,
    SourceRecord,
)
from rag.stores.local.cache import EmbeddingCache, drop_caches
from rag.stores.local.documents import skipped_line
from rag.stores.local.lexical import plain_idf
from rag.stores.local.lock import build_lock
from rag.stores.local.manifest import CURRENT
from rag.stores.local.writer import fingerprint
from rag.stores.milvus import codec
from rag.stores.milvus.connection import Connection
from rag.stores.milvus.documents import Entry, content_rows, content_text, line_rows
from rag.stores.milvus.expressions import all_of, among
from rag.stores.milvus.index import MilvusIndex
from rag.stores.milvus.manifest import (
    MANIFEST,
    SKIPPED,
    TERMS,
    Manifest,
    current_or_none,
    piece_rows,
    visible,
)
from rag.stores.milvus.passages import NewPassage, counted, length_of, new_passage, terms_in
from rag.stores.milvus.schema import (
    DENSE,
    DOCUMENTS,
    EXACT,
    GENERATION,
    NOTHING_INDEX,
    PASSAGES,
    Name,
    document_fields,
    generation_fields,
    passage_fields,
    passage_indexes,
)
from rag.stores.milvus.store import MilvusStore
from rag.stores.milvus.sweep import LISTED, drop_collections, drop_rows
from rag.stores.milvus.vocabulary import blocks

_ROWS: Final = 500
"""Rows of one call: a few megabytes."""
_LEAST_LENGTH: Final = 1.0


@contextmanager
def open_writer(index: MilvusIndex) -> Iterator[MilvusWriter]:
    """Lock an index on this machine and write to it; at the end, drop what no generation needs.

    Raises IndexLocked if another build has the lock, StoreUnavailable if there is no server.
    """
    with build_lock(index.folder):
        connection = Connection(index, make=True)
        try:
            writer = MilvusWriter(connection)
            try:
                yield writer
            except IndexNotFound:
                writer.check_first()  # a faster build drops the collections of a slower one
                raise
            drop_collections(connection)
            writer.drop_caches()
        finally:
            connection.close()


@dataclass(slots=True)
class _Draft:
    """A generation in the making."""

    base: Name | None
    """The current generation when the build began."""
    previous: MilvusStore | None
    """The one to carry documents over from."""
    build: int
    number: int
    passages: str
    """The collection of the passages; ``shared`` is that of the documents."""
    shared: str
    next_document: int
    weighed: float | None
    skipped: Sequence[SkippedSource]
    new: dict[str, tuple[Entry, str]] = field(default_factory=dict)
    """The documents that were put, each with its language."""
    dropped: list[int] = field(default_factory=list)
    """Numbers of documents that were put, and then put again, deleted or touched."""
    touched: dict[str, SourceRecord] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    frequencies: Counter[str] = field(default_factory=Counter)
    """Those of the terms in all that was put; ``length`` and ``bytes`` are of the same."""
    length: int = 0
    bytes: int = 0

    def forget(self, doc_id: str) -> None:
        """Undo what was recorded of a document so far."""
        new = self.new.pop(doc_id, None)
        if new is not None:
            self.dropped.append(new[0].number)
        self.touched.pop(doc_id, None)
        self.deleted.discard(doc_id)

    def gone(self) -> dict[int, Entry]:
        """The documents of the previous generation that are not carried over, by their place in it."""
        entries = self.previous.records.entries if self.previous else ()
        return {
            rank: entry
            for rank, entry in enumerate(entries)
            if entry.doc_id in self.new or entry.doc_id in self.deleted
        }


class MilvusWriter:
    """See the ``StoreWriter`` protocol. Use it only under the build lock, which ``open_writer`` takes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._index = connection.index
        self._cache: EmbeddingCache | None = None
        self._ready: set[str] = set()
        self.begin(None)

    def begin(self, previous: Store | None) -> None:
        """Start from the current snapshot of this index, or from nothing.

        Raises IndexLocked if ``previous`` is not current any more.
        """
        if previous is not None and not isinstance(previous, MilvusStore):
            kind = type(previous).__name__
            raise InvalidArgument(f"{self._index.store} cannot carry over from a {kind}")
        base = current_or_none(self._connection)
        if previous is not None and previous.generation != base:
            raise _overtaken(self._index)
        number = base.number + 1 if base else 1
        manifest = previous.manifest if previous else None
        self._draft = _Draft(
            base,
            previous,
            build=secrets.randbits(53),
            number=number,
            passages=manifest.passages if manifest else self._new(PASSAGES, number),
            shared=manifest.shared if manifest else self._new(DOCUMENTS, number),
            next_document=manifest.next_document if manifest else 0,
            weighed=manifest.weighed if manifest else None,
            skipped=previous.skipped() if previous else (),
        )
        self._passages: list[NewPassage] = []
        self._records: list[dict[str, Any]] = []
        if manifest:
            self._ready |= {manifest.passages, manifest.shared}
            drop_rows(self._connection, manifest)

    def cache(self, embedder: EmbedderInfo) -> EmbeddingCache:
        """The cached vectors of this embedder, on this machine."""
        self._cache = EmbeddingCache(self._index.folder, fingerprint(embedder), embedder.dimension)
        return self._cache

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or replace the one with its id."""
        draft, document, chunks = self._draft, indexed.document, indexed.chunks
        draft.forget(document.doc_id)
        text, digest = content_text(document, chunks)
        entry = Entry(document.doc_id, draft.next_document, draft.build, len(chunks), digest)
        draft.next_document += 1
        draft.new[entry.doc_id] = entry, document.language
        self._record(content_rows(entry, text, draft.number))
        self._record(line_rows(entry, document, indexed.source, draft.build, draft.number))
        for position, chunk in enumerate(chunks):
            terms, vector = indexed.terms[position], indexed.vectors[position]
            passage = new_passage(document, entry, position, chunk, terms, vector)
            self._passages.append(passage)
            draft.frequencies.update(counted([terms]))
            draft.length += passage.length
            draft.bytes += passage.size
        if len(self._passages) >= _ROWS or len(self._records) >= _ROWS:
            self._flush()

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over with a new record of its source file."""
        previous = self._draft.previous
        if previous is None:
            raise DocumentNotFound(f"the index does not have {doc_id!r} yet")
        previous.records.rank(doc_id)  # raises if it does not have it
        self._draft.forget(doc_id)
        self._draft.touched[doc_id] = source

    def delete(self, doc_id: str) -> None:
        """Leave a document out."""
        self._draft.forget(doc_id)
        self._draft.deleted.add(doc_id)

    def skip(self, skipped: Sequence[SkippedSource]) -> None:
        """Record what could not be read."""
        self._draft.skipped = tuple(skipped)

    def commit(self, corpus: Corpus, recipe: Recipe) -> IndexFacts:
        """Write the generation and make it current. Raises IndexLocked if another machine was faster."""
        draft = self._draft
        self._record_touched()
        self._make_ready(recipe.embedder.dimension)
        self._flush()
        frequencies, length = self._counted()
        vocabulary = dict(blocks(frequencies))
        manifest = self._manifest(corpus, recipe, frequencies, length, tuple(vocabulary))
        self._check(manifest)
        if manifest.graph and draft.previous is None:
            self._connection.reindex(manifest.passages, passage_indexes(graph=True)[0])
        generation = Name.new(self._index.name, GENERATION, draft.number)
        self._connection.create(str(generation), generation_fields(), [NOTHING_INDEX])
        lines = b"".join(map(skipped_line, draft.skipped)).decode()
        rows = piece_rows(SKIPPED, codec.packed(lines))
        for block, text in enumerate(vocabulary.values()):
            rows += piece_rows(f"{TERMS}/{block}", text)
        rows += piece_rows(MANIFEST, manifest.to_json())
        self._upsert(str(generation), rows)
        self.check_first()
        self._connection.switch(str(generation), first=draft.base is None)
        return manifest.facts(self._index, generation)

    def drop_caches(self) -> None:
        """Remove cached vectors that were rewritten; those of a local index in the same folder stay."""
        if self._cache is not None and not (self._index.folder / CURRENT).exists():
            drop_caches(self._index.folder, self._cache.path.name)

    def check_first(self) -> None:
        """Raise IndexLocked if another build was faster."""
        if current_or_none(self._connection) != self._draft.base:
            raise _overtaken(self._index)

    # ------------------------------------------------------------ inside: rows

    def _new(self, kind: str, number: int) -> str:
        return str(Name.new(self._index.name, kind, number))

    def _record(self, rows: list[dict[str, Any]]) -> None:
        self._records += rows
        self._draft.bytes += sum(len(row["data"]) for row in rows)

    def _record_touched(self) -> None:
        """Write anew what is known of documents whose source files were touched."""
        draft = self._draft
        for doc_id, source in draft.touched.items():
            assert draft.previous is not None  # noqa: S101  # for the type checker
            records = draft.previous.records
            rank = records.rank(doc_id)
            entry, document = records.entries[rank], records.stored[rank].document
            self._record(line_rows(entry, document, source, draft.build, draft.number))

    def _flush(self) -> None:
        """Write the rows that wait."""
        draft = self._draft
        if self._passages:
            self._make_ready(len(self._passages[0].fields[DENSE]))
            if draft.weighed is None:  # the first passages of a fresh build tell the mean length
                lengths = [passage.length for passage in self._passages]
                draft.weighed = max(sum(lengths) / len(lengths), _LEAST_LENGTH)
            rows = [passage.row(draft.number, draft.weighed) for passage in self._passages]
            self._upsert(draft.passages, rows)
            self._passages = []
        if self._records:
            self._make_ready(None)
            self._upsert(draft.shared, self._records)
            self._records = []

    def _upsert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        for begin in range(0, len(rows), _ROWS):
            self._connection.upsert(collection, rows[begin : begin + _ROWS])

    def _make_ready(self, dimension: int | None) -> None:
        """Make the collections that rows go to; without a dimension, only that of the documents."""
        passages, shared = self._draft.passages, self._draft.shared
        if shared not in self._ready:
            self._connection.create(shared, document_fields(), [NOTHING_INDEX])
            self._ready.add(shared)
        if dimension is not None and passages not in self._ready:
            indexes = passage_indexes(graph=False)
            self._connection.create(passages, passage_fields(dimension), indexes)
            self._ready.add(passages)

    # ------------------------------------------------------------ inside: the generation

    def _counted(self) -> tuple[Counter[str], int]:
        """The number of passages with each term of the new generation, and its number of terms."""
        draft = self._draft
        frequencies, length = Counter(draft.frequencies), draft.length
        left_out = list(self._terms_of(among("build", [draft.build]), draft.dropped))
        if draft.previous is not None:
            frequencies.update(dict(draft.previous.vocabulary.all()))
            length += draft.previous.length()
            gone = [entry.number for entry in draft.gone().values()]
            left_out += self._terms_of(visible(draft.previous.manifest), gone)
        frequencies.subtract(counted(left_out))
        return +frequencies, length - sum(map(length_of, left_out))

    def _terms_of(self, where: str, numbers: Sequence[int]) -> Iterator[list[str]]:
        """The terms of each passage of some documents."""
        for begin in range(0, len(numbers), LISTED):
            own = all_of((where, among("document", numbers[begin : begin + LISTED])))
            yield from map(terms_in, self._connection.rows(self._draft.passages, own, ("terms",)))

    def _manifest(
        self,
        corpus: Corpus,
        recipe: Recipe,
        frequencies: Counter[str],
        length: int,
        firsts: tuple[str, ...],
    ) -> Manifest:
        draft, gone = self._draft, self._draft.gone()
        last = draft.previous.manifest if draft.previous else None
        languages = Counter(last.languages if last else ())
        languages.update(language for _, language in draft.new.values())
        if draft.previous is not None:
            stored = draft.previous.records.stored
            languages.subtract(stored[rank].document.language for rank in gone)
        chunks = sum(entry.chunks for entry, _ in draft.new.values())
        chunks += (last.chunks if last else 0) - sum(entry.chunks for entry in gone.values())
        return Manifest(
            number=draft.number,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            passages=draft.passages,
            shared=draft.shared,
            builds=(*(last.builds if last else ()), draft.build),
            gone=(*(entry.number for entry in gone.values()), *draft.dropped),
            buried=last.gone if last else (),
            next_document=draft.next_document,
            corpus=corpus,
            recipe=recipe,
            documents=(last.documents if last else 0) - len(gone) + len(draft.new),
            chunks=chunks,
            terms=len(frequencies),
            length=length,
            weighed=draft.weighed or _LEAST_LENGTH,
            average_idf=_average_idf(frequencies, chunks),
            languages=dict(+languages),
            blocks=firsts,
            graph=last.graph if last else chunks > EXACT,
            bytes=draft.bytes + (last.bytes if last else 0),
            previous=str(draft.base or ""),
        )

    def _check(self, manifest: Manifest) -> None:
        """Raise IndexNotWritten unless the server has each passage once."""
        found = self._connection.count(manifest.passages, visible(manifest))
        if found != manifest.chunks:
            raise IndexNotWritten(
                f"{self._index.store} has {found} of {manifest.chunks} passages",
                fix="run the build again; the index is unchanged",
            )


def _overtaken(index: MilvusIndex) -> IndexLocked:
    return IndexLocked(
        f"another build has just replaced {index.name} in {index.store}",
        fix="run the build again; it goes on from the new index",
    )


def _average_idf(frequencies: Counter[str], chunks: int) -> float:
    if not frequencies:
        return 0.0
    counts = np.array([*frequencies.values()], np.int64)
    return float(plain_idf(counts, chunks).mean())
