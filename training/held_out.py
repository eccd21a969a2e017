"""How well readers do on questions that do not train them, to choose among them.

    python training/held_out.py WORK READER.safetensors [READER.safetensors ...] [--held-out SET.json ...]

Judges by the held-out articles of ``WORK/corpus.json`` and by sets kept for choosing, as training does on
its way.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from batches import batches
from reader_corpus import Asked, Corpus
from reader_data import Maker
from reader_loss import TOKENS, quick_copy, scored
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

from rag.models.readers.network import ReaderNet, from_bert
from rag.models.weights import locate_model

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

    def measured(self, net: nn.Module, device: torch.device) -> Measured:
        """The figures of a network as it is."""
        odds: dict[int, float] = {}
        spans: dict[int, Counter[int]] = {}
        pairs = sorted(
            (p for trial in self._trials for p in trial), key=lambda pair: -len(pair.ids)
        )
        waiting = iter(pairs)  # in the order of the rows
        with torch.no_grad():
            for batch in batches(pairs, 16 * TOKENS, 16):
                scores, verdicts, _ = scored(net, batch.to(device))
                flat = scores.flatten(1)
                own = (flat.logsumexp(1) - verdicts[:, 0]).tolist()
                for place, each in zip(flat.argmax(1).tolist(), own, strict=True):
                    pair = next(waiting)
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

    def told(self, net: nn.Module, device: torch.device) -> str:
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


def main() -> None:
    """Judge each reader."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder of corpus.json")
    parser.add_argument("readers", type=Path, nargs="+", help="weights to judge")
    parser.add_argument("--held-out", type=Path, nargs="+", default=[], help="sets to choose by")
    arguments = parser.parse_args()
    words = locate_model(None).folder
    corpus, kept = Corpus.load(arguments.work / "corpus.json").parted()
    corpus, more = corpus.beside(arguments.held_out)
    maker = Maker(corpus, Tokenizer.from_file(str(words / "tokenizer.json")))
    held_out = HeldOut(maker, (*sampled(kept), *more))
    for path in arguments.readers:
        net = ReaderNet()
        net.load_state_dict(from_bert(load_file(words / "model.safetensors")), strict=False)
        net.load_state_dict(load_file(path), strict=False)
        device = torch.device("cpu")
        measured = held_out.measured(quick_copy(net, device), device)
        print(f"{path}: {measured}", flush=True)


if __name__ == "__main__":
    main()
