"""An overview: a few sentences of several articles that together say what is said of a topic.

Every sentence that can stand alone gets a weight, the probability that it is about the topic. Sentences
are chosen one at a time by maximal marginal relevance (Carbonell and Goldstein 1998): each weighs less the
more of it is said by one chosen before, and the more sentences its article already has.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rag.answer.candidates import Inquiry, ReadPassage
from rag.answer.cite import LONGEST, Source, cite
from rag.answer.consensus import content
from rag.answer.extract import Extraction
from rag.answer.judge import features
from rag.english.anaphora import leans
from rag.english.quotations import without_speaker
from rag.records import Part
from rag.text.copies import copies

SENTENCES: Final = 6
"""Most sentences of an overview."""
FEWEST: Final = 3
"""It has as many if as many are about the topic at all."""
ABOUT: Final = {
    "relevance": 0.25,  # the reader's log odds for the passage
    "cosine": 6.0,  # of topic and passage
    "coverage": 3.0,  # share of the topic's terms in the sentence, weighted by idf
    "title": 1.5,  # share of the topic's terms in title and heading, if the sentence lacks them
}
"""What shows that a sentence is about the topic, in log odds."""
BIAS: Final = -4.5
LEAST: Final = 0.3
"""Least weight of a sentence, as a share of the best one's, beyond the fewest."""
NOVEL: Final = 0.5
"""A sentence is left out if another chosen one says as much of what it says beyond the topic."""
AGAIN: Final = 0.75
"""The share of its weight that a sentence keeps for each sentence that its article has already."""
LEANING: Final = 0.7
"""The share that it keeps if it needs the sentence before it."""
LEAD: Final = 1.25
"""How much more a sentence of an article's first paragraph counts: there, news is summed up."""
_WORDS: Final = range(6, 80)
"""Words of a sentence that says something, and not too much."""
_ENDS: Final = (".", "!", "…", ".”", ".\"", "!”", ".’", ".)")
_UNDATED: Final = "9999"


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence that may stand in an overview, with the one before if it needs that."""

    source: Source
    quote: tuple[int, int]
    sentences: int
    weight: float
    terms: frozenset[str]
    """What it says beyond the topic."""
    evidence: dict[str, float]


def overview(
    inquiry: Inquiry,
    read: Sequence[ReadPassage],
    source: Callable[[str], Source],
    min_confidence: float,
) -> Extraction:
    """Up to six sentences, each cited, by date of their articles; none if none is about the topic.

    Of several copies of an article, the oldest is quoted. ``source`` returns a document by its id.
    """
    points = list(_points(inquiry, _oldest(read, source), source))
    confidence = max((min(point.weight, 1.0) for point in points), default=0.0)
    if not points or (confidence < min_confidence and "threshold" in inquiry.rules):
        return Extraction(confidence)
    chosen = _in_order(_chosen(points, inquiry.idf))
    citations = tuple(cite(n, point.source, point.quote) for n, point in enumerate(chosen, 1))
    return Extraction(
        confidence,
        tuple(Part(citation.quote, (citation.n,)) for citation in citations),
        citations,
        evidence=max(points, key=lambda point: point.weight).evidence,
        support=1,
    )


def _oldest(
    read: Sequence[ReadPassage], source: Callable[[str], Source]
) -> Sequence[ReadPassage]:
    """The passages without those of copies of an older article."""
    sources = {each.passage.doc_id: source(each.passage.doc_id) for each in read}
    by_date = sorted(sources.values(), key=lambda s: s.document.published or _UNDATED)
    groups = copies([content(each.document) for each in by_date])
    first = {each.document.doc_id for n, each in enumerate(by_date) if groups.index(groups[n]) == n}
    return [each for each in read if each.passage.doc_id in first]


def _points(
    inquiry: Inquiry, read: Sequence[ReadPassage], source: Callable[[str], Source]
) -> Iterator[Point]:
    """The sentences that can stand in an overview; those of overlapping passages only once."""
    idf = {term: inquiry.idf(term) for term in inquiry.terms}
    total = sum(idf.values()) or 1.0
    rows = iter(features(inquiry, read).tolist())
    seen: set[tuple[str, int]] = set()
    for each in read:
        found = source(each.passage.doc_id)
        text, begin = each.passage.text, each.passage.start
        spans = [(unit.start - begin, unit.end - begin) for unit in each.units]
        speech = without_speaker(text, spans)
        head = frozenset(inquiry.analyzer(f"{each.passage.title}\n{each.passage.heading or ''}"))
        lead = next((b.end for b in found.document.blocks if b.kind == "paragraph"), 0)
        for number, unit in enumerate(each.units):
            _, relevance, cosine, coverage = next(rows)
            first = _first(each, number)
            if unit.kind != "paragraph" or speech[number] or first is None:
                continue
            quote = (each.units[first].start, unit.end)
            own = each.words(*quote)
            key = (each.passage.doc_id, unit.end)
            if key in seen or not _says_something(each.words(unit.start, unit.end)):
                continue
            seen.add(key)
            terms = frozenset(inquiry.analyzer(own))
            titled = sum(idf[term] for term in idf if term in head - terms) / total
            values = {
                "relevance": relevance, "cosine": cosine, "coverage": coverage, "title": titled,
            }  # fmt: skip
            evidence = {name: ABOUT[name] * value for name, value in values.items()}
            evidence["none"] = BIAS
            weight = 1 / (1 + math.exp(-sum(evidence.values())))
            weight *= LEANING if first < number else 1.0
            weight *= LEAD if unit.start < lead else 1.0
            yield Point(
                found, quote, 1 + number - first, weight, terms - inquiry.terms, evidence
            )


def _first(read: ReadPassage, number: int) -> int | None:
    """The unit with which a quote of a sentence begins; None if that leans on what is not there."""
    units, passage = read.units, read.passage

    def needs_more(n: int) -> bool:
        return leans(passage.text, units[n].start - passage.start)

    if not needs_more(number):
        return number
    before = number - 1
    if before < 0 or units[before].block != units[number].block or needs_more(before):
        return None
    return before if units[number].end - units[before].start <= LONGEST else None


def _says_something(sentence: str) -> bool:
    """Whether it is a whole sentence that states something: no question, no fragment."""
    return sentence.endswith(_ENDS) and len(sentence.split()) in _WORDS


def _chosen(points: Sequence[Point], idf: Callable[[str], float]) -> list[Point]:
    """The points that say most about the topic without saying the same."""
    left, chosen = list(points), list[Point]()
    articles: Counter[str] = Counter()
    said = {id(point): 0.0 for point in points}
    best = max(point.weight for point in points)

    def worth(point: Point) -> float:
        again = AGAIN ** articles[point.source.document.doc_id]
        return point.weight * again * (1 - said[id(point)])

    while left and sum(point.sentences for point in chosen) < SENTENCES:
        room = SENTENCES - sum(point.sentences for point in chosen)
        left = [p for p in left if said[id(p)] < NOVEL and p.sentences <= room]
        if not left:
            break
        following = max(left, key=worth)
        if worth(following) < LEAST * best and len(chosen) >= FEWEST:
            break
        chosen.append(following)
        left.remove(following)
        articles[following.source.document.doc_id] += 1
        for point in left:
            said[id(point)] = max(said[id(point)], _shared(point, following, idf))
    return chosen


def _shared(point: Point, other: Point, idf: Callable[[str], float]) -> float:
    """The share of what a point says that another says too; 1 if the quotes overlap."""
    if point.source is other.source and point.quote[0] < other.quote[1] and other.quote[0] < point.quote[1]:
        return 1.0
    weight = sum(map(idf, point.terms))
    return sum(map(idf, point.terms & other.terms)) / weight if weight else 1.0


def _in_order(points: Sequence[Point]) -> list[Point]:
    """By the date of their articles, those without a date last, the best first; then as in the text."""
    best: dict[str, float] = {}
    for point in points:
        name = point.source.document.doc_id
        best[name] = max(best.get(name, 0.0), point.weight)

    def place(point: Point) -> tuple[str, float, str, int]:
        document = point.source.document
        return (document.published or _UNDATED, -best[document.doc_id], document.doc_id, point.quote[0])

    return sorted(points, key=place)
