"""An answer that a language model writes from the passages, each sentence checked against them.

The answer in the articles' words comes first. If that abstains, no model is asked: it could only make
something up. If the passages support no sentence of the model, the answer in the articles' words stands.

A server may send nothing, or never stop: the model has a deadline and a length, and what it has written by
then counts.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from rag import grounding
from rag.answer import cite
from rag.asking.session import Session
from rag.errors import GenerationFailed
from rag.protocols import EntailmentReader, Generator
from rag.records import Answer, Citation, Part, Rejected

LONGEST: Final = 20_000
"""Characters of a reply; ten times what a model is asked for."""
_WAITING: Final = 64
"""Pieces of a reply that may wait to be read."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, who checks, and who hears of each sentence."""

    generator: Generator
    reader: EntailmentReader
    limit: int
    """Most characters of passages in the prompt."""
    seconds: float
    """The deadline for the whole reply."""
    tell: Callable[[str], None]
    """Called with each sentence that its sources support, numbers of citations included."""


def write(answer: Answer, session: Session, writing: Writing) -> Answer:
    """The answer in the model's words, each sentence with the numbers of its citations.

    Without a supported sentence it is ``answer`` itself. Unsupported sentences go to ``rejected``. If the
    model fails, the sentences up to then stand, and a warning is logged.
    """
    if answer.status == "abstained":
        return answer
    messages, count = grounding.messages(
        answer.question, answer.passages[: answer.read], writing.limit
    )
    checker = grounding.Checker(
        answer.passages[:count], session.units, session.models.analyzer, writing.reader
    )
    prose = _Prose(session)
    try:
        with session.clock("generate"):
            reply = within(writing.generator.generate(messages), writing.seconds)
            for claim in prose.new(grounding.claims(reply)):
                try:
                    supported = checker.check(claim)
                except grounding.Unsupported as miss:
                    prose.rejected.append(Rejected(claim.text, miss.reason))
                else:
                    writing.tell(prose.add(supported))
    except GenerationFailed as error:
        logger.warning(
            "%s; %s", error.message, error.fix or "the answer in the articles' words stands"
        )
    if not prose.sentences:
        return replace(
            answer, rejected=tuple(prose.rejected), timings_ms=session.clock.milliseconds
        )
    return replace(
        answer,
        answer=" ".join(prose.sentences),
        citations=tuple(prose.citations),
        parts=tuple(Part(citation.quote, (citation.n,)) for citation in prose.citations),
        timings_ms=session.clock.milliseconds,
        generated=True,
        rejected=tuple(prose.rejected),
    )


def within(pieces: Iterator[str], seconds: float) -> Iterator[str]:
    """The pieces that arrive in time.

    Raises GenerationFailed if they have not ended by then, or are longer than LONGEST, and whatever
    ``pieces`` raises. They come from a thread of their own, since a read may block beyond any deadline;
    the thread is left behind if it does.
    """
    arrived: queue.Queue[str | BaseException | None] = queue.Queue(_WAITING)
    over = threading.Event()

    def hand_over() -> None:
        try:
            for piece in pieces:
                arrived.put(piece)
                if over.is_set():
                    return
            arrived.put(None)
        except BaseException as error:  # noqa: BLE001  # it is raised where the reply is read
            arrived.put(error)

    threading.Thread(target=hand_over, daemon=True, name="reply").start()
    end, length = time.monotonic() + seconds, 0
    try:
        while True:
            try:
                piece = arrived.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise _broken_off(f"its reply had not ended after {seconds:g} seconds") from None
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            length += len(piece)
            if length > LONGEST:
                raise _broken_off(f"its reply is longer than {LONGEST:,} characters")
            yield piece
    finally:
        over.set()
        while not arrived.empty():  # so that a thread that waits for room can see it
            arrived.get_nowait()


def _broken_off(why: str) -> GenerationFailed:
    return GenerationFailed(
        f"the language model was broken off: {why}",
        fix="name a faster model, or give it more time with RAG_LLM_SECONDS",
    )


@dataclass(slots=True)
class _Prose:
    """The supported sentences and their citations, numbered in order of appearance."""

    session: Session
    sentences: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def new(self, claims: Iterable[grounding.Claim]) -> Iterator[grounding.Claim]:
        """The sentences without repeats: small models repeat themselves."""
        seen: set[str] = set()
        for claim in claims:
            if claim.text not in seen:
                seen.add(claim.text)
                yield claim

    def add(self, supported: grounding.Supported) -> str:
        """Keep a sentence. Returns it with its numbers before the last stop."""
        numbers = "".join(f"[{n}]" for n in dict.fromkeys(self._numbers(supported)))
        text = supported.text
        end = len(text.rstrip(".!…"))
        sentence = f"{text[:end]} {numbers}{text[end:] or '.'}"
        self.sentences.append(sentence)
        return sentence

    def _numbers(self, supported: grounding.Supported) -> Iterator[int]:
        for quote in supported.quotes:
            document = quote.passage.doc_id
            known = (
                c.n
                for c in self.citations
                if (c.doc_id, c.start, c.end) == (document, quote.start, quote.end)
            )
            n = next(known, 0)
            if not n:
                n = len(self.citations) + 1
                self.citations.append(
                    cite(n, self.session.source(document), (quote.start, quote.end))
                )
            yield n
