"""What a reader says, in a form that JSON can hold: for caches on disk, exact to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.records import Entailment, Marks, Reading, Span


def of_reading(reading: Reading) -> list[Any]:
    """A reading as lists of numbers."""
    marks = reading.marks and [reading.marks.starts.tolist(), reading.marks.sentences.tolist()]
    return [reading.relevance, [(s.start, s.end, s.score) for s in reading.spans], marks]


def to_reading(stored: Sequence[Any]) -> Reading:
    """The reading that ``of_reading`` gave this for."""
    relevance, spans, marks = stored
    return Reading(relevance, tuple(Span(*span) for span in spans), marks and _marks(*marks))


def of_entailment(entailment: Entailment) -> list[float]:
    """An entailment as two numbers."""
    return [entailment.supports, entailment.contradicts]


def to_entailment(stored: Sequence[float]) -> Entailment:
    """The entailment that ``of_entailment`` gave this for."""
    return Entailment(*stored)


def _marks(starts: Sequence[int], sentences: Sequence[float]) -> Marks:
    return Marks(np.array(starts, np.int64), np.array(sentences, np.float32))
