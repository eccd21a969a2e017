"""The fast embedder: a model converted once with OpenVINO, then run without PyTorch.

Importing sentence-transformers takes longer than answering a question. So a model that consists of a
transformer, a pooling and perhaps a normalisation is converted into one graph, from tokens to unit
vectors, compared with sentence-transformers on many kinds of text, and saved in the user's cache folder.
From then on, only numpy, a tokenizer and OpenVINO are imported. sentence-transformers runs all other
models.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.models import graph, prepare
from rag.models.graph import NotCompiled
from rag.models.vectors import unit_rows
from rag.models.weights import ModelFiles, cache_folder
from rag.records import EmbedderInfo, Precision

if TYPE_CHECKING:
    from rag.models.embedders.sentence_transformer import SentenceTransformerEmbedder
    from rag.records.base import FloatArray

logger = logging.getLogger(__name__)

FAITHFUL: Final = 0.9999
"""The least cosine with sentence-transformers, on each text below, for a graph to be used."""

_NEARLY: Final = 0.05
"""How far the graph's own normalisation may be off, in bf16."""

_PROBES: Final = (
    "",
    "a",
    "What price floor was agreed for NdPr?",
    "  The US produced 45,000\u00a0tonnes of rare-earth oxide (REO) — 15\u201320 % more.\r\n\r\nWhy?  ",
    "Araxá, Ørsted, 日本のレアアース, редкоземельные металлы, 👩\u200d👧 \U0001f1ef\U0001f1f5",
    "Neodymium Wind turbine generators, EV motors Clean energy transition enabler",
    "Rare earths are deemed critical for defense, energy, and semiconductor supply chains. " * 9,
    "magnet " * 3000,
)


class CompiledEmbedder:
    """An ``Embedder`` on a converted graph. Thread-safe; runs one call at a time."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        """Open a model that ``open_compiled`` saved. Raises as ``graph.open_graph`` does."""
        from tokenizers import Tokenizer

        card = graph.Card.read(folder)
        try:
            self.info = EmbedderInfo(**card.facts["info"])
            self._inputs, self._pad = tuple(card.facts["inputs"]), int(card.facts["pad"])
        except (KeyError, TypeError) as error:
            raise graph.Damaged(f"{folder / graph.CARD}: {error}") from error
        self._tokenizer = Tokenizer.from_file(str(folder / graph.TOKENIZER))
        self.precision, self._graph = graph.open_graph(folder, card, precision)
        self._lock = threading.Lock()

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32 (len(texts), dimension), each of length 1."""
        return self._embed([self.info.document_prompt + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of questions: float32 (len(texts), dimension), each of length 1."""
        return self._embed([self.info.query_prompt + text for text in texts])

    def _embed(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.empty((len(texts), self.info.dimension), np.float32)
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        lengths = np.array([len(encoding.ids) for encoding in encodings], np.int64)
        for rows in graph.batches(lengths):
            columns = graph.columns(
                [(encodings[row].ids, encodings[row].type_ids) for row in rows], self._pad
            )
            with self._lock:
                vectors[rows] = self._graph([columns[name] for name in self._inputs])[0]
        if not unit_rows(vectors, _NEARLY).all():
            raise self._graph.refuse("not vectors of length 1")
        # In bf16, the graph's own normalisation is exact only to three digits.
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


# ---------------------------------------------------------------- conversion, once per model


def open_compiled(files: ModelFiles, precision: Precision = "auto") -> CompiledEmbedder:
    """The compiled form of a model; compiles it if that has not been done yet.

    Raises NotCompiled or OSError, as ``prepare.open_or_make`` does.
    """
    folder = cache_folder() / "compiled" / _key(files)

    def write(target: Path) -> None:
        from rag.models.embedders.sentence_transformer import (
            SentenceTransformerEmbedder,
            quiet_transformers,
        )

        logger.info("preparing %s (only the first time)", files.id)
        reference = SentenceTransformerEmbedder(files)
        with quiet_transformers():
            _convert(reference, target)

    return prepare.open_or_make(folder, lambda: CompiledEmbedder(folder, precision), write)


def _key(files: ModelFiles) -> str:
    """A hash of everything a graph depends on: weights, the model's other files, the libraries."""
    parts: list[str | bytes] = [files.id, files.sha256]
    for path in sorted(files.folder.rglob("*")):
        if path.suffix in (".json", ".txt", ".model") and path.is_file():
            parts += [path.relative_to(files.folder).as_posix(), path.read_bytes()]
    return prepare.key(*parts)


def _convert(reference: SentenceTransformerEmbedder, folder: Path) -> None:
    """Write graph, tokenizer and card. Raises NotCompiled, with the reason, if that cannot be right."""
    from tokenizers import Tokenizer

    model = reference.model
    inputs = _check_inputs(model)
    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(reference.info.max_tokens)
    facts = {
        "info": asdict(reference.info),
        "inputs": inputs,
        "pad": int(model.tokenizer.pad_token_id),
    }

    def fidelity(precision: Precision) -> float:
        return _fidelity(reference, CompiledEmbedder(folder, precision))

    prepare.fill(folder, _graph(model, inputs), tokenizer, facts, FAITHFUL, fidelity)


def _check_inputs(model: Any) -> tuple[str, ...]:
    """The names of the model's inputs. Raises NotCompiled if the model cannot be converted."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise NotCompiled(f"it consists of {', '.join(kinds)}")
    if not model[1].include_prompt:
        raise NotCompiled("its pooling leaves out the prompt")
    if getattr(model.tokenizer, "backend_tokenizer", None) is None:
        raise NotCompiled("its tokenizer is not a fast one")
    if model.tokenizer.padding_side != "right" or model.tokenizer.pad_token_id is None:
        raise NotCompiled("its tokenizer does not pad on the right")
    known = ("input_ids", "attention_mask", "token_type_ids")
    inputs = tuple(name for name in known if name in model.tokenizer.model_input_names)
    if unknown := set(model.tokenizer.model_input_names) - set(known):
        raise NotCompiled(f"it needs the inputs {', '.join(sorted(unknown))}")
    return inputs


def _graph(model: Any, inputs: tuple[str, ...]) -> Any:
    """One graph from token ids to unit vectors, for any number of rows and columns."""
    import torch

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(model)

        def forward(self, *columns: torch.Tensor) -> torch.Tensor:
            features = dict(zip(inputs, columns, strict=True))
            for part in self.parts:
                features = part(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2.0, dim=1)

    example = prepare.example()
    return prepare.convert(Encoder(), tuple(example[name] for name in inputs))


def _fidelity(reference: SentenceTransformerEmbedder, embedder: CompiledEmbedder) -> float:
    """The least cosine with sentence-transformers, for texts embedded together and one by one."""
    expected = reference.embed_documents(_PROBES)
    together = embedder.embed_documents(_PROBES)
    alone = np.concatenate([embedder.embed_documents([text]) for text in _PROBES])
    return min(float((expected * vectors).sum(axis=1).min()) for vectors in (together, alone))
