"""Question sets to be asked again and again: what is asked of which index, and what is right.

A question with accepted answers is one kind; the others are reports that agree or differ, and dialogues.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import rag
from rag.evaluate import Example, corpus_index, prepared_index, read_questions
from rag.evaluate.metrics import f1, holds
from rag.evaluate.retrieval import sampled

ROOT: Final = Path(__file__).parents[1]
ARTICLES: Final = ROOT / "tests" / "dialogue" / "articles"
OWN: Final = {
    "seeds": ROOT / "seeds",
    "seeds-2": ROOT / "seeds",
    "seeds-3": ROOT / "seeds",
    "others": ARTICLES,
}
"""The project's own question sets, and the articles that they are about."""
MEASURES: Final = (
    "right",
    "answer hit",
    "F1",
    "unanswerable declined",
    "answerable declined",
    "said to differ",
    "AUC",
)
"""The AUC is of confidence, between answerable and unanswerable questions."""


class Asker(Protocol):
    """What answers."""

    def ask(self, question: str) -> rag.Answer:
        """The answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question under some rules; None where a measure does not apply."""

    right: bool
    hit: bool | None
    f1: float | None
    declined_unanswerable: bool | None
    declined_answerable: bool | None
    differ: bool | None = None
    """Whether articles are said to differ."""
    confidence: float | None = None

    @classmethod
    def of(cls, answer: rag.Answer, answers: Sequence[str]) -> Outcome:
        """An answer held against those that are accepted; none of them means unanswerable."""
        given = answer.answer
        hit, declined = holds(given or "", answers), given is None
        return cls(
            hit if answers else declined,
            hit if answers else None,
            f1(given or "", answers),
            None if answers else declined,
            declined if answers else None,
            bool(answer.disagreement),
            answer.confidence,
        )

    def measures(self) -> tuple[float | None, ...]:
        """In the order of ``MEASURES``."""
        return (
            float(self.right),
            self.hit,
            self.f1,
            self.declined_unanswerable,
            self.declined_answerable,
            self.differ,
        )


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be asked of an index, and how its outcome is found."""

    outcomes: Callable[[Asker], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Set:
    """A question set, the index that answers it, and whether the rules were written with it at hand."""

    name: str
    index: Path
    items: tuple[Item, ...]
    own: bool


def question_item(question: Example) -> Item:
    """A question with accepted answers."""
    return Item(lambda asker: [Outcome.of(asker.ask(question.text), question.answers)])


def report_item(line: dict[str, Any]) -> Item:
    """A question that articles agree on or not: right is who is counted and who is shown to differ."""

    def outcomes(asker: Asker) -> list[Outcome]:
        given = asker.ask(line["question"])
        plain = [other.answer.casefold() for other in given.disagreement]
        differ = len(plain) == len(line["disagree"]) and all(
            any(w.casefold() in p or p in w.casefold() for p in plain) for w in line["disagree"]
        )
        counted = not line["agree"] or given.support == len(line["agree"])
        over = given.support > max(1, len(line["agree"]))
        hit = holds(given.answer or "", line["answers"]) if line.get("answers") else None
        return [Outcome(differ and counted and not over, hit, None, None, given.answer is None)]

    return Item(outcomes)


def dialogue_item(dialogue: dict[str, Any]) -> Item:
    """A dialogue: right is each follow-up that leads to the passage that answers it."""

    def outcomes(asker: Asker) -> list[Outcome]:
        conversation = rag.Conversation(asker)  # type: ignore[arg-type]  # it asks, and that is all
        found = []
        for number, wanted in enumerate(dialogue["turns"]):
            turn = conversation.ask(wanted["ask"])
            if number:
                found.append(_turn(turn, wanted))
        return found

    return Item(outcomes)


def _turn(turn: Any, wanted: dict[str, Any]) -> Outcome:
    answer, declined = turn.answer, turn.answer.answer is None
    if wanted.get("declines"):
        return Outcome(declined, None, None, declined, None)
    place = answer.citations or answer.passages
    text = (place[0].quote if answer.citations else place[0].text) if place else ""
    flat = " ".join(text.split()).casefold()
    right = bool(place) and place[0].doc_id in wanted["docs"]
    right = right and " ".join(wanted["holds"].split()).casefold() in flat
    return Outcome(right, None, None, None, declined)


def sets(files: Sequence[Path], sample: int | None, scratch: Path) -> Iterator[Set]:
    """The project's own sets, then those of the files."""
    settings = rag.Settings()
    for name, corpus in OWN.items():
        questions = read_questions(ROOT / "evaluation" / f"{name}.jsonl").questions
        index = corpus_index(corpus, settings).index
        yield Set(name, index, tuple(map(question_item, questions)), own=True)
    for name in ("reports", "reports2"):
        path = ROOT / "tests" / "answer" / f"{name}.jsonl"
        rag.build(path.with_suffix(""), scratch / name)
        items = tuple(report_item(line) for line in json_lines(path))
        yield Set(name, scratch / name, items, own=True)
    lines = [
        line
        for name in ("dialogues", "dialogues-held-out")
        for line in json_lines(ROOT / "evaluation" / f"{name}.jsonl")
    ]
    for about, folder in (("seeds", ROOT / "seeds"), ("articles", ARTICLES)):
        items = tuple(dialogue_item(line) for line in lines if line["corpus"] == about)
        index = corpus_index(folder, settings).index
        yield Set(f"dialogues, {about}", index, items, own=True)
    for path in files:
        dataset = read_questions(path)
        numbers = {str(n): question.text for n, question in enumerate(dataset.questions)}
        chosen = [dataset.questions[int(n)] for n in sampled(numbers, sample)]
        if dataset.documents is None:
            raise SystemExit(f"{path} brings no articles: it should be in SQuAD's form")
        index = prepared_index(dataset.documents, settings).index
        yield Set(path.stem, index, tuple(map(question_item, chosen)), own=False)


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
