"""Which passages hold which terms, how often and in which order, in plain arrays.

The postings say which passages hold a term; the passages' terms one after the other say where, for
phrases. Positions in the postings would say it too, in as much space, and would have to be read for all
passages that hold the commonest word of a phrase; so only those that hold all its words are looked at.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.types import IdArray

    Numbers = npt.NDArray[np.int32]

# Passages in which a phrase is looked for at once: enough that numpy's calls cost little, few enough
# that their terms stay in the processor's cache.
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Postings:
    """Which passages hold which term, how often, and the terms of each passage in order.

    The passages of ``terms[i]`` are ``chunks[offsets[i]:offsets[i + 1]]``, ascending, and ``counts``
    says how often each holds it.
    """

    terms: Sequence[str]
    """Sorted by code point."""
    offsets: npt.NDArray[np.int64]
    chunks: Numbers
    counts: Numbers
    lengths: Numbers
    """Terms in each passage, repeats counted: (passages,)."""
    sequence: Numbers
    """Numbers of the terms of all passages, one passage after the other: (sum of lengths,)."""

    def number(self, term: str) -> int | None:
        """The number of a term, None if no passage holds it."""
        at = bisect_left(self.terms, term)
        return at if at < len(self.terms) and self.terms[at] == term else None

    def holding(self, number: int) -> tuple[Numbers, Numbers]:
        """The passages that hold a term, ascending, and how often each does; both (n,)."""
        own = slice(int(self.offsets[number]), int(self.offsets[number + 1]))
        return self.chunks[own], self.counts[own]

    def holding_all(self, numbers: Iterable[int]) -> Numbers:
        """The passages that hold every one of these terms, ascending."""
        rarest, *others = sorted((self.holding(n)[0] for n in set(numbers)), key=len)
        for chunks in others:
            at = np.searchsorted(chunks, rarest)
            rarest = rarest[chunks[np.minimum(at, len(chunks) - 1)] == rarest]
        return rarest

    def holding_phrase(self, phrase: Sequence[int], starts: IdArray) -> tuple[Numbers, Numbers]:
        """The passages that hold these terms in a row, ascending, and how often each does; both (n,).

        ``starts`` (passages,) says where the terms of each passage begin in ``sequence``.
        """
        chunks = self.holding_all(phrase)
        counts = [np.empty(0, np.int64)]
        for begin in range(0, len(chunks), _BLOCK):
            own = chunks[begin : begin + _BLOCK]
            places = np.maximum(self.lengths[own] - (len(phrase) - 1), 0)
            held_by = np.repeat(np.arange(len(own)), places)
            at = np.arange(len(held_by)) + np.repeat(
                starts[own] - (np.cumsum(places) - places), places
            )
            for offset, number in enumerate(phrase):
                same = self.sequence[at + offset] == number
                at, held_by = at[same], held_by[same]
            counts.append(np.bincount(held_by, minlength=len(own)))
        often = np.concatenate(counts).astype(np.int32)
        return chunks[often > 0], often[often > 0]


def build_postings(
    total: int,
    added: Iterable[tuple[int, Sequence[str]]],
    old: Postings | None = None,
    kept: IdArray | None = None,
) -> Postings:
    """Postings of ``total`` passages: ``added`` gives number and terms of the new ones, ascending.

    ``kept`` (old passages,) maps each passage of ``old`` to its new number, or -1 where it is gone.
    The result is the same as if all passages were added afresh. Terms become numbers as they come, so
    that ``added`` may be of any length; besides the result, a build holds some 20 bytes for each of them.
    """
    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    lengths = np.zeros(total, np.int32)
    stayed = None
    if old is not None and kept is not None:
        vocabulary.update((term, number) for number, term in enumerate(old.terms))
        stayed = _Stayed(old, kept)
        lengths[stayed.now] = old.lengths[stayed.before]

    passages, numbers = array("i"), array("i")
    for passage, terms in added:
        passages.append(passage)
        lengths[passage] = len(terms)
        numbers.extend(map(vocabulary.__getitem__, terms))
    new, fresh = np.array(passages, np.int32), np.frombuffer(numbers, np.int32)

    # Number the terms that still occur in sorted order.
    names = list(vocabulary)
    holding = np.bincount(fresh, minlength=len(names))
    if stayed is not None:
        holding += np.bincount(stayed.term_of, minlength=len(names))
    living = sorted(np.flatnonzero(holding).tolist(), key=names.__getitem__)
    renumber = np.zeros(len(names), np.int32)
    renumber[living] = np.arange(len(living))

    starts = _starts(lengths)
    sequence = np.empty(starts[-1], np.int32)
    _place(sequence, starts, new, fresh, _starts(lengths[new]), np.arange(len(new)), renumber)
    keys, counts = _counted(_keys(renumber[fresh], np.repeat(new, lengths[new])))
    if stayed is not None:
        _place(
            sequence,
            starts,
            stayed.now,
            stayed.old.sequence,
            _starts(stayed.old.lengths),
            stayed.before,
            renumber,
        )
        # Those of an older index are in order already, but for passages that changed places.
        keys = np.concatenate((_keys(renumber[stayed.term_of], stayed.chunks), keys))
        counts = np.concatenate((stayed.counts, counts))
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
    chunks = keys.astype(np.int32)  # the lower half
    keys >>= 32
    return Postings(
        terms=[names[i] for i in living],
        offsets=_starts(np.bincount(keys, minlength=len(living))),
        chunks=chunks,
        counts=counts,
        lengths=lengths,
        sequence=sequence,
    )


class _Stayed:
    """What is left of older postings: passages ``before`` → ``now``, and their postings."""

    def __init__(self, old: Postings, kept: IdArray) -> None:
        self.old = old
        self.before = np.flatnonzero(kept >= 0)
        self.now = kept[self.before]
        moved = kept[old.chunks].astype(np.int32)
        alive = moved >= 0
        self.chunks: Numbers = moved[alive]
        self.counts: Numbers = old.counts[alive]
        self.term_of: Numbers = np.repeat(
            np.arange(len(old.terms), dtype=np.int32), np.diff(old.offsets)
        )[alive]


def _starts(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Where each of some stretches begins if they follow each other, and where the last ends: (n + 1,)."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _keys(terms: Numbers, passages: Numbers) -> npt.NDArray[np.int64]:
    """One number for each term and passage, that sorts by the term first: (n,)."""
    keys = terms.astype(np.int64)
    keys <<= 32
    keys |= passages
    return keys


def _counted(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Numbers]:
    """The different keys, sorted, and how often each occurs. Sorts ``keys`` where they lie."""
    keys.sort()
    first = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    different = keys[first]
    at = np.flatnonzero(first)
    counts = np.empty(len(at), np.int32)
    np.subtract(at[1:], at[:-1], out=counts[:-1], casting="same_kind")
    counts[-1:] = len(keys) - at[-1:]
    return different, counts


def _place(
    sequence: Numbers,
    starts: IdArray,
    passages: npt.NDArray[np.integer],
    source: Numbers,
    source_starts: IdArray,
    source_passages: IdArray,
    renumber: Numbers,
) -> None:
    """Copy the terms of ``source_passages`` to those of ``passages``, in stretches of neighbours."""
    apart = (np.diff(passages) != 1) | (np.diff(source_passages) != 1)
    first = np.flatnonzero(np.concatenate((np.ones(min(len(passages), 1), bool), apart)))
    last = np.append(first[1:], len(passages)) - 1
    begins = source_starts[source_passages[first]].tolist()
    ends = source_starts[source_passages[last[: len(first)]] + 1].tolist()
    for at, begin, end in zip(starts[passages[first]].tolist(), begins, ends, strict=True):
        sequence[at : at + end - begin] = renumber[source[begin:end]]
