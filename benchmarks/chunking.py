"""Measures how much of the answers the retrieved passages contain, by passage size.

    python -m benchmarks.chunking DIR --chunk-chars 400 600 900 1200

DIR holds long texts (``NAME.md`` or ``.txt``) and ``questions_df.csv`` with the columns ``question``,
``corpus_id`` (the text's NAME) and ``references`` (JSON: ``content``, ``start_index``, ``end_index``),
the layout of Chroma's chunking evaluation (Smith & Troynikov 2024). All texts are in one index. As there,
overlap is counted in characters, over the union of the retrieved passages of the question's own text, and
averaged over the questions. Recall is the share of the references that was retrieved, precision the share
of the retrieved text that belongs to references, IoU their intersection over their union.

With the same number of passages, longer ones always retrieve more. ``--budget 4500`` compares sizes fairly:
it takes as many of the best passages as fit into that many characters.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

import rag
from benchmarks.measure import say
from rag.errors import DatasetInvalid
from rag.records import Mode
from rag.stores import open_store

QUESTIONS: Final = "questions_df.csv"
TEXTS: Final = (".md", ".txt")

_MOST: Final = 200  # passages to fill a budget from

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ReferencedQuestion:
    """A question, the name of the text that answers it, and the spans of the answer."""

    text: str
    source: str
    references: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares from 0 to 1, of one question or on average."""

    recall: float
    precision: float
    iou: float


@dataclass(frozen=True, slots=True)
class SizeResult:
    """The results of one passage size in one mode."""

    chunk_chars: int
    mode: str
    passages: int
    """In the whole index."""
    recall: float
    precision: float
    iou: float
    whole: float
    """Share of the questions whose references were retrieved completely."""
    reachable: float
    """Share of the references that is in any passage: the upper limit of recall."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How much to retrieve for a question: a number of passages, or as many as fit into a budget."""

    passages: int = 5
    budget: int | None = None
    """In characters."""

    def search(self, retriever: rag.Retriever, question: str, mode: Mode) -> list[rag.Passage]:
        """The best passages; at least one, even if it is longer than the budget."""
        if self.budget is None:
            return retriever.search(question, self.passages, mode=mode)
        fitting: list[rag.Passage] = []
        left = self.budget
        for passage in retriever.search(question, _MOST, mode=mode):
            left -= passage.end - passage.start
            if fitting and left < 0:
                break
            fitting.append(passage)
        return fitting


# ---------------------------------------------------------------- the questions


def load_questions(folder: Path) -> list[ReferencedQuestion]:
    """The questions of a folder, each reference checked against the text.

    Raises DatasetInvalid, naming the file and the line.
    """
    path = folder / QUESTIONS
    try:
        texts = {p.stem: p.read_bytes().decode("utf-8-sig") for p in _texts(folder)}
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return [_question(row, texts, f"{path}:{rows.line_num}") for row in rows]
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetInvalid(str(error)) from error


def _texts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in TEXTS)


def _question(row: Mapping[str, str], texts: Mapping[str, str], place: str) -> ReferencedQuestion:
    try:
        source, text = row["corpus_id"], texts[row["corpus_id"]]
        references = [
            (raw["start_index"], raw["end_index"], raw["content"])
            for raw in json.loads(row["references"])
        ]
        question = row["question"]
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetInvalid(
            f"{place}: not a question with references to a text here ({error})"
        ) from error
    for start, end, content in references:
        if text[start:end] != content:
            raise DatasetInvalid(f"{place}: the text has something else at {start}:{end}")
    return ReferencedQuestion(question, source, tuple((start, end) for start, end, _ in references))


# ---------------------------------------------------------------- overlap


def overlap(references: Iterable[Span], retrieved: Iterable[Span]) -> Overlap:
    """Recall, precision and intersection over union, in characters.

    >>> overlap([(10, 20)], [(0, 15), (12, 30)])
    Overlap(recall=1.0, precision=0.3333333333333333, iou=0.3333333333333333)
    """
    expected, results = _merge(references), _merge(retrieved)
    shared = sum(
        max(0, min(end, high) - max(start, low)) for start, end in expected for low, high in results
    )
    total, size = _length(expected), _length(results)
    return Overlap(
        recall=shared / total if total else 0.0,
        precision=shared / size if size else 0.0,
        iou=shared / (total + size - shared) if total + size else 0.0,
    )


