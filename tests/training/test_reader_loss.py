"""The losses of a step against the same written down slowly, pair by pair."""

import math
from itertools import groupby

import pytest
import torch
from batches import UNKNOWN, Batch, batches
from reader_data import ALONE, ANSWER, Pair
from reader_loss import losses, scored, word_of
from teacher import TeacherNet, buckets
from torch import Tensor, nn
from torch.nn import functional

pytestmark = pytest.mark.slow


class Scores(nn.Module):
    """A network in place of the reader: its scores follow from the tokens alone, not from the padding."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.ends = nn.Embedding(50, 4)
        self.whole = nn.Embedding(50, 5)

    def forward(self, ids: Tensor, *_: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Spans, verdicts and marks."""
        ends = self.ends(ids)
        first, last, marks = ends[..., 0], ends[..., 1], ends[..., 2:]
        return first[:, :, None] + last[:, None, :], self.whole(ids[:, 1]), marks


PAIRS = [
    Pair([1, 5, 2, 7, 8, 9, 3, 2], 3, 3, {(4, 5): 0.5, (4, 4): 0.5}, True, 7, sentences=((3, 5),)),
    Pair([1, 5, 2, 9, 4, 2], 3, 3, {}, False, 7),
    Pair([1, 6, 2, 9, 9, 8, 2], 3, 3, {(3, 3): 0.5, (4, 4): 0.5}, True, 2, anywhere=True),
    Pair([1, 6, 2, 11, 2], 3, 3, {}, False, 2),
    Pair([1, 6, 2, 12, 13, 2], 3, 3, (), None, ALONE),  # type: ignore[arg-type]
    Pair([1, 14, 2, 12, 13, 2], 3, 3, None, None, ALONE, stance=1),
    Pair([1, 15, 2, 12, 13, 21, 2], 3, 3, None, True, 4),
    Pair([1, 15, 2, 22, 2], 3, 3, None, False, 4),
    Pair([1, 16, 2, 22, 30, 31, 2], 3, 3, {(3, 4): 1.0}, None, -9, items=((3, 3), (4, 4))),
    Pair([1, 16, 2, 31, 30, 2], 3, 3, {}, None, -9),
]


@pytest.fixture(params=[8, 24, 1000], ids=lambda tokens: f"{tokens} tokens")
def step(request: pytest.FixtureRequest) -> list[Batch]:
    """The pairs in one batch or several."""
    return list(batches(PAIRS, request.param))


def _spans(net: Scores, pair: Pair) -> dict[tuple[int, int], float]:
    spans, _, _ = net(torch.tensor([pair.ids]), torch.ones(1), torch.ones(1))
    end = len(pair.ids) - 1
    return {
        (i, j): spans[0, i, j].item()
        for i in range(pair.passage, end)
        for j in range(i, min(i + ANSWER, end))
    }


def _sum(values: list[float]) -> float:
    return math.log(sum(map(math.exp, values)))


def _none(net: Scores, pair: Pair) -> float:
    return net.whole(torch.tensor(pair.ids[1]))[0].item()


def _in_groups(pairs: list[Pair]) -> list[list[Pair]]:
    together = sorted((p for p in pairs if p.group != ALONE), key=lambda p: p.group)
    return [list(group) for _, group in groupby(together, key=lambda p: p.group)]


def test_the_right_spans_compete_with_all_spans_of_all_passages(step: list[Batch]) -> None:
    net = Scores()
    expected = []
    for group in _in_groups([p for p in PAIRS if p.spans is not None]):
        every = [s - _none(net, p) for p in group for s in _spans(net, p).values()]
        right = [_spans(net, p)[span] - _none(net, p) for p in group for span in p.spans or ()]
        expected.append(_sum(every) - _sum(right))
    assert losses(net, step)["choice"].item() == pytest.approx(
        sum(expected) / len(expected), abs=1e-5
    )


def test_the_right_spans_or_none_compete_within_a_passage(step: list[Batch]) -> None:
    net = Scores()
    expected = []
    for pair in PAIRS:
        if pair.spans is None:
            continue
        spans, none = _spans(net, pair), _none(net, pair)
        total = _sum([*spans.values(), none])
        if not pair.spans:
            expected.append(total - none)
        elif pair.anywhere:
            expected.append(total - _sum([spans[span] for span in pair.spans]))
        else:
            expected.append(total - sum(w * spans[span] for span, w in pair.spans.items()))
    assert losses(net, step)["within"].item() == pytest.approx(
        sum(expected) / len(expected), abs=1e-5
    )


