"""Models: finds, checks and runs embedders, readers and language models."""

from rag.models.generators.endpoint import load_generator
from rag.models.load import entailment_reader, load_embedder, load_reader, use_threads
from rag.models.weights import DEFAULT_MODEL, READER, cache_folder, canonical_model, clear_cache

__all__ = [
    "DEFAULT_MODEL",
    "READER",
    "cache_folder",
    "canonical_model",
    "clear_cache",
    "entailment_reader",
    "load_embedder",
    "load_generator",
    "load_reader",
    "use_threads",
]
