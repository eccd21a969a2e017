"""Text → numbers: embedding models, found, checked and run."""

from rag.models.load import load_embedder
from rag.models.weights import DEFAULT_MODEL, cache_folder, canonical_model, clear_cache

__all__ = ["DEFAULT_MODEL", "cache_folder", "canonical_model", "clear_cache", "load_embedder"]
