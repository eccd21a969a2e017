"""query → passages: parses the query, fuses two ranked lists and, if asked, reranks the result.

A name that no passage has may be a slip for another. ``publication``, which turns words about publication
into a filter, and ``wording`` are for questions; a search does not import them.
"""

from rag.search.fuse import Fused
from rag.search.query import Query, parse
from rag.search.rerank import RERANKED, rerank
from rag.search.retrieve import CANDIDATES, Plan, retrieve
from rag.search.spelling import Respelling, respelled
from rag.search.terms import QuestionAnalyzer

__all__ = [
    "CANDIDATES",
    "RERANKED",
    "Fused",
    "Plan",
    "Query",
    "QuestionAnalyzer",
    "Respelling",
    "parse",
    "rerank",
    "respelled",
    "retrieve",
]
