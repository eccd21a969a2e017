"""query → passages: filters, two ranked lists, one fused."""

from rag.search.fuse import Fused
from rag.search.retrieve import Plan, retrieve

__all__ = ["Fused", "Plan", "retrieve"]
