"""Which sentence, table row or list item answers: what the reader found in it, and how it is worded.

A reader sees what a sentence means and can be fooled by one that merely sounds right; shared words and
cosines see less, and are fooled by other things. So every unit of every passage gets features of both
kinds, and a conditional logit (McFadden 1974) over all units and one more choice, "none of these", turns
them into the probability that a unit is the answer. Its numbers were fitted by ``training/fit_judge.py``;
``training/README.md`` says on what data, and how well they do on data they have not seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.answer.candidates import Candidate, Inquiry, ReadPassage, wording
from rag.text.units import context_start

if TYPE_CHECKING:
    from rag.records.base import ScoreArray

WEIGHTS: Final = {
    "span": 0.780,  # log odds that the reader gives to its best span in the unit
    "relevance": 0.329,  # log odds that the reader gives to the whole passage
    "cosine": 3.642,  # of question and passage
    "coverage": 1.102,  # share of the question's terms in the unit, weighted by their idf
}
NONE_OF_THESE: Final = 4.331
RELEVANCE: Final = WEIGHTS["relevance"]

_SUREST: Final = 7.0
"""Log odds beyond which the reader is not believed to be surer."""
_COSINE: Final = 0.5
"""Taken for a passage that was not found by its vector."""


def judged(inquiry: Inquiry, read: Sequence[ReadPassage]) -> list[Candidate]:
    """Every unit of the passages that were read, with the probability that it is the answer."""
    rows = features(inquiry, read)
    for column, name in enumerate(WEIGHTS):
        if len(rows) and name not in inquiry.rules:
            rows[:, column] = rows[:, column].mean()
    places = [(passage, number) for passage in read for number in range(len(passage.units))]
    words = [passage.words(*passage.units[number][:2]) for passage, number in places]
    if len({*map(wording, words)}) < len(words) and "same-words" not in inquiry.rules:
        words = [str(number) for number in range(len(words))]
    return [
        Candidate(passage, number, passage.units[number][:2], _evidence(row), probability)
        for (passage, number), row, probability in zip(
            places, rows.tolist(), choice_probabilities(rows, words).tolist(), strict=True
        )
    ]


def features(inquiry: Inquiry, read: Sequence[ReadPassage]) -> ScoreArray:
    """The features of all units in order: (units, 4), columns as in ``WEIGHTS``.

    Where a reader finds no span anywhere, it is one that only knows relevance, and its word on a
    passage stands for what it would find in it.
    """
    pointed = any(each.reading.spans for each in read)
    asked = {term: inquiry.idf(term) for term in inquiry.question.terms}
    rows: list[tuple[float, ...]] = []
    for each in read:
        dense = each.passage.contributions.get("dense")
        cosine = dense.score if dense else _COSINE
        relevance = log_odds(each.reading.relevance)
        rows += [
            (
                log_odds(max((s.score for s in each.spans_in(unit)), default=0.0))
                if pointed
                else relevance,
                relevance,
                cosine,
                _coverage(asked, inquiry.analyzer(_in_context(inquiry, each, number))),
            )
            for number, unit in enumerate(each.units)
        ]
    return np.array(rows, np.float64).reshape(len(rows), len(WEIGHTS))


def choice_probabilities(features: ScoreArray, words: Sequence[str]) -> ScoreArray:
    """The probability of each unit to be the answer; what is missing to 1 is that none of them is.

    ``features`` (units, 4) → (units,). Units of the same ``words`` are one choice, as good as the best
    of them, and all get its probability: a sentence is no less right for standing in two articles.
    """
    utilities = features @ np.array(list(WEIGHTS.values())) - NONE_OF_THESE
    _, choice = np.unique([wording(text) for text in words], return_inverse=True)
    best = np.full(len(words), -np.inf)
    np.maximum.at(best, choice, utilities)
    shift = max(float(best.max(initial=0.0)), 0.0)  # keeps the exponentials within range
    odds = np.exp(best - shift)
    result: ScoreArray = (odds / (odds.sum() + np.exp(-shift)))[choice]
    return result


def _evidence(features: Sequence[float]) -> dict[str, float]:
    """What each feature of a unit adds to its odds against "none of these"."""
    points = zip(WEIGHTS.items(), features, strict=True)
    return {name: weight * value for (name, weight), value in points} | {"none": -NONE_OF_THESE}


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), no further from 0 than the reader is believed.

    >>> log_odds(0.5), log_odds(0.0), log_odds(1.0)
    (0.0, -7.0, 7.0)
    """
    if not 0 < probability < 1:
        return _SUREST if probability >= 1 else -_SUREST
    return min(max(math.log(probability / (1 - probability)), -_SUREST), _SUREST)


def _in_context(inquiry: Inquiry, read: ReadPassage, number: int) -> str:
    """A unit's words, and those of the sentence before it if it leans on that."""
    unit = read.units[number]
    start = context_start(read.passage, read.units, number)
    if start != unit.start and "leaning" not in inquiry.rules:
        start = unit.start
    return read.words(start, unit.end)


def _coverage(asked: dict[str, float], terms: Sequence[str]) -> float:
    """The share of the asked terms, weighted by their idf, that are among these."""
    total = sum(asked.values())
    found = set(terms)
    return sum(weight for term, weight in asked.items() if term in found) / total if total else 0.0
