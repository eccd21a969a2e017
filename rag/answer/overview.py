"""An overview: a few sentences of several articles that sum up what they say about a topic.

Every sentence that can stand alone gets a weight, the probability that it is about the topic. Sentences
are chosen one at a time by maximal marginal relevance (Carbonell and Goldstein 1998): each weighs less the
more of it an earlier choice already says, and the more sentences of its article are already chosen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rag.answer.articles import same_article
from rag.answer.candidates import Inquiry, ReadPassage
from rag.answer.cite import Source, cite
from rag.answer.extract import Extraction
from rag.answer.judge import WEIGHTS, features
from rag.answer.lacking import mentioned
from rag.english.sentences import leans, without_speaker
from rag.records import UNDATED, Part
from rag.text.units import Unit

SENTENCES: Final = 6
"""Most sentences of an overview."""
FEWEST: Final = 3
"""An overview has at least this many, if this many are about the topic at all."""
ABOUT: Final = {
    "span": 0.1,  # the reader's log odds for its best span in the sentence
    "relevance": 0.2,  # the reader's log odds for the passage
    "cosine": 4.0,  # of topic and passage
    "coverage": 3.0,  # share of the topic that the sentence names, or its surroundings for it
    "article": 5.0,  # share of the topic that the passages of its article name
}
"""What shows that a sentence is about the topic, in log odds."""
BIAS: Final = -7.5
NAME: Final = 2.0
"""How many times as much a name of the topic weighs as the topic's other words."""
BESIDE: Final = 0.4
"""What a term of the topic counts for a sentence if only the sentence before it has it …"""
ABOVE: Final = 0.3
"""… or only the heading …"""
ELSEWHERE: Final = 0.2
"""… or, under a heading that lacks it, only the title."""
LACKING: Final = -3.0
"""The log odds to add if the article lacks a name of the topic."""
LITTLE: Final = 0.15
"""A sentence that names less of the topic than this is left out."""
STALE: Final = 0.7
"""The share of its weight that a term of the topic keeps after each chosen sentence that has it."""
LEAST: Final = 0.5
"""Least worth of a sentence beyond the ``FEWEST``, as a share of the first one's."""
NOVEL: Final = 0.5
"""A sentence is left out if a chosen one says at least this share of what it says beyond the topic."""
AGAIN: Final = 0.8
"""The share of its worth that a sentence keeps for each sentence already chosen from its article."""
LEANING: Final = 0.8
"""The share that it keeps if it needs the sentence before it."""
LEAD: Final = 1.25
"""How much more a sentence of an article's first paragraph counts: there, news is summed up."""
_WORDS: Final = range(7, 80)
"""Words of a sentence that says something, and not too much."""
_ENDS: Final = (".", "!", "…", ".”", '."', "!”", ".’", ".)")


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence that may stand in an overview, with the one before if it needs that."""

    source: Source
    quote: tuple[int, int]
    sentences: int
    place: float
    """The factor by which its place in the article changes its worth."""
    topic: Mapping[str, float]
    """The terms of the topic that it names, and how clearly, in 0..1."""
    rest: Mapping[str, float]
    """The terms of its other words, each with its idf."""
    evidence: Mapping[str, float]
    """What shows that it is about the topic, in log odds; "none": what shows that no sentence is."""

    @property
    def probability(self) -> float:
        """The probability that it is about the topic."""
        return 1 / (1 + math.exp(-sum(self.evidence.values())))


class _Topic:
    """The terms of a topic with their weights, which add up to 1."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        names, about = inquiry.question.names, inquiry.question.about
        raw = {t: (1 + inquiry.idf(t)) * (NAME if t in names else 1.0) for t in about}
        total = sum(raw.values()) or 1.0
        self.weights = {term: weight / total for term, weight in raw.items()}
        self._terms: dict[str, frozenset[str]] = {}
        self._idf = cache(inquiry.idf)  # in an index on disk, each idf costs a search

    def all_in(self, text: str) -> frozenset[str]:
        """All terms of a text, which is analyzed once."""
        if text not in self._terms:
            self._terms[text] = frozenset(self.inquiry.analyzer(text))
        return self._terms[text]

    def terms_in(self, *texts: str) -> frozenset[str]:
        """The topic's terms in some texts."""
        terms: frozenset[str] = frozenset().union(*map(self.all_in, texts))
        return self.inquiry.question.about & terms

    def rest_of(self, *texts: str) -> dict[str, float]:
        """The terms in some texts that are not the topic's, each with its idf."""
        terms: frozenset[str] = frozenset().union(*map(self.all_in, texts))
        return {term: self._idf(term) for term in terms - self.inquiry.question.about}

    def named_by(self, terms: Mapping[str, float]) -> bool:
        """Whether a sentence or its heading has one of the topic's names, if it has any."""
        names = self.inquiry.question.names
        return not names or any(terms.get(name, 0.0) > ELSEWHERE for name in names)

    def share(self, terms: Mapping[str, float] | frozenset[str]) -> float:
        """The weight of some of its terms, each as clear as the mapping says."""
        if isinstance(terms, frozenset):
            return sum(self.weights[term] for term in terms)
        return sum(self.weights[term] * clear for term, clear in terms.items())


