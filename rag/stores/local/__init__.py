"""The store on disk: generations, BM25, FAISS, the embedding cache.

This file imports nothing, so that reading an index loads only what reading needs.
"""
