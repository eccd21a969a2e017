"""query → passages: taken apart, two ranked lists, one fused, and read again if that is asked for."""

from rag.search.fuse import Fused
from rag.search.query import Query, parse
from rag.search.rerank import RERANKED, rerank
from rag.search.retrieve import CANDIDATES, Plan, retrieve

__all__ = ["CANDIDATES", "RERANKED", "Fused", "Plan", "Query", "parse", "rerank", "retrieve"]
