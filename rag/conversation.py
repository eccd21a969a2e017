"""Questions one after another, each understood by what was asked and answered before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from rag.answer import Exchange, resolve
from rag.retriever import Retriever
from rag.types import Answer, Filters, Mode, Record

REMEMBERED: Final = 8
"""Exchanges that a question can go back to."""
SURE: Final = 0.5
"""Confidence from which no other reading of a question is tried."""
CLEARLY: Final = 2.0
"""How many times as confident the answer to a less likely reading must be to be preferred."""


@dataclass(frozen=True, slots=True)
class Turn(Record):
    """A question as it was typed, as it was understood, and its answer."""

    question: str
    resolved: str
    answer: Answer


class Conversation:
    def __init__(self, retriever: Retriever, *, filters: Filters | None = None) -> None:
        self.filters = filters
        self._retriever = retriever
        self._turns: list[Turn] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(self._turns)

    def ask(self, text: str) -> Turn:
        before = [_exchange(turn) for turn in self._turns[-REMEMBERED:]]
        readings = resolve(text, before)
        best = None
        for reading in readings:
            answer = self._retriever.ask(reading, filters=self.filters)
            if best is None or _better(answer, best):
                best = answer
            if best.confidence >= SURE:
                break
        turn = Turn(text, best.question, best)
        self._turns.append(turn)
        return turn


def _exchange(turn: Turn) -> Exchange:
    quote = turn.answer.citations[0].quote if turn.answer.citations else ""
    return Exchange(turn.resolved, turn.answer.answer, quote)


def _better(answer: Answer, best: Answer) -> bool:
    if answer.status == "abstained":
        return False
    return best.status == "abstained" or answer.confidence > CLEARLY * best.confidence
