"""Measures the choices in retrieval, on collections in BEIR layout.

    python benchmarks/tuning.py fusion|depth|analyzer|bm25|rerank|chunks COLLECTION[:SPLIT] ...

Prints one table: a row for each option, a column for each collection, and the mean, which decides: a
default should be good across collections, not best on one. Cells are nDCG@10 of the hybrid ranking, and
for analyzer and bm25 also of the lexical one. Documents rank by their best passage; the product's own
``fuse`` merges the lists. At most a thousand queries of a collection are used.
"""

import argparse
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

import Stemmer

from rag.asking.session import passage_of
from rag.corpus.chunk import indexed_text
from rag.evaluate import prepared_index, read_beir
from rag.evaluate.metrics import judge_ranking
from rag.evaluate.retrieval import strictly_falling
from rag.models import load_embedder, load_reader
from rag.protocols import Store
from rag.records import Bm25Parameters, ChunkIds, Fusion, Hits, Scope, document_of
from rag.search.fuse import Fused, fuse
from rag.search.rerank import RERANKED, rerank
from rag.search.retrieve import CANDIDATES
from rag.settings import Settings
from rag.stores import open_store
from rag.stores.analyzer import STOP_WORDS, TextAnalyzer, fold, words
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.postings import build_postings

DEEPEST = 1000
QUERIES = 1000
CHUNK_CHARS = (400, 600, 900, 1200, 1600)

Analyse = Callable[[str], list[str]]
Lists = Sequence[Hits]
"""The hits of each query."""

porter = Stemmer.Stemmer("porter", 0).stemWord
snowball = Stemmer.Stemmer("english", 0).stemWord

ANALYZERS: Mapping[str, Analyse] = {
    "as it is": TextAnalyzer(),
    "no stemming": lambda text: [w for w in words(text) if w not in STOP_WORDS],
    "Porter's stemmer": lambda text: [porter(w) for w in words(text) if w not in STOP_WORDS],
    "no stop words": lambda text: [snowball(w) for w in words(text)],
    "numbers and acronyms in parts": lambda text: [
        snowball(w) for w in re.findall(r"[^\W_]+", fold(text)) if w not in STOP_WORDS
    ],
    "hyphenated words joined too": lambda text: [
        *TextAnalyzer()(text),
        *(
            snowball(w.replace("-", ""))
            for w in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)+", fold(text))
        ),
    ],
}


@dataclass(frozen=True)
class Collection:
    """An indexed collection with its queries and their lexical and dense results."""

    name: str
    store: Store
    ids: tuple[str, ...]
    """Ids of the passages, in corpus order."""
    texts: tuple[str, ...]
    """Texts of the passages, as they are analyzed and embedded."""
    owners: Mapping[str, str]
    """The id in the collection, by document."""
    queries: Mapping[str, str]
    relevance: Mapping[str, Mapping[str, int]]
    lexical: Lists
    dense: Lists

    @classmethod
    def open(cls, where: str, chunk_chars: int) -> "Collection":
        """Index a collection, unless that was done before, and search for its queries."""
        folder, _, split = where.partition(":")
        dataset = read_beir(Path(folder), split or "test")
        prepared = prepared_index(dataset.documents, Settings(chunk_chars=chunk_chars))
        store = open_store(prepared.index)
        names = sorted(dataset.queries)
        if len(names) > QUERIES:
            names = sorted(random.Random(0).sample(names, QUERIES))  # noqa: S311  # no secret
        queries = {name: dataset.queries[name] for name in names}
        vectors = load_embedder().embed_queries(list(queries.values()))
        chunks = [chunk for info in store.documents() for chunk in store.chunks_of(info.doc_id)]
        return cls(
            dataset.name,
            store,
            tuple(chunk.chunk_id for chunk in chunks),
            tuple(indexed_text(store.document(chunk.doc_id), chunk) for chunk in chunks),
            prepared.ids,
            queries,
            {name: dataset.relevance[name] for name in names},
            [store.lexical(TextAnalyzer()(q), (), DEEPEST, Scope()) for q in queries.values()],
            [store.dense(vector, DEEPEST, Scope()) for vector in vectors],
        )

    def ndcg(self, ranked: Iterator[Mapping[str, float]]) -> float:
        """The mean nDCG@10 of one ranking per query, from passage id to score."""
        run = {}
        for name, passages in zip(self.queries, ranked, strict=True):
            best: dict[str, float] = {}
            for passage, score in passages.items():
                best.setdefault(self.owners[document_of(passage)], score)
                if len(best) == 10:
                    break
            run[name] = strictly_falling(best)
        return judge_ranking(self.relevance, run)[0]["ndcg@10"]

    def alone(self, hits: Lists) -> float:
        """nDCG@10 of one of the two rankings."""
        return self.ndcg(dict(zip(h.ids, h.scores.tolist(), strict=True)) for h in hits)

    def hybrid(
        self,
        lexical: Lists | None = None,
        *,
        weight: float = Settings().lexical_weight,
        method: Fusion = "minmax",
        depth: int = CANDIDATES,
    ) -> float:
        """nDCG@10 of both rankings fused; ``lexical`` replaces the product's own."""
        return self.ndcg(map(_scores, self.fused(lexical, weight, method, depth)))

    def fused(
        self,
        lexical: Lists | None = None,
        weight: float = Settings().lexical_weight,
        method: Fusion = "minmax",
        depth: int = CANDIDATES,
    ) -> Iterator[Sequence[Fused]]:
        """Fuse both rankings of each query."""
        weights = {"lexical": weight, "dense": 1 - weight}
        for found, meaning in zip(lexical or self.lexical, self.dense, strict=True):
            lists = {"lexical": _first(found, depth), "dense": _first(meaning, depth)}
            yield fuse(lists, weights, method, depth)

    def relevances(self) -> list[list[float]]:
        """The reader's relevance of the first passages of each query."""
        reader = load_reader()
        first = (
            [passage_of(self.store, fused).excerpt for fused in found[:RERANKED]]
            for found in self.fused()
        )
        return [
            [reading.relevance for reading in reader.read(query, excerpts)]
            for query, excerpts in zip(self.queries.values(), first, strict=True)
        ]

    def lexical_lists(self, analyse: Analyse, parameters: Bm25Parameters) -> Lists:
        """The BM25 results with another analyzer or other parameters."""
        terms = enumerate(map(analyse, self.texts))
        index = LexicalIndex(build_postings(len(self.texts), terms), parameters)
        found = [index.search(analyse(query), DEEPEST) for query in self.queries.values()]
        # As in the store, the keys are the numbers of the passages in corpus order.
        return [Hits(ChunkIds(best.rows, self.ids.__getitem__), best.scores) for best in found]


