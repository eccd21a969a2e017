"""passages → cited answer: which words answer, where they stand, or why nothing does."""

from rag.answer.articles import content, is_later_version, same_address
from rag.answer.candidates import Inquiry, ReadPassage, normalized
from rag.answer.cite import Source, cite
from rag.answer.extract import Extraction, extract, fact_of_article, nearest_sentence
from rag.answer.judge import RELEVANCE, certainty
from rag.answer.lacking import mentioned, rarest_word, unknown_names, unknown_words, why_not
from rag.answer.overview import outline
from rag.answer.rules import ALL, RULES
from rag.answer.turns import speaker, time_of_entry, value_of_label

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
    "fact_of_article",
    "is_later_version",
    "mentioned",
    "nearest_sentence",
    "normalized",
    "outline",
    "rarest_word",
    "same_address",
    "speaker",
    "time_of_entry",
    "unknown_names",
    "unknown_words",
    "value_of_label",
    "why_not",
]
