"""query → passages: filters, two ranked lists, one fused."""

from rag.search.fuse import Fused
from rag.search.retrieve import CANDIDATES, Plan, retrieve

__all__ = ["CANDIDATES", "Fused", "Plan", "retrieve"]