Row = tuple[str, Callable[[Collection], float]]


def _first(hits: Hits, depth: int) -> Hits:
    return Hits(hits.ids[:depth], hits.scores[:depth])


def _scores(ranked: Sequence[Fused]) -> dict[str, float]:
    return {fused.chunk_id: fused.score for fused in ranked}


def fusion() -> Iterator[Row]:
    """Each ranking alone, then both with each method and weight."""
    yield "lexical alone", lambda c: c.alone(c.lexical)
    yield "dense alone", lambda c: c.alone(c.dense)
    yield "rrf", lambda c: c.hybrid(method="rrf")
    for weight in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
        yield f"minmax, lexical weight {weight}", partial(Collection.hybrid, weight=weight)


def depth() -> Iterator[Row]:
    """How many results of each ranking to fuse."""
    for number in (50, 100, 200, 300, 500, 700, 1000):
        yield f"the best {number} of each list", partial(Collection.hybrid, depth=number)


def analyzer() -> Iterator[Row]:
    """Ways to turn text into terms."""
    for name, analyse in ANALYZERS.items():
        yield from _lexical(name, analyse, Bm25Parameters())


def bm25() -> Iterator[Row]:
    """The parameters of BM25."""
    for k1, b in ((0.9, 0.4), (1.2, 0.5), (1.2, 0.75), (1.5, 0.5), (1.5, 0.75), (2.0, 0.75)):
        yield from _lexical(f"k1 {k1}, b {b}", TextAnalyzer(), Bm25Parameters(k1=k1, b=b))


def _lexical(name: str, analyse: Analyse, parameters: Bm25Parameters) -> Iterator[Row]:
    def alone(collection: Collection) -> float:
        return collection.alone(collection.lexical_lists(analyse, parameters))

    def fused(collection: Collection) -> float:
        return collection.hybrid(collection.lexical_lists(analyse, parameters))

    yield f"{name}: lexical", alone
    yield f"{name}: hybrid", fused


def reranking() -> Iterator[Row]:
    """The weight of the reader's relevance beside the scores."""
    read: dict[str, list[list[float]]] = {}

    def measure(collection: Collection, weight: float) -> float:
        if collection.name not in read:
            read[collection.name] = collection.relevances()
        ranked = zip(collection.fused(), read[collection.name], strict=True)
        return collection.ndcg(_scores(rerank(fused, own, weight)) for fused, own in ranked)

    for weight in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6):
        yield f"relevance {weight}", partial(measure, weight=weight)


TABLES = {
    "fusion": fusion,
    "depth": depth,
    "analyzer": analyzer,
    "bm25": bm25,
    "rerank": reranking,
}


def show(rows: Iterator[Row], collections: Sequence[Collection]) -> None:
    """Print a table in Markdown, each row as soon as it is measured."""
    names = [collection.name for collection in collections]
    print(f"| | {' | '.join(names)} | mean |\n|---|{'---|' * (len(names) + 1)}")
    for name, measure in rows:
        found = [measure(collection) for collection in collections]
        cells = [f"{value:.4f}".lstrip("0") for value in (*found, fmean(found))]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def chunks(sizes: Sequence[int], where: Sequence[str]) -> None:
    """Print a row for each passage size; every size needs new indexes."""
    for number, size in enumerate(sizes):
        collections = [Collection.open(place, size) for place in where]
        if not number:
            names = " | ".join(collection.name for collection in collections)
            print(f"| characters | {names} | mean |\n|---|{'---|' * (len(where) + 1)}")
        found = [collection.hybrid() for collection in collections]
        cells = [f"{value:.4f}".lstrip("0") for value in (*found, fmean(found))]
        print(f"| {size} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table of one choice."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("choice", choices=[*TABLES, "chunks"])
    parser.add_argument("collections", nargs="+", metavar="COLLECTION[:SPLIT]")
    parser.add_argument("--sizes", nargs="+", type=int, default=CHUNK_CHARS, metavar="CHARACTERS")
    arguments = parser.parse_args()
    if arguments.choice == "chunks":
        chunks(arguments.sizes, arguments.collections)
    else:
        collections = [
            Collection.open(where, Settings().chunk_chars) for where in arguments.collections
        ]
        show(TABLES[arguments.choice](), collections)


if __name__ == "__main__":
    main()
