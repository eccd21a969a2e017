"""How well a reader in training does on questions that do not train it."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from reader_corpus import Asked
from reader_data import Maker
from reader_loss import batches, scored

from rag.models.reader_net import ReaderNet

SAMPLE = 250  # questions of the training sets' own held-out articles
MISSES = 3  # passages without the answer that are shown with the one that has it


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one look."""

    f1: float
    """Over the tokens of the likeliest span in the passage that answers."""
    chosen: float
    """How often that passage has the best odds among those shown with it."""

    def __str__(self) -> str:
        return f"F1 {self.f1:.4f}, right passage {self.chosen:.4f}"


class HeldOut:
    """Questions with the passages they are judged on, made once."""

    def __init__(self, maker: Maker, questions: Sequence[Asked]) -> None:
        self._trials = [maker.trial(question, MISSES) for question in questions]
        self._answers = [
            [Counter(maker.ids(text)) for text, _ in question.answers] for question in questions
        ]

    def measured(self, net: ReaderNet, device: torch.device) -> Measured:
        """The figures of a network as it is."""
        odds: dict[int, float] = {}
        spans: dict[int, Counter[int]] = {}
        with torch.no_grad():
            for batch in batches(pair for trial in self._trials for pair in trial):
                scores, verdicts = scored(net, batch, device)
                flat = scores.flatten(1)
                own = (flat.logsumexp(1) - verdicts[:, 0]).tolist()
                for pair, place, each in zip(
                    batch.targets, flat.argmax(1).tolist(), own, strict=True
                ):
                    first, last = divmod(place, scores.shape[2])
                    spans[id(pair)] = Counter(pair.ids[first : last + 1])
                    odds[id(pair)] = each
        overlaps = [
            max(_f1(spans[id(trial[0])], answer) for answer in answers)
            for trial, answers in zip(self._trials, self._answers, strict=True)
        ]
        contested = [trial for trial in self._trials if len(trial) > 1]
        won = [_first_wins([odds[id(pair)] for pair in trial]) for trial in contested]
        return Measured(sum(overlaps) / len(overlaps), sum(won) / max(len(won), 1))

    def told(self, net: ReaderNet, device: torch.device) -> str:
        """The same in words."""
        return str(self.measured(net, device))


def sampled(questions: Sequence[Asked]) -> list[Asked]:
    """A sample of held-out questions, the same each time."""
    rng = random.Random(0)  # noqa: S311  # a sample, not a secret
    return rng.sample(questions, min(SAMPLE, len(questions)))


def _f1(given: Counter[int], accepted: Counter[int]) -> float:
    shared = (given & accepted).total()
    return 2 * shared / (given.total() + accepted.total())


def _first_wins(odds: Sequence[float]) -> bool:
    return odds[0] >= max(odds)
