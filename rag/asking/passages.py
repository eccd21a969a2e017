"""Passages as they are indexed, as they are shown, and the sources they are cited from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rag import answer as answering
from rag.protocols import Store
from rag.records import Passage
from rag.search import Fused
from rag.text.units import Unit, units_of


def passage_of(store: Store, fused: Fused) -> Passage:
    """A ranked chunk with everything users see of it."""
    [chunk] = store.chunks([fused.chunk_id])
    document = store.document(chunk.doc_id)
    heading = " ".join(document.text[slice(*chunk.heading)].split()) if chunk.heading else None
    return Passage(
        chunk_id=chunk.chunk_id,
        doc_id=document.doc_id,
        path=document.path,
        title=document.title,
        publisher=document.publisher,
        published=document.published,
        url=document.url,
        start=chunk.start,
        end=chunk.end,
        line=document.line(chunk.start),
        page=document.page(chunk.start),
        heading=heading,
        text=document.text[chunk.start : chunk.end],
        score=fused.score,
        contributions=fused.contributions,
    )


def distinct_passages(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages whose words no earlier one has: copies of an article would crowd out the others."""
    seen: set[str] = set()
    for passage in passages:
        words = answering.wording(passage.text)
        if words not in seen:
            seen.add(words)
            yield passage


class Sources:
    """The documents that one answer draws on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._drawn_on: dict[str, answering.Source] = {}
        self._units: dict[str, list[Unit]] = {}

    def get(self, doc_id: str) -> answering.Source:
        """A document with its file."""
        if doc_id not in self._drawn_on:
            source = self._store.source(doc_id)
            self._drawn_on[doc_id] = answering.Source(
                self._store.document(doc_id), Path(source.path), source.sha256
            )
        return self._drawn_on[doc_id]

    def units(self, passage: Passage) -> list[Unit]:
        """The citable units of a passage."""
        if passage.chunk_id not in self._units:
            document = self._store.document(passage.doc_id)
            self._units[passage.chunk_id] = units_of(document, passage)
        return self._units[passage.chunk_id]