def _merge(spans: Iterable[Span]) -> list[Span]:
    """The union of spans, in order and without overlaps."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


# ---------------------------------------------------------------- passage sizes


def evaluate(
    folder: Path,
    questions: Sequence[ReferencedQuestion],
    chunk_chars: int,
    modes: Sequence[Mode],
    depth: Depth,
) -> list[SizeResult]:
    """Index the texts with one passage size and ask every question in each mode."""
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "texts", Path(name) / "index"
        corpus.mkdir()
        for path in _texts(folder):
            shutil.copy(path, corpus)
        say(f"{chunk_chars} characters: index")
        report = rag.build(corpus, index, settings=rag.Settings(chunk_chars=chunk_chars))
        reachable = _reachable(index, questions)
        with rag.Retriever.open(index) as retriever:
            return [
                SizeResult(
                    chunk_chars,
                    mode,
                    report.chunks,
                    **_means(
                        [_overlap(retriever, question, mode, depth) for question in questions]
                    ),
                    reachable=reachable,
                )
                for mode in modes
            ]


def _overlap(
    retriever: rag.Retriever, question: ReferencedQuestion, mode: Mode, depth: Depth
) -> Overlap:
    passages = depth.search(retriever, question.text, mode)
    own = [(p.start, p.end) for p in passages if Path(p.doc_id).stem == question.source]
    return overlap(question.references, own)


def _means(overlaps: Sequence[Overlap]) -> dict[str, float]:
    means = {
        name: float(np.mean([getattr(one, name) for one in overlaps]))
        for name in ("recall", "precision", "iou")
    }
    return means | {"whole": float(np.mean([one.recall == 1 for one in overlaps]))}


def _reachable(index: Path, questions: Sequence[ReferencedQuestion]) -> float:
    """The mean recall if every passage were retrieved; below 1 if the chunker leaves text out."""
    store = open_store(index)
    spans = {
        Path(info.doc_id).stem: [(c.start, c.end) for c in store.chunks_of(info.doc_id)]
        for info in store.documents()
    }
    return float(np.mean([overlap(q.references, spans[q.source]).recall for q in questions]))


# ---------------------------------------------------------------- command line


def table(results: Sequence[SizeResult]) -> str:
    """The results in columns; shares in percent."""
    names = list(asdict(results[0]))
    lines = ["".join(f"{name:>12}" for name in names)]
    for result in results:
        cells = (
            f"{value:>12.1%}" if isinstance(value, float) else f"{value:>12}"
            for value in asdict(result).values()
        )
        lines.append("".join(cells))
    return "\n".join(lines)


def main() -> None:
    """Print the table, or JSON."""
    arguments = _arguments()
    questions = load_questions(arguments.folder)
    depth = Depth(arguments.passages, arguments.budget)
    results: list[SizeResult] = []
    for chunk_chars in arguments.chunk_chars:
        results += evaluate(arguments.folder, questions, chunk_chars, arguments.modes, depth)
    if arguments.json:
        raw: dict[str, Any] = {"questions": len(questions), "depth": asdict(depth)}
        print(json.dumps(raw | {"results": [asdict(result) for result in results]}, indent=1))
    else:
        print(table(results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chunking",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--chunk-chars", type=int, nargs="+", default=[400, 600, 900, 1200])
    parser.add_argument("--modes", nargs="+", choices=get_args(Mode), default=["hybrid"])
    parser.add_argument("-k", "--passages", type=int, default=5, help="retrieved for each question")
    parser.add_argument(
        "--budget", type=int, metavar="CHARS", help="instead of a number of passages"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except (DatasetInvalid, rag.RagError) as error:
        sys.exit(f"error: {error}")
