"""The conversations that addresses stand for, and what the page says of the index as a whole."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rag.asking.conversation import Conversation, Turn
from rag.asking.retriever import Retriever
from rag.records import Answer, DocumentInfo, Filters
from rag.serve.page.state import PageState

KEPT: Final = 128
"""Turns that are kept, so that opening an article beside an answer asks nothing again."""
SECONDS: Final = 600.0
"""How long a turn is kept: not for good, since its citations say whether their files have changed."""
NEWEST: Final = 6
"""Articles that the first page shows."""
PUBLISHERS: Final = 300
"""Publishers that the filter suggests, those with most articles first."""

_Key = tuple[str, Filters | None, tuple[str, ...]]


class Conversations:
    """Asks the questions of an address, but for those whose answers are still known. Thread-safe."""

    def __init__(self, retriever: Retriever, answered: Callable[[Answer], None]) -> None:
        """``answered`` is told each new answer."""
        self._retriever = retriever
        self._answered = answered
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, tuple[float, Turn]] = OrderedDict()

    def turns(
        self, state: PageState, tell: Callable[[str], None], abandoned: Callable[[], bool]
    ) -> list[Turn]:
        """The questions with their answers. Raises as ``Retriever.ask`` does."""
        generation = self._retriever.info.generation
        conversation = Conversation(
            self._retriever, filters=state.filters, tell=tell, abandoned=abandoned
        )
        turns = []
        for number, question in enumerate(state.questions, 1):
            key = (generation, state.filters, state.questions[:number])
            turn = self._known(key)
            if turn is None:
                turn = conversation.ask(question)
                self._answered(turn.answer)
                self._keep(key, turn)
            else:
                answer = turn.answer
                quote = answer.citations[0].quote if answer.citations else ""
                conversation.recall(turn.resolved, answer.answer, quote)
            turns.append(turn)
        return turns

    def _known(self, key: _Key) -> Turn | None:
        with self._lock:
            until, turn = self._kept.get(key, (0.0, None))
            if turn is None or until < time.monotonic():
                return None
            self._kept.move_to_end(key)
            return turn

    def _keep(self, key: _Key, turn: Turn) -> None:
        with self._lock:
            self._kept[key] = (time.monotonic() + SECONDS, turn)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the index holds, for the first page and for the filters."""

    generation: str
    documents: tuple[DocumentInfo, ...]
    """All of them, newest first, those without a date last."""
    publishers: tuple[str, ...]
    since: dt.date | None
    until: dt.date | None
    languages: frozenset[str]


class Library:
    """The overview of the current generation, worked out once. Thread-safe."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._overview: Overview | None = None

    def overview(self) -> Overview:
        """What the index holds now."""
        generation, known = self._retriever.info.generation, self._overview
        if known is None or known.generation != generation:
            known = self._overview = _overview(generation, self._retriever.documents())
        return known


def _overview(generation: str, documents: list[DocumentInfo]) -> Overview:
    counts = Counter(each.publisher for each in documents if each.publisher)
    dated = sorted(each.published for each in documents if each.published)
    newest = sorted(documents, key=lambda each: each.published or "", reverse=True)
    return Overview(
        generation,
        tuple(newest),
        tuple(sorted((name for name, _ in counts.most_common(PUBLISHERS)), key=str.casefold)),
        dt.date.fromisoformat(dated[0]) if dated else None,
        dt.date.fromisoformat(dated[-1]) if dated else None,
        frozenset(each.language for each in documents),
    )
