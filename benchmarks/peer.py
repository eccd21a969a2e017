"""A complete alternative, txtai: the same job with the same model files on the same collection."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.measure import OURS, Options, Row, Section, median, percentile, say, section
from benchmarks.texts import load_collection
from benchmarks.worker import Worker
from rag.evaluate import RetrievalSet, judge_ranking, strictly_falling, write_articles

TXTAI: Final = "txtai"
_SIDES: Final = {OURS: "rag", TXTAI: "txtai"}
_TURN: Final = 25  # queries before the other side's turn
_LEAST: Final = 300  # latencies; with fewer, a p99 means little

By = dict[str, float]
"""A figure by side."""


def peer(options: Options) -> Section:
    """Indexing, start, search, memory, and the quality of the ranking."""
    collection = load_collection(options.data, options.split)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "articles").mkdir()
        names = write_articles(collection.documents, folder / "articles")
        rows = _indexing(folder, len(names))
        rows.append(_starting(folder, next(iter(collection.queries.values())), options.rounds))
        rows += _searching(folder, collection, names)
    return section(
        "peer",
        "Whole peer",
        f"txtai with `hybrid=True, content=True` and the same model files, on {collection.name}:"
        f" {len(collection.documents):,} documents, {len(collection.queries):,} queries, ten documents"
        " each. Ours takes documents by their best of a hundred passages. Each side in processes of its"
        " own, in turn; indexing once, from the start of the process to the saved index.",
        rows,
        ("txtai", "torch", "transformers", "openvino", "faiss-cpu", "ir-measures"),
    )


def _indexing(folder: Path, documents: int) -> list[Row]:
    """One build on each side: time, rate and memory."""
    spent, memory = By(), By()
    for side, name in _SIDES.items():
        say(f"  {side}: index {documents:,} documents")
        with Worker(name) as worker:
            worker("build", str(folder / "articles"), str(folder / name))
            spent[side] = worker.age()
            memory[side] = worker("peak")
    rates = {side: documents / seconds for side, seconds in spent.items()}
    return [
        Row("indexing", "s", spent),
        Row("documents indexed", "/s", rates, None),
        Row("peak memory while indexing", "MB", memory),
    ]


def _starting(folder: Path, query: str, rounds: int) -> Row:
    """From the start of a process to its first answer."""
    times: dict[str, list[float]] = {side: [] for side in _SIDES}
    for number in range(rounds + 1):
        say(f"  start, round {number} of {rounds}")
        for side, name in _SIDES.items():
            with Worker(name) as worker:
                worker("load", str(folder / name))
                worker("search", [query])
                if number:
                    times[side].append(worker.age())
    return Row("cold start to the first answer", "s", {s: median(t) for s, t in times.items()})


def _searching(folder: Path, collection: RetrievalSet, names: Mapping[str, str]) -> list[Row]:
    """All queries on both sides, in turns; the first turn is not timed."""
    times: dict[str, list[float]] = {side: [] for side in _SIDES}
    runs: dict[str, dict[str, By]] = {side: {} for side in _SIDES}
    queries = list(collection.queries.items())
    turns = [queries[at : at + _TURN] for at in range(0, len(queries), _TURN)]
    turns *= -(-_LEAST // len(queries))
    say(f"  {len(turns)} turns of {_TURN} queries")
    with Worker("rag") as ours, Worker("txtai") as theirs:
        workers = {OURS: ours, TXTAI: theirs}
        for side, worker in workers.items():
            worker("load", str(folder / _SIDES[side]))
            worker("search", [text for _, text in turns[0]])
        for turn in turns:
            for side, worker in workers.items():
                found = worker("search", [text for _, text in turn])
                for (query, _), (seconds, ranked) in zip(turn, found, strict=True):
                    times[side].append(seconds * 1000)
                    runs[side][query] = {names[name]: score for name, score in ranked.items()}
        memory = {side: worker("resident") for side, worker in workers.items()}
    return [
        *(
            Row(f"one query, p{share}", "ms", {s: percentile(t, share) for s, t in times.items()})
            for share in (50, 99)
        ),
        Row("resident memory after the queries", "MB", memory),
        Row("nDCG@10", "", {s: ndcg(collection.relevance, run) for s, run in runs.items()}, None),
    ]


def ndcg(
    relevance: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> float:
    """The mean nDCG@10 over the queries of the run."""
    judged = {query: relevance[query] for query in run}
    ranked = {query: strictly_falling(found) for query, found in run.items()}
    return judge_ranking(judged, ranked)[0]["ndcg@10"]
