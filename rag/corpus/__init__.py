"""file → Document → Chunk: finds files, reads articles, marks boilerplate, cuts passages.

This module imports nothing: ``scan`` and ``sidecar`` are light, while ``load``, ``chunk`` and
``language`` import rules that answering a question does not need.
"""
