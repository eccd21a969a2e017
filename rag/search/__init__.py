"""query → passages: parses the query, fuses two ranked lists and, if asked, reranks the result.

Words about publication in a question become a filter. A name that no passage has may be a slip for another.
"""

from rag.search.fuse import Fused
from rag.search.publication import Publication, read_day, read_publication
from rag.search.query import Query, parse
from rag.search.rerank import RERANKED, rerank
from rag.search.retrieve import CANDIDATES, Plan, retrieve
from rag.search.spelling import Respelling, as_written, respelled
from rag.search.terms import QuestionAnalyzer

__all__ = [
    "CANDIDATES",
    "RERANKED",
    "Fused",
    "Plan",
    "Publication",
    "Query",
    "QuestionAnalyzer",
    "Respelling",
    "as_written",
    "parse",
    "read_day",
    "read_publication",
    "rerank",
    "respelled",
    "retrieve",
]
