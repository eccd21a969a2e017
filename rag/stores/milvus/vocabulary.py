"""The terms of a generation, with the number of passages that contain each: sorted, in blocks.

A block is fetched when a question needs one of its terms, so that opening an index reads no vocabulary.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from rag.stores.milvus import codec

BLOCK: Final = 2_048
"""Terms of a block: some 10 KB."""
_KEPT: Final = 512
"""Blocks that a reader keeps."""

Block = tuple[Sequence[str], Sequence[int]]


def blocks(frequencies: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The first term of each block of a vocabulary, and the block's text."""
    terms = sorted(frequencies)
    for begin in range(0, len(terms), BLOCK):
        own = terms[begin : begin + BLOCK]
        yield own[0], codec.packed([own, [frequencies[term] for term in own]])


class Vocabulary:
    """The terms of a generation. Thread-safe. ``fetch`` gives the texts of some blocks by their numbers."""

    def __init__(
        self, firsts: Sequence[str], fetch: Callable[[Sequence[int]], Mapping[int, str]]
    ) -> None:
        self._firsts = firsts
        self._fetch = fetch
        self._block: Callable[[int], Block] = lru_cache(_KEPT)(self._one)

    def frequency(self, term: str) -> int:
        """The number of passages that contain a term."""
        number = bisect_right(self._firsts, term) - 1
        if number < 0:
            return 0
        terms, counts = self._block(number)
        at = bisect_left(terms, term)
        return counts[at] if at < len(terms) and terms[at] == term else 0

    def beginning(self, prefix: str) -> list[str]:
        """The terms that begin with a prefix, sorted."""
        first = max(bisect_right(self._firsts, prefix) - 1, 0)
        found: list[str] = []
        for number in range(first, len(self._firsts)):
            if not (self._firsts[number] <= prefix or self._firsts[number].startswith(prefix)):
                break
            found += (term for term in self._block(number)[0] if term.startswith(prefix))
        return found

    def all(self) -> Iterator[tuple[str, int]]:
        """All terms, each with its number of passages."""
        numbers = range(len(self._firsts))
        for begin in range(0, len(numbers), 100):
            own = numbers[begin : begin + 100]
            texts = self._fetch(own)
            for number in own:
                yield from zip(*_parsed(texts[number]), strict=True)

    def _one(self, number: int) -> Block:
        return _parsed(self._fetch([number])[number])


def _parsed(text: str) -> Block:
    terms, counts = codec.unpacked(text)
    if len(terms) != len(counts):
        raise ValueError("a block has more terms than counts")
    return terms, counts
