"""passages → cited answer: which words answer, where they stand, or why nothing does."""

from rag.answer.abstain import mentioned, stands, unknown_names, why_not
from rag.answer.articles import content, is_later_version, same_address
from rag.answer.candidates import Inquiry, ReadPassage, normalized
from rag.answer.cite import Source, cite
from rag.answer.extract import Extraction, extract, nearest_sentence
from rag.answer.judge import RELEVANCE, certainty
from rag.answer.overview import outline
from rag.answer.rules import ALL, RULES

__all__ = [
    "ALL",
    "RELEVANCE",
    "RULES",
    "Extraction",
    "Inquiry",
    "ReadPassage",
    "Source",
    "certainty",
    "cite",
    "content",
    "extract",
    "is_later_version",
    "mentioned",
    "nearest_sentence",
    "normalized",
    "outline",
    "same_address",
    "stands",
    "unknown_names",
    "why_not",
]
