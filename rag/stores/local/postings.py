"""The inverted index in plain arrays: which passages contain which terms, how often and in which order.

For phrases, the terms of all passages are stored in sequence. Positions in the postings would take as much
space, and a phrase search would read them for every passage with its most frequent term. This way it reads
only passages that contain all its terms.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.records import BREAK

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import IdArray

    Numbers = npt.NDArray[np.int32]

# Passages per step of a phrase search: enough to make numpy efficient, few enough that their terms stay
# in the processor's cache.
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of all terms, and the terms of each passage in order.

    The passages with ``terms[i]`` are ``chunks[offsets[i]:offsets[i + 1]]``, ascending; the same slice of
    ``counts`` says how often each contains it.
    """

    terms: Sequence[str]
    """Sorted by code point."""
    offsets: npt.NDArray[np.int64]
    chunks: Numbers
    counts: Numbers
    lengths: Numbers
    """The number of terms in each passage, with repeats: (passages,)."""
    sequence: Numbers
    """The term numbers of all passages, one passage after the other: (sum of lengths,).

    The bits of a number are inverted where a part of a passage begins: no phrase reaches into it.
    """

    def number(self, term: str) -> int | None:
        """The number of a term, or None if no passage contains it."""
        at = bisect_left(self.terms, term)
        return at if at < len(self.terms) and self.terms[at] == term else None

    def passages_with(self, number: int) -> tuple[Numbers, Numbers]:
        """The passages that contain a term, ascending, and how often; both (n,)."""
        own = slice(int(self.offsets[number]), int(self.offsets[number + 1]))
        return self.chunks[own], self.counts[own]

    def passages_with_all(self, numbers: Iterable[int]) -> Numbers:
        """The passages that contain all these terms, ascending."""
        passages, *others = sorted((self.passages_with(n)[0] for n in set(numbers)), key=len)
        for chunks in others:
            at = np.searchsorted(chunks, passages)
            passages = passages[chunks[np.minimum(at, len(chunks) - 1)] == passages]
        return passages

    def passages_with_phrase(
        self, phrase: Sequence[int], starts: IdArray
    ) -> tuple[Numbers, Numbers]:
        """The passages that contain these terms side by side, ascending, and how often; both (n,).

        ``starts`` (passages,) says where the terms of each passage begin in ``sequence``.
        """
        chunks = self.passages_with_all(phrase)
        counts = [np.empty(0, np.int64)]
        for begin in range(0, len(chunks), _BLOCK):
            own = chunks[begin : begin + _BLOCK]
            # All positions where the phrase could begin, and the passage of each.
            positions = np.maximum(self.lengths[own] - (len(phrase) - 1), 0)
            passage = np.repeat(np.arange(len(own)), positions)
            at = np.arange(len(passage)) + np.repeat(
                starts[own] - (np.cumsum(positions) - positions), positions
            )
            for offset, number in enumerate(phrase):
                found = self.sequence[at + offset]
                same = (found if offset else _plain(found)) == number
                at, passage = at[same], passage[same]
            counts.append(np.bincount(passage, minlength=len(own)))
        often = np.concatenate(counts).astype(np.int32)
        return chunks[often > 0], often[often > 0]


class PostingsBuilder:
    """Builds postings from new passages, added one by one, and from passages kept from old postings.

    Terms become numbers at once, to save memory: besides the result, a build takes about 20 bytes for each
    term of the new passages.
    """

    def __init__(self, old: Postings | None) -> None:
        self._old = old
        self._vocabulary: defaultdict[str, int] = defaultdict()
        self._vocabulary.default_factory = self._vocabulary.__len__
        self._vocabulary.update(
            (term, number) for number, term in enumerate(old.terms if old else ())
        )
        self._lengths, self._numbers = array("i"), array("i")

    def add(self, terms: Sequence[str]) -> None:
        """Add the terms of a new passage, in order; no phrase crosses a BREAK among them."""
        numbers = list(map(self._vocabulary.__getitem__, filter(None, terms)))
        if len(numbers) < len(terms):  # BREAK is the only term that is empty
            breaks = (place for place, term in enumerate(terms) if term == BREAK)
            for at in {place - earlier for earlier, place in enumerate(breaks)}:
                if 0 < at < len(numbers):
                    numbers[at] = ~numbers[at]
        self._lengths.append(len(numbers))
        self._numbers.fromlist(numbers)

    def build(self, total: int, added: IdArray, kept: IdArray) -> Postings:
        """The postings of ``total`` passages. Can be called only once.

        ``added`` and ``kept`` give the number of each new and each old passage, or -1 to leave it out. The
        result is the same as if all passages were new.
        """
        old = self._old
        new, new_terms = self._new_passages(added)
        lengths = np.zeros(total, np.int32)
        lengths[new.passages] = new.lengths
        names = list(self._vocabulary)
        occurs = np.zeros(len(names), bool)
        occurs[_plain(new_terms)] = True
        carried = None
        if old is not None:
            carried = _carry_over(old, kept)
            lengths[carried.now] = old.lengths[carried.before]
            occurs[: len(old.terms)] |= carried.occurs
        # The terms that occur are numbered in sorted order.
        in_use = sorted(np.flatnonzero(occurs).tolist(), key=names.__getitem__)
        renumber = np.zeros(len(names), np.int32)
        renumber[in_use] = np.arange(len(in_use))

        new_terms = _renumbered(new_terms, renumber)
        keys, counts = _count(_plain(new_terms), np.repeat(new.passages, new.lengths))
        starts = _starts(lengths)
        sequence = np.empty(starts[-1], np.int32)
        order = np.arange(len(new.passages))
        _copy_terms(sequence, starts, new.passages, new_terms, _starts(new.lengths), order)
        if old is not None and carried is not None:
            old_terms = _renumbered(old.sequence, renumber)
            old_starts = _starts(old.lengths)
            _copy_terms(sequence, starts, carried.now, old_terms, old_starts, carried.before)
            del old_terms
            old_keys = _keys(renumber[carried.terms], carried.chunks)
            keys, counts = _merge(old_keys, carried.counts, keys, counts)
        return Postings(
            terms=[names[i] for i in in_use],
            offsets=np.searchsorted(keys, np.arange(len(in_use) + 1) << 32).astype(np.int64),
            chunks=keys.astype(np.int32),  # the lower half
            counts=counts,
            lengths=lengths,
            sequence=sequence,
        )

    def _new_passages(self, added: IdArray) -> tuple[_NewPassages, Numbers]:
        """The new passages that are not left out, and their term numbers in order."""
        lengths, numbers = np.array(self._lengths, np.int32), np.array(self._numbers, np.int32)
        del self._numbers
        stay = added >= 0
        if not stay.all():
            numbers = numbers[np.repeat(stay, lengths)]
        return _NewPassages(added[stay].astype(np.int32), lengths[stay]), numbers


