"""Question sets for the ablation: the questions, their indexes, and how to judge the answers.

There are four kinds: questions with accepted answers, questions for answers of a shape, reports that agree
or differ, and dialogues.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import rag
from benchmarks.shapes import misses
from rag.evaluate import Example, corpus_index, prepared_index, read_questions
from rag.evaluate.metrics import f1, holds
from rag.evaluate.steps import is_right

ROOT: Final = Path(__file__).parents[1]
ARTICLES: Final = ROOT / "tests" / "dialogue" / "articles"
OWN: Final = {
    "seeds": ROOT / "seeds",
    "seeds-2": ROOT / "seeds",
    "seeds-3": ROOT / "seeds",
    "others": ARTICLES,
    "languages": ROOT / "evaluation" / "languages",
}
"""The project's own question sets, and the folders of their articles."""
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
    """Anything that answers questions."""

    def ask(self, question: str) -> rag.Answer:
        """The answer to a question."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one question with some rules; None if a measure does not apply."""

    right: bool
    hit: bool | None
    f1: float | None
    declined_unanswerable: bool | None
    declined_answerable: bool | None
    differ: bool | None = None
    """Whether the answer says that articles differ."""
    confidence: float | None = None

    @classmethod
    def of(cls, answer: rag.Answer, question: Example) -> Outcome:
        """Compare an answer with the accepted ones; if there are none, the question is unanswerable."""
        text, answers = answer.answer, question.answers
        hit, declined = is_right(question, text or "", answer.citations), text is None
        return cls(
            hit if answers else declined,
            hit if answers else None,
            f1(text or "", answers),
            None if answers else declined,
            declined if answers else None,
            bool(answer.disagreement),
            answer.confidence,
        )

    def measures(self) -> tuple[float | None, ...]:
        """The measures, in the order of ``MEASURES``."""
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
    """A question or a dialogue, and the function that asks it and judges the answers."""

    outcomes: Callable[[Asker], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Set:
    """A question set, its index, and whether it is the project's own, for which rules were written."""

    name: str
    index: Path
    items: tuple[Item, ...]
    own: bool


def question_item(question: Example) -> Item:
    """A question with accepted answers."""
    return Item(lambda asker: [Outcome.of(asker.ask(question.text), question)])


def shape_item(line: dict[str, Any]) -> Item:
    """A question for an answer of a shape."""

    def outcomes(asker: Asker) -> list[Outcome]:
        answer = asker.ask(line["question"])
        right, declined = not misses(line, answer), answer.answer is None
        if line.get("declined"):
            return [Outcome(right, None, None, declined, None)]
        return [Outcome(right, None, None, None, declined)]

    return Item(outcomes)


def report_item(line: dict[str, Any]) -> Item:
    """A question on which articles agree or differ: right if support and disagreement are right."""

    def outcomes(asker: Asker) -> list[Outcome]:
        answer = asker.ask(line["question"])
        others = [other.answer.casefold() for other in answer.disagreement]
        differ = len(others) == len(line["disagree"]) and all(
            any(d.casefold() in o or o in d.casefold() for o in others) for d in line["disagree"]
        )
        counted = not line["agree"] or answer.support == len(line["agree"])
        over = answer.support > max(1, len(line["agree"]))
        hit = holds(answer.answer or "", line["answers"]) if line.get("answers") else None
        return [Outcome(differ and counted and not over, hit, None, None, answer.answer is None)]

    return Item(outcomes)


def dialogue_item(dialogue: dict[str, Any]) -> Item:
    """A dialogue: a follow-up is right if it leads to the passage that answers it."""

    def outcomes(asker: Asker) -> list[Outcome]:
        conversation = rag.Conversation(asker)  # type: ignore[arg-type]  # it only needs ``ask``
        results = []
        for number, expected in enumerate(dialogue["turns"]):
            turn = conversation.ask(expected["ask"])
            if number:
                results.append(_judge_turn(turn, expected))
        return results

    return Item(outcomes)


def _judge_turn(turn: Any, expected: dict[str, Any]) -> Outcome:
    answer, declined = turn.answer, turn.answer.answer is None
    if expected.get("declines"):
        return Outcome(declined, None, None, declined, None)
    places = answer.citations or answer.passages
    text = (places[0].quote if answer.citations else places[0].text) if places else ""
    flat = " ".join(text.split()).casefold()
    right = bool(places) and places[0].doc_id in expected["docs"]
    right = right and " ".join(expected["holds"].split()).casefold() in flat
    return Outcome(right, None, None, None, declined)


def sets(files: Sequence[str], sample: int | None, scratch: Path, *, own: bool) -> Iterator[Set]:
    """The project's own sets if ``own``, then those in the files."""
    if own:
        yield from own_sets(scratch)
    for name in files:
        questions, _, folder = name.partition(":")
        dataset = read_questions(Path(questions))
        if folder:
            index = corpus_index(Path(folder), rag.Settings()).index
        elif dataset.documents is not None:
            index = prepared_index(dataset.documents, rag.Settings()).index
        else:
            raise SystemExit(f"{name} has no articles: name their folder after a colon")
        items = tuple(map(question_item, dataset.sample(sample)))
        yield Set(Path(questions).stem, index, items, own=False)


def own_sets(scratch: Path) -> Iterator[Set]:
    """The project's own sets; ``scratch`` is a folder for indexes."""
    settings = rag.Settings()
    for name, corpus in OWN.items():
        questions = read_questions(ROOT / "evaluation" / f"{name}.jsonl").questions
        index = corpus_index(corpus, settings).index
        yield Set(name, index, tuple(map(question_item, questions)), own=True)
    items = tuple(map(shape_item, json_lines(ROOT / "evaluation" / "shapes.jsonl")))
    yield Set("shapes", corpus_index(OWN["seeds"], settings).index, items, own=True)
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


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
