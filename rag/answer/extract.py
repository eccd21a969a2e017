"""A reader's findings → a cited answer in the articles' own words, or an abstention with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rag.answer.cite import Source, cite
from rag.answer.compose import pieces
from rag.answer.phrase import AskedFor
from rag.answer.units import Units
from rag.types import Alternative, Citation, Part, Passage, Reading, Span

ALTERNATIVES: Final = 3
"""Other candidates that an answer carries at most."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What could be answered: no ``parts`` means nothing could."""

    confidence: float
    parts: tuple[Part, ...] = ()
    citations: tuple[Citation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    span: Span


def extract(
    asked: AskedFor,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    units: Units,
    source: Callable[[str], Source],
    min_confidence: float,
) -> Extraction:
    """The most probable span, quoted with what is around it; the runners-up beside it.

    ``source`` gives a document by its id. Spans less probable than ``min_confidence`` are no answer.
    """
    candidates = _ranked(passages, readings)
    if not candidates:
        return Extraction(confidence=0.0)
    best = candidates[0]
    others = _distinct(candidates, ALTERNATIVES + 1)
    if best.span.score < min_confidence:
        return Extraction(
            confidence=best.span.score,
            alternatives=tuple(_alternative(c, units, source) for c in others[:ALTERNATIVES]),
        )
    found = source(best.passage.doc_id)
    answer = pieces(asked, found.document, best.passage, units(best.passage), best.span)
    citations = tuple(
        cite(n, found, piece.quote, piece.answer) for n, piece in enumerate(answer, 1)
    )
    text = found.document.text
    return Extraction(
        confidence=best.span.score,
        parts=tuple(Part(text[slice(*p.answer)], (n,)) for n, p in enumerate(answer, 1)),
        citations=citations,
        alternatives=tuple(_alternative(c, units, source) for c in others[1:]),
        evidence=best.span.evidence,
    )


def wording(text: str) -> str:
    """What two texts share if they say the same in the same words, however set.

    >>> wording("The  PIER is longer")
    'the pier is longer'
    """
    return " ".join(text.casefold().split())


def _ranked(passages: Sequence[Passage], readings: Sequence[Reading]) -> list[_Candidate]:
    """All spans of all passages, most probable first; equals in the order of the passages."""
    candidates = [
        _Candidate(passage, span)
        for passage, reading in zip(passages, readings, strict=True)
        for span in reading.spans
    ]
    return sorted(candidates, key=lambda candidate: -candidate.span.score)


def _distinct(candidates: Sequence[_Candidate], limit: int) -> list[_Candidate]:
    """The first candidates whose words differ."""
    kept: dict[str, _Candidate] = {}
    for candidate in candidates:
        if len(kept) == limit:
            break
        kept.setdefault(wording(_text(candidate)), candidate)
    return list(kept.values())


def _text(candidate: _Candidate) -> str:
    begin = candidate.passage.start
    return candidate.passage.text[candidate.span.start - begin : candidate.span.end - begin]


def _cite(candidate: _Candidate, units: Units, source: Callable[[str], Source]) -> Citation:
    span = candidate.span
    around = [u for u in units(candidate.passage) if u[0] < span.end and span.start < u[1]]
    start = min([span.start, *(u[0] for u in around)])
    end = max([span.end, *(u[1] for u in around)])
    return cite(1, source(candidate.passage.doc_id), (start, end), (span.start, span.end))


def _alternative(
    candidate: _Candidate, units: Units, source: Callable[[str], Source]
) -> Alternative:
    cited = (_cite(candidate, units, source),)
    span = candidate.span
    return Alternative(_text(candidate), span.score, cited, evidence=span.evidence)
