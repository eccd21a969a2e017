"""query → passages: taken apart, two ranked lists, one fused, and read again if that is asked for.

What a question says of publication becomes a filter.
"""

from rag.search.fuse import Fused
from rag.search.publication import Publication, day_of, read_publication
from rag.search.query import Query, parse
from rag.search.rerank import RERANKED, rerank
from rag.search.retrieve import CANDIDATES, Plan, retrieve

__all__ = [
    "CANDIDATES",
    "RERANKED",
    "Fused",
    "Plan",
    "Publication",
    "Query",
    "day_of",
    "parse",
    "read_publication",
    "rerank",
    "retrieve",
]
