"""Which sentence, table row or list item answers: what the reader found in it, and how it is worded.

A reader sees what a sentence means and can be fooled by one that merely sounds right; shared words and
cosines see less, and are fooled by other things. So every unit of every passage gets features of both
kinds, and a conditional logit (McFadden 1974) over all units and one more choice, "none of these", turns
them into the probability that a unit is the answer. Its numbers were fitted by ``training/fit_judge.py``;
``training/README.md`` says on what data, and how well they do on data they have not seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.answer.extract import wording
from rag.answer.rules import ALL
from rag.answer.select import AskedFor, inside
from rag.protocols import Analyzer
from rag.records import Passage, Reading
from rag.text.units import Unit, Units, clear_from

if TYPE_CHECKING:
    from rag.records.base import ScoreArray

WEIGHTS: Final = {
    "span": 0.780,  # log odds that the reader gives to its best span in the unit
    "relevance": 0.329,  # log odds that the reader gives to the whole passage
    "cosine": 3.642,  # of question and passage
    "coverage": 1.102,  # share of the question's terms in the unit, weighted by their rarity
}
NONE_OF_THESE: Final = 4.331
RELEVANCE: Final = WEIGHTS["relevance"]

_SUREST: Final = 7.0
"""Log odds beyond which the reader is not believed to be surer."""
_COSINE: Final = 0.5
"""Taken for a passage that was not found by its vector."""


class Judge:
    """Weighs every unit of the passages that were read."""

    def __init__(self, analyzer: Analyzer, rarity: Callable[[str], float], units: Units) -> None:
        """``rarity`` says how much a term tells passages apart; ``units`` are what can be cited."""
        self._analyzer = analyzer
        self._rarity = rarity
        self._units = units

    def weigh(
        self, asked: AskedFor, passages: Sequence[Passage], readings: Sequence[Reading]
    ) -> list[Reading]:
        """The readings again, with one span a unit: the words of it that answer.

        Each span has the probability of its unit to be the answer; the most probable comes first.
        """
        units = [list(self._units(passage)) for passage in passages]
        features = self.features(asked.question, passages, units, readings, asked.rules)
        for column, name in enumerate(WEIGHTS):
            if name not in asked.rules and len(features):
                features[:, column] = features[:, column].mean()
        words = [
            _text(passage, unit)
            for passage, own in zip(passages, units, strict=True)
            for unit in own
        ]
        if len({*map(wording, words)}) < len(words) and "same-words" not in asked.rules:
            words = [str(n) for n in range(len(words))]
        scores = iter(choice_probabilities(features, words).tolist())
        evidence = map(_evidence, features.tolist())
        return [
            Reading(
                reading.relevance,
                tuple(
                    sorted(
                        (
                            asked.answer(passage, unit, reading, next(scores), next(evidence))
                            for unit in own
                        ),
                        key=lambda span: -span.score,
                    )
                ),
            )
            for passage, own, reading in zip(passages, units, readings, strict=True)
        ]

    def features(
        self,
        question: str,
        passages: Sequence[Passage],
        units: Sequence[Sequence[Unit]],
        readings: Sequence[Reading],
        rules: Collection[str] = ALL,
    ) -> ScoreArray:
        """The features of all units in order: (units, 4), columns as in ``WEIGHTS``.

        Where a reader finds no span anywhere, it is one that only knows relevance, and its word on a
        passage stands for what it would find in it.
        """
        pointed = any(reading.spans for reading in readings)
        asked = {term: self._rarity(term) for term in self._analyzer(question)}
        rows: list[tuple[float, ...]] = []
        for passage, own, reading in zip(passages, units, readings, strict=True):
            dense = passage.contributions.get("dense")
            cosine = dense.score if dense else _COSINE
            relevance = log_odds(reading.relevance)
            rows += [
                (
                    log_odds(max((s.score for s in inside(unit, reading)), default=0.0))
                    if pointed
                    else relevance,
                    relevance,
                    cosine,
                    _coverage(asked, self._analyzer(_in_context(passage, own, number, rules))),
                )
                for number, unit in enumerate(own)
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


def _text(passage: Passage, unit: Unit) -> str:
    return passage.text[unit.start - passage.start : unit.end - passage.start]


def _in_context(
    passage: Passage, units: Sequence[Unit], number: int, rules: Collection[str]
) -> str:
    """A unit's words, and those of the sentence before it if it leans on that."""
    start = clear_from(passage, units, number)
    if start != units[number].start and "leaning" not in rules:
        start = units[number].start
    return passage.text[start - passage.start : units[number].end - passage.start]


def _coverage(asked: dict[str, float], terms: Sequence[str]) -> float:
    """The share of the asked terms, weighted by their rarity, that are among these."""
    total = sum(asked.values())
    found = set(terms)
    return sum(weight for term, weight in asked.items() if term in found) / total if total else 0.0
