"""passages → cited answer: which words answer, where they stand, or why nothing does."""

from rag.answer.cite import Source, source_state
from rag.answer.extract import Extraction, Unit, extract, units_of, why_not, wording
from rag.answer.judge import Judge
from rag.answer.question import unknown_words

__all__ = [
    "Extraction",
    "Judge",
    "Source",
    "Unit",
    "extract",
    "source_state",
    "units_of",
    "unknown_words",
    "why_not",
    "wording",
]
