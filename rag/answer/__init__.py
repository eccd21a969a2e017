"""passages → cited answer: which words answer, where they stand, or why nothing does.

Before that, a question of a conversation → one that stands on its own (``resolve``).
"""

from rag.answer.abstain import names_in, why_not
from rag.answer.cite import Source, cite, source_state
from rag.answer.claims import Claim, claims
from rag.answer.compare import Unsupported
from rag.answer.confirm import confirmed
from rag.answer.extract import Extraction, extract, wording
from rag.answer.fact import SameFact
from rag.answer.followup import resolve
from rag.answer.generate import messages
from rag.answer.judge import RELEVANCE, Judge
from rag.answer.mentions import Exchange
from rag.answer.phrase import AskedFor
from rag.answer.question import rarest_word, unknown_words
from rag.answer.support import Checker, Supported
from rag.answer.units import Unit, units_of

__all__ = [
    "RELEVANCE",
    "AskedFor",
    "Checker",
    "Claim",
    "Exchange",
    "Extraction",
    "Judge",
    "SameFact",
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
    "resolve",
    "source_state",
    "units_of",
    "unknown_words",
    "why_not",
    "wording",
]
