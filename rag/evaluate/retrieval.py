"""Measures how well each search method ranks the relevant documents of a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Literal, get_args

import numpy as np

from rag.asking.retriever import Retriever
from rag.errors import InvalidArgument, RagError
from rag.evaluate.datasets import RetrievalSet, sampled
from rag.evaluate.metrics import judge_ranking
from rag.protocols import Progress
from rag.records import IndexInfo, Mode, Record

DEPTH: Final = 100
"""Documents ranked for each query; the measures do not look deeper."""

Method = Literal["lexical", "dense", "hybrid", "rerank"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
"""The modes of search, and hybrid search with reranking."""

_SHOWN: Final = 10

Run = dict[str, dict[str, float]]
"""By query id: document ids with their scores, best first; all scores of a query differ."""


@dataclass(frozen=True, slots=True)
class QueryResult(Record):
    """One query: its relevant documents and, by mode, its measures and the first documents found."""

    id: str
    query: str
    relevant: Mapping[str, int]
    modes: Mapping[str, Mapping[str, float]]
    found: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RetrievalReport(Record):
    """The output of ``rag eval retrieval --json``: measures by mode, as fractions of 1."""

    dataset: str
    split: str
    documents: int
    modes: Mapping[str, Mapping[str, float]]
    latency_ms: Mapping[str, float]
    """Medians of embedding a query, and of a whole query in each mode."""
    index: IndexInfo
    queries: tuple[QueryResult, ...]


def evaluate_retrieval(
    retriever: Retriever,
    dataset: RetrievalSet,
    ids: Mapping[str, str],
    *,
    mode: Method | None = None,
    sample: int | None = None,
    run_file: Path | None = None,
    progress: Progress | None = None,
) -> RetrievalReport:
    """Ask every judged query, or a random ``sample`` of them, in one mode or in all modes.

    ``ids`` maps each ``doc_id`` of the index to the id in the set. A document has the score of its best
    passage. The rankings of ``mode``, or the hybrid ones, are written to ``run_file`` in TREC's run format.
    """
    progress = progress or (lambda *_: None)
    queries = sampled(dict(dataset.queries), sample)
    modes: tuple[Method, ...] = (mode,) if mode else METHODS
    if run_file is not None:
        _check_for_spaces([*queries, *ids.values()])
    same = {each.doc_id: (each.doc_id, *each.copies) for each in retriever.documents()}
    runs: dict[str, Run] = {mode: {} for mode in modes}
    times: dict[str, list[float]] = {name: [] for name in ("embed", *modes)}
    for done, (name, text) in enumerate(queries.items()):
        progress("search", done, len(queries))
        for method in modes:
            base: Mode = "hybrid" if method == "rerank" else method
            ranking = retriever.rank_documents(text, DEPTH, mode=base, rerank=method == "rerank")
            runs[method][name] = strictly_falling(
                {ids[each]: score for doc, score in ranking.documents for each in same[doc]}
            )
            times[method].append(ranking.timings_ms["total"])
            if method != "lexical":
                times["embed"].append(ranking.timings_ms["embed"])
    progress("search", len(queries), len(queries))
    relevance = {name: dataset.relevance[name] for name in queries}
    judged = {method: judge_ranking(relevance, runs[method]) for method in modes}
    if run_file is not None:
        main = mode or "hybrid"
        write_run(run_file, runs[main], f"rag-{main}")
    return RetrievalReport(
        dataset=dataset.name,
        split=dataset.split,
        documents=len(dataset.documents),
        modes={method: means for method, (means, _) in judged.items()},
        latency_ms={name: round(median(ms), 2) for name, ms in times.items() if ms},
        index=retriever.info,
        queries=tuple(
            QueryResult(
                id=name,
                query=text,
                relevant=relevance[name],
                modes={method: own[name] for method, (_, own) in judged.items()},
                found={method: tuple(runs[method][name])[:_SHOWN] for method in modes},
            )
            for name, text in queries.items()
        ),
    )


def strictly_falling(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores, changed as little as possible so that they fall strictly in single precision.

    trec_eval reads scores in single precision and sorts equal ones by id.
    """
    result: dict[str, float] = {}
    last = np.float32(np.inf)
    for name, score in scores.items():
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        result[name] = float(last)
    return result


def write_run(path: Path, run: Run, tag: str) -> None:
    """Write rankings in TREC's run format: query, Q0, document, rank, score, tag."""
    lines = [
        f"{query} Q0 {document} {rank} {score!r} {tag}\n"
        for query, ranking in run.items()
        for rank, (document, score) in enumerate(ranking.items(), 1)
    ]
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise RagError(f"{path}: {error.strerror}", fix="choose another --run file") from error


def _check_for_spaces(names: list[str]) -> None:
    """Reject ids with spaces, since spaces separate the columns of TREC's format."""
    for name in names:
        if len(name.split()) != 1:
            raise InvalidArgument(
                f"--run: the id {name!r} has spaces, which TREC's run format does not allow"
            )
