"""Kept on disk, found again: generations, BM25, FAISS, the embedding cache."""

from rag.index.analyzer import EnglishAnalyzer
from rag.index.cache import EmbeddingCache
from rag.index.generation import Generation, SourceRecord, write_generation
from rag.index.lexical import LexicalIndex, Postings, build_postings
from rag.index.local import LocalStore
from rag.index.lock import build_lock
from rag.index.manifest import (
    Bm25Parameters,
    CorpusFolder,
    Manifest,
    Recipe,
    generations,
    read_manifest,
)

__all__ = [
    "Bm25Parameters",
    "CorpusFolder",
    "EmbeddingCache",
    "EnglishAnalyzer",
    "Generation",
    "LexicalIndex",
    "LocalStore",
    "Manifest",
    "Postings",
    "Recipe",
    "SourceRecord",
    "build_lock",
    "build_postings",
    "generations",
    "read_manifest",
    "write_generation",
]
