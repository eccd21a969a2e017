"""Invented articles as stores receive them, and short ways to write and read them."""

import hashlib
from pathlib import Path

import numpy as np

import rag
from rag.corpus.roots import corpus_of
from rag.records import (
    Block,
    Chunk,
    Document,
    EmbedderInfo,
    IndexedDocument,
    Recipe,
    Scope,
    SourceRecord,
    chunk_id_of,
    document_of,
)

DIMENSION = 8
EMBEDDER = EmbedderInfo("tiny", "0" * 64, DIMENSION, 256, "mean", "", "")
RECIPE = Recipe(EMBEDDER, "spaces", "paragraphs", 900)
CORPUS = corpus_of([Path("articles")])
ALL = 1_000  # a depth that no test reaches


def vector_of(text):
    """A unit vector that depends only on the text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    vector = np.random.default_rng(seed).normal(size=DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def article(doc_id, *paragraphs, published=None, publisher=None, source=None):
    """A document whose chunks are its paragraphs, and whose terms are its words."""
    text, spans = "Title", []
    for paragraph in paragraphs:
        text += "\n\n"
        spans.append((len(text), len(text) + len(paragraph)))
        text += paragraph
    digest = hashlib.sha256(text.encode()).hexdigest()
    return IndexedDocument(
        Document(
            doc_id=doc_id,
            path="",
            text=text,
            title="Title",
            publisher=publisher,
            published=published,
            url=None,
            blocks=(Block(0, 5, "title"), *(Block(*span, "paragraph") for span in spans)),
            evidence={"title": "first line"},
        ),
        source or SourceRecord(digest, len(text), 7, ""),
        [
            Chunk(chunk_id_of(doc_id, *span), doc_id, *span, heading=(0, 5) if number else None)
            for number, span in enumerate(spans)
        ],
        [paragraph.split() for paragraph in paragraphs],
        np.array([vector_of(p) for p in paragraphs], np.float32).reshape(-1, DIMENSION),
    )


def committed(index, *articles, deleted=(), fresh=False, corpus=CORPUS):
    """Put these articles, keep the others, and open the result."""
    with index.writer() as writer:
        previous = None if fresh else opened_or_none(index)
        writer.begin(previous)
        for each in articles:
            writer.put(each)
        for doc_id in deleted:
            writer.delete(doc_id)
        writer.commit(corpus, RECIPE)
        if previous:
            previous.close()
    return index.open()


def opened_or_none(index):
    try:
        return index.open()
    except rag.IndexNotFound:
        return None


def ids(store):
    return [document.doc_id for document in store.documents()]


def lexical(store, *terms, phrases=(), depth=ALL, **scope):
    return store.lexical(terms, phrases, depth, Scope(**scope))


def holding(store, *terms, **rest):
    """The documents of the results, in corpus order."""
    return sorted({document_of(chunk_id) for chunk_id in lexical(store, *terms, **rest).ids})
