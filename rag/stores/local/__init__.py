"""Kept on disk, found again: generations, BM25, FAISS, the embedding cache.

Nothing is imported here, so that who only reads an index loads only what reading needs.
"""
