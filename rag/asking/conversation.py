"""Questions one after another, each understood in the light of those before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rag.asking.retriever import Retriever
from rag.asking.session import never
from rag.dialogue import Exchange, resolve
from rag.records import Answer, Filters, Mode, Record

REMEMBERED: Final = 8
"""Exchanges that a question can refer back to."""
SURE: Final = 0.5
"""At this confidence, no other reading of the question is tried."""
CLEARLY: Final = 2.0
"""A less likely reading wins if its answer is this many times as confident."""


@dataclass(frozen=True, slots=True)
class Turn(Record):
    """A question as the user typed it, the question it stands for, and its answer."""

    question: str
    resolved: str
    answer: Answer


class Conversation:
    """Asks a retriever, and understands follow-up questions.

    Not thread-safe, but several conversations may share a retriever. ``filters`` apply to the questions
    to come and may change between them. The other options are those of ``Retriever.ask``.

    >>> with Retriever.open("index") as retriever:  # doctest: +SKIP
    ...     conversation = Conversation(retriever)
    ...     conversation.ask("Who runs REAlloys?").answer.answer
    ...     conversation.ask("What did he say about Japan?").resolved
    'Leonard Sternheim'
    'What did Leonard Sternheim say about Japan?'
    """

    def __init__(
        self,
        retriever: Retriever,
        *,
        filters: Filters | None = None,
        passages: int | None = None,
        mode: Mode | None = None,
        min_confidence: float | None = None,
        budget_ms: int | None = None,
        as_of: dt.date | str | None = None,
        tell: Callable[[str], None] = lambda _: None,
        abandoned: Callable[[], bool] = never,
    ) -> None:
        self.filters = filters
        self._retriever = retriever
        self._passages = passages
        self._mode = mode
        self._min_confidence = min_confidence
        self._budget_ms = budget_ms
        self._as_of = as_of
        self._tell = tell
        self._abandoned = abandoned
        self._turns: list[Turn] = []
        self._exchanges: list[Exchange] = []  # without those that ask nothing

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, oldest first."""
        return tuple(self._turns)

    def ask(self, text: str) -> Turn:
        """Answer a question in the light of those before it. Raises as ``Retriever.ask`` does.

        If the question has several readings, the articles decide. The likeliest one wins, unless only
        another one has an answer, or has a far more confident one. A text that asks nothing, such as
        "thanks", is answered with a question; a later "why?" is about the question before that text.
        """
        readings = resolve(text, self._exchanges[-REMEMBERED:])
        answer = (
            _best(self._answer(reading) for reading in readings)
            if readings
            else self._retriever.ask_back(text)
        )
        turn = Turn(text, answer.question, answer)
        self._turns.append(turn)
        if readings:
            self._exchanges.append(_exchange(turn))
        return turn

    def recall(self, question: str, answer: str | None, quote: str = "") -> None:
        """Take note of an exchange that was held elsewhere, so that a follow-up can refer to it.

        ``answer`` is None if there was none; ``quote`` is the sentence that has it. Nothing is searched.
        """
        readings = resolve(question, self._exchanges[-REMEMBERED:])
        if readings:
            self._exchanges.append(Exchange(readings[0], answer, quote))

    def clear(self) -> None:
        """Forget all turns; the filters stay."""
        self._turns.clear()
        self._exchanges.clear()

    def to_dict(self) -> dict[str, Any]:
        """The conversation for JSON: ``{"turns": [...]}``, each turn with its whole answer."""
        return {"turns": [turn.to_dict() for turn in self._turns]}

    def _answer(self, question: str) -> Answer:
        return self._retriever.ask(
            question,
            passages=self._passages,
            mode=self._mode,
            filters=self.filters,
            min_confidence=self._min_confidence,
            budget_ms=self._budget_ms,
            as_of=self._as_of,
            tell=self._tell,
            abandoned=self._abandoned,
        )


def _exchange(turn: Turn) -> Exchange:
    citations = turn.answer.citations
    quote = citations[0].quote if citations else ""
    return Exchange(turn.resolved, turn.answer.answer, quote, turn.answer.confidence)


def _best(answers: Iterator[Answer]) -> Answer:
    """The answer to the likeliest reading, or to one that the articles clearly prefer.

    An answer by a language model wins at once: to write another would take as long again.
    """
    best = next(answers)
    while not best.generated and (best.confidence < SURE or best.status == "abstained"):
        rival = next(answers, None)
        if rival is None:
            break
        if rival.status == "answered" and (
            best.status == "abstained" or rival.confidence > CLEARLY * best.confidence
        ):
            best = rival
    return best
