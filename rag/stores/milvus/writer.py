"""Writes the next generation of an index on Milvus.

Rows are written once. Each names the build that wrote it, and a generation is the list of its builds and
of the documents that it leaves out; so what a build writes is seen by nobody until the alias of the index
names its generation, and then all at once. A generation before the last loses its rows in the next build,
and its collections at the end of it. Two machines may build at the same time: the second to finish fails.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.errors import (
    DocumentNotFound,
    IndexCorrupt,
    IndexLocked,
    IndexMismatch,
    IndexNotFound,
    IndexNotWritten,
    InvalidArgument,
)
from rag.protocols import Store
from rag.records import (
    Bm25Parameters,
    Chunk,
    Corpus,
    EmbedderInfo,
    IndexedDocument,
    IndexFacts,
    Recipe,
    SkippedSource,
    SourceRecord,
)
from rag.stores.local.cache import EmbeddingCache, drop_caches
from rag.stores.local.lexical import plain_idf
from rag.stores.local.lock import build_lock
from rag.stores.local.manifest import CURRENT
from rag.stores.local.writer import fingerprint
from rag.stores.milvus import codec
from rag.stores.milvus.address import Address
from rag.stores.milvus.bm25 import weight
from rag.stores.milvus.connection import Connection
from rag.stores.milvus.documents import CONTENT, META, Entry, document_rows, passage_id
from rag.stores.milvus.manifest import (
    MANIFEST,
    SKIPPED,
    TERMS,
    Manifest,
    all_of,
    among,
    current_or_none,
    piece_rows,
    read_manifest,
    visible,
)
from rag.stores.milvus.schema import (
    DENSE,
    DOCUMENTS,
    EXACT,
    GENERATION,
    LEXICAL,
    MOST_WORDS,
    NOTHING_INDEX,
    PASSAGES,
    Name,
    document_fields,
    generation_fields,
    passage_fields,
    passage_indexes,
)
from rag.stores.milvus.store import MilvusStore, publisher_number
from rag.stores.milvus.vocabulary import blocks, counted

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_ROWS: Final = 500
"""Rows of one call: a few megabytes."""
_LISTED: Final = 1_000
"""Numbers in one expression."""
_LEAST_LENGTH: Final = 1.0


@contextmanager
def open_writer(address: Address) -> Iterator[MilvusWriter]:
    """Lock an index on this machine and write to it; at the end, drop what no generation needs.

    Raises IndexLocked if another build has the lock, StoreUnavailable if there is no server.
    """
    with build_lock(address.index):
        connection = Connection(address, make=True)
        try:
            writer = MilvusWriter(connection)
            yield writer
            drop_unneeded(connection)
            writer.drop_caches()
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class _New:
    """A document that was put."""

    number: int
    language: str
    chunks: int


@dataclass(frozen=True, slots=True)
class _Passage:
    """A passage to be written, all but the weights of its terms."""

    row: dict[str, Any]
    terms: Sequence[str]


@dataclass(slots=True)
class _Draft:
    """A generation in the making."""

    base: Name | None
    """The current generation when the build began."""
    previous: MilvusStore | None
    """The one to carry documents over from."""
    build: int
    number: int
    passages: Name
    documents: Name
    next_document: int
    weighed: float | None
    skipped: Sequence[SkippedSource]
    new: dict[str, _New] = field(default_factory=dict)
    dropped: list[int] = field(default_factory=list)
    """Numbers of documents that were put, and then put again, deleted or touched."""
    touched: dict[str, SourceRecord] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    frequencies: Counter[str] = field(default_factory=Counter)
    length: int = 0
    bytes: int = 0

    def forget(self, doc_id: str) -> None:
        """Take back what was said of a document so far."""
        new = self.new.pop(doc_id, None)
        if new is not None:
            self.dropped.append(new.number)
        self.touched.pop(doc_id, None)
        self.deleted.discard(doc_id)

    @property
    def entries(self) -> Sequence[Entry]:
        """The documents of the previous generation."""
        return self.previous.records.entries if self.previous else ()

    @property
    def gone(self) -> list[Entry]:
        """Those of them that are not carried over."""
        return [e for e in self.entries if e.doc_id in self.new or e.doc_id in self.deleted]


class MilvusWriter:
    """See the ``StoreWriter`` protocol. Use it only under the build lock, which ``open_writer`` takes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._address = connection.address
        self._cache: EmbeddingCache | None = None
        self._ready: set[str] = set()
        self.begin(None)

    def begin(self, previous: Store | None) -> None:
        """Start from the current snapshot of this index, or from nothing.

        Raises IndexLocked if ``previous`` is not current any more.
        """
        if previous is not None and not isinstance(previous, MilvusStore):
            raise InvalidArgument(
                f"{self._address.store} cannot carry over from a {type(previous).__name__}"
            )
        base = current_or_none(self._connection)
        if previous is not None and previous.generation != base:
            raise self._overtaken()
        number = base.number + 1 if base else 1
        manifest = previous.manifest if previous else None
        self._draft = _Draft(
            base,
            previous,
            secrets.randbits(53),
            number,
            self._name(manifest.passages if manifest else "", PASSAGES, number),
            self._name(manifest.shared if manifest else "", DOCUMENTS, number),
            manifest.next_document if manifest else 0,
            manifest.weighed if manifest else None,
            previous.skipped() if previous else (),
        )
        self._passages: list[_Passage] = []
        self._records: list[dict[str, Any]] = []
        if manifest:
            self._ready |= {manifest.passages, manifest.shared}
            self._bury(manifest)

    def cache(self, embedder: EmbedderInfo) -> EmbeddingCache:
        """The cached vectors of this embedder, on this machine."""
        self._cache = EmbeddingCache(self._address.index, fingerprint(embedder), embedder.dimension)
        return self._cache

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or replace the one with its id."""
        draft, document = self._draft, indexed.document
        draft.forget(document.doc_id)
        number = draft.next_document
        draft.next_document += 1
        draft.new[document.doc_id] = _New(number, document.language, len(indexed.chunks))
        content = codec.packed(codec.content_of(document, indexed.chunks))
        meta = codec.meta_of(
            document, indexed.source, len(indexed.chunks), codec.digest_of(content)
        )
        self._record(number, CONTENT, content)
        self._record(number, META, codec.packed(meta | {"build": draft.build}))
        for position, chunk in enumerate(indexed.chunks):
            own = indexed.terms[position]
            self._passages.append(
                self._passage(indexed, number, position, chunk, own, indexed.vectors[position])
            )
            draft.frequencies.update(counted([own]))
            draft.length += _length(own)
        if len(self._passages) >= _ROWS or len(self._records) >= _ROWS:
            self._flush()

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over with a new record of its source file."""
        previous = self._draft.previous
        if previous is None or doc_id not in previous.records:
            raise DocumentNotFound(f"the index does not have {doc_id!r} yet")
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
        for doc_id, source in draft.touched.items():
            assert draft.previous is not None  # noqa: S101  # for the type checker
            entry = draft.previous.records.find(doc_id)
            meta = {**entry.meta, "source": codec.source_row(source)}
            self._record(entry.number, META, codec.packed(meta))
        self._make_ready(recipe.embedder.dimension)
        self._flush()
        frequencies, length = self._counted()
        listed = list(blocks(frequencies))
        manifest = self._manifest(corpus, recipe, frequencies, length, [b[0] for b in listed])
        self._check(manifest)
        if manifest.graph and draft.previous is None:
            graph = passage_indexes(graph=True)[0]
            self._connection.reindex(manifest.passages, graph)
        generation = Name.new(self._address.name, GENERATION, draft.number)
        self._connection.create(str(generation), generation_fields(), [NOTHING_INDEX])
        rows = piece_rows(SKIPPED, codec.packed([codec.skipped_row(s) for s in draft.skipped]))
        for block, (_, text) in enumerate(listed):
            rows += piece_rows(f"{TERMS}/{block}", text)
        rows += piece_rows(MANIFEST, manifest.to_json())
        self._upsert(str(generation), rows)
        if current_or_none(self._connection) != draft.base:
            raise self._overtaken()
        self._connection.switch(str(generation), first=draft.base is None)
        return manifest.facts(self._address, generation)

    def drop_caches(self) -> None:
        """Remove cached vectors that were rewritten; those of a local index in the same folder stay."""
        if self._cache is not None and not (self._address.index / CURRENT).exists():
            drop_caches(self._address.index, self._cache.path.name)

    # ------------------------------------------------------------ inside: rows

    def _record(self, number: int, kind: int, text: str) -> None:
        draft = self._draft
        self._records += document_rows(draft.build, draft.number, number, kind, text)
        draft.bytes += len(text)

    def _passage(
        self,
        indexed: IndexedDocument,
        number: int,
        position: int,
        chunk: Chunk,
        terms: Sequence[str],
        vector: FloatArray,
    ) -> _Passage:
        draft, document = self._draft, indexed.document
        words = sorted({codec.word_of(term) for term in terms if term})
        if len(words) > MOST_WORDS:
            raise IndexNotWritten(
                f"{chunk.chunk_id} has {len(words)} different words, and Milvus takes {MOST_WORDS}",
                fix="index with a smaller chunk_chars",
            )
        id_ = passage_id(draft.build, number, chunk.start, chunk.end)
        numbers = (number, position, chunk.start, chunk.end, _length(terms))
        text = codec.term_text(terms)
        draft.bytes += 4 * len(vector) + 16 * len(words) + len(text)
        row = {
            "id": id_,
            "build": draft.build,
            "generation": draft.number,
            **dict(zip(("document", "position", "start", "stop", "length"), numbers, strict=True)),
            "publisher": publisher_number(document.publisher),
            "published": document.published or "",
            "checksum": codec.passage_checksum(id_, numbers, text, vector),
            "terms": text,
            "words": words,
            DENSE: np.asarray(vector, np.float32).tolist(),
        }
        return _Passage(row, terms)

    def _flush(self) -> None:
        """Write the rows that wait."""
        if self._passages:
            self._make_ready(len(self._passages[0].row[DENSE]))
            mean = self._weighed()
            self._upsert(
                str(self._draft.passages),
                [each.row | {LEXICAL: _weights(each, mean)} for each in self._passages],
            )
            self._passages = []
        if self._records:
            self._make_ready(None)
            self._upsert(str(self._draft.documents), self._records)
            self._records = []

    def _weighed(self) -> float:
        """The mean length for the weights of terms: that of the first passages of a fresh build."""
        if self._draft.weighed is None:
            lengths = [each.row["length"] for each in self._passages]
            self._draft.weighed = max(sum(lengths) / len(lengths), _LEAST_LENGTH)
        return self._draft.weighed

    def _upsert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        for begin in range(0, len(rows), _ROWS):
            self._connection.upsert(collection, rows[begin : begin + _ROWS])

    def _make_ready(self, dimension: int | None) -> None:
        """Make the collections that rows go to; without a dimension, only that of the documents."""
        passages, documents = str(self._draft.passages), str(self._draft.documents)
        if documents not in self._ready:
            self._connection.create(documents, document_fields(), [NOTHING_INDEX])
            self._ready.add(documents)
        if dimension is not None and passages not in self._ready:
            indexes = passage_indexes(graph=False)
            self._connection.create(passages, passage_fields(dimension), indexes)
            self._ready.add(passages)

    def _name(self, existing: str, kind: str, number: int) -> Name:
        known = Name.parse(self._address.name, existing) if existing else None
        return known or Name.new(self._address.name, kind, number)

    # ------------------------------------------------------------ inside: the generation

    def _counted(self) -> tuple[Counter[str], int]:
        """The number of passages with each term of the new generation, and its number of terms."""
        draft = self._draft
        frequencies, length = Counter(draft.frequencies), draft.length
        if draft.previous is not None:
            frequencies.update(dict(draft.previous.vocabulary.all()))
            length += draft.previous.length()
        left_out = [
            *self._terms_of(visible_rows([draft.build]), draft.dropped),
            *self._terms_of(
                visible(draft.previous.manifest) if draft.previous else "",
                [entry.number for entry in draft.gone],
            ),
        ]
        frequencies.subtract(counted(left_out))
        return +frequencies, length - sum(map(_length, left_out))

    def _terms_of(self, where: str, numbers: Sequence[int]) -> Iterator[list[str]]:
        """The terms of each passage of some documents."""
        for begin in range(0, len(numbers), _LISTED):
            own = all_of((where, among("document", numbers[begin : begin + _LISTED])))
            for row in self._connection.rows(str(self._draft.passages), own, ("terms",)):
                yield codec.terms_of(row["terms"])

    def _manifest(
        self,
        corpus: Corpus,
        recipe: Recipe,
        frequencies: Counter[str],
        length: int,
        firsts: Sequence[str],
    ) -> Manifest:
        draft = self._draft
        last = draft.previous.manifest if draft.previous else None
        gone = draft.gone
        chunks = sum(new.chunks for new in draft.new.values()) - sum(e.chunks for e in gone)
        chunks += last.chunks if last else 0
        languages = Counter(last.languages if last else ())
        languages.update(new.language for new in draft.new.values())
        languages.subtract(entry.meta["language"] for entry in gone)
        return Manifest(
            number=draft.number,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            passages=str(draft.passages),
            shared=str(draft.documents),
            builds=(*(last.builds if last else ()), draft.build),
            gone=(*(entry.number for entry in gone), *draft.dropped),
            buried=last.gone if last else (),
            next_document=draft.next_document,
            corpus=corpus,
            recipe=recipe,
            documents=len(draft.entries) - len(gone) + len(draft.new),
            chunks=chunks,
            terms=len(frequencies),
            length=length,
            weighed=draft.weighed or _LEAST_LENGTH,
            average_idf=_average_idf(frequencies, chunks),
            languages=dict(+languages),
            blocks=tuple(firsts),
            graph=last.graph if last else chunks > EXACT,
            bytes=draft.bytes + (last.bytes if last else 0),
            previous=str(draft.base or ""),
        )

    def _check(self, manifest: Manifest) -> None:
        """Raise IndexNotWritten unless the server has each passage once."""
        found = self._connection.count(manifest.passages, visible(manifest))
        if found != manifest.chunks:
            raise IndexNotWritten(
                f"{self._address.store} has {found} of {manifest.chunks} passages",
                fix="run the build again; the index is unchanged",
            )

    def _bury(self, manifest: Manifest) -> None:
        """Remove the rows that neither the current generation nor the one before it has.

        Those are the documents that were left out earlier, and what failed builds have left.
        """
        for collection in (manifest.passages, manifest.shared):
            for begin in range(0, len(manifest.buried), _LISTED):
                own = among("document", manifest.buried[begin : begin + _LISTED])
                where = all_of((own, visible_rows(manifest.builds)))
                self._connection.delete(collection, where)
            failed = f"generation <= {manifest.number}"
            others = f"not ({visible_rows(manifest.builds)})"
            self._connection.delete(collection, all_of((failed, others)))

    def _overtaken(self) -> IndexLocked:
        return IndexLocked(
            f"another build has just replaced {self._address.name} in {self._address.store}",
            fix="run the build again; it goes on from the new index",
        )


