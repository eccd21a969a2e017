"""What was read → a cited answer in the articles' own words, or nothing that is probable enough.

One list of candidates goes through every step: judge, select, confirm, consensus, compose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from rag.answer.candidates import Candidate, Inquiry, ReadPassage, wording
from rag.answer.cite import Source, cite
from rag.answer.compose import pieces
from rag.answer.confirm import confirmed
from rag.answer.consensus import Opinion, Testimony, disagreement, opinions
from rag.answer.judge import judged
from rag.answer.same_fact import Claim, SameFact
from rag.answer.select import selected
from rag.protocols import EntailmentReader, Reader
from rag.records import Alternative, Citation, Part

ALTERNATIVES: Final = 3
"""Other candidates that an answer carries at most."""
LEAD: Final = 1_000
"""Characters of an article's first paragraph that say what it is about."""
COMPARED: Final = 16
"""Candidates of which it is asked whether they say the same or contradict each other."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What could be answered: no ``parts`` means nothing could."""

    confidence: float
    parts: tuple[Part, ...] = ()
    citations: tuple[Citation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)
    support: int = 0
    disagreement: tuple[Alternative, ...] = ()


def extract(
    inquiry: Inquiry,
    read: Sequence[ReadPassage],
    reader: Reader,
    source: Callable[[str], Source],
    min_confidence: float,
) -> Extraction:
    """The most probable answer, quoted with what is around it; the runners-up beside it.

    Phrases that say the same count together, and each publisher is cited. ``source`` gives a document by
    its id. Answers less probable than ``min_confidence`` are none.
    """
    candidates = [selected(inquiry, candidate) for candidate in judged(inquiry, read)]
    candidates.sort(key=lambda candidate: -candidate.probability)
    if isinstance(reader, EntailmentReader):
        candidates = confirmed(inquiry, candidates, reader)
    if not candidates:
        return Extraction(confidence=0.0)
    testimonies = [_testimony(c, source(c.passage.doc_id)) for c in candidates[:COMPARED]]
    comparable = inquiry.form in {"phrase", "list"}
    same_fact = SameFact(inquiry) if comparable else None
    found = opinions(testimonies, same_fact)
    best = found[0]
    others = _alternatives(found)
    if best.probability < min_confidence and "threshold" in inquiry.rules:
        return Extraction(best.probability, alternatives=others[:ALTERNATIVES])
    contrary = disagreement(found, same_fact) if same_fact else []
    parts, citations = _quoted(inquiry, best)
    return Extraction(
        confidence=best.probability,
        parts=parts,
        citations=citations,
        alternatives=others[1:],
        evidence=best.best.candidate.features,
        support=len(best.testimonies),
        disagreement=tuple(map(_alternative, contrary)),
    )


def _quoted(inquiry: Inquiry, best: Opinion) -> tuple[tuple[Part, ...], tuple[Citation, ...]]:
    """The parts of an answer, and the citations that hold them."""
    first = best.best
    document = first.source.document
    answer = pieces(inquiry, document, first.candidate)
    citations = [
        cite(n, first.source, piece.quote, piece.answer) for n, piece in enumerate(answer, 1)
    ]
    held: list[tuple[int, ...]] = [(citation.n,) for citation in citations]
    if len(answer) == 1:
        citations += [_cite(n, t) for n, t in enumerate(best.testimonies[1:], 2)]
        held = [tuple(citation.n for citation in citations)]
    parts = (
        Part(document.text[slice(*piece.answer)], numbers)
        for piece, numbers in zip(answer, held, strict=True)
    )
    return tuple(parts), tuple(citations)


def _testimony(candidate: Candidate, source: Source) -> Testimony:
    """A candidate with what its sentence says, and what stands around that."""
    passage, read, number = candidate.passage, candidate.read, candidate.number
    beside = read.units[max(0, number - 1) : number + 2]
    about = [passage.title, passage.heading or "", *(read.words(u.start, u.end) for u in beside)]
    text = source.document.text
    paragraphs = (block for block in source.document.blocks if block.kind == "paragraph")
    lead = next((text[b.start : min(b.end, b.start + LEAD)] for b in paragraphs), "")
    claim = Claim(candidate.words, candidate.sentence, "\n".join(about), passage.published, lead)
    return Testimony(candidate, source, claim)


def _cite(n: int, testimony: Testimony) -> Citation:
    unit = testimony.candidate.unit
    return cite(n, testimony.source, (unit.start, unit.end), testimony.candidate.span)


def _alternatives(found: Sequence[Opinion]) -> tuple[Alternative, ...]:
    """The first answers whose words differ."""
    distinct = {wording(opinion.best.claim.answer): opinion for opinion in reversed(found)}
    first = [opinion for opinion in found if opinion in distinct.values()]
    return tuple(map(_alternative, islice(first, ALTERNATIVES + 1)))


def _alternative(opinion: Opinion) -> Alternative:
    return Alternative(
        opinion.best.claim.answer,
        opinion.probability,
        tuple(_cite(n, t) for n, t in enumerate(opinion.testimonies, 1)),
        len(opinion.testimonies),
        evidence=opinion.best.candidate.features,
    )
