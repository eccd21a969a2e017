"""Kept on disk, found again: generations, BM25, FAISS, the embedding cache."""

from rag.index.analyzer import EnglishAnalyzer
from rag.index.cache import EmbeddingCache
from rag.index.generation import Generation, SourceRecord, write_generation
from rag.index.lexical import LexicalIndex
from rag.index.local import LocalStore, open_store, verify
from rag.index.lock import LOCK, build_lock
from rag.index.manifest import (
    Bm25Parameters,
    CorpusFolder,
    Manifest,
    Recipe,
    generations,
    read_manifest,
    rebuild,
)
from rag.index.postings import Postings, build_postings

__all__ = [
    "LOCK",
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
    "open_store",
    "read_manifest",
    "rebuild",
    "verify",
    "write_generation",
]
