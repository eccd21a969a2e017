"""What the reader is to learn, as losses: which span answers, which passage, what becomes of a statement.

Of a question's passages it learns to find the right span among all spans of all of them (shared
normalisation, Clark and Gardner 2018), each passage's against its own "none", which is how the product
compares them; the right span or "none" within each passage; which passage is relevant; and which tokens
are part of an answer or of a sentence that answers. From a teacher it learns the same as shares instead of
right and wrong (distillation, Hinton et al. 2015).
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from batches import UNKNOWN, Batch
from reader_data import ANSWER
from torch import Tensor, nn
from torch.nn import functional

from rag.models.readers.network import Heads

Net = TypeVar("Net", bound=Heads)

TOKENS = 2048  # padded tokens of one forward pass on a CPU
SPANS_OUT = -1e4  # the score of what is no span
HEADS = ("ends", "whole", "verdict", "stance", "marks")  # of the network: these stay in fp32
TOP = 16  # spans that a teacher's word holds


def quick_copy(net: Net, device: torch.device) -> Net:
    """A copy that computes in bf16, but for its heads; in fp32 where a processor has nothing for bf16."""
    quick = copy.deepcopy(net)
    slow = device.type == "cpu" and torch.backends.cpu.get_cpu_capability() != "AVX512"
    for name, part in quick.named_children():
        part.to(torch.float32 if slow or name in HEADS else torch.bfloat16)
    return quick


@dataclass(frozen=True, slots=True)
class Word:
    """A teacher's word on a batch: shares of probability within each pair, and logits."""

    odds: Tensor  # (rows,) of all spans against none, as a logarithm
    none: Tensor  # (rows,) the share of "no answer"
    top: Tensor  # (rows, TOP) int64: the likeliest spans, as first * columns + last
    shares: Tensor  # (rows, TOP) of these
    verdicts: Tensor  # (rows, 5)
    marks: Tensor  # (rows, columns, 2) probabilities


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network makes of a batch, a row each, as far as losses need it."""

    odds: Tensor  # of all spans against none, as a logarithm
    right: Tensor  # of any of the right spans; meaningless where there is none
    within: Tensor  # the loss of the right spans, or of none: means by weight
    verdicts: Tensor  # (rows, 5)
    marks: Tensor  # the loss of the marks
    taught: (
        Tensor  # the losses against the teacher's shares of spans and marks; 0 without a teacher
    )


def scored(net: nn.Module, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Spans, far below all others where none can be, verdicts and marks, as the network returns them."""
    spans, verdicts, marks = net(*batch.inputs())
    inside = batch.inside()
    columns = inside.shape[1]
    near = torch.ones(columns, columns, dtype=torch.bool, device=inside.device)
    answers = inside[:, :, None] & inside[:, None, :] & near.triu().tril(ANSWER - 1)
    return spans.float().masked_fill(~answers, SPANS_OUT), verdicts.float(), marks.float()


def seen(net: nn.Module, batch: Batch, word: Word | None = None) -> Seen:
    """The network's word on a batch."""
    spans, verdicts, marks = scored(net, batch)
    null, flat = verdicts[:, 0], spans.flatten(1)
    anything = flat.logsumexp(1)
    total = torch.logaddexp(anything, null)
    any_right, each_right, has = right_spans(spans, batch)
    told = torch.where(batch.anywhere, any_right, each_right)
    within = total - torch.where(has, told, null)
    taught = torch.zeros_like(null)
    if word is not None:
        known = flat.gather(1, word.top) - total[:, None]
        heard = word.none * (null - total) + (word.shares * known).sum(1)
        taught = -heard / (word.none + word.shares.sum(1))
        taught = taught + marks_loss(batch, marks, word.marks).sum(1)
    return Seen(
        anything - null,
        any_right - null,
        within,
        verdicts,
        (marks_loss(batch, marks, marks_of(batch)) * known_marks(batch)).sum(1),
        taught,
    )


def word_of(net: nn.Module, batch: Batch) -> Word:
    """What a teacher has to say on a batch."""
    spans, verdicts, marks = scored(net, batch)
    null, flat = verdicts[:, 0], spans.flatten(1)
    anything = flat.logsumexp(1)
    total = torch.logaddexp(anything, null)
    best, top = flat.topk(TOP, dim=1)
    shares = (best - total[:, None]).exp()
    return Word(
        anything - null, (null - total).exp(), top, shares, verdicts, marks.sigmoid().half()
    )


def marks_of(batch: Batch) -> Tensor:
    """(rows, columns, 2): what the marks should be."""
    return torch.stack([batch.marked(batch.parts), batch.marked(batch.sentences)], -1)


def known_marks(batch: Batch) -> Tensor:
    """(rows, 2) float32: 1 where it is known what a mark should be."""
    sentence = torch.zeros_like(batch.told).index_fill(0, batch.sentences[:, 0], value=True)
    known = torch.stack([batch.told, batch.told | sentence], -1)
    return (known & ~batch.anywhere[:, None]).float()


