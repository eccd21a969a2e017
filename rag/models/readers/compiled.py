"""Opens the project's own reader: converts it once, compares it with PyTorch, and saves it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.models import graph, prepare
from rag.models.readers.trained import TrainedReader
from rag.models.weights import ModelFiles, cache_folder, locate_model
from rag.records import Excerpt, Precision

if TYPE_CHECKING:
    from rag.records.base import FloatArray

logger = logging.getLogger(__name__)

FAITHFUL: Final = 0.9
"""The least fidelity for a graph to be used: 1 minus the greatest difference in a probability."""

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
    """The compiled reader; compiles it if that has not been done yet.

    Raises NotCompiled or OSError, as ``prepare.open_or_make`` does.
    """
    words = locate_model(None)
    folder = cache_folder() / "compiled" / prepare.key(files.id, files.sha256, words.sha256)

    def write(target: Path) -> None:
        logger.info("preparing %s (only the first time)", files.id)
        _convert(files, words, target)

    return prepare.open_or_make(folder, lambda: _open(files.id, folder, precision), write)


def _open(name: str, folder: Path, precision: Precision) -> TrainedReader:
    """Open what ``_convert`` wrote. Raises as ``graph.open_graph`` does."""
    from tokenizers import Tokenizer

    card = graph.Card.read(folder)
    tokenizer = Tokenizer.from_file(str(folder / graph.TOKENIZER))
    choice, network = graph.open_graph(folder, card, precision)

    def forward(*inputs: graph.Matrix) -> tuple[FloatArray, FloatArray, FloatArray]:
        outputs = network(list(inputs))
        return outputs[0], outputs[1], outputs[2]

    return TrainedReader(name, choice, tokenizer, forward)


def load_uncompiled(files: ModelFiles) -> TrainedReader:
    """The same reader on PyTorch: slow to load, and the reference for the compiled one."""
    import torch

    from rag.models.readers.network import load_net

    words = locate_model(None)
    network = load_net(files.folder, words.folder)

    def forward(*inputs: graph.Matrix) -> tuple[FloatArray, FloatArray, FloatArray]:
        with torch.inference_mode():
            spans, verdicts, marks = network(*(torch.from_numpy(each) for each in inputs))
        return spans.numpy(), verdicts.numpy(), marks.numpy()

    return TrainedReader(files.id, "fp32", _tokenizer(words), forward)


def _tokenizer(words: ModelFiles) -> Any:
    """The embedder's tokenizer without padding or truncation: the reader makes its own windows."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(words.folder / graph.TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _convert(files: ModelFiles, words: ModelFiles, folder: Path) -> None:
    """Write graph, tokenizer and card. Raises NotCompiled, with the reason, if that cannot be right."""
    from rag.models.readers.network import load_net

    reference = load_uncompiled(files)
    example = tuple(prepare.example().values())

    def fidelity(precision: Precision) -> float:
        return 1 - _difference(reference, _open(files.id, folder, precision))

    network = prepare.convert(load_net(files.folder, words.folder), example)
    prepare.fill(folder, network, _tokenizer(words), {}, FAITHFUL, fidelity)


def _difference(one: TrainedReader, other: TrainedReader) -> float:
    """The greatest difference in a probability, for excerpts read together and one by one."""
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
