"""The compiled model beside sentence-transformers: passages, questions, and whole processes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.measure import (
    OURS,
    ROOT,
    Options,
    Row,
    Section,
    in_turn,
    median,
    process,
    say,
    section,
)
from benchmarks.texts import PASSAGE, STRETCH, Recombined, load_collection, texts_of
from benchmarks.worker import Worker

PLAIN: Final = "sentence-transformers"
QUESTION: Final = "What price floor was agreed with MP Materials?"

_BATCH: Final = 96
_QUESTIONS: Final = 20

_FIRST_EMBEDDING: Final = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1]).encode(sys.argv[2])
"""


def embed(options: Options) -> Section:
    """Passages in bulk, and one question at a time, warm."""
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
    """Tokens a text, on average."""
    from tokenizers import Tokenizer

    from rag.models.weights import locate_model

    tokenizer = Tokenizer.from_file(str(locate_model(None).folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return float(np.mean([len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]))


def cold(options: Options) -> Section:
    """Whole processes, from the shell to the result, their files in the system's cache."""
    import rag
    from rag.models.weights import locate_model

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rag.build(ROOT / "seeds", folder / "index")
        tool = (sys.executable, "-m", "rag")
        model = str(locate_model(None).folder)
        commands = {
            "rag --help": (*tool, "--help"),
            "rag search": (*tool, "search", "-q", QUESTION, "--index", "index"),
            "rag ask": (*tool, "ask", "-q", QUESTION, "--index", "index"),
            PLAIN: (sys.executable, "-c", _FIRST_EMBEDDING, model, QUESTION),
        }
        calls = {name: process(*command) for name, command in commands.items()}
        times = in_turn(calls, [folder], options.rounds)
    found = {name: median(spent) for name, spent in times.items()}
    plain = found.pop(PLAIN)
    beside = {"rag search": plain, "rag ask": plain}
    return section(
        "cold",
        "Cold start",
        "Whole processes on an index of the seeds, from start to exit, the model compiled before;"
        " beside them a process that imports sentence-transformers, loads the model and embeds the"
        " question, no more. In turn.",
        [
            Row(what, "s", {OURS: spent} | ({PLAIN: beside[what]} if what in beside else {}))
            for what, spent in found.items()
        ],
        ("openvino", "torch", "transformers", PLAIN),
    )
