"""What the reader is to learn, as losses: which span answers, which passage, what becomes of a statement.

Of a question's passages it learns to find the right span among all spans of all of them (shared
normalisation, Clark and Gardner 2018), each passage's against its own "none", which is how the product
compares them; the right span or "none" within each passage; and which passage is relevant.
"""

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from reader_data import ALONE, ANSWER, Pair
from torch import Tensor
from torch.nn import functional

from rag.models.readers.network import ReaderNet

TOKENS = 1024  # padded tokens of one forward pass
SPANS_OUT = -1e4  # the score of what is no span
HEADS = ("ends", "whole", "verdict", "stance")  # of the network: these stay in fp32


def in_bf16(net: ReaderNet) -> ReaderNet:
    """A copy that computes in bf16, but for its heads."""
    quick = copy.deepcopy(net)
    for name, part in quick.named_children():
        part.to(torch.float32 if name in HEADS else torch.bfloat16)
    return quick


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of like length, padded, and what is to be learned from each."""

    ids: Tensor
    mask: Tensor
    types: Tensor
    answers: Tensor  # (rows, columns, columns) bool: pairs of tokens that are possible answers
    targets: tuple[Pair, ...]


def batches(pairs: Iterable[Pair]) -> Iterator[Batch]:
    """The pairs in batches of at most ``TOKENS`` tokens, longest first."""
    rows: list[Pair] = []
    for pair in sorted(pairs, key=lambda pair: -len(pair.ids)):
        if rows and (len(rows) + 1) * len(rows[0].ids) > TOKENS:
            yield padded(rows)
            rows = []
        rows.append(pair)
    if rows:
        yield padded(rows)


def padded(pairs: Sequence[Pair]) -> Batch:
    """Pairs, longest first, as tensors."""
    shape = (len(pairs), len(pairs[0].ids))
    ids, mask, types = (torch.zeros(shape, dtype=torch.int64) for _ in range(3))
    inside = torch.zeros(shape, dtype=torch.bool)
    for row, pair in enumerate(pairs):
        length = len(pair.ids)
        ids[row, :length] = torch.tensor(pair.ids)
        mask[row, :length] = 1
        types[row, pair.second : length] = 1
        inside[row, pair.passage : length - 1] = True
    near = torch.ones(shape[1], shape[1], dtype=torch.bool).triu().tril(ANSWER - 1)
    return Batch(ids, mask, types, inside[:, :, None] & inside[:, None, :] & near, tuple(pairs))


def scored(net: ReaderNet, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
    """Spans (rows, columns, columns), far below all others where none can be, and verdicts (rows, 5)."""
    ids, mask, types, answers = (
        t.to(device) for t in (batch.ids, batch.mask, batch.types, batch.answers)
    )
    spans, verdicts = net(ids, mask, types)
    return spans.float().masked_fill(~answers, SPANS_OUT), verdicts.float()


@dataclass(frozen=True, slots=True)
class Found:
    """What the network says of some pairs, in the order of ``pairs``: (pairs,) each but ``verdicts``."""

    pairs: list[Pair]
    odds: Tensor  # of all spans against none, as a logarithm
    right: Tensor  # of any of the right spans; meaningless where there is none
    likely: Tensor  # the logarithm of the right spans' probabilities, or of none's: means by weight
    verdicts: Tensor  # (pairs, 5)


def read(net: ReaderNet, pairs: Iterable[Pair], device: torch.device) -> Found:
    """The network's word on all pairs."""
    order: list[Pair] = []
    parts: list[tuple[Tensor, ...]] = []
    for batch in batches(pairs):
        spans, verdicts = scored(net, batch, device)
        null = verdicts[:, 0]
        anything = spans.flatten(1).logsumexp(1)
        any_right, each_right = right_spans(spans, batch.targets)
        anywhere = torch.tensor([pair.anywhere for pair in batch.targets], device=device)
        none = torch.tensor([not pair.spans for pair in batch.targets], device=device)
        told = torch.where(none, null, torch.where(anywhere, any_right, each_right))
        likely = told - torch.logaddexp(anything, null)
        parts.append((anything - null, any_right - null, likely, verdicts))
        order += batch.targets
    return Found(order, *(torch.cat(each) for each in zip(*parts, strict=True)))


