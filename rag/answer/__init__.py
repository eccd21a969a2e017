"""passages → cited answer: which words answer, where they stand, or why nothing does."""

from rag.answer.abstain import names_in, why_not
from rag.answer.cite import Source, cite
from rag.answer.confirm import confirmed
from rag.answer.extract import Extraction, extract, wording
from rag.answer.judge import RELEVANCE, Judge
from rag.answer.question import rarest_word, unknown_words
from rag.answer.rules import ALL, RULES
from rag.answer.same_fact import SameFact
from rag.answer.select import AskedFor

__all__ = [
    "ALL",
    "RELEVANCE",
    "RULES",
    "AskedFor",
    "Extraction",
    "Judge",
    "SameFact",
    "Source",
    "cite",
    "confirmed",
    "extract",
    "names_in",
    "rarest_word",
    "unknown_words",
    "why_not",
    "wording",
]
