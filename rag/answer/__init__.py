"""passages → cited answer: which words answer, where they stand, or why nothing does."""

from rag.answer.cite import Source, source_state
from rag.answer.extract import Extraction, extract, units_of, why_not, wording
from rag.answer.question import unknown_words
from rag.answer.sentence_reader import SentenceReader

__all__ = [
    "Extraction",
    "SentenceReader",
    "Source",
    "extract",
    "source_state",
    "units_of",
    "unknown_words",
    "why_not",
    "wording",
]
