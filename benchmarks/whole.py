"""The tool as a whole, warm: searches among many passages, and questions about the seeds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
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
    percentile,
    say,
    seconds,
    section,
)
from benchmarks.texts import Recombined, load_collection, mixed_vectors
from rag.models import load_embedder
from rag.types import EmbedderInfo, Mode

if TYPE_CHECKING:
    from rag.types import FloatArray

_PARAGRAPHS: Final = 10
_BASE: Final = 256
_QUERIES: Final = 200


class Mixer:
    """An ``Embedder`` that mixes its vectors from few: a large index without hours of embedding."""

    def __init__(self, info: EmbedderInfo, base: FloatArray) -> None:
        self.info = info
        self._base = base
        self._calls = 0

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages; which text gets which does not matter here."""
        self._calls += 1
        vectors: FloatArray = mixed_vectors(self._base, len(texts), self._calls)
        return vectors


def search(options: Options) -> Section:
    """Searches from Python on an open index, in each mode."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(collection.texts())
    embedder = load_embedder()
    mixer = Mixer(embedder.info, embedder.embed_documents(texts.passages(_BASE)))
    queries = list(collection.queries.values())[:_QUERIES]
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "articles", Path(name) / "index"
        texts.write_articles(corpus, max(1, options.passages // _PARAGRAPHS), _PARAGRAPHS)
        say("  index the passages, with mixed vectors")
        with patch("rag.indexer.load_embedder", lambda *_: mixer):
            report = rag.build(corpus, index)
        with rag.Retriever.open(index) as retriever:
            times = _search_times(retriever, queries, options.rounds)
    return section(
        "search",
        "Search, warm",
        f"{report.chunks:,} passages in {report.documents:,} articles recombined from"
        f" {collection.name}, its {len(queries)} queries in turn in each mode, ten passages each;"
        " embedding the query counts.",
        [
            Row(f"{mode}, p{share}", "ms", {OURS: percentile(spent, share)})
            for mode, spent in times.items()
            for share in (50, 99)
        ],
        ("openvino", "faiss-cpu", "numpy"),
    )


def _search_times(
    retriever: rag.Retriever, queries: Sequence[str], rounds: int
) -> dict[str, list[float]]:
    """Milliseconds of each query, by mode; the first round is not counted."""
    times: dict[str, list[float]] = {mode: [] for mode in get_args(Mode)}
    for number in range(rounds + 1):
        say(f"  round {number} of {rounds}")
        for query in queries:
            for mode in get_args(Mode):
                spent = seconds(lambda query=query, mode=mode: retriever.search(query, mode=mode))  # type: ignore[misc]
                if number:
                    times[mode].append(spent * 1000)
    return times


def ask(options: Options) -> Section:
    """Questions about the seeds, answerable or not."""
    lines = (ROOT / "evaluation" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    times: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        rag.build(ROOT / "seeds", name)
        with rag.Retriever.open(name) as retriever:
            for number in range(options.rounds + 1):
                for question in questions:
                    spent = seconds(lambda question=question: retriever.ask(question))  # type: ignore[misc]
                    if number:
                        times.append(spent * 1000)
    return section(
        "ask",
        "Answer, warm",
        f"The {len(questions)} questions about the seeds, {options.rounds} rounds of them.",
        [
            Row(f"one question, p{share}", "ms", {OURS: percentile(times, share)})
            for share in (50, 99)
        ],
        ("openvino", "faiss-cpu"),
    )
