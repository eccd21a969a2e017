"""The documents of an index that are copies of one another, in groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answer import content, is_later_version, same_address
from rag.protocols import Store
from rag.records import UNDATED, Copy, CopyGroup, Document, DocumentInfo
from rag.records.copies import Likeness
from rag.text.addresses import article_address
from rag.text.copies import copies_among_many, grouped


def copy_groups(store: Store) -> tuple[CopyGroup, ...]:
    """All groups of two or more documents or files, in the order of each group's first id.

    Takes a second for two thousand articles: every text is read.
    """
    infos = store.documents()
    ids = [info.doc_id for info in infos]

    def text(n: int) -> str:
        return content(store.document(ids[n]))

    by_text = copies_among_many(len(ids), text)
    pairs = [*enumerate(by_text), *_by_address(store, infos)]
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for doc_id, number in zip(ids, grouped(len(ids), pairs), strict=True):
        groups[number].append(doc_id)
    copied = {info.doc_id for info in infos if info.copies}
    result = (_group(store, own) for own in groups.values() if own[1:] or own[0] in copied)
    return tuple(result)


def _by_address(store: Store, infos: Sequence[DocumentInfo]) -> Iterator[tuple[int, int]]:
    """The pairs of documents that are pages of one address."""
    pages: defaultdict[str, list[int]] = defaultdict(list)
    for n, info in enumerate(infos):
        if address := article_address(info.url):
            pages[address].append(n)
    for own in pages.values():
        if len(own) > 1:
            documents = [store.document(infos[n].doc_id) for n in own]
            for one, other in same_address(documents, [content(each) for each in documents]):
                yield own[one], own[other]


def _group(store: Store, doc_ids: Sequence[str]) -> CopyGroup:
    """The documents of a group, the earliest first."""
    documents = sorted(map(store.document, doc_ids), key=_age)
    sources = {doc_id: store.source(doc_id) for doc_id in doc_ids}
    data = {doc_id: source.content or source.sha256 for doc_id, source in sources.items()}
    words = {document.doc_id: content(document).split() for document in documents}

    def likeness(document: Document, before: Sequence[Document]) -> Likeness:
        own = document.doc_id
        if not before:
            return "first"
        if any(data[other.doc_id] == data[own] for other in before):
            return "same bytes"
        if any(is_later_version(document, other) for other in before):
            return "corrected version"
        if any(words[other.doc_id] == words[own] for other in before):
            return "same text"
        address = article_address(document.url)
        if address and any(article_address(other.url) == address for other in before):
            return "same address"
        return "near copy"

    path_of = store.facts.corpus.paths()
    copies: list[Copy] = []
    for n, each in enumerate(documents):
        copies.append(_copy(each, likeness(each, documents[:n])))
        copies += [
            replace(copies[-1], doc_id=doc_id, path=path_of(doc_id), likeness="same bytes")
            for doc_id in each.copies
        ]
    return CopyGroup(tuple(copies))


def _age(document: Document) -> tuple[str, str, str]:
    published = document.published or UNDATED
    return published, document.updated or published, document.doc_id


def _copy(document: Document, likeness: Likeness) -> Copy:
    return Copy(
        document.doc_id,
        document.path,
        document.title,
        document.publisher,
        document.published,
        document.updated,
        likeness,
    )
