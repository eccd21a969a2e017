"""Pairs as padded tensors: what a network reads and learns from in one step, on any device."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from reader_data import ALONE, Pair
from torch import Tensor

UNKNOWN = -1
"""In place of a label that a pair does not have."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of like length, padded to ``columns`` tokens, and what is to be learned from each row."""

    ids: Tensor  # (rows, columns) int32
    lengths: Tensor  # (rows,) int64, as all that follow unless said otherwise
    second: Tensor  # where the second segment begins
    passage: Tensor  # where the passage begins
    group: Tensor  # of the pairs that ask one question, counted from 0; UNKNOWN competes with none
    told: Tensor  # bool: whether ``spans`` are all that answers
    anywhere: Tensor  # bool: whether any one of its spans is to be found
    relevant: Tensor  # 0, 1 or UNKNOWN
    stance: Tensor  # a number of ``ENTAILMENTS`` or UNKNOWN
    spans: Tensor  # (spans, 3): row, first and last token
    weights: Tensor  # (spans,) float32: of the spans; those of a row add up to 1
    parts: Tensor  # (parts, 3): row, first and last token of what is part of an answer
    sentences: Tensor  # (sentences, 3): row, first and last token of sentences that answer

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(*(getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)))

    def inputs(self) -> tuple[Tensor, Tensor, Tensor]:
        """Ids, mask and types for the network, int64 (rows, columns)."""
        place = torch.arange(self.ids.shape[1], device=self.ids.device)
        mask = place < self.lengths[:, None]
        types = mask & (place >= self.second[:, None])
        return self.ids.long(), mask.long(), types.long()

    def inside(self) -> Tensor:
        """(rows, columns) bool: the tokens of the passage."""
        place = torch.arange(self.ids.shape[1], device=self.ids.device)
        return (place >= self.passage[:, None]) & (place < self.lengths[:, None] - 1)

    def marked(self, ranges: Tensor) -> Tensor:
        """(rows, columns) float32: 1 within the ranges (n, 3) of row, first and last token."""
        rows, columns = self.ids.shape
        edges = torch.zeros(rows, columns + 1, device=self.ids.device)
        row, first, last = ranges.unbind(1)
        one = torch.ones(len(ranges), device=self.ids.device)
        edges.index_put_((row, first), one, accumulate=True)
        edges.index_put_((row, last + 1), -one, accumulate=True)
        return (edges.cumsum(1)[:, :-1] > 0).float()


def batches(pairs: Iterable[Pair], tokens: int, multiple: int = 1) -> Iterator[Batch]:
    """The pairs in batches of at most ``tokens`` padded tokens, longest first.

    ``multiple``: widths are rounded up to a multiple of this, which kernels of some devices need.
    """
    numbers: dict[int, int] = {}
    rows: list[Pair] = []
    for pair in sorted(pairs, key=lambda pair: -len(pair.ids)):
        if rows and (len(rows) + 1) * len(rows[0].ids) > tokens:
            yield padded(rows, numbers, multiple)
            rows = []
        rows.append(pair)
    if rows:
        yield padded(rows, numbers, multiple)


def padded(pairs: Sequence[Pair], numbers: dict[int, int], multiple: int = 1) -> Batch:
    """Pairs, longest first, as tensors; ``numbers`` counts the groups met so far."""
    columns = -(-len(pairs[0].ids) // multiple) * multiple
    ids = torch.zeros((len(pairs), columns), dtype=torch.int32)
    for row, pair in enumerate(pairs):
        ids[row, : len(pair.ids)] = torch.tensor(pair.ids, dtype=torch.int32)
    groups = [
        UNKNOWN if pair.group == ALONE else numbers.setdefault(pair.group, len(numbers))
        for pair in pairs
    ]
    spans = [
        ((row, *span), weight)
        for row, pair in enumerate(pairs)
        for span, weight in (pair.spans or {}).items()
    ]
    return Batch(
        ids,
        _whole(len(pair.ids) for pair in pairs),
        _whole(pair.second for pair in pairs),
        _whole(pair.passage for pair in pairs),
        _whole(groups),
        torch.tensor([pair.spans is not None for pair in pairs]),
        torch.tensor([pair.anywhere for pair in pairs]),
        _whole(UNKNOWN if pair.relevant is None else int(pair.relevant) for pair in pairs),
        _whole(UNKNOWN if pair.stance is None else pair.stance for pair in pairs),
        _ranges(span for span, _ in spans),
        torch.tensor([weight for _, weight in spans], dtype=torch.float32),
        _ranges(
            (row, *part)
            for row, pair in enumerate(pairs)
            for part in pair.items or pair.spans or ()
        ),
        _ranges((row, *part) for row, pair in enumerate(pairs) for part in pair.sentences),
    )


def _whole(values: Iterable[int]) -> Tensor:
    return torch.tensor(list(values), dtype=torch.int64)


def _ranges(values: Iterable[tuple[Any, ...]]) -> Tensor:
    return torch.tensor(list(values), dtype=torch.int64).reshape(-1, 3)
