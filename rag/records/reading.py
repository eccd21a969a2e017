"""What a reader reads, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text with its title and heading; a reader sees nothing else of an article."""

    title: str
    heading: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an excerpt that may answer, as offsets into its ``text``; ``score`` in 0..1."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's result for one excerpt: spans, best first; ``relevance`` in 0..1."""

    relevance: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Entailment:
    """The probabilities that a text entails a statement and that it contradicts it."""

    supports: float
    contradicts: float
