"""The trained reader, ready to use: converted once, held against PyTorch, and kept."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.models import graph
from rag.models.readers.trained import TrainedReader
from rag.models.weights import ModelFiles, cache_folder, locate_model
from rag.records import Excerpt, Precision

if TYPE_CHECKING:
    from rag.records.base import FloatArray

logger = logging.getLogger(__name__)

FAITHFUL: Final = 0.9
"""Greatest difference to PyTorch of any probability, taken from 1, for a graph to be used."""

_QUESTIONS: Final = (
    "",
    "Who runs the mill in Araxá?",
    "How much oxide was made in 2024?",
    "日本 " * 50,
)
_EXCERPTS: Final = (
    Excerpt("", None, ""),
    Excerpt(
        "Mills",
        None,
        "Since 2019 the mill in Araxá has been run by Ann Ørsted; it made 1,200 tons in 2024.",
    ),
    Excerpt(
        "Oxide",
        None,
        "| Year | Oxide |\n| 2024 | 45,000 t (15–20 % more) |\r\n\r\nWhy? редкоземельные 👩\u200d👧",
    ),
    Excerpt(
        "",
        None,
        "The US produced 45,000\u00a0tonnes of rare-earth oxide (REO) in 2024, not 2023. " * 40,
    ),
)


def open_reader(files: ModelFiles, precision: Precision = "auto") -> TrainedReader:
    """The project's own reader, compiled; made now if there is none yet.

    Raises NotCompiled if there can be none, OSError if it cannot be kept.
    """
    words = locate_model(None)
    folder = cache_folder() / "compiled" / graph.key(files.id, files.sha256, words.sha256)

    def write(aside: Path) -> None:
        logger.info("preparing %s (only the first time)", files.id)
        _convert(files, words, aside)

    return graph.kept(folder, lambda: _opened(files.id, folder, precision), write)


def _opened(name: str, folder: Path, precision: Precision) -> TrainedReader:
    """What ``_convert`` wrote. Raises ValueError, OSError or RuntimeError if it is damaged."""
    from tokenizers import Tokenizer

    card = graph.Card.read(folder)
    tokenizer = Tokenizer.from_file(str(folder / graph.TOKENIZER))
    chosen, compiled = graph.open_graph(folder, card, precision)

    def forward(*inputs: graph.Matrix) -> tuple[FloatArray, FloatArray]:
        found = compiled(list(inputs))
        return found[0], found[1]

    return TrainedReader(name, chosen, tokenizer, forward)


def uncompiled(files: ModelFiles) -> TrainedReader:
    """The same reader, run by PyTorch: slow to load, and the measure for the compiled one."""
    import torch

    from rag.models.readers.network import load_net

    words = locate_model(None)
    network = load_net(files.folder, words.folder)

    def forward(*inputs: graph.Matrix) -> tuple[FloatArray, FloatArray]:
        with torch.inference_mode():
            spans, verdicts = network(*(torch.from_numpy(each) for each in inputs))
        return spans.numpy(), verdicts.numpy()

    return TrainedReader(files.id, "fp32", plain_tokenizer(words), forward)


def plain_tokenizer(words: ModelFiles) -> Any:
    """The embedder's tokenizer, neither padding nor truncating: the reader cuts windows itself."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(words.folder / graph.TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _convert(files: ModelFiles, words: ModelFiles, folder: Path) -> None:
    """Write graph, tokenizer and card. Raises NotCompiled with the reason if that cannot be right."""
    from rag.models.readers.network import load_net

    exact = uncompiled(files)
    example = tuple(graph.example().values())

    def likeness(precision: Precision) -> float:
        return 1 - _difference(exact, _opened(files.id, folder, precision))

    made = graph.converted(load_net(files.folder, words.folder), example)
    graph.fill(folder, made, plain_tokenizer(words), {}, FAITHFUL, likeness)


def _difference(one: TrainedReader, other: TrainedReader) -> float:
    """The greatest difference in a probability, of excerpts read together and alone."""
    greatest = 0.0
    for question in _QUESTIONS:
        for several in (_EXCERPTS, *((excerpt,) for excerpt in _EXCERPTS)):
            for mine, theirs in zip(
                one.read(question, several), other.read(question, several), strict=True
            ):
                best = [max((s.score for s in r.spans), default=0.0) for r in (mine, theirs)]
                greatest = max(
                    greatest, abs(mine.relevance - theirs.relevance), abs(best[0] - best[1])
                )
    return greatest