def visible_rows(builds: Iterable[int]) -> str:
    """The expression for the rows of some builds."""
    return among("build", builds)


def _weights(passage: _Passage, mean: float) -> dict[int, float]:
    """The sparse vector of a passage: for each of its terms, what it adds to a score, without its idf."""
    length, weights = passage.row["length"], Counter[int]()
    for term, often in Counter(filter(None, passage.terms)).items():
        gain = weight(often, length, mean, Bm25Parameters())
        weights[codec.dimension_of(term)] += gain  # type: ignore[assignment]  # a sum of floats
    return dict(weights) or {0: 1e-9}


def _length(terms: Sequence[str]) -> int:
    return sum(1 for term in terms if term)


def _average_idf(frequencies: Counter[str], chunks: int) -> float:
    if not frequencies:
        return 0.0
    counts = np.array([*frequencies.values()], np.int64)
    return float(plain_idf(counts, chunks).mean())


def drop_unneeded(connection: Connection) -> None:
    """Drop the collections that neither the current generation nor the one before it needs.

    Those of a build that is under way have a higher number, and stay.
    """
    current = current_or_none(connection)
    if current is None:
        return
    needed = set()
    for generation in _last_two(connection, current):
        manifest = read_manifest(connection, generation)
        needed |= {str(generation), manifest.passages, manifest.shared}
    for name in connection.collections():
        own = Name.parse(connection.address.name, name)
        if own is not None and own.number <= current.number and name not in needed:
            connection.drop(name)


def _last_two(connection: Connection, current: Name) -> Iterator[Name]:
    yield current
    previous = Name.parse(connection.address.name, read_manifest(connection, current).previous)
    if previous is not None and connection.has(str(previous)):
        with suppress(IndexCorrupt, IndexMismatch, IndexNotFound):
            read_manifest(connection, previous)
            yield previous