def build_postings(
    total: int,
    added: Iterable[tuple[int, Sequence[str]]],
    old: Postings | None = None,
    kept: IdArray | None = None,
) -> Postings:
    """The postings of ``total`` passages; ``added`` has the number and the terms of each new one.

    ``kept`` (old passages,) gives the new number of each passage of ``old``, or -1 to leave it out.
    """
    builder = PostingsBuilder(old)
    numbers = array("q")
    for number, terms in added:
        numbers.append(number)
        builder.add(terms)
    none = np.empty(0, np.int64)
    return builder.build(total, np.array(numbers, np.int64), none if kept is None else kept)


@dataclass(frozen=True, slots=True)
class _NewPassages:
    """The numbers of new passages, and how many terms each has; both (n,)."""

    passages: Numbers
    lengths: Numbers


@dataclass(frozen=True, slots=True)
class _CarriedPassages:
    """The passages kept from old postings: their old numbers ``before`` and new numbers ``now``."""

    before: IdArray
    now: IdArray
    occurs: npt.NDArray[np.bool_]
    """Which of the old terms they contain: (terms,)."""
    terms: Numbers
    chunks: Numbers
    counts: Numbers


def _carry_over(old: Postings, kept: IdArray) -> _CarriedPassages:
    before = np.flatnonzero(kept >= 0)
    chunks = kept.astype(np.int32)[old.chunks]
    stay = chunks >= 0
    term_of = np.repeat(np.arange(len(old.terms), dtype=np.int32), np.diff(old.offsets))[stay]
    occurs = np.zeros(len(old.terms), bool)
    occurs[term_of] = True
    return _CarriedPassages(before, kept[before], occurs, term_of, chunks[stay], old.counts[stay])


def _plain(sequence: Numbers) -> Numbers:
    """The term numbers of a sequence, without the marks of breaks."""
    return sequence ^ (sequence >> 31)


def _renumbered(sequence: Numbers, renumber: Numbers) -> Numbers:
    """A sequence with new term numbers, and the same breaks."""
    numbers: Numbers = renumber[_plain(sequence)] ^ (sequence >> 31)
    return numbers


def _starts(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The starts of consecutive runs of these lengths, and the end of the last: (n + 1,)."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _keys(terms: Numbers, passages: Numbers) -> npt.NDArray[np.int64]:
    """One number for each pair of term and passage; sorts by term, then passage: (n,)."""
    keys = terms.astype(np.int64)
    keys <<= 32
    keys |= passages
    return keys


def _count(terms: Numbers, passages: Numbers) -> tuple[npt.NDArray[np.int64], Numbers]:
    """The distinct keys of these occurrences (n,), sorted, and how often each occurs."""
    keys = _keys(terms, passages)
    del passages  # a million passages take hundreds of megabytes in each of these arrays
    keys.sort()
    first = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    occurrences, keys = len(keys), keys[first]
    at = np.flatnonzero(first)
    counts = np.empty(len(at), np.int32)
    np.subtract(at[1:], at[:-1], out=counts[:-1], casting="same_kind")
    counts[-1:] = occurrences - at[-1:]
    return keys, counts


def _merge(
    keys: npt.NDArray[np.int64],
    counts: Numbers,
    more_keys: npt.NDArray[np.int64],
    more_counts: Numbers,
) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Merge two lists of keys, the second of them sorted, and their counts. The result is sorted."""
    if (keys[1:] < keys[:-1]).any():  # passages changed their order
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
    at = np.searchsorted(keys, more_keys)
    return np.insert(keys, at, more_keys), np.insert(counts, at, more_counts)


def _copy_terms(
    sequence: Numbers,
    starts: IdArray,
    passages: npt.NDArray[np.integer],
    source: Numbers,
    source_starts: IdArray,
    source_passages: IdArray,
) -> None:
    """Copy the terms of ``source_passages`` to ``passages``; neighbours are copied together."""
    apart = (np.diff(passages) != 1) | (np.diff(source_passages) != 1)
    first = np.flatnonzero(np.concatenate((np.ones(min(len(passages), 1), bool), apart)))
    stop = np.append(first[1:], len(passages))[: len(first)]
    begins = source_starts[source_passages[first]].tolist()
    ends = source_starts[source_passages[stop - 1] + 1].tolist()
    for at, begin, end in zip(starts[passages[first]].tolist(), begins, ends, strict=True):
        sequence[at : at + end - begin] = source[begin:end]