def test_relevance_is_judged_alone_and_within_the_group(step: list[Batch]) -> None:
    net = Scores()
    logit = {id(p): net.whole(torch.tensor(p.ids[1]))[1].item() for p in PAIRS}
    judged = [p for p in PAIRS if p.relevant is not None]
    alone = [math.log1p(math.exp(-logit[id(p)] if p.relevant else logit[id(p)])) for p in judged]
    groups = [
        _sum([logit[id(p)] for p in group]) - _sum([logit[id(p)] for p in group if p.relevant])
        for group in _in_groups(judged)
    ]
    expected = 0.5 * sum(alone) / len(alone) + sum(groups) / len(groups)
    assert losses(net, step)["relevance"].item() == pytest.approx(expected, abs=1e-5)


def test_marks_are_learned_where_they_are_known(step: list[Batch]) -> None:
    net = Scores()
    expected = []
    for pair in PAIRS:
        known = (pair.spans is not None, pair.spans is not None or bool(pair.sentences))
        own = 0.0
        for mark, ranges in enumerate((pair.items or tuple(pair.spans or ()), pair.sentences)):
            if not known[mark] or pair.anywhere:
                continue
            inside = range(pair.passage, len(pair.ids) - 1)
            logits = [net.ends(torch.tensor(pair.ids[n]))[2 + mark].item() for n in inside]
            wanted = [any(i <= n <= j for i, j in ranges) for n in inside]
            own += sum(
                math.log1p(math.exp(-x if w else x)) for x, w in zip(logits, wanted, strict=True)
            ) / len(logits)
        expected.append(own)
    assert losses(net, step)["marks"].item() == pytest.approx(sum(expected) / len(PAIRS), abs=1e-5)


def test_stances_are_learned_where_they_are_known(step: list[Batch]) -> None:
    net = Scores()
    [pair] = [p for p in PAIRS if p.stance is not None]
    logits = net.whole(torch.tensor([pair.ids[1]]))[:, 2:]
    expected = functional.cross_entropy(logits, torch.tensor([pair.stance])).item()
    assert losses(net, step)["stance"].item() == pytest.approx(expected, abs=1e-5)


def test_who_says_what_the_teacher_says_has_nothing_left_to_learn(step: list[Batch]) -> None:
    net = Scores()
    with torch.no_grad():
        words = [word_of(net, batch) for batch in step]
    found = losses(net, step, words)
    taught = [name for name in found if name.startswith("taught")]
    assert len(taught) == 4
    sum(found[name] for name in taught).backward()  # type: ignore[union-attr]
    for parameter in net.parameters():
        assert parameter.grad is not None
        assert parameter.grad.abs().max() < 1e-3  # the teacher's word is kept in fp16


def test_pairs_without_a_label_are_marked_as_such(step: list[Batch]) -> None:
    stances = torch.cat([batch.stance for batch in step])
    assert sorted(stances.tolist()) == [UNKNOWN] * (len(PAIRS) - 1) + [1]


def test_padding_changes_nothing(step: list[Batch]) -> None:
    net = Scores()
    [wide] = batches(PAIRS, 1000, multiple=16)
    for name, value in losses(net, step).items():
        assert value.item() == pytest.approx(losses(net, [wide])[name].item(), abs=1e-5)


def test_the_teacher_reads_what_the_reader_reads_and_scores_the_same() -> None:
    torch.manual_seed(0)
    net = TeacherNet().eval()
    [batch] = batches([PAIRS[0], PAIRS[3]], 1000)
    with torch.no_grad():
        spans, verdicts, marks = scored(net, batch)
        alone, _, _ = scored(net, next(iter(batches([PAIRS[3]], 1000))))
    assert spans.shape == (2, 8, 8)
    assert verdicts.shape == (2, 5)
    assert marks.shape == (2, 8, 2)
    assert torch.allclose(spans[1, :5, :5], alone[0], atol=1e-4)


def test_distances_fall_into_buckets_by_side_near_ones_each_into_its_own() -> None:
    near = buckets(torch.arange(-7, 8)).tolist()
    assert len(set(near)) == 15
    assert buckets(torch.tensor([-500, -128])).tolist() == [15, 15]
    assert buckets(torch.tensor([500, 128])).tolist() == [31, 31]
