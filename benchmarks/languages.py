"""How often search finds the right article in five languages, asked in its language and in English.

    python -m benchmarks.languages [--model FOLDER]

The articles and questions are those of ``evaluation/languages``. The English questions have only names and
numbers in common with the articles, so that no model finds them but one of many languages.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

import rag
from rag.settings import Settings

EVALUATION = Path(__file__).parent.parent / "evaluation"
MODES: tuple[rag.Mode, ...] = ("lexical", "dense", "hybrid")


def main() -> None:
    """Print, for each set and mode, how many questions have the right article first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="embedding model: a hub id or a folder")
    settings = Settings(model=parser.parse_args().model)
    with tempfile.TemporaryDirectory() as folder:
        rag.build(EVALUATION / "languages", Path(folder), settings=settings)
        with rag.Retriever.open(folder, settings=settings) as retriever:
            for name in ("languages", "languages-english"):
                _print(name, retriever)


def _print(name: str, retriever: rag.Retriever) -> None:
    lines = (EVALUATION / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [each for each in map(json.loads, lines) if each["answers"]]
    for mode in MODES:
        right: Counter[str] = Counter()
        for each in asked:
            found = retriever.search(each["question"], 1, mode=mode)
            right[each["shape"]] += any(first.doc_id in each["sources"] for first in found)
        shares = ", ".join(f"{language} {count}" for language, count in right.items())
        print(f"{name}, {mode}: {right.total()} of {len(asked)} ({shares})")


if __name__ == "__main__":
    main()
