"""A reader that needs no weights of its own: which sentence, table row or list item answers best.

Every unit of every passage gets a handful of features. A conditional logit (McFadden 1974) over all
units and one more choice, "none of these", turns them into the probability that a unit is the answer.
Its six numbers were fitted by ``training/fit_sentence_reader.py``; ``training/README.md`` says on what
data, and how well they do on data they have not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.answer.extract import Units, wording
from rag.answer.question import asked_kind, offers, restated
from rag.protocols import Analyzer, Embedder
from rag.types import Passage, Reading, Span

if TYPE_CHECKING:
    from rag.types import FloatArray, ScoreArray

WEIGHTS: Final = {
    "cosine": 6.293,  # of question and unit
    "passage_cosine": 4.614,  # of question and the whole passage
    "coverage": 3.634,  # share of the question's terms in the unit, weighted by their rarity
    "context_coverage": 4.908,  # the same in the passage, its heading and its title
    "lacks_kind": -1.530,  # the question asks for a number, date, person or place; the unit has none
}
NONE_OF_THESE: Final = 11.592


class SentenceReader:
    """Scores every unit of every passage; see the ``Reader`` protocol."""

    id = "sentence-1"

    def __init__(
        self, embedder: Embedder, analyzer: Analyzer, rarity: Callable[[str], float], units: Units
    ) -> None:
        """``rarity`` says how much a term tells passages apart; ``units`` are what can be cited."""
        self._embedder = embedder
        self._analyzer = analyzer
        self._rarity = rarity
        self._units = units

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage: each of its units is a span, most probable first."""
        units = [list(self._units(passage)) for passage in passages]
        words = [text for own in _texts(passages, units) for text in own]
        features = self.features(question, passages, units)
        scores = iter(choice_probabilities(features, words).tolist())
        return [
            _reading([Span(start, end, next(scores)) for start, end in spans]) for spans in units
        ]

    def features(
        self,
        question: str,
        passages: Sequence[Passage],
        units: Sequence[Sequence[tuple[int, int]]],
    ) -> ScoreArray:
        """The features of all units in order: (units, 5), columns as in ``WEIGHTS``."""
        texts = _texts(passages, units)
        cosines = self._cosines(question, [text for own in texts for text in own])
        asked = self._asked_terms(question)
        kind = asked_kind(question)
        rows: list[tuple[float, ...]] = []
        for passage, own in zip(passages, texts, strict=True):
            near = cosines[len(rows) : len(rows) + len(own)]
            dense = passage.contributions.get("dense")
            passage_cosine = dense.score if dense else float(near.max(initial=0.0))
            context = set(self._analyzer(f"{passage.title} {passage.heading or ''} {passage.text}"))
            context_coverage = _coverage(asked, context)
            rows += [
                (
                    float(cosine),
                    passage_cosine,
                    _coverage(asked, set(self._analyzer(text))),
                    context_coverage,
                    float(kind is not None and not offers(kind, text, question)),
                )
                for text, cosine in zip(own, near, strict=True)
            ]
        return np.array(rows, np.float64).reshape(len(rows), len(WEIGHTS))

    def _asked_terms(self, question: str) -> list[tuple[frozenset[str], float]]:
        """The question's terms: the forms in which each may be met, and its rarity."""
        forms = {term: frozenset({term}) for term in self._analyzer(question)}
        if other := restated(question):
            word, titles = other
            forms |= {
                term: frozenset(self._analyzer(titles)) | {term} for term in self._analyzer(word)
            }
        return [(met, self._rarity(term)) for term, met in forms.items()]

    def _cosines(self, question: str, texts: Sequence[str]) -> FloatArray:
        """Cosine of the question with each text: float32 (texts,)."""
        query = self._embedder.embed_queries([question])[0]
        cosines: FloatArray = self._embedder.embed_documents(texts) @ query
        return cosines


def choice_probabilities(features: ScoreArray, words: Sequence[str]) -> ScoreArray:
    """The probability of each unit to be the answer; what is missing to 1 is that none of them is.

    ``features`` (units, 5) → (units,). Units of the same ``words`` are one choice, as good as the best
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


def _texts(
    passages: Sequence[Passage], units: Sequence[Sequence[tuple[int, int]]]
) -> list[list[str]]:
    """The words of each unit, by passage."""
    return [
        [passage.text[start - passage.start : end - passage.start] for start, end in spans]
        for passage, spans in zip(passages, units, strict=True)
    ]


def _reading(spans: list[Span]) -> Reading:
    return Reading(
        relevance=sum(span.score for span in spans),
        spans=tuple(sorted(spans, key=lambda span: -span.score)),
    )


def _coverage(asked: Sequence[tuple[frozenset[str], float]], terms: set[str]) -> float:
    """The share of the asked terms, weighted by their rarity, that a text meets in any form."""
    total = sum(weight for _, weight in asked)
    return sum(weight for forms, weight in asked if forms & terms) / total if total else 0.0