def right_spans(spans: Tensor, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
    """Of each pair's right spans, the logarithm of the summed exponentials, and the mean by weight."""
    wanted = [
        (row, i, j, weight)
        for row, pair in enumerate(pairs)
        for (i, j), weight in (pair.spans or {}).items()
    ]
    if not wanted:
        return spans.new_zeros(len(pairs)), spans.new_zeros(len(pairs))
    # One look-up: each would have a backward pass as large as ``spans``.
    row, i, j = torch.tensor([w[:3] for w in wanted], device=spans.device).T
    weights = torch.tensor([w[3] for w in wanted], device=spans.device)
    values = spans[row, i, j]
    each = spans.new_zeros(len(pairs)).index_add(0, row, values * weights)
    return summed(values, row, len(pairs)), each


def summed(values: Tensor, groups: Tensor, number: int) -> Tensor:
    """The logarithm of the summed exponentials of each group's values (number,); 0 for one without."""
    tops = torch.full((number,), -math.inf, device=values.device)
    tops = tops.scatter_reduce(0, groups, values.detach(), "amax")
    held = tops > -math.inf
    tops = tops.where(held, 0.0)
    shares = torch.zeros_like(tops).index_add(0, groups, (values - tops[groups]).exp())
    return shares.where(held, 1.0).log() + tops


def losses(net: ReaderNet, pairs: list[Pair], device: torch.device) -> dict[str, Tensor]:
    """Means of the losses, each over the pairs or groups that teach it."""
    found = read(net, pairs, device)
    zero = torch.zeros((), device=device)

    def places(chosen: Iterable[bool]) -> Tensor:
        return torch.tensor([n for n, one in enumerate(chosen) if one], device=device).long()

    told = places(pair.spans is not None for pair in found.pairs)
    told_stance = places(pair.stance is not None for pair in found.pairs)
    stances = torch.tensor([p.stance for p in found.pairs if p.stance is not None], device=device)
    return {
        "choice": choice_loss(found, device),
        "within": -found.likely[told].mean() if len(told) else zero,
        "relevance": relevance_loss(found, device),
        "stance": functional.cross_entropy(found.verdicts[told_stance, 2:], stances)
        if len(told_stance)
        else zero,
    }


def choice_loss(found: Found, device: torch.device) -> Tensor:
    """How improbable the right spans are among all spans of all passages of their question."""
    competing = [
        (row, pair)
        for row, pair in enumerate(found.pairs)
        if pair.group != ALONE and pair.spans is not None
    ]
    answered = {pair.group for _, pair in competing if pair.spans}
    competing = [(row, pair) for row, pair in competing if pair.group in answered]
    if not competing:
        return torch.zeros((), device=device)
    numbers = {group: number for number, group in enumerate(sorted(answered))}
    rows = torch.tensor([row for row, _ in competing], device=device)
    groups = torch.tensor([numbers[pair.group] for _, pair in competing], device=device)
    right = torch.tensor([bool(pair.spans) for _, pair in competing], device=device)
    every = summed(found.odds[rows], groups, len(numbers))
    return (every - summed(found.right[rows[right]], groups[right], len(numbers))).mean()


def relevance_loss(found: Found, device: torch.device) -> Tensor:
    """Each passage against its label, and the right passage against the others of its group."""
    judged = [(row, pair) for row, pair in enumerate(found.pairs) if pair.relevant is not None]
    if not judged:
        return torch.zeros((), device=device)
    logits = found.verdicts[[row for row, _ in judged], 1]
    labels = torch.tensor([bool(pair.relevant) for _, pair in judged], device=device)
    loss = 0.5 * functional.binary_cross_entropy_with_logits(logits, labels.float())
    numbers = {group: n for n, group in enumerate(sorted({pair.group for _, pair in judged}))}
    groups = torch.tensor([numbers[pair.group] for _, pair in judged], device=device)
    every = summed(logits, groups, len(numbers))
    return loss + (every - summed(logits[labels], groups[labels], len(numbers))).mean()
