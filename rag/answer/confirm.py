"""A second look at the answer: whether the sentence that it stands in supports it.

Question and answer are put together as a statement, and a reader that can do so says whether the sentence
entails it. A logistic of both findings replaces the probability; ``training/fit_confirmation.py`` fits it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.answer.candidates import Candidate, Inquiry
from rag.protocols import EntailmentReader
from rag.records import Entailment
from rag.text.units import context_start

ODDS: Final = 0.55
"""Weight of the log odds that the judge gives."""
SUPPORT: Final = 0.74
"""Weight of the logarithm of support over contradiction."""
BIAS: Final = -0.39

_LEAST: Final = 1e-5


def probability(judged: float, entailment: Entailment) -> float:
    """How probably an answer is right, from what the judge says and what its sentence does to it."""
    return 1 / (1 + math.exp(-(ODDS * log_odds(judged) + SUPPORT * log_support(entailment) + BIAS)))


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), for a p at least a little away from 0 and 1."""
    inner = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(inner / (1 - inner))


def log_support(entailment: Entailment) -> float:
    """The logarithm of support over contradiction."""
    return math.log(max(entailment.supports, _LEAST) / max(entailment.contradicts, _LEAST))


def confirmed(
    inquiry: Inquiry, candidates: Sequence[Candidate], reader: EntailmentReader
) -> list[Candidate]:
    """The candidates, best first, with what the best one's own sentence says of it taken into account.

    All gain or lose alike: one more look at the others was found to choose no better, and takes longer.
    """
    if not candidates or not candidates[0].probability or "confirm" not in inquiry.rules:
        return list(candidates)
    best = candidates[0]
    start = context_start(best.passage, best.read.units, best.number)
    [entailment] = reader.entailments(
        inquiry.question.statement(best.words), [best.read.words(start, best.unit.end)]
    )
    ratio = probability(best.probability, entailment) / best.probability
    return [
        replace(
            candidate,
            probability=min(candidate.probability * ratio, 1.0),
            features={**candidate.features, "support": math.log(ratio)},
        )
        for candidate in candidates
    ]
