"""Updates of an index beside full builds, and the cost of a build beyond encoding."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import rag
from benchmarks.measure import (
    OURS,
    Options,
    Row,
    Section,
    median,
    process,
    say,
    seconds,
    section,
)
from benchmarks.texts import PARAGRAPH, STRETCH, Recombined, load_collection, texts_of
from rag.models import load_embedder

if TYPE_CHECKING:
    from rag.records.base import FloatArray

REBUILD: Final = "full rebuild"

_SHORT: Final = 3  # stretches: short articles of 24 words, since this does not measure encoding
_ARTICLES: Final = 40
_PARAGRAPHS: Final = 10


def update(options: Options) -> Section:
    """Updates from the command line, with no change and with one changed article."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "articles"
        texts.write_articles(corpus, options.articles, 1, _SHORT)
        index = process(sys.executable, "-m", "rag", "index", "articles")
        say(f"  build {options.articles:,} articles")
        rebuilt = seconds(partial(index, folder))
        nothing, one = [], []
        for number in range(options.rounds):
            say(f"  round {number + 1} of {options.rounds}")
            nothing.append(seconds(partial(index, folder)))
            changed = corpus / f"{number % options.articles:06}.txt"
            changed.write_text(f"{changed.read_text()}\n{texts.passages(1)[0]}.\n")
            one.append(seconds(partial(index, folder)))
    return section(
        "update",
        "Updates",
        f"`rag index` from the shell, whole processes, on {options.articles:,} articles of"
        f" {_SHORT * STRETCH} words recombined from {collection.name}: once to build it, then in turn"
        " with nothing changed and with one article changed.",
        (
            Row("nothing changed", "s", {OURS: median(nothing), REBUILD: rebuilt}),
            Row("one article changed", "s", {OURS: median(one), REBUILD: rebuilt}),
        ),
        ("openvino", "faiss-cpu", "numpy"),
    )


def overhead(options: Options) -> Section:
    """The time of a whole build that is not spent in the model."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection))
    embedder = load_embedder()
    shares = []
    for number in range(options.rounds):
        say(f"  build {number + 1} of {options.rounds}")
        with tempfile.TemporaryDirectory() as name:
            corpus = Path(name) / "articles"
            texts.write_articles(corpus, _ARTICLES, _PARAGRAPHS)
            stopwatch = _Stopwatch(embedder.embed_documents)
            # A process has one copy of a model, so the build uses this one.
            with patch.object(embedder, "embed_documents", stopwatch):
                whole = seconds(partial(rag.build, corpus, f"{name}/index"))
            shares.append(100 * (whole / stopwatch.spent - 1))
    return section(
        "overhead",
        "Build beyond encoding",
        f"`rag.build` of {_ARTICLES} articles with {_PARAGRAPHS} paragraphs of"
        f" {PARAGRAPH * STRETCH} words, the model loaded: what the whole takes beyond the time inside"
        " the model.",
        [Row("of the encoding time", "%", {OURS: median(shares)}, None)],
        ("openvino", "numpy"),
    )


class _Stopwatch:
    """A function that adds up the time spent in it."""

    def __init__(self, call: Callable[[Sequence[str]], FloatArray]) -> None:
        self._call = call
        self.spent = 0.0

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        begun = time.perf_counter()
        try:
            return self._call(texts)
        finally:
            self.spent += time.perf_counter() - begun
