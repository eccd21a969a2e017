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

    from rag.records.base import IdArray

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


class PostingsBuilder:
    """Postings made from the terms of passages as they come, and from what is left of older postings.

    Terms become numbers at once, so that passages may come one after the other however many they are;
    besides the result, a build holds some 20 bytes for each of their terms.
    """

    def __init__(self, old: Postings | None = None) -> None:
        self._old = old
        self._vocabulary: defaultdict[str, int] = defaultdict()
        self._vocabulary.default_factory = self._vocabulary.__len__
        self._vocabulary.update(
            (term, number) for number, term in enumerate(old.terms if old else ())
        )
        self._lengths, self._numbers = array("i"), array("i")

    def add(self, terms: Sequence[str]) -> None:
        """The terms of one more passage, in order."""
        self._lengths.append(len(terms))
        self._numbers.fromlist(list(map(self._vocabulary.__getitem__, terms)))

    def build(self, total: int, added: IdArray, kept: IdArray) -> Postings:
        """Postings of ``total`` passages; for one call only.

        ``added`` maps each passage that was added to its number, ``kept`` each of the old ones, or to -1
        where it is not wanted. The result is the same as if all passages were added afresh.
        """
        old = self._old
        new, fresh = self._wanted(added)
        lengths = np.zeros(total, np.int32)
        lengths[new.passages] = new.lengths
        names = list(self._vocabulary)
        occurs = np.zeros(len(names), bool)
        occurs[fresh] = True
        stayed = None
        if old is not None:
            stayed = _stayed(old, kept)
            lengths[stayed.now] = old.lengths[stayed.before]
            occurs[: len(old.terms)] |= stayed.occurs
        # The terms that still occur are numbered in sorted order.
        living = sorted(np.flatnonzero(occurs).tolist(), key=names.__getitem__)
        renumber = np.zeros(len(names), np.int32)
        renumber[living] = np.arange(len(living))

        fresh = renumber[fresh]
        keys, counts = _counted(fresh, np.repeat(new.passages, new.lengths))
        starts = _starts(lengths)
        sequence = np.empty(starts[-1], np.int32)
        places = np.arange(len(new.passages))
        _place(sequence, starts, new.passages, fresh, _starts(new.lengths), places)
        if old is not None and stayed is not None:
            moved = renumber[old.sequence]
            _place(sequence, starts, stayed.now, moved, _starts(old.lengths), stayed.before)
            del moved
            old_keys = _keys(renumber[stayed.terms], stayed.chunks)
            keys, counts = _merged(old_keys, stayed.counts, keys, counts)
        return Postings(
            terms=[names[i] for i in living],
            offsets=np.searchsorted(keys, np.arange(len(living) + 1) << 32).astype(np.int64),
            chunks=keys.astype(np.int32),  # the lower half
            counts=counts,
            lengths=lengths,
            sequence=sequence,
        )

    def _wanted(self, added: IdArray) -> tuple[_New, Numbers]:
        """The passages that were added and are wanted, and the numbers of their terms in order."""
        lengths, numbers = np.array(self._lengths, np.int32), np.array(self._numbers, np.int32)
        del self._numbers
        wanted = added >= 0
        if not wanted.all():
            numbers = numbers[np.repeat(wanted, lengths)]
        return _New(added[wanted].astype(np.int32), lengths[wanted]), numbers


def build_postings(
    total: int,
    added: Iterable[tuple[int, Sequence[str]]],
    old: Postings | None = None,
    kept: IdArray | None = None,
) -> Postings:
    """Postings of ``total`` passages: ``added`` gives number and terms of the new ones.

    ``kept`` (old passages,) maps each passage of ``old`` to its new number, or -1 where it is gone.
    """
    builder = PostingsBuilder(old)
    numbers = array("q")
    for number, terms in added:
        numbers.append(number)
        builder.add(terms)
    none = np.empty(0, np.int64)
    return builder.build(total, np.array(numbers, np.int64), none if kept is None else kept)


@dataclass(frozen=True, slots=True)
class _New:
    """Passages that were added: their numbers, and how many terms each has; both (n,)."""

    passages: Numbers
    lengths: Numbers


@dataclass(frozen=True, slots=True)
class _Stayed:
    """What is left of older postings: passages ``before`` are ``now`` of another number."""

    before: IdArray
    now: IdArray
    occurs: npt.NDArray[np.bool_]
    """Which of the older terms: (terms,)."""
    terms: Numbers
    chunks: Numbers
    counts: Numbers


def _stayed(old: Postings, kept: IdArray) -> _Stayed:
    before = np.flatnonzero(kept >= 0)
    moved = kept.astype(np.int32)[old.chunks]
    alive = moved >= 0
    term_of = np.repeat(np.arange(len(old.terms), dtype=np.int32), np.diff(old.offsets))[alive]
    occurs = np.zeros(len(old.terms), bool)
    occurs[term_of] = True
    return _Stayed(before, kept[before], occurs, term_of, moved[alive], old.counts[alive])


def _starts(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Where each of some stretches begins if they follow each other, and where the last ends: (n + 1,)."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _keys(terms: Numbers, passages: Numbers) -> npt.NDArray[np.int64]:
    """One number for each term and passage, that sorts by the term first: (n,)."""
    keys = terms.astype(np.int64)
    keys <<= 32
    keys |= passages
    return keys


def _counted(terms: Numbers, passages: Numbers) -> tuple[npt.NDArray[np.int64], Numbers]:
    """The different keys of some occurrences (n,), sorted, and how often each is there."""
    keys = _keys(terms, passages)
    del (
        passages
    )  # each of these arrays takes hundreds of megabytes where there are a million passages
    keys.sort()
    first = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    occurrences, keys = len(keys), keys[first]
    at = np.flatnonzero(first)
    counts = np.empty(len(at), np.int32)
    np.subtract(at[1:], at[:-1], out=counts[:-1], casting="same_kind")
    counts[-1:] = occurrences - at[-1:]
    return keys, counts


def _merged(
    keys: npt.NDArray[np.int64],
    counts: Numbers,
    more_keys: npt.NDArray[np.int64],
    more_counts: Numbers,
) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Two lots of keys as one, sorted, with their counts; the second lot is sorted."""
    if (keys[1:] < keys[:-1]).any():  # passages changed places
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
    at = np.searchsorted(keys, more_keys)
    return np.insert(keys, at, more_keys), np.insert(counts, at, more_counts)


def _place(
    sequence: Numbers,
    starts: IdArray,
    passages: npt.NDArray[np.integer],
    source: Numbers,
    source_starts: IdArray,
    source_passages: IdArray,
) -> None:
    """Copy the terms of ``source_passages`` to those of ``passages``, in stretches of neighbours."""
    apart = (np.diff(passages) != 1) | (np.diff(source_passages) != 1)
    first = np.flatnonzero(np.concatenate((np.ones(min(len(passages), 1), bool), apart)))
    behind = np.append(first[1:], len(passages))[: len(first)]
    begins = source_starts[source_passages[first]].tolist()
    ends = source_starts[source_passages[behind - 1] + 1].tolist()
    for at, begin, end in zip(starts[passages[first]].tolist(), begins, ends, strict=True):
        sequence[at : at + end - begin] = source[begin:end]
