"""Passages as the reader read them → a cited answer in the articles' own words, or none.

One list of candidates goes through every step: judge, select, lacking, confirm, consensus, cite.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from rag.answer.agree import Assertion, SameFact
from rag.answer.candidates import Candidate, Inquiry, ReadPassage, normalized
from rag.answer.cite import Source, cite, together
from rag.answer.consensus import (
    Opinion,
    Testimony,
    disagreement,
    opinions,
    prefer_later_version,
    weigh_corrections,
)
from rag.answer.judge import confirm, decide, judge, verdict
from rag.answer.lacking import UNMENTIONED, Lacking, doubted, lacking, unmentioned
from rag.answer.select import select, without_furniture
from rag.english.requests import OfArticle
from rag.protocols import EntailmentReader, Reader
from rag.records import Alternative, Citation, Part, Verdict
from rag.text.lines import line_starts
from rag.text.sentences import trimmed

ALTERNATIVES: Final = 3
"""Most other candidates that an answer shows."""
LEAD: Final = 1_000
"""Characters of an article's first paragraph that tell its topic."""
COMPARED: Final = 16
"""Candidates that are compared with each other, to see whether they agree."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer; without ``parts`` there is none."""

    confidence: float
    parts: tuple[Part, ...] = ()
    citations: tuple[Citation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)
    support: int = 0
    disagreement: tuple[Alternative, ...] = ()
    lacking: Lacking | None = None
    """What is lacking in the article whose sentence would otherwise fit best."""
    verdict: Verdict | None = None


def extract(
    inquiry: Inquiry,
    read: Sequence[ReadPassage],
    reader: Reader,
    source: Callable[[str], Source],
    min_confidence: float,
) -> Extraction:
    """The most probable answer with its citations, and the runners-up.

    Phrases that say the same count together, and each publisher is cited. ``source`` returns a document
    by its id. An answer less probable than ``min_confidence`` is not given.
    """
    candidates = select(inquiry, judge(inquiry, read), COMPARED)
    plain = without_furniture(candidates)
    if plain != candidates and "furniture" in inquiry.rules:
        candidates = plain
    checker = reader if isinstance(reader, EntailmentReader) else None
    if checker:
        candidates = decide(inquiry, candidates, checker)
    missing = lacking(inquiry, candidates, source)
    nearest = candidates[0].passage.doc_id if candidates else ""
    candidates.sort(key=lambda candidate: -doubted(candidate, missing).probability)
    if checker:
        candidates = confirm(inquiry, candidates, checker)
    if not candidates:
        return Extraction(confidence=0.0)
    candidates = [doubted(candidate, missing) for candidate in candidates]
    testimonies = [_testimony(c, source(c.passage.doc_id)) for c in candidates]
    same_fact = SameFact(inquiry) if inquiry.form in {"phrase", "list"} else None
    if same_fact:
        testimonies = weigh_corrections(testimonies, same_fact)
    ranked = opinions(testimonies, same_fact)
    later = prefer_later_version(ranked, same_fact) if same_fact else ranked
    if later is not ranked and "copies" in inquiry.rules:
        ranked = later
    best, others = ranked[0], _alternatives(ranked)
    decision = verdict(inquiry, best.best.candidate, checker) if checker else None
    unnamed = None if decision == "yes" else unmentioned(inquiry, best.best.source.document)
    if unnamed:
        best = replace(best, probability=best.probability * UNMENTIONED)
    if best.probability < min_confidence and "threshold" in inquiry.rules:
        return Extraction(
            best.probability,
            alternatives=others[:ALTERNATIVES],
            lacking=unnamed or missing.get(nearest),
        )
    contrary = disagreement(ranked, same_fact) if same_fact else []
    parts, citations = _quoted(inquiry, best, candidates)
    return Extraction(
        confidence=best.probability,
        parts=parts,
        citations=citations,
        alternatives=others[1:],
        evidence=best.best.candidate.features,
        support=len(best.testimonies),
        disagreement=tuple(map(_alternative, contrary)),
        verdict=decision,
    )


def _quoted(
    inquiry: Inquiry, best: Opinion, candidates: Sequence[Candidate]
) -> tuple[tuple[Part, ...], tuple[Citation, ...]]:
    """The parts of an answer, and their citations."""
    first = best.best
    document = first.source.document
    others = [each for each in candidates if each is not first.candidate]
    answer = together(inquiry, document, [first.candidate, *others])
    citations = [
        cite(n, first.source, piece.quote, piece.answer) for n, piece in enumerate(answer, 1)
    ]
    numbers: list[tuple[int, ...]] = [(citation.n,) for citation in citations]
    if len(answer) == 1:
        citations += [_cite(n, t) for n, t in enumerate(best.testimonies[1:], 2)]
        numbers = [tuple(citation.n for citation in citations)]
    parts = (
        Part(document.text[slice(*piece.answer)], own)
        for piece, own in zip(answer, numbers, strict=True)
    )
    return tuple(parts), tuple(citations)


