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
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from rag import grounding
from rag.answer import cite
from rag.asking.notes import shortcomings
from rag.asking.reading import ReadingSession
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


def write(answer: Answer, session: ReadingSession, writing: Writing) -> Answer:
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
        answer.passages[:count], session.units, session.analyzer, writing.reader
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
    cited = [citation.doc_id for citation in prose.citations]
    return replace(
        answer,
        answer=" ".join(prose.sentences),
        citations=tuple(prose.citations),
        parts=tuple(Part(citation.quote, (citation.n,)) for citation in prose.citations),
        timings_ms=session.clock.milliseconds,
        warnings=tuple(dict.fromkeys((*answer.warnings, *shortcomings(session, cited)))),
        generated=True,
        rejected=tuple(prose.rejected),
    )


def within(pieces: Iterator[str], seconds: float) -> Iterator[str]:
    """The pieces that arrive in time.

    Raises GenerationFailed if they have not ended by then, or are longer than LONGEST, and whatever
    ``pieces`` raises. A thread of its own reads them, since a read may block beyond any deadline; if it
    does, the thread is left behind.
    """
    reply = _Reply(pieces)
    end, length = time.monotonic() + seconds, 0
    try:
        while (piece := reply.next(end)) is not None:
            length += len(piece)
            if length > LONGEST:
                raise _broken_off(f"its reply is longer than {LONGEST:,} characters")
            yield piece
    except queue.Empty:
        raise _broken_off(f"its reply had not ended after {seconds:g} seconds") from None
    finally:
        reply.leave()


class _Reply:
    """The pieces of a reply, read by a thread of its own."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._arrived: queue.Queue[str | BaseException | None] = queue.Queue(_WAITING)
        self._left = threading.Event()
        threading.Thread(target=self._read, args=(pieces,), daemon=True, name="reply").start()

    def next(self, end: float) -> str | None:
        """The next piece; None after the last. Raises queue.Empty at ``end``, or what the model raised."""
        piece = self._arrived.get(timeout=max(0.0, end - time.monotonic()))
        if isinstance(piece, BaseException):
            raise piece
        return piece

    def leave(self) -> None:
        """Stop reading; a thread that waits for room sees it."""
        self._left.set()
        with suppress(queue.Empty):
            while True:
                self._arrived.get_nowait()

    def _read(self, pieces: Iterator[str]) -> None:
        try:
            for piece in pieces:
                self._arrived.put(piece)
                if self._left.is_set():
                    return
            self._arrived.put(None)
        except BaseException as error:  # noqa: BLE001  # it is raised where the reply is read
            self._arrived.put(error)


def _broken_off(why: str) -> GenerationFailed:
    return GenerationFailed(
        f"the language model was cut off: {why}",
        fix="name a faster model, or give it more time with RAG_LLM_SECONDS",
    )


@dataclass(slots=True)
class _Prose:
    """The supported sentences and their citations, numbered in order of appearance."""

    session: ReadingSession
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
