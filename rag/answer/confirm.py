"""A second look at the answer: whether the sentence that it stands in supports it.

Question and answer are put together as a statement, and a reader that can do so says what the sentence
does to it. A logistic of both findings replaces the probability; ``training/fit_confirmation.py`` fits it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.protocols import StanceReader
from rag.records import Passage, Reading, Stance
from rag.text.units import Unit, clear_from, holding

ODDS: Final = 0.55
"""Weight of the log odds that the judge gives."""
SUPPORT: Final = 0.74
"""Weight of the logarithm of support over contradiction."""
BIAS: Final = -0.39

_WH: Final = re.compile(
    r"\b(who|whom|whose|what|which|when|where|why|how)\b(?: (?:many|much|long|old))?", re.IGNORECASE
)
_AUXILIARY: Final = re.compile(
    r"^\s*(is|are|was|were|did|does|do|has|have|had|can|could|will|would)\b\s*", re.IGNORECASE
)
_LEAST: Final = 1e-5


def statement(question: str, answer: str) -> str:
    """Question and answer as one statement, as roughly as those that the reader was trained on.

    >>> statement("Who founded the mill?", "Ann Lee")
    'Ann Lee founded the mill'
    >>> statement("When was the mill founded?", "1901")
    'the mill founded 1901'
    """
    plain = question.strip().rstrip("?").strip()
    match = _WH.search(plain)
    if not match:
        return f"{plain} {answer}"
    if match[1].lower() in ("who", "what", "which") and match.start() == 0:
        rest = plain[match.end() :]
        if not _AUXILIARY.match(rest) and match[1].lower() == "who":
            return f"{answer}{rest}"
    rest = _AUXILIARY.sub("", plain[match.end() :])
    return " ".join(f"{plain[: match.start()]} {rest} {answer}".split())


def probability(judged: float, stance: Stance) -> float:
    """How probably an answer is right, from what the judge says and what its sentence does to it."""
    return 1 / (1 + math.exp(-(ODDS * log_odds(judged) + SUPPORT * log_support(stance) + BIAS)))


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), for a p at least a little away from 0 and 1."""
    inner = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(inner / (1 - inner))


def log_support(stance: Stance) -> float:
    """The logarithm of support over contradiction."""
    return math.log(max(stance.supports, _LEAST) / max(stance.contradicts, _LEAST))


def confirmed(
    reader: StanceReader,
    question: str,
    passages: Sequence[Passage],
    weighed: Sequence[Reading],
    units: Sequence[Sequence[Unit]],
) -> list[Reading]:
    """The readings with what the best answer's own sentence says of it taken into account.

    ``units`` are those of each passage. All spans gain or lose alike: one more look at
    the others was found to choose no better, and takes longer.
    """
    best = max(
        ((span, number) for number, reading in enumerate(weighed) for span in reading.spans[:1]),
        key=lambda found: found[0].score,
        default=None,
    )
    if best is None or not best[0].score:
        return list(weighed)
    span, number = best
    passage = passages[number]
    within = holding(units[number], span.start, span.end)
    start, end = clear_from(passage, units[number], within[0]), units[number][within[-1]].end
    words = passage.text[span.start - passage.start : span.end - passage.start]
    quote = passage.text[start - passage.start : end - passage.start]
    [stance] = reader.stances(
        statement(question, words), [replace(passage, start=start, end=end, text=quote)]
    )
    ratio = probability(span.score, stance) / span.score
    return [
        replace(
            reading,
            spans=tuple(
                replace(
                    s,
                    score=min(s.score * ratio, 1.0),
                    evidence={**s.evidence, "support": math.log(ratio)},
                )
                for s in reading.spans
            ),
        )
        for reading in weighed
    ]