def _testimony(candidate: Candidate, source: Source) -> Testimony:
    """A candidate with its sentence and that sentence's context."""
    passage, read, number = candidate.passage, candidate.read, candidate.number
    beside = read.units[max(0, number - 1) : number + 2]
    about = [passage.title, passage.heading or "", *(read.words(u.start, u.end) for u in beside)]
    text = source.document.text
    paragraphs = (block for block in source.document.blocks if block.kind == "paragraph")
    lead = next((text[b.start : min(b.end, b.start + LEAD)] for b in paragraphs), "")
    assertion = Assertion(
        candidate.words, candidate.sentence, "\n".join(about), passage.published, lead
    )
    return Testimony(candidate, source, assertion)


def _cite(n: int, testimony: Testimony) -> Citation:
    unit = testimony.candidate.unit
    return cite(n, testimony.source, (unit.start, unit.end), testimony.candidate.span)


def _alternatives(ranked: Sequence[Opinion]) -> tuple[Alternative, ...]:
    """The most probable answers, at most one of each wording."""
    distinct: dict[str, Opinion] = {}
    for opinion in ranked:
        distinct.setdefault(normalized(opinion.best.assertion.answer), opinion)
    return tuple(map(_alternative, islice(distinct.values(), ALTERNATIVES + 1)))


def _alternative(opinion: Opinion) -> Alternative:
    return Alternative(
        opinion.best.assertion.answer,
        opinion.probability,
        tuple(_cite(n, t) for n, t in enumerate(opinion.testimonies, 1)),
        len(opinion.testimonies),
        evidence=opinion.best.candidate.features,
    )


# ---------------------------------------------------------------- without a reader

_ENOUGH: Final = 0.38
"""The least share of the question's words, weighted by idf, that a sentence must have."""
_UNKNOWN: Final = 0.5
"""How much a word counts if no article has it: it may be a question word, or what is asked about."""
_SHORT: Final = 3
"""An unknown word of at most this many letters counts only ``_LITTLE``: in any language with spaces between
words, it may be a function word."""
_LITTLE: Final = 0.15
_UNSPACED: Final = "\u0e00"
"""Where Thai begins, and after it the scripts in which pairs of characters are terms."""
_AROUND: Final = 0.5
"""How much a word counts that only the title or heading has, not the sentence."""


def nearest_sentence(
    inquiry: Inquiry,
    passages: Sequence[ReadPassage],
    source: Callable[[str], Source],
    min_confidence: float,
    frequency: Callable[[str], int],
) -> Extraction:
    """The sentence, row or item that has most of the question's words; among equals, the first.

    ``frequency`` says how many passages hold a term. As the share of these words grows from ``_ENOUGH`` to
    all, the confidence grows from 0 to 1.
    """
    weights = {
        term: inquiry.idf(term) * (1 if frequency(term) else _unknown(term))
        for term in inquiry.terms
    }
    total = sum(weights.values())
    best, most = None, 0.0
    for each in passages:
        about = _found(inquiry, weights, f"{each.passage.title}\n{each.passage.heading or ''}")
        for unit in each.units:
            own = _found(inquiry, weights, each.words(unit.start, unit.end))
            weight = sum(weights[term] for term in own)
            weight += _AROUND * sum(weights[term] for term in about - own)
            if weight > most:
                best, most = (each.passage.doc_id, (unit.start, unit.end)), weight
    confidence = max(0.0, most / total - _ENOUGH) / (1 - _ENOUGH) if total else 0.0
    if best is None or confidence < min_confidence:
        return Extraction(confidence)
    citation = cite(1, source(best[0]), best[1])
    return Extraction(confidence, (Part(citation.quote, (1,)),), (citation,), support=1)


def _found(inquiry: Inquiry, weights: Mapping[str, float], text: str) -> set[str]:
    """The question's terms that a text has."""
    return weights.keys() & set(inquiry.analyzer.all_terms(text))


def _unknown(term: str) -> float:
    """How much a word counts if no article has it."""
    return _LITTLE if len(term) <= _SHORT and term < _UNSPACED else _UNKNOWN


# ---------------------------------------------------------------- an article itself

_SURE: Final = 0.9
"""The confidence if the article that search puts first has all words of the topic."""


def fact_of_article(inquiry: Inquiry, asked: OfArticle, source: Source) -> Extraction | None:
    """The date, author, publisher or title of an article, cited with the line of its text that has it.

    None if the article lacks a word of the topic, or its text has no such line.
    """
    document = source.document
    known = {
        "published": document.published_text,
        "author": document.author,
        "publisher": document.publisher,
        "title": document.title,
    }
    written = known[asked.part] or ""
    start = document.text.find(written)
    topic = set(inquiry.analyzer(asked.topic))
    has_topic = topic <= set(inquiry.analyzer.all_terms(f"{document.title}\n{document.text}"))
    if not written or start < 0 or not has_topic:
        return None
    end = start + len(written)
    starts = [*line_starts(document.text), len(document.text)]
    line = starts[bisect_right(starts, start) - 1], starts[bisect_left(starts, end)]
    citation = cite(1, source, next(trimmed(document.text, *line)), (start, end))
    return Extraction(_SURE, (Part(written, (1,)),), (citation,), support=1)
