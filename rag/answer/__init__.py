"""passages → cited answer: which words answer, where they stand, or why nothing does."""

from rag.answer.abstain import names_in, why_not
from rag.answer.cite import Source, cite, source_state
from rag.answer.claims import Claim, claims
from rag.answer.compare import Unsupported
from rag.answer.confirm import confirmed
from rag.answer.extract import Extraction, extract, wording
from rag.answer.generate import messages
from rag.answer.judge import RELEVANCE, Judge
from rag.answer.phrase import AskedFor
from rag.answer.question import rarest_word, unknown_words
from rag.answer.support import Checker, Supported
from rag.answer.units import Unit, units_of

__all__ = [
    "RELEVANCE",
    "AskedFor",
    "Checker",
    "Claim",
    "Extraction",
    "Judge",
    "Source",
    "Supported",
    "Unit",
    "Unsupported",
    "cite",
    "claims",
    "confirmed",
    "extract",
    "messages",
    "names_in",
    "rarest_word",
    "source_state",
    "units_of",
    "unknown_words",
    "why_not",
    "wording",
]
