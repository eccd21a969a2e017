"""Embedding with the compiled model, beside sentence-transformers."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.measure import (
    OURS,
    Options,
    Row,
    Section,
    median,
    say,
    section,
)
from benchmarks.texts import PASSAGE, STRETCH, Recombined, load_collection, texts_of
from benchmarks.worker import Worker

PLAIN: Final = "sentence-transformers"

_BATCH: Final = 96
_QUESTIONS: Final = 20


def embed(options: Options) -> Section:
    """Many passages at once, and one question at a time, warm."""
    texts = Recombined(texts_of(load_collection(options.data, options.split)))
    batch, questions = texts.passages(_BATCH, PASSAGE), texts.passages(_QUESTIONS, 1)
    bulk: dict[str, list[float]] = {OURS: [], PLAIN: []}
    single: dict[str, list[float]] = {OURS: [], PLAIN: []}
    vectors = {}
    with Worker("compiled") as ours, Worker(PLAIN) as theirs:
        workers = {OURS: ours, PLAIN: theirs}
        precision = {side: worker("load") for side, worker in workers.items()}[OURS]
        for number in range(options.rounds + 1):
            say(f"  round {number} of {options.rounds}")
            for side, worker in workers.items():
                spent, vectors[side] = worker("embed", batch)
                times = worker("queries", questions)
                if number:
                    bulk[side].append(spent)
                    single[side].append(median(times) * 1000)
    cosine = float((np.array(vectors[OURS]) * np.array(vectors[PLAIN])).sum(axis=1).min())
    rates = {side: _BATCH / median(times) for side, times in bulk.items()}
    return section(
        "embed",
        "Embedding",
        f"all-MiniLM-L6-v2, ours compiled in {precision}, sentence-transformers in fp32, each in a"
        f" process of its own, in turn. {_BATCH} passages of {PASSAGE * STRETCH} words"
        f" ({_tokens(batch):.0f} tokens) a round; questions of {STRETCH} words, one at a time. Least"
        f" cosine between the two sides' vectors of a passage: {cosine:.6f}.",
        (
            Row("passages embedded", "/s", rates, "high"),
            Row("one question embedded, warm", "ms", {s: median(t) for s, t in single.items()}),
        ),
        ("openvino", "tokenizers", "torch", "transformers", PLAIN),
    )


def _tokens(texts: list[str]) -> float:
    """The mean number of tokens per text."""
    from tokenizers import Tokenizer

    from rag.models.weights import locate_model

    tokenizer = Tokenizer.from_file(str(locate_model(None).folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return float(np.mean([len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]))
