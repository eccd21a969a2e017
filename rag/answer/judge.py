"""Which sentence, table row or list item answers, and how probably.

A reader understands a sentence and can be fooled by one that merely sounds right; shared words and
cosines understand less and are fooled by other things. So every unit of every passage gets features of
both kinds. A conditional logit (McFadden 1974) over all units and one more choice, "none of these", turns
them into the probability that a unit is the answer.

The best answer gets a second look. Question and answer make a statement, a reader that can do so says
whether the answer's own sentence entails it, and a logistic of both results replaces the probability.

``training/fit_judge.py`` and ``training/fit_confirmation.py`` fit the numbers; ``training/README.md`` says
on which data, and how well they do on data they have not seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.answer.candidates import Candidate, Inquiry, ReadPassage, normalized
from rag.english.enumerations import places_of
from rag.protocols import EntailmentReader
from rag.records import Entailment, Verdict
from rag.text.units import Unit, context_start

if TYPE_CHECKING:
    from rag.records.base import ScoreArray

WEIGHTS: Final = {
    "sentence": 0.204,  # the reader's mean log odds for the words of the unit
    "span": 0.780,  # the reader's log odds for its best span in the unit
    "relevance": 0.229,  # the reader's log odds for the whole passage
    "cosine": 3.477,  # of question and passage
    "coverage": 1.182,  # share of the question's terms in the unit, weighted by idf
}
NONE_OF_THESE: Final = 3.650
RELEVANCE: Final = WEIGHTS["relevance"]
_SUREST: Final = 7.0
"""The reader's log odds count up to this, in both directions."""
_COSINE: Final = 0.5
"""Assumed for a passage that only lexical search found."""

ODDS: Final = 0.58
"""Weight of the judge's log odds in the second look."""
SUPPORT: Final = 0.45
"""Weight of the logarithm of support over contradiction."""
BIAS: Final = -0.23
CLEARLY: Final = 0.75
"""How much more support another answer on offer needs, as a logarithm."""
YES: Final = 0.8
"""Least probability of support for the word yes: of 400 pairs of RTE, 29 have it, and 27 rightly …"""
NO: Final = 0.6
"""… and of contradiction for the word no: 18 have it, and 17 rightly."""
_LEAST: Final = 1e-5
"""Probabilities below this count as this in the second look."""


def judge(inquiry: Inquiry, read: Sequence[ReadPassage]) -> list[Candidate]:
    """Every unit of the passages, in order, with the probability that it is the answer."""
    rows = features(inquiry, read)
    for column, name in enumerate(WEIGHTS):
        if len(rows) and name not in inquiry.rules:
            rows[:, column] = rows[:, column].mean()
    units = [(passage, number) for passage in read for number in range(len(passage.units))]
    words = [normalized(passage.words(*passage.units[n][:2])) for passage, n in units]
    if len(set(words)) < len(words) and "same-words" not in inquiry.rules:
        words = [str(number) for number in range(len(words))]
    return [
        Candidate(passage, number, passage.units[number][:2], _evidence(row), probability)
        for (passage, number), row, probability in zip(
            units, rows.tolist(), choice_probabilities(rows, words).tolist(), strict=True
        )
    ]


def features(inquiry: Inquiry, read: Sequence[ReadPassage]) -> ScoreArray:
    """The features of all units in order: float64 (units, 5), columns as in ``WEIGHTS``.

    A reader that finds no span anywhere only knows relevance. Then its relevance stands in for "span".
    """
    has_spans = any(each.reading.spans for each in read)
    idf = {term: inquiry.idf(term) for term in inquiry.question.terms}
    rows: list[tuple[float, ...]] = []
    for each in read:
        dense = each.passage.contributions.get("dense")
        cosine = dense.score if dense else _COSINE
        relevance = log_odds(each.reading.relevance)
        rows += [
            (
                _marked(each, unit),
                log_odds(each.answering(unit)) if has_spans else relevance,
                relevance,
                cosine,
                _coverage(idf, inquiry.analyzer.all_terms(_in_context(inquiry, each, number))),
            )
            for number, unit in enumerate(each.units)
        ]
    return np.array(rows, np.float64).reshape(len(rows), len(WEIGHTS))


def _marked(each: ReadPassage, unit: Unit) -> float:
    """A unit's mean logit by its marks, within ``_SUREST``; without marks, the log odds of its span."""
    logit = each.marked(unit)
    return log_odds(each.answering(unit)) if logit is None else min(max(logit, -_SUREST), _SUREST)


def choice_probabilities(features: ScoreArray, words: Sequence[str]) -> ScoreArray:
    """The probability that each unit is the answer; what remains up to 1 is that none of them is.

    ``features`` is float64 (units, 5), the result float64 (units,). Units with equal ``words`` are one
    choice, as good as the best of them, and all get its probability: a sentence is no less right
    because two articles have it.
    """
    utilities = features @ np.array(list(WEIGHTS.values())) - NONE_OF_THESE
    _, choice = np.unique(list(words), return_inverse=True)
    best = np.full(len(words), -np.inf)
    np.maximum.at(best, choice, utilities)
    shift = max(float(best.max(initial=0.0)), 0.0)  # so that no exponential overflows
    odds = np.exp(best - shift)
    result: ScoreArray = (odds / (odds.sum() + np.exp(-shift)))[choice]
    return result


