"""What a reader reads, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.records.base import FloatArray, IdArray


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


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """A reader's word on each token of an excerpt.

    ``starts`` int64 (tokens,) are their offsets in the text, ascending; ``sentences`` float32 (tokens,) are
    logits: whether a token is part of a sentence that answers.
    """

    starts: IdArray
    sentences: FloatArray

    def sentence(self, start: int, end: int) -> float:
        """The mean logit, over the tokens in ``start..end``, of being in a sentence that answers."""
        first, last = self.starts.searchsorted([start, end])
        return float(self.sentences[first:last].mean()) if first < last else -10.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's result for one excerpt: spans, best first; ``relevance`` in 0..1."""

    relevance: float
    spans: tuple[Span, ...]
    marks: Marks | None = None


@dataclass(frozen=True, slots=True)
class Entailment:
    """The probabilities that a text entails a statement and that it contradicts it."""

    supports: float
    contradicts: float
