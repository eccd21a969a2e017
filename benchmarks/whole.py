"""The whole tool, warm: searches among many passages, and questions about the seeds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args
from unittest.mock import patch

import rag
from benchmarks.measure import (
    OURS,
    ROOT,
    Options,
    Row,
    Section,
    in_turn,
    percentile,
    say,
    section,
)
from benchmarks.texts import Recombined, load_collection, mixed_vectors, texts_of
from rag.evaluate import read_questions
from rag.models import load_embedder
from rag.records import EmbedderInfo, Mode

if TYPE_CHECKING:
    from rag.records.base import FloatArray

PARAGRAPHS: Final = 10
"""Passages per article."""

_BASE: Final = 256
_QUERIES: Final = 200


class Mixer:
    """An ``Embedder`` that mixes vectors from a few, to build a large index without hours of embedding."""

    def __init__(self, info: EmbedderInfo, base: FloatArray) -> None:
        self.info = info
        self._base = base
        self._calls = 0

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages; they do not depend on the texts."""
        self._calls += 1
        vectors: FloatArray = mixed_vectors(self._base, len(texts), self._calls)
        return vectors


def search(options: Options) -> Section:
    """Searches of an open index from Python, in each mode."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection))
    embedder = load_embedder()
    mixer = Mixer(embedder.info, embedder.embed_documents(texts.passages(_BASE)))
    queries = list(collection.queries.values())[:_QUERIES]
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "articles", Path(name) / "index"
        texts.write_articles(corpus, max(1, options.passages // PARAGRAPHS), PARAGRAPHS)
        say("  index the passages, with mixed vectors")
        with patch("rag.indexing.builder.load_embedder", lambda *_: mixer):
            report = rag.build(corpus, index)
        with rag.Retriever.open(index) as retriever:
            say(f"  {len(queries)} queries in each mode in turn")
            searches = {mode: partial(retriever.search, mode=mode) for mode in get_args(Mode)}
            times = in_turn(searches, queries, options.rounds)
    return section(
        "search",
        "Search, warm",
        f"{report.chunks:,} passages in {report.documents:,} articles recombined from"
        f" {collection.name}, its {len(queries)} queries in turn in each mode, ten passages each;"
        " embedding the query counts.",
        [
            Row(f"{mode}, p{share}", "ms", {OURS: percentile(spent, share) * 1000})
            for mode, spent in times.items()
            for share in (50, 99)
        ],
        ("openvino", "faiss-cpu", "numpy"),
    )


def ask(options: Options) -> Section:
    """Questions about the seeds, answerable and unanswerable."""
    asked = read_questions(ROOT / "evaluation" / "seeds.jsonl").questions
    questions = [question.text for question in asked]
    with tempfile.TemporaryDirectory() as name:
        rag.build(ROOT / "seeds", name)
        with rag.Retriever.open(name) as retriever:
            times = in_turn({OURS: retriever.ask}, questions, options.rounds)[OURS]
    return section(
        "ask",
        "Answer, warm",
        f"The {len(questions)} questions about the seeds, answerable or not.",
        [
            Row(f"one question, p{share}", "ms", {OURS: percentile(times, share) * 1000})
            for share in (50, 99)
        ],
        ("openvino", "faiss-cpu"),
    )
