"""Whether the reader's word on a statement is worth more than shared words, numbers and names.

    python training/judge_stance.py READER.safetensors SET.csv

SET has the columns ``premise``, ``hypothesis`` and ``label``; "entailment" is support, all else is not.
It must not have trained the reader. Features of overlap, the reader's log odds of support, and both
together are each given to a logistic that is fitted on every second pair and judged on the others.
"""

import argparse
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from batches import batches
from reader_loss import TOKENS
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from stance_data import stance_pair
from tokenizers import Tokenizer

from rag.models.readers.network import WORDS, ReaderNet, from_bert
from rag.models.weights import locate_model
from rag.stores.analyzer import TextAnalyzer

_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_NAME = re.compile(r"\b[A-Z][\w'’-]+")

Floats = npt.NDArray[np.float64]


def overlap(premise: str, hypothesis: str) -> tuple[float, float, float, float]:
    """Shares of a statement's words, numbers and names that the text holds, and of the text's in it."""
    analyze = TextAnalyzer()
    given, said = set(analyze(premise)), set(analyze(hypothesis))
    return (
        share(said, given),
        share(set(_NUMBER.findall(hypothesis)), set(_NUMBER.findall(premise))),
        share(
            {name.casefold() for name in _NAME.findall(hypothesis)},
            {name.casefold() for name in _NAME.findall(premise)},
        ),
        share(given, said),
    )


def share(these: set[str], those: set[str]) -> float:
    """How many of these are among those; 1 if there are none."""
    return len(these & those) / len(these) if these else 1.0


def support(net: ReaderNet, tokenizer: Tokenizer, rows: list[tuple[str, str]]) -> Iterator[float]:
    """The network's log odds of support for each premise and hypothesis, in their order."""
    pairs = [
        stance_pair(hypothesis, premise, n, tokenizer)
        for n, (premise, hypothesis) in enumerate(rows)
    ]
    found = np.zeros(len(pairs))
    with torch.inference_mode():
        for batch in batches(pairs, TOKENS):
            _, verdicts, _ = net(*batch.inputs())
            chances = verdicts[:, 2:].log_softmax(-1)
            odds = chances[:, 0] - chances[:, 1:].logsumexp(-1)
            found[batch.stance.numpy()] = odds.numpy()  # its number in ``rows``
    yield from found.tolist()


def judged(features: Floats, right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Accuracy and AUC on every second pair of a logistic fitted on the others."""
    model = LogisticRegression(C=10).fit(features[::2], right[::2])
    chances = model.predict_proba(features[1::2])[:, 1]
    return float(((chances > 0.5) == right[1::2]).mean()), float(
        roc_auc_score(right[1::2], chances)
    )


def main() -> None:
    """Print accuracy and AUC of overlap, of the reader, and of both."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("reader", type=Path)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    with arguments.data.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = [(row["premise"], row["hypothesis"]) for row in rows]
    right = np.array([row["label"] == "entailment" for row in rows])
    files = locate_model(None)
    tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    words = from_bert(load_file(files.folder / "model.safetensors"))[WORDS]
    net = ReaderNet()
    weights = {name: tensor.float() for name, tensor in load_file(arguments.reader).items()}
    net.load_state_dict(weights | {WORDS: words})
    net.eval()
    shared = np.array([overlap(*pair) for pair in pairs])
    said = np.array(list(support(net, tokenizer, pairs)))[:, None]
    print(f"{arguments.data.name}: {len(rows)} pairs, {right.mean():.3f} supported")
    for name, features in (
        ("overlap", shared),
        ("reader", said),
        ("both", np.concatenate([shared, said], axis=1)),
    ):
        accuracy, area = judged(features, right)
        print(f"  {name:<8} accuracy {accuracy:.3f}  AUC {area:.3f}")


if __name__ == "__main__":
    main()
