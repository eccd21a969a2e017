"""Text → numbers: embedding models, found, checked and run."""

from rag.models.embedder import load_embedder
from rag.models.weights import DEFAULT_MODEL, cache_folder, canonical_model

__all__ = ["DEFAULT_MODEL", "cache_folder", "canonical_model", "load_embedder"]
