"""Names of indexes that are searched together, and the ids of what is in them under those names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from rag.protocols import Store
from rag.records import (
    Chunk,
    Corpus,
    Document,
    DocumentInfo,
    Scope,
    chunk_id_of,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One index of several, under its name."""

    name: str
    store: Store
    number: int
    """Its place in corpus order."""

    @property
    def prefix(self) -> str:
        """How its ids begin; the labels of several roots follow, as in "news:2024/"."""
        return f"{self.name}:" if self.store.facts.corpus.roots[0].label else f"{self.name}/"

    @property
    def labels(self) -> tuple[str, ...]:
        """The first components of its ids."""
        return tuple((self.prefix + r.label).rstrip("/") for r in self.store.facts.corpus.roots)

    def own(self, id_: str) -> str:
        """An id within the index."""
        return id_.removeprefix(self.prefix)


def names_of(indexes: Sequence[Path]) -> tuple[str, ...]:
    """A name for each index: that of its folder; of the folder around it if two are alike; else numbered.

    >>> names_of([Path("/news"), Path("/old/index"), Path("/new/index")])
    ('news', 'old', 'new')
    """
    own = [path.name for path in indexes]
    chosen: list[str] = []
    for path in indexes:
        alike = own.count(path.name) > 1
        name = ((path.parent.name if alike else "") or path.name or "index").replace(":", "-")
        number, candidate = 2, name
        while candidate in chosen:
            candidate, number = f"{name}-{number}", number + 1
        chosen.append(candidate)
    return tuple(chosen)


def united_corpus(corpora: Mapping[str, Corpus]) -> Corpus:
    """The roots of several indexes by name, each under the label that its documents' ids begin with."""
    return Corpus(
        tuple(
            replace(root, label=f"{name}:{root.label}" if root.label else name)
            for name, corpus in corpora.items()
            for root in corpus.roots
        )
    )


def within(scope: Scope, part: Part, labels: Mapping[str, Part]) -> Scope | None:
    """The scope for one part; None if the scope's path is in another part.

    A path may begin with the name of an index. Without one it is meant within every index.
    """
    filters = scope.filters
    if filters is None or filters.path is None:
        return scope
    label, slash, _ = filters.path.partition("/")
    named = labels.get(label) if slash else None
    if named is None:
        return scope
    if named is not part:
        return None
    path = filters.path.removeprefix(part.prefix)
    return replace(scope, filters=replace(filters, path=path))


_Of = TypeVar("_Of", Document, DocumentInfo)


def labelled(document: _Of, part: Part) -> _Of:
    """A document under its id among several indexes."""
    return replace(
        document,
        doc_id=part.prefix + document.doc_id,
        copies=tuple(part.prefix + each for each in document.copies),
    )


def renamed(chunk: Chunk, part: Part) -> Chunk:
    """A chunk under its id among several indexes."""
    doc_id = part.prefix + chunk.doc_id
    return replace(chunk, chunk_id=chunk_id_of(doc_id, chunk.start, chunk.end), doc_id=doc_id)
