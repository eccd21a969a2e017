"""From a cited answer to one that a language model wrote: told the passages, checked against them.

The extractive answer comes first. Where it abstains, no model is asked: it could only make something up.
Where nothing that the model wrote is supported, it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from rag import grounding
from rag.answer import cite
from rag.asking.session import Session
from rag.errors import GenerationFailed
from rag.protocols import EntailmentReader, Generator
from rag.records import Answer, Citation, Part, Rejected

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, who checks, and what is told as it goes."""

    generator: Generator
    reader: EntailmentReader
    limit: int
    """Characters of passages that the model is given."""
    tell: Callable[[str], None]
    """Called with each sentence that was checked and holds, with its numbers."""


def generated(answer: Answer, session: Session, writes: Writing) -> Answer:
    """An answer in the model's words, each sentence with the numbers of its citations; or the one given.

    Sentences that their sources do not support are in ``rejected``. If the model fails, which is logged as
    a warning, what was checked before stands.
    """
    if answer.status == "abstained":
        return answer
    told, count = grounding.messages(answer.question, answer.passages[: answer.read], writes.limit)
    checker = grounding.Checker(
        answer.passages[:count], session.units, session.models.analyzer, writes.reader
    )
    prose = _Prose(session)
    try:
        with session.clock("generate"):
            for claim in prose.new(grounding.claims(writes.generator.generate(told))):
                try:
                    supported = checker.check(claim)
                except grounding.Unsupported as miss:
                    prose.rejected.append(Rejected(claim.text, miss.reason))
                else:
                    writes.tell(prose.add(supported))
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


@dataclass(slots=True)
class _Prose:
    """The sentences that hold, and their citations, numbered in the order in which they come."""

    session: Session
    sentences: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def new(self, claims: Iterable[grounding.Claim]) -> Iterator[grounding.Claim]:
        """The sentences that have not been written before: small models repeat themselves."""
        seen: set[str] = set()
        for claim in claims:
            if claim.text not in seen:
                seen.add(claim.text)
                yield claim

    def add(self, supported: grounding.Supported) -> str:
        """The sentence as it is shown: its numbers stand before its last stop."""
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