def outline(
    inquiry: Inquiry,
    read: Sequence[ReadPassage],
    source: Callable[[str], Source],
    min_confidence: float,
) -> Extraction:
    """Up to six sentences, each cited, in the order of their articles' dates; none if none is on the topic.

    Of several copies of an article, the oldest is quoted. ``source`` returns a document by its id.
    """
    topic = _Topic(inquiry)
    points = list(_points(topic, _oldest(read, source), source))
    confidence = max((point.probability for point in points), default=0.0)
    if not points or (confidence < min_confidence and "threshold" in inquiry.rules):
        return Extraction(confidence)
    chosen = _in_order(_chosen(points, topic))
    citations = tuple(cite(n, point.source, point.quote) for n, point in enumerate(chosen, 1))
    return Extraction(
        confidence,
        tuple(Part(citation.quote, (citation.n,)) for citation in citations),
        citations,
        evidence=max(points, key=lambda point: point.probability).evidence,
        support=1,
    )


def _oldest(read: Sequence[ReadPassage], source: Callable[[str], Source]) -> Sequence[ReadPassage]:
    """The passages, except those of articles that copy an older one."""
    sources = {each.passage.doc_id: source(each.passage.doc_id) for each in read}
    by_date = sorted(sources.values(), key=lambda s: s.document.published or UNDATED)
    groups = same_article([each.document for each in by_date])
    first = {each.document.doc_id for n, each in enumerate(by_date) if groups.index(groups[n]) == n}
    return [each for each in read if each.passage.doc_id in first]


def _points(
    topic: _Topic, read: Sequence[ReadPassage], source: Callable[[str], Source]
) -> Iterator[Point]:
    """The sentences that can stand in an overview; one in two overlapping passages comes only once."""
    texts: dict[str, list[str]] = {}
    for each in read:
        sentences = (each.words(unit.start, unit.end) for unit in each.units)
        texts.setdefault(each.passage.doc_id, []).extend((_head(each), *sentences))
    articles = {name: topic.share(topic.terms_in(*own)) for name, own in texts.items()}
    lacking = {name: _lacks_name(topic, own) for name, own in texts.items()}
    rows = iter(features(topic.inquiry, read).tolist())
    seen: set[tuple[str, int]] = set()
    for each in read:
        own_rows = [next(rows) for _ in each.units]
        article, name = source(each.passage.doc_id), each.passage.doc_id
        for number, first in _standing(each):
            unit = each.units[number]
            clear = _named(topic, each, first, number)
            coverage = topic.share(clear)
            if coverage < LITTLE or (name, unit.end) in seen or not topic.named_by(clear):
                continue
            seen.add((name, unit.end))
            quote = (each.units[first].start, unit.end)
            values = dict(zip(WEIGHTS, own_rows[number], strict=True))
            values |= {"coverage": coverage, "article": articles[name]}
            yield Point(
                source=article,
                quote=quote,
                sentences=1 + number - first,
                place=(LEANING if first < number else 1.0)
                * (LEAD if unit.start < _lead_end(article) else 1.0),
                topic=clear,
                rest=topic.rest_of(*_sentences(each, first, number)),
                evidence={name: weight * values[name] for name, weight in ABOUT.items()}
                | {"none": BIAS}
                | ({"names": LACKING} if lacking[name] else {}),
            )


def _lacks_name(topic: _Topic, texts: Sequence[str]) -> bool:
    """Whether some texts lack a name of the topic, in any spelling."""
    names = topic.inquiry.question.named
    return len(mentioned(names, texts)) < len(names)


def _named(topic: _Topic, read: ReadPassage, first: int, number: int) -> dict[str, float]:
    """The topic's terms in a sentence and in what surrounds it, each with how much it counts."""
    units = read.units
    before = topic.terms_in(read.words(*units[first - 1][:2])) if _follows(units, first) else ()
    section = read.passage.heading or read.passage.title
    return (
        dict.fromkeys(topic.terms_in(_head(read)), ELSEWHERE)
        | dict.fromkeys(topic.terms_in(section), ABOVE)
        | dict.fromkeys(before, BESIDE)
        | dict.fromkeys(topic.terms_in(*_sentences(read, first, number)), 1.0)
    )


