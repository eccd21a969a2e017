"""A reader's findings → a cited answer in the articles' own words, or an abstention with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from rag.answer.cite import Source, cite
from rag.answer.compose import pieces
from rag.answer.consensus import Opinion, Testimony, disagreement, opinions
from rag.answer.same_fact import Claim, SameFact
from rag.answer.select import AskedFor
from rag.records import Alternative, Citation, Part, Passage, Reading, Span
from rag.text.units import Units, holding

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
    asked: AskedFor,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    units: Units,
    source: Callable[[str], Source],
    same_fact: SameFact,
    min_confidence: float,
) -> Extraction:
    """The most probable answer, quoted with what is around it; the runners-up beside it.

    Phrases that say the same count together, and each publisher is cited. ``source`` gives a document by
    its id. Answers less probable than ``min_confidence`` are none.
    """
    candidates = _ranked(passages, readings)[:COMPARED]
    if not candidates:
        return Extraction(confidence=0.0)
    testimonies = [_testimony(c, p, units, source(p.doc_id)) for p, c in candidates]
    comparable = asked.form in {"phrase", "list"}
    found = opinions(testimonies, same_fact if comparable else None)
    best = found[0]
    others = _alternatives(found)
    if best.probability < min_confidence and "threshold" in asked.rules:
        return Extraction(best.probability, alternatives=others[:ALTERNATIVES])
    first = best.best
    document = first.source.document
    answer = pieces(asked, document, first.passage, units(first.passage), first.span)
    citations = [
        cite(n, first.source, piece.quote, piece.answer) for n, piece in enumerate(answer, 1)
    ]
    held: list[tuple[int, ...]] = [(citation.n,) for citation in citations]
    if len(answer) == 1:
        citations += [_cite(n, t) for n, t in enumerate(best.testimonies[1:], 2)]
        held = [tuple(citation.n for citation in citations)]
    contrary = disagreement(found, same_fact) if comparable else []
    if contrary and "disagreement" not in asked.rules:
        contrary = []
    return Extraction(
        confidence=best.probability,
        parts=tuple(
            Part(document.text[slice(*piece.answer)], numbers)
            for piece, numbers in zip(answer, held, strict=True)
        ),
        citations=tuple(citations),
        alternatives=others[1:],
        evidence=first.span.evidence,
        support=len(best.testimonies),
        disagreement=tuple(map(_alternative, contrary)),
    )


def wording(text: str) -> str:
    """What two texts share if they say the same in the same words, however set.

    >>> wording("The  PIER is longer")
    'the pier is longer'
    """
    return " ".join(text.casefold().split())


def _ranked(passages: Sequence[Passage], readings: Sequence[Reading]) -> list[tuple[Passage, Span]]:
    """All spans of all passages, most probable first; equals in the order of the passages."""
    candidates = [
        (passage, span)
        for passage, reading in zip(passages, readings, strict=True)
        for span in reading.spans
    ]
    return sorted(candidates, key=lambda candidate: -candidate[1].score)


def _testimony(span: Span, passage: Passage, units: Units, source: Source) -> Testimony:
    """A candidate with the sentence it stands in, and what stands around that."""
    every, text = list(units(passage)), source.document.text
    within = holding(every, span.start, span.end)
    around = [every[n] for n in within]
    start = min([span.start, *(unit.start for unit in around)])
    end = max([span.end, *(unit.end for unit in around)])
    beside = every[max(0, within[0] - 1) : within[-1] + 2] if within else []
    about = [passage.title, passage.heading or "", *(text[u.start : u.end] for u in beside)]
    paragraphs = (block for block in source.document.blocks if block.kind == "paragraph")
    lead = next((text[b.start : min(b.end, b.start + LEAD)] for b in paragraphs), "")
    claim = Claim(
        text[span.start : span.end],
        text[start:end],
        "\n".join(about),
        passage.published,
        lead,
    )
    return Testimony(claim, source, passage, span, (start, end))


def _cite(n: int, testimony: Testimony) -> Citation:
    span = testimony.span
    return cite(n, testimony.source, testimony.quote, (span.start, span.end))


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
        evidence=opinion.best.span.evidence,
    )
