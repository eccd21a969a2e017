"""How well each way of searching ranks the documents that a collection judges relevant."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Literal, get_args

import numpy as np

from rag.asking.retriever import Retriever
from rag.errors import InvalidArgument, RagError
from rag.evaluate.datasets import RetrievalSet
from rag.evaluate.metrics import judge_ranking
from rag.protocols import Progress
from rag.records import IndexInfo, Mode, Record

DEPTH: Final = 100
"""Documents ranked for each query, as far as the measures look."""

Ranking = Literal["lexical", "dense", "hybrid", "rerank"]
RANKINGS: Final[tuple[Ranking, ...]] = get_args(Ranking)
"""The ways of searching, and hybrid search whose first passages are read."""

_SHOWN: Final = 10

Run = dict[str, dict[str, float]]
"""By query id: document ids with their scores, best first, no two scores equal."""


@dataclass(frozen=True, slots=True)
class QueryResult(Record):
    """One query: what is relevant, and by mode its measures and the first documents found."""

    id: str
    query: str
    relevant: Mapping[str, int]
    modes: Mapping[str, Mapping[str, float]]
    found: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RetrievalReport(Record):
    """What ``rag eval retrieval --json`` prints: measures by mode as fractions of 1."""

    dataset: str
    split: str
    documents: int
    modes: Mapping[str, Mapping[str, float]]
    latency_ms: Mapping[str, float]
    """Medians: a query embedded, and a whole query by each mode."""
    index: IndexInfo
    queries: tuple[QueryResult, ...]


def evaluate_retrieval(
    retriever: Retriever,
    dataset: RetrievalSet,
    ids: Mapping[str, str],
    *,
    mode: Ranking | None = None,
    sample: int | None = None,
    run_file: Path | None = None,
    progress: Progress | None = None,
) -> RetrievalReport:
    """Ask every judged query, or a random ``sample`` of them, in one mode or in every.

    ``ids`` gives the set's id of each ``doc_id`` of the index. A document scores by its best passage.
    ``run_file`` takes the rankings of that mode, or the hybrid ones, in TREC's run format.
    """
    progress = progress or (lambda *_: None)
    queries = sampled(dict(dataset.queries), sample)
    modes: tuple[Ranking, ...] = (mode,) if mode else RANKINGS
    if run_file is not None:
        _refuse_spaces([*queries, *ids.values()])
    runs: dict[str, Run] = {mode: {} for mode in modes}
    times: dict[str, list[float]] = {name: [] for name in ("embed", *modes)}
    for done, (name, text) in enumerate(queries.items()):
        progress("search", done, len(queries))
        for way in modes:
            searched: Mode = "hybrid" if way == "rerank" else way
            ranking = retriever.rank_documents(text, DEPTH, mode=searched, rerank=way == "rerank")
            runs[way][name] = strictly_falling(
                {ids[doc]: score for doc, score in ranking.documents}
            )
            times[way].append(ranking.timings_ms["total"])
            if way != "lexical":
                times["embed"].append(ranking.timings_ms["embed"])
    progress("search", len(queries), len(queries))
    relevance = {name: dataset.relevance[name] for name in queries}
    judged = {way: judge_ranking(relevance, runs[way]) for way in modes}
    if run_file is not None:
        written = mode or "hybrid"
        write_run(run_file, runs[written], f"rag-{written}")
    return RetrievalReport(
        dataset=dataset.name,
        split=dataset.split,
        documents=len(dataset.documents),
        modes={way: means for way, (means, _) in judged.items()},
        latency_ms={name: round(median(spent), 2) for name, spent in times.items() if spent},
        index=retriever.info,
        queries=tuple(
            QueryResult(
                id=name,
                query=text,
                relevant=relevance[name],
                modes={way: own[name] for way, (_, own) in judged.items()},
                found={way: tuple(runs[way][name])[:_SHOWN] for way in modes},
            )
            for name, text in queries.items()
        ),
    )


def sampled(everything: dict[str, str], size: int | None) -> dict[str, str]:
    """A random choice of this size, in the order of the whole, the same at every run."""
    if size is None or size >= len(everything):
        return everything
    if size < 1:
        raise InvalidArgument(f"sample: {size} is less than 1")
    chosen = set(random.Random(0).sample(sorted(everything), size))  # noqa: S311  # no secret
    return {name: text for name, text in everything.items() if name in chosen}


def strictly_falling(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores made strictly falling in single precision, in which trec_eval reads them.

    It orders equal scores by id; a score that equals the one before is lowered by the least there is.
    """
    result: dict[str, float] = {}
    last = np.float32(np.inf)
    for name, score in scores.items():
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        result[name] = float(last)
    return result


def write_run(path: Path, run: Run, tag: str) -> None:
    """Rankings in TREC's run format: query, Q0, document, rank, score, tag."""
    lines = [
        f"{query} Q0 {document} {rank} {score!r} {tag}\n"
        for query, found in run.items()
        for rank, (document, score) in enumerate(found.items(), 1)
    ]
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise RagError(f"{path}: {error.strerror}", fix="choose another --run file") from error


def _refuse_spaces(names: list[str]) -> None:
    """TREC's format parts its columns by spaces."""
    for name in names:
        if len(name.split()) != 1:
            raise InvalidArgument(
                f"--run: the id {name!r} holds spaces, so no TREC run can name it"
            )
