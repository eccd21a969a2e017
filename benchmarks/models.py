"""The compiled model beside sentence-transformers, in one run: python benchmarks/models.py [INDEX].

Medians of several rounds taken in turn, so that a machine that slows down slows both. Cold starts are
whole processes. INDEX (default: index) is an index of the seeds.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import rag
from rag.models.compiled import open_compiled
from rag.models.embedder import SentenceTransformerEmbedder
from rag.models.weights import locate_model

ROUNDS = 5
PASSAGES = 96
QUESTION = "What price floor was agreed with MP Materials?"


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def medians(*calls: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median time of each call, all of them called once a round, after one round unmeasured."""
    times = [[seconds(call) for call in calls] for _ in range(rounds + 1)][1:]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def row(what: str, ours: float, theirs: float, unit: str) -> None:
    """One line of the table; times are better small, rates better large."""
    ratio = ours / theirs if unit.startswith("/") else theirs / ours
    print(f"{what:<44} {ours:>9.1f} {theirs:>9.1f} {unit:<4} {ratio:>6.1f}x")


def process(*command: str) -> Callable[[], object]:
    """A whole process, its output thrown away; an abstention is no failure."""
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603


def main() -> None:
    """Print the table."""
    index = sys.argv[1] if len(sys.argv) > 1 else "index"
    files = locate_model(None)
    ours, theirs = open_compiled(files), SentenceTransformerEmbedder(files)
    words = " ".join(
        path.read_text(encoding="utf-8") for path in Path("seeds").glob("*.txt")
    ).split()
    # 128 words are about 170 tokens.
    texts = [" ".join(words[n * 40 : n * 40 + 128]) for n in range(PASSAGES)]
    cosine = (ours.embed_documents(texts) * theirs.embed_documents(texts)).sum(axis=1).min()
    print(f"{ours.precision} against fp32: least cosine {np.round(cosine, 6)}")
    print(f"{'':<44} {'compiled':>9} {'s-t':>9}")

    mine, other = medians(
        lambda: ours.embed_documents(texts), lambda: theirs.embed_documents(texts)
    )
    row("passages of 170 tokens embedded", len(texts) / mine, len(texts) / other, "/s")
    mine, other = medians(
        lambda: ours.embed_queries([QUESTION]), lambda: theirs.embed_queries([QUESTION]), rounds=50
    )
    row("one question embedded, warm", mine * 1000, other * 1000, "ms")

    python = sys.executable
    cold = process(python, "-c", "import sentence_transformers")
    search = process(python, "-m", "rag", "search", "-q", QUESTION, "--index", index)
    ask = process(python, "-m", "rag", "ask", "-q", QUESTION, "--index", index)
    help_ = process(python, "-m", "rag", "--help")
    found = medians(search, ask, help_, cold)
    for name, spent in zip(("rag search", "rag ask", "rag --help"), found, strict=False):
        row(f"{name}, cold, beside importing s-t", spent * 1000, found[3] * 1000, "ms")

    with rag.Retriever.open(index) as retriever:
        search_warm, ask_warm = medians(
            lambda: retriever.search(QUESTION), lambda: retriever.ask(QUESTION), rounds=30
        )
    print(f"{'search, warm':<44} {search_warm * 1000:>9.1f} {'':>9} ms")
    print(f"{'ask, warm':<44} {ask_warm * 1000:>9.1f} {'':>9} ms")


if __name__ == "__main__":
    main()
