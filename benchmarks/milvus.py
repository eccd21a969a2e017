"""An index on Milvus beside the local one: building, opening, searching, and whether they agree.

    python -m benchmarks.milvus [--passages 100000] [--store milvus+URL] [--data DIR --split dev]

Articles are recombined from a collection and have mixed vectors, so nothing is embedded but the queries.
Without --store, milvus-lite is measured: it is one Python process and says nothing of a cluster.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, get_args
from unittest.mock import Mock, patch

import rag
from benchmarks.measure import in_turn, percentile, say, seconds
from benchmarks.texts import Recombined, load_collection, texts_of
from benchmarks.whole import PARAGRAPHS, Mixer
from rag.models import load_embedder
from rag.records import Mode

_BASE: Final = 1_024
"""Passages to mix vectors from."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--store", default="")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection))
    embedder = load_embedder()
    base = embedder.embed_documents(texts.passages(min(_BASE, options.passages)))
    queries = list(collection.queries.values())[: options.queries]
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name, "articles"), Path(name, "benchmark")
        texts.write_articles(corpus, max(1, options.passages // PARAGRAPHS), PARAGRAPHS)
        stores = {
            "local": rag.Settings(),
            "milvus": rag.Settings(store=options.store or f"milvus+{name}/milvus.db"),
        }
        for kind, settings in stores.items():
            mixer = Mixer(embedder.info, base)
            say(f"  {kind}: build")
            with patch("rag.indexing.builder.load_embedder", Mock(return_value=mixer)):
                built = seconds(partial(rag.build, corpus, index, settings=settings))
            opened = seconds(partial(_opened, index, settings))
            print(f"{kind}: built in {built:.1f} s, opened in {opened:.2f} s")
        with (
            rag.Retriever.open(index, settings=stores["local"]) as local,
            rag.Retriever.open(index, settings=stores["milvus"]) as remote,
        ):
            print(f"{local.status().chunks:,} passages")
            _compare({"local": local, "milvus": remote}, queries, options.rounds)


def _opened(index: Path, settings: rag.Settings) -> None:
    rag.Retriever.open(index, settings=settings).close()


def _compare(sides: Mapping[str, rag.Retriever], queries: list[str], rounds: int) -> None:
    for mode in get_args(Mode):
        say(f"  {mode}: {len(queries)} queries on both sides in turn")
        searches = {side: partial(retriever.search, mode=mode) for side, retriever in sides.items()}
        for side, spent in in_turn(searches, queries, rounds).items():
            shown = ", ".join(
                f"p{share} {percentile(spent, share) * 1000:.1f} ms" for share in (50, 99)
            )
            print(f"{mode}, {side}: {shown}")
        same = sum(_ids(*searches.values(), query=query) for query in queries)
        print(f"{mode}: the same ten in the same order for {same} of {len(queries)} queries")


def _ids(*searches: partial[list[rag.Passage]], query: str) -> bool:
    one, other = ([passage.chunk_id for passage in search(query)] for search in searches)
    return one == other


if __name__ == "__main__":
    main()