def _evidence(features: Sequence[float]) -> dict[str, float]:
    """What each feature of a unit adds to its log odds against "none of these"."""
    points = zip(WEIGHTS.items(), features, strict=True)
    return {name: weight * value for (name, weight), value in points} | {"none": -NONE_OF_THESE}


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), limited to ``_SUREST`` in both directions.

    >>> log_odds(0.5), log_odds(0.0), log_odds(1.0)
    (0.0, -7.0, 7.0)
    """
    if not 0 < probability < 1:
        return _SUREST if probability >= 1 else -_SUREST
    return min(max(math.log(probability / (1 - probability)), -_SUREST), _SUREST)


def _in_context(inquiry: Inquiry, read: ReadPassage, number: int) -> str:
    """A unit's text, with the sentence before it if it leans on that."""
    unit = read.units[number]
    start = context_start(read.passage, read.units, number)
    if start != unit.start and "leaning" not in inquiry.rules:
        start = unit.start
    return read.words(start, unit.end)


def _coverage(idf: dict[str, float], terms: Sequence[str]) -> float:
    """The share of the question's terms, weighted by idf, that are among ``terms``."""
    total = sum(idf.values())
    present = set(terms)
    return sum(weight for term, weight in idf.items() if term in present) / total if total else 0.0


# ---------------------------------------------------------------- the second look


def confirm(
    inquiry: Inquiry, candidates: Sequence[Candidate], reader: EntailmentReader
) -> list[Candidate]:
    """The candidates, best first, after the reader has compared the best answer with its sentence.

    All of them gain or lose alike. Reading the others too takes longer and chooses no better.
    """
    if not candidates or not candidates[0].probability or "confirm" not in inquiry.rules:
        return list(candidates)
    best = candidates[0]
    [entailment] = reader.entailments(inquiry.question.statement(best.words), [_context(best)[0]])
    judged = best.probability / best.share  # what speaks against it counts in full
    ratio = confirmed_probability(judged, entailment) / judged
    return [
        replace(
            candidate,
            probability=min(candidate.probability * ratio, 1.0),
            features={**candidate.features, "support": math.log(ratio)},
        )
        for candidate in candidates
    ]


def decide(
    inquiry: Inquiry, candidates: Sequence[Candidate], reader: EntailmentReader
) -> list[Candidate]:
    """The candidates; if the best one's sentence has several of the offered answers, it gets the right one.

    The right one is what the reader marks, unless the sentence clearly better supports the statement that
    the question makes with another one.
    """
    offered = inquiry.question.choices
    offers = places_of(offered, candidates[0].sentence) if candidates and offered else []
    if len(offers) < 2 or "choice" not in inquiry.rules:
        return list(candidates)
    best, (text, start) = candidates[0], _context(candidates[0])
    support = [
        log_support(reader.entailments(inquiry.question.statement(best.sentence[b:e]), [text])[0])
        for b, e in offers
    ]
    marked = next((n for n, (b, _) in enumerate(offers) if start + b == best.span[0]), 0)
    most = support.index(max(support))
    begin, end = offers[most if support[most] > support[marked] + CLEARLY else marked]
    return [replace(best, span=(start + begin, start + end)), *candidates[1:]]


def verdict(inquiry: Inquiry, candidate: Candidate, reader: EntailmentReader) -> Verdict | None:
    """Whether a sentence says yes or no to the question; None if the reader is not sure.

    It is never sure if the sentence lacks a name of the question.
    """
    statement, (text, _) = inquiry.question.declared, _context(candidate)
    names = inquiry.question.names.difference(inquiry.analyzer(text))
    if inquiry.form != "sentence" or statement is None or names:
        return None
    [entailment] = reader.entailments(statement, [text])
    sure: Verdict | None = None
    if entailment.supports >= YES:
        sure = "yes"
    elif entailment.contradicts >= NO:
        sure = "no"
    return sure if sure is None or "verdict" in inquiry.rules else None


def _context(candidate: Candidate) -> tuple[str, int]:
    """A candidate's sentence, with the one before if it leans on that, and the sentence's own start."""
    start = context_start(candidate.passage, candidate.read.units, candidate.number)
    return candidate.read.words(start, candidate.unit.end), candidate.unit.start


def confirmed_probability(judged: float, entailment: Entailment) -> float:
    """How probable an answer is, given the judge's probability and what the sentence entails."""
    logit = ODDS * confirmation_odds(judged) + SUPPORT * log_support(entailment) + BIAS
    return 1 / (1 + math.exp(-logit))


def confirmation_odds(judged: float) -> float:
    """The judge's log odds, as the second look counts them."""
    inner = min(max(judged, _LEAST), 1 - _LEAST)
    return math.log(inner / (1 - inner))


def log_support(entailment: Entailment) -> float:
    """The logarithm of support over contradiction."""
    return math.log(max(entailment.supports, _LEAST) / max(entailment.contradicts, _LEAST))


# ---------------------------------------------------------------- confidence in words

BANDS: Final = ((0.7, "sure"), (0.4, "fairly sure"), (0.0, "a guess"))
"""The least confidence of each, the surest first.

Measured with ``rag eval answers`` on evaluation/seeds.jsonl, seeds-2, seeds-3 and others at the default
threshold: of the answers that are "sure", 35 of 35 are right; "fairly sure", 82 of 93; "a guess", 43 of
69. Set them anew with every reader: nine in ten should be right where it is fairly sure.
"""


def certainty(confidence: float) -> str:
    """A confidence, from 0 to 1, in words.

    >>> certainty(0.9), certainty(0.5), certainty(0.09)
    ('sure', 'fairly sure', 'a guess')
    """
    return next(words for least, words in BANDS if confidence >= least)