def marks_loss(batch: Batch, marks: Tensor, wanted: Tensor) -> Tensor:
    """(rows, 2): the mean cross-entropy of each mark over the tokens of the passage."""
    inside = batch.inside()[..., None].float()
    loss = functional.binary_cross_entropy_with_logits(marks, wanted.float(), reduction="none")
    return (loss * inside).sum(1) / inside.sum(1).clamp(min=1)


def right_spans(spans: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Of each row's right spans, the logarithm of the summed exponentials, the mean by weight, if any."""
    rows = len(spans)
    # One look-up: each would have a backward pass as large as ``spans``.
    row, first, last = batch.spans.unbind(1)
    values = spans[row, first, last]
    each = spans.new_zeros(rows).index_add(0, row, values * batch.weights)
    has = torch.zeros(rows, dtype=torch.bool, device=spans.device).index_fill(0, row, value=True)
    return summed(values, row, rows), each, has


def summed(values: Tensor, groups: Tensor, number: int) -> Tensor:
    """The logarithm of the summed exponentials of each group's values (number,); 0 for one without."""
    tops = torch.full((number,), -torch.inf, device=values.device)
    tops = tops.scatter_reduce(0, groups, values.detach(), "amax")
    held = tops > -torch.inf
    tops = tops.where(held, 0.0)
    shares = torch.zeros_like(tops).index_add(0, groups, (values - tops[groups]).exp())
    return shares.where(held, 1.0).log() + tops


def losses(
    net: nn.Module, batches: Sequence[Batch], words: Sequence[Word] | None = None
) -> dict[str, Tensor]:
    """Means of the losses, each over the pairs or groups that teach it; "taught" only with ``words``."""
    each = [
        seen(net, batch, words[number] if words else None) for number, batch in enumerate(batches)
    ]

    def rows(parts: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(parts))

    odds, right, verdicts = (
        rows([getattr(s, n) for s in each]) for n in ("odds", "right", "verdicts")
    )
    told = rows([b.told for b in batches])
    has = rows([_has(b) for b in batches])
    group, relevant = rows([b.group for b in batches]), rows([b.relevant for b in batches])
    stance = rows([b.stance for b in batches])
    stances = functional.cross_entropy(verdicts[:, 2:], stance.clamp(min=0), reduction="none")
    found = {
        "choice": choice_loss(odds, right, group, told, has),
        "within": mean(rows([s.within for s in each]), told),
        "relevance": relevance_loss(verdicts[:, 1], relevant, group),
        "stance": mean(stances, stance != UNKNOWN),
        "marks": rows([s.marks for s in each]).mean(),
    }
    if words:
        said = rows([w.verdicts for w in words])
        shares = said[:, 2:].softmax(1)
        stances = -(shares * verdicts[:, 2:].log_softmax(1)).sum(1)
        relevance = functional.binary_cross_entropy_with_logits(
            verdicts[:, 1], said[:, 1].sigmoid(), reduction="none"
        )
        found["taught"] = rows([s.taught for s in each]).mean()
        found["taught choice"] = taught_choice(odds, rows([w.odds for w in words]), group)
        found["taught relevance"] = relevance.mean()
        found["taught stance"] = mean(stances, stance != UNKNOWN)
    return found


def mean(values: Tensor, chosen: Tensor) -> Tensor:
    """The mean of the chosen values; 0 of none."""
    return values.where(chosen, 0.0).sum() / chosen.sum().clamp(min=1)


def _has(batch: Batch) -> Tensor:
    """(rows,): whether a row has a right span."""
    return torch.zeros_like(batch.told).index_fill(0, batch.spans[:, 0], value=True)


def _in_groups(values: Tensor, group: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """Of each group's chosen values the logarithm of the summed exponentials, and how many there are.

    There is room for as many groups as there are pairs, which needs no look at the numbers.
    """
    places = torch.where(chosen & (group >= 0), group, len(group))
    counts = torch.zeros(len(group) + 1, device=values.device).index_add(
        0, places, torch.ones_like(values)
    )
    return summed(values, places, len(group) + 1)[:-1], counts[:-1]


def choice_loss(odds: Tensor, right: Tensor, group: Tensor, told: Tensor, has: Tensor) -> Tensor:
    """How improbable the right spans are among all spans of all passages of their question."""
    every, _ = _in_groups(odds, group, told)
    wanted, answered = _in_groups(right, group, told & has)
    return mean(every - wanted, answered > 0)


def taught_choice(odds: Tensor, said: Tensor, group: Tensor) -> Tensor:
    """The same with the teacher's shares of the passages of a question in the place of right ones."""
    alone = group < 0
    every, counts = _in_groups(odds, group, ~alone)
    told, _ = _in_groups(said, group, ~alone)
    at = group.clamp(min=0)
    loss = (said - told[at]).exp() * (every[at] - odds)
    return loss.where(~alone, 0.0).sum() / (counts > 1).sum().clamp(min=1)


def relevance_loss(logits: Tensor, relevant: Tensor, group: Tensor) -> Tensor:
    """Each passage against its label, and the right passage against the others of its group."""
    judged = relevant != UNKNOWN
    labels = relevant.clamp(min=0).float()
    each = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    every, _ = _in_groups(logits, group, judged)
    wanted, held = _in_groups(logits, group, judged & (relevant == 1))
    return 0.5 * mean(each, judged) + mean(every - wanted, held > 0)
