"""The tool with growing indexes, from a thousand passages to a million."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args
from unittest.mock import patch

import rag
from benchmarks.measure import Options, Row, Section, percentile, say, seconds, section
from benchmarks.texts import Recombined, load_collection, texts_of
from benchmarks.whole import PARAGRAPHS, Mixer
from benchmarks.worker import Worker
from rag.models import load_embedder
from rag.records import Mode
from rag.stores.local.manifest import read_manifest

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)

_BASE: Final = (
    4_096  # passages to mix vectors from; with fewer, a million would form a few clusters
)
_QUERIES: Final = 200
_OPENINGS: Final = 5

Figures = dict[str, dict[str, Any]]
"""The measurements by size, which is written as in the table."""


def scale(options: Options) -> Section:
    """Builds each size once, and searches it in its own process."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection))
    embedder = load_embedder()
    say(f"  embed {_BASE:,} passages")
    mixer = Mixer(embedder.info, embedder.embed_documents(texts.passages(_BASE)))
    queries = list(collection.queries.values())[:_QUERIES]
    sizes = [size for size in SIZES if size <= options.largest] or [options.largest]
    figures: Figures = {
        f"{size:,}": _measure(texts, mixer, size, queries, options.rounds) for size in sizes
    }
    return section(
        "scale",
        "Size",
        f"Articles of {PARAGRAPHS} passages recombined from {collection.name}, with vectors mixed from"
        f" {_BASE:,} of its passages. Each size is served by a process of its own that is opened"
        f" {_OPENINGS} times and then asked its {len(queries)} queries in turn in each mode, ten passages"
        " each; embedding the query counts. Memory is what is resident after that; of the mapped part the"
        " system takes back what it needs. Recall@10 is of dense search against comparing all vectors.",
        list(_rows(figures)),
        ("openvino", "faiss-cpu", "numpy"),
    )


def _measure(
    texts: Recombined, mixer: Mixer, size: int, queries: list[str], rounds: int
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "articles", Path(name) / "index"
        say(f"  {size:,} passages: write the articles")
        texts.write_articles(corpus, max(1, size // PARAGRAPHS), PARAGRAPHS)
        say(f"  {size:,} passages: index them, with mixed vectors")
        with patch("rag.indexing.builder.load_embedder", lambda *_: mixer):
            built = seconds(partial(rag.build, corpus, index))
        with Worker("served") as worker:
            opened = [worker("load", str(index)) for _ in range(_OPENINGS)]
            say(f"  {size:,} passages: {len(queries)} queries in each mode in turn")
            times = worker("search", queries, rounds)
            return {
                "opening": percentile(opened, 50),
                "times": times,
                **worker("memory"),
                "recall": worker("recall", queries),
                "size": sum(file.size for file in read_manifest(index).files.values()),
                "built": built,
            }


def _rows(figures: Figures) -> list[Row]:
    """A row for each quantity, a column for each size."""

    def row(what: str, unit: str, of: Any) -> Row:
        return Row(what, unit, {size: of(found) for size, found in figures.items()}, None)

    searches = [
        row(
            f"{mode}, p{share}", "ms", lambda f, m=mode, s=share: percentile(f["times"][m], s) * 1e3
        )
        for mode in get_args(Mode)
        for share in (50, 99)
    ]
    mapped = (
        [] if sys.platform != "linux" else [row("of it mapped files", "MB", lambda f: f["mapped"])]
    )
    return [
        row("opening", "ms", lambda f: f["opening"] * 1e3),
        *searches,
        row("resident memory", "MB", lambda f: f["resident"]),
        *mapped,
        row("recall@10", "", lambda f: f["recall"]),
        row("size of the generation", "MB", lambda f: f["size"] / 1e6),
        row("built, without embedding", "s", lambda f: f["built"]),
    ]
