"""Finds copies: two texts are copies if one contains most of the other.

A reprint may have another headline, be cut short, or add the paper's own lines. So the measure is
containment (Broder 1997): the share of the shorter text's runs of words that also occur in the longer.
MinHash estimates resemblance instead, which falls to 0.13 for half a reprint; two reports of one event
reach 0.24. With few texts, all pairs are measured; with many, only pairs that share runs in a sample,
which takes linear time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

from rag.english.words import lower_words

if TYPE_CHECKING:
    import numpy.typing as npt

    Runs = npt.NDArray[np.uint64]
    """The hashes of a text's runs of words, sorted, each once."""

SHINGLE: Final = 5
"""Words in a run. In 80,000 pairs of news articles, all but nine share at most 0.11 of their runs; each
of the nine tells one story twice."""
CONTAINED: Final = 0.5
"""The least share that makes a copy. With every 25th word changed, a copy still shares 0.66."""
RELATED: Final = 0.1
"""The least share of two versions of one article."""
LONGEST: Final = 50_000
"""Only this many characters of a text are compared."""

_SAMPLE: Final = 4  # one run in four is sampled: the same runs in every text
_PROMISING: Final = (
    0.3  # the least share of a sample that is worth measuring; CONTAINED, less the chance
)
_KEPT: Final = 512  # texts whose runs are kept while pairs are measured


def copies(texts: Sequence[str]) -> list[int]:
    """A group number for each text; copies, and copies of copies, get the same number.

    >>> copies(["the ship came in at dawn today", "fog", "Late news: the ship came in at dawn today"])
    [0, 1, 0]
    """
    all_runs = [runs(text) for text in texts]
    pairs = (
        (m, n)
        for n, one in enumerate(all_runs)
        for m in range(n)
        if share(one, all_runs[m]) >= CONTAINED
    )
    return grouped(len(texts), pairs)


def copies_among_many(count: int, text: Callable[[int], str]) -> list[int]:
    """Like ``copies`` for the texts ``text(0)`` to ``text(count - 1)``, in linear time.

    A short text inside a longer one may be missed: of twenty words, four runs are sampled. Equal texts are
    always found. ``text`` is called again for those texts that are measured.
    """
    first: dict[bytes, int] = {}
    equal: list[tuple[int, int]] = []
    samples: list[Runs] = []
    for n in range(count):
        own = runs(text(n))
        equal.append((first.setdefault(own.tobytes(), n), n))
        samples.append(own[own % _SAMPLE == 0])
    measured = lru_cache(_KEPT)(lambda n: runs(text(n)))
    near = (pair for pair in _promising(samples) if share(*map(measured, pair)) >= CONTAINED)
    return grouped(count, chain(equal, near))


def grouped(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """A number for each of ``count`` things: that of the first thing that pairs connect it with.

    >>> grouped(5, [(3, 1), (1, 4)])
    [0, 1, 2, 1, 1]
    """
    parent = list(range(count))

    def first(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for one, other in pairs:
        low, high = sorted((first(one), first(other)))
        parent[high] = low
    return [first(n) for n in range(count)]


def runs(text: str) -> Runs:
    """The hashes of a text's runs of words: uint64, sorted, each once; empty for a text without a word."""
    words = lower_words(text[:LONGEST])
    if not words:
        return np.empty(0, np.uint64)
    numbers = {word: crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
    numbered = np.array([numbers[word] for word in words], np.uint64)
    length = min(SHINGLE, len(words))
    hashes = np.zeros(len(words) - length + 1, np.uint64)
    for n in range(length):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + numbered[n : n + len(hashes)]
    # Mixed as in SplitMix64, so that every bit depends on every word.
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.unique(hashes ^ (hashes >> np.uint64(31)))


def share(one: Runs, other: Runs) -> float:
    """The share of the shorter text's runs that the longer has too; 1 for two texts without words."""
    shorter = min(len(one), len(other))
    if not shorter:
        return float(len(one) == len(other))
    return len(np.intersect1d(one, other, assume_unique=True)) / shorter


def _promising(samples: Sequence[Runs]) -> Iterator[tuple[int, int]]:
    """The pairs of texts that share enough of their samples.

    Each text with a run is paired only with the first text that has it and with the one before, so that
    there are at most two pairs for each run of each text, and copies of one text are joined all the same.
    """
    sizes = np.array([len(sample) for sample in samples], np.int64)
    if not sizes.sum():
        return
    hashes, texts = np.concatenate(samples), np.repeat(np.arange(len(samples)), sizes)
    order = np.argsort(hashes, kind="stable")  # the texts of a run stay in order
    hashes, texts = hashes[order], texts[order]
    is_first = np.r_[True, hashes[1:] != hashes[:-1]]
    firsts = texts[np.flatnonzero(is_first)[np.cumsum(is_first) - 1]]
    later = np.flatnonzero(~is_first)
    keys = np.concatenate([texts[later - 1], firsts[later]]) * len(samples) + np.tile(
        texts[later], 2
    )
    # Where the first text is also the one before, the pair was made twice.
    twice = np.concatenate([np.zeros(len(later), bool), texts[later - 1] == firsts[later]])
    pairs, shared = np.unique(keys[~twice], return_counts=True)
    one, other = np.divmod(pairs, len(samples))
    enough = shared >= _PROMISING * np.minimum(sizes[one], sizes[other])
    yield from zip(one[enough].tolist(), other[enough].tolist(), strict=True)
