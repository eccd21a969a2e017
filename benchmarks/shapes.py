"""How well answers of every shape are given: why, how, yes or no, A or B, lists, what is, overviews.

    python -m benchmarks.shapes [--set evaluation/shapes.jsonl] [--corpus seeds] [-v]

A line of the set has a question, its ``shape``, and ``points``: each is a list of wordings of which the
answer must hold one. An answer is right if it holds every point, none of the wordings in ``never``, at most
``words`` words, and, for an overview, as many sentences as ``sentences`` allows, no two nearly alike, from
at least as many ``sources``. A question that is to be ``declined`` is right if it is. The threshold of
``ask`` applies.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import rag
from rag.evaluate import corpus_index
from rag.evaluate.metrics import holds

ROOT: Final = Path(__file__).parents[1]
ALIKE: Final = 0.6
"""Two sentences of an overview are too much alike from this share of common words (Jaccard)."""


def misses(given: Mapping[str, Any], answer: rag.Answer) -> list[str]:
    """What is wrong with an answer, in a few words each; empty if it is right."""
    if given.get("declined"):
        return [] if answer.answer is None else ["answered"]
    if answer.answer is None:
        return ["declined"]
    text, found = answer.answer, []
    found += [f"lacks {point[0]!r}" for point in given["points"] if not holds(text, point)]
    said = f"{answer.verdict or ''} {text}"
    found += [f"says {word!r}" for word in given.get("never", ()) if _says(said, word)]
    if len(text.split()) > given.get("words", len(text)):
        found.append(f"{len(text.split())} words")
    least, most = given.get("sentences", (0, len(text)))
    if not least <= len(answer.parts) <= most:
        found.append(f"{len(answer.parts)} sentences")
    if len({citation.doc_id for citation in answer.citations}) < given.get("sources", 0):
        found.append("too few sources")
    if given["shape"] == "overview" and _repeats(answer):
        found.append("repeats itself")
    return found


def _says(text: str, word: str) -> bool:
    """Whether an answer says a word; yes and no only as its verdict."""
    verdict, _, rest = text.partition(" ")
    return holds(verdict if word in {"Yes", "No"} else rest, [word])


def _repeats(answer: rag.Answer) -> bool:
    words = [frozenset(part.text.lower().split()) for part in answer.parts]
    return any(
        len(one & other) >= ALIKE * len(one | other)
        for n, one in enumerate(words)
        for other in words[:n]
    )


def main() -> None:
    """Ask every question of a set, and print the share of right answers by shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, default=ROOT / "evaluation" / "shapes.jsonl")
    parser.add_argument("--corpus", type=Path, default=ROOT / "seeds")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    lines = options.set.read_text(encoding="utf-8").splitlines()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with rag.Retriever.open(corpus_index(options.corpus, rag.Settings()).index) as retriever:
        for given in map(json.loads, lines):
            answer = retriever.ask(given["question"])
            wrong = misses(given, answer)
            total[given["shape"]] += 1
            right[given["shape"]] += not wrong
            if options.verbose:
                print(f"{'; '.join(wrong) or 'right'}\n  {given['id']} {given['question']}")
                print(
                    f"  {answer.confidence:.2f} {answer.verdict or ''} {answer.answer or answer.reason}\n"
                )
    for shape in total:
        print(f"{shape:10} {right[shape]:3} of {total[shape]}")
    print(f"{'all':10} {right.total():3} of {total.total()}")


if __name__ == "__main__":
    main()