def _sentences(read: ReadPassage, first: int, last: int) -> list[str]:
    return [read.words(unit.start, unit.end) for unit in read.units[first : last + 1]]


def _head(read: ReadPassage) -> str:
    return f"{read.passage.title}\n{read.passage.heading or ''}"


def _lead_end(source: Source) -> int:
    """Where an article's first paragraph ends, not counting short lines above it."""
    document = source.document
    paragraphs = (block for block in document.blocks if block.kind == "paragraph")
    return next(
        (b.end for b in paragraphs if len(document.text[b.start : b.end].split()) > _WORDS.start), 0
    )


def _standing(read: ReadPassage) -> Iterator[tuple[int, int]]:
    """The index of each sentence that is clear alone or with the one before, and of the first it needs."""
    units, begin = read.units, read.passage.start
    text = read.passage.text
    speech = without_speaker(text, [(unit.start - begin, unit.end - begin) for unit in units])
    for number, unit in enumerate(units):
        first = number
        if leans(text, unit.start - begin):
            first -= 1
            if not _follows(units, number) or leans(text, units[first].start - begin):
                continue
        sentence = read.words(unit.start, unit.end)
        says = sentence.endswith(_ENDS) and len(sentence.split()) in _WORDS
        if says and unit.kind == "paragraph" and not any(speech[first : number + 1]):
            yield number, first


def _follows(units: Sequence[Unit], number: int) -> bool:
    """Whether a unit follows another of the same paragraph."""
    return number > 0 and units[number - 1].block == units[number].block


def _chosen(points: Sequence[Point], topic: _Topic) -> list[Point]:
    """The points that say most about the topic without saying the same."""
    choice = _Choice(topic, points)
    least = 0.0
    while choice.left:
        following = max(choice.left, key=choice.worth)
        if choice.worth(following) < least and len(choice.points) >= FEWEST:
            break
        least = least or LEAST * choice.worth(following)
        choice.add(following)
    return choice.points


class _Choice:
    """The points chosen so far, those that may still be, and what each of these would add."""

    def __init__(self, topic: _Topic, points: Sequence[Point]) -> None:
        self.points: list[Point] = []
        self.left = list(points)
        self._topic = topic
        self._articles: Counter[str] = Counter()
        self._fresh = dict.fromkeys(topic.weights, 1.0)
        self._said = {id(point): 0.0 for point in points}
        """For each point, the largest share of what it says that a chosen one says too."""

    def add(self, point: Point) -> None:
        """Choose a point. Points that say the same, or for which there is no room, are left out."""
        self.points.append(point)
        self._articles[point.source.document.doc_id] += 1
        for term, clear in point.topic.items():
            self._fresh[term] *= STALE if clear == 1.0 else 1.0
        room = SENTENCES - sum(chosen.sentences for chosen in self.points)
        for other in self.left:
            self._said[id(other)] = max(self._said[id(other)], _shared(other, point))
        self.left = [p for p in self.left if p.sentences <= room and self._said[id(p)] < NOVEL]

    def worth(self, point: Point) -> float:
        """What a point would add, above 0."""
        fresh = {term: clear * self._fresh[term] for term, clear in point.topic.items()}
        spent = ABOUT["coverage"] * (self._topic.share(point.topic) - self._topic.share(fresh))
        about = max(sum(point.evidence[name] for name in ABOUT) - spent, 0.1)
        again = AGAIN ** self._articles[point.source.document.doc_id]
        return about * point.place * again * (1 - self._said[id(point)])


def _shared(point: Point, other: Point) -> float:
    """The share of what one point says that another says too, by idf; 1 if the quotes overlap."""
    (start, end), (begin, finish) = point.quote, other.quote
    if point.source is other.source and start < finish and begin < end:
        return 1.0
    weight = sum(point.rest.values())
    shared = sum(point.rest[term] for term in point.rest.keys() & other.rest.keys())
    return shared / weight if weight else 1.0


def _in_order(points: Sequence[Point]) -> list[Point]:
    """By their articles' dates, undated last; of one date, the best article first; then as in the text."""
    best: dict[str, float] = {}
    for point in points:
        name = point.source.document.doc_id
        best[name] = max(best.get(name, 0.0), point.probability)

    def place(point: Point) -> tuple[str, float, str, int]:
        document = point.source.document
        name = document.doc_id
        return (document.published or UNDATED, -best[name], name, point.quote[0])

    return sorted(points, key=place)
