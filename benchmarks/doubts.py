"""How often each doubt is cast on the sentence that answers, and how often on the one nearest to it.

    python -m benchmarks.doubts SQUAD.json ... [--sample N] [--write]

A rule that makes a sentence less probable (``rag.answer.select.doubts`` and ``rag.answer.lacking``) should
meet sentences that do not answer, and leave the others alone. This asks no reader and searches nothing: it
takes each question's own paragraph, so thousands of questions take seconds, where ``benchmarks.ablation``
takes minutes. It counts three kinds of sentences: those with the accepted answer; of the same paragraphs,
the other sentence with most of the question's words; and that sentence where the question has no answer.
``--write`` puts the table between the markers in ``docs/evaluation.md``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.report import EVALUATION, put_into
from rag.answer import Inquiry, ReadPassage, Source
from rag.answer.candidates import Candidate
from rag.answer.lacking import lacking
from rag.answer.select import doubts
from rag.english.question import read_question
from rag.evaluate import Example, read_questions
from rag.records import Block, Document, Passage, Reading
from rag.stores.analyzer import TextAnalyzer
from rag.text.units import units_of

KINDS: Final = ("with the answer", "nearest other", "nearest, no answer")

Found = Iterator[tuple[str, set[str]]]
"""The kind of a sentence, and the doubts cast on it."""


def judged(question: Example, document: Document, analyzer: TextAnalyzer) -> Found:
    """The sentences of a question's paragraph that count, each with its doubts."""
    inquiry = Inquiry(read_question(question.text, analyzer), analyzer, lambda _: 1.0)
    source = Source(document, Path(document.path), "")
    passage = _whole(document)
    read = ReadPassage(passage, tuple(units_of(document, passage)), Reading(0.0, ()))
    candidates = [
        Candidate(read, number, (unit.start, unit.end), {}, 1.0)
        for number, unit in enumerate(read.units)
    ]
    right = [c for c in candidates if any(answer in c.sentence for answer in question.answers)]
    if question.answers and not right:
        return
    others = [each for each in candidates if each not in right]
    nearest = max(others, key=lambda each: inquiry.share_in(each.sentence), default=None)
    missing = {"lacking"} if lacking(inquiry, candidates[:1], lambda _: source) else set()
    for kind, candidate in (
        (KINDS[0], right[0] if right else None),
        (KINDS[1] if right else KINDS[2], nearest),
    ):
        if candidate:
            cast = doubts(inquiry, candidate, candidate.span, fits=True)
            yield kind, {name for name, _ in cast} | missing


def _whole(document: Document) -> Passage:
    return Passage(
        chunk_id=f"{document.doc_id}#0",
        doc_id=document.doc_id,
        path=document.path,
        title=document.title,
        publisher=None,
        published=None,
        url=None,
        start=0,
        end=len(document.text),
        line=1,
        page=None,
        heading=None,
        text=document.text,
        score=0.0,
        contributions={},
    )


def count(path: Path, sample: int | None, analyzer: TextAnalyzer) -> dict[str, Counter[str]]:
    """How many sentences of each kind a set has (under ""), and how many have each doubt."""
    dataset = read_questions(path)
    if dataset.documents is None:
        raise SystemExit(f"{path} has no articles: it should be in SQuAD's format")
    documents = {
        each.id: Document(
            each.id, each.id, each.text, each.title, None, None, None,
            (Block(0, len(each.text), "paragraph"),),
        )
        for each in dataset.documents
    }  # fmt: skip
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for question in dataset.sample(sample):
        for kind, cast in judged(question, documents[question.sources[0]], analyzer):
            counts[kind].update(["", *cast])
    return counts


def table(counts: Sequence[dict[str, Counter[str]]]) -> str:
    """The sum over all sets, a row for each doubt."""
    total = {kind: sum((each[kind] for each in counts), Counter[str]()) for kind in KINDS}
    names = sorted(set().union(*total.values()) - {""})
    head = [f"{kind} ({total[kind]['']:,})" for kind in KINDS]
    rows = [["doubt", *head], ["---", *["---:"] * len(KINDS)]]
    rows += [[name, *(f"{total[kind][name]:,}" for kind in KINDS)] for name in names]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def main() -> None:
    """Count and print the table; with ``--write``, put it into the docs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="+", type=Path, help="SQuAD files")
    parser.add_argument("--sample", type=int, help="questions taken of each file")
    parser.add_argument("--write", action="store_true", help=f"into {EVALUATION.name}")
    arguments = parser.parse_args()
    analyzer = TextAnalyzer()
    found = table([count(path, arguments.sample, analyzer) for path in arguments.files])
    print(found)
    if arguments.write:
        put_into(EVALUATION, "doubts", found)


if __name__ == "__main__":
    main()
