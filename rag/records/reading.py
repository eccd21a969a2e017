"""What a reader sees, and what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text to be read, with what stands over it; all that a reader ever sees of an article."""

    title: str
    heading: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an excerpt that may answer: offsets into its ``text``; ``score`` in 0..1."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader said of one excerpt: spans, best first; ``relevance`` in 0..1."""

    relevance: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Entailment:
    """How probably a text supports a statement, and contradicts it; else it leaves it open."""

    supports: float
    contradicts: float
