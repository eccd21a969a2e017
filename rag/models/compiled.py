"""The fast path: a model converted once with OpenVINO, then run without PyTorch.

Importing sentence-transformers takes longer than answering a question. So a model whose modules are a
transformer, a pooling and at most a normalisation is converted into one graph that ends in the unit
vector, held against sentence-transformers on texts of every kind, and kept in the user's cache folder.
From then on only numpy, a tokenizer and OpenVINO are loaded. Any other model is served by
sentence-transformers as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np

from rag.models.weights import ModelFiles, cache_folder
from rag.types import EmbedderInfo, Precision

if TYPE_CHECKING:
    from rag.models.embedder import SentenceTransformerEmbedder
    from rag.types import FloatArray

logger = logging.getLogger(__name__)

GRAPH: Final = "encoder.xml"
WEIGHTS: Final = "encoder.bin"
TOKENIZER: Final = "tokenizer.json"
CARD: Final = "card.json"
REFUSED: Final = "refused.txt"

FAITHFUL: Final = 0.9999
"""Least cosine with sentence-transformers, on each of the texts below, for a graph to be used."""

_FORMAT: Final = 1  # raised when what is converted, or how it is kept, changes
_LIBRARIES: Final = ("openvino", "sentence-transformers", "torch", "transformers")
_HINTS: Final[dict[str, str]] = {"bf16": "bf16", "fp32": "f32"}  # our names: OpenVINO's

# Padded tokens of one inference: enough to keep two cores busy. More only adds padding, which costs
_BATCH_TOKENS: Final = 1024

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


class NotCompiled(Exception):  # no error to users: sentence-transformers serves instead
    """This model cannot be compiled, or not faithfully; the message says why."""


@dataclass(frozen=True, slots=True)
class _Card:
    """What stands beside a graph: all that is needed to use it without the model's own files."""

    info: EmbedderInfo
    inputs: tuple[str, ...]
    pad: int
    """The token that fills up a row."""
    faithful: dict[str, float]
    """By precision: the least cosine with sentence-transformers that was found."""
    sizes: dict[str, int]

    def to_json(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def read(cls, folder: Path) -> _Card:
        """The card of a compiled model; raises ValueError or OSError if any of it is damaged."""
        try:
            raw = json.loads((folder / CARD).read_text(encoding="utf-8"))
            info, inputs = EmbedderInfo(**raw.pop("info")), tuple(raw.pop("inputs"))
            card = cls(info=info, inputs=inputs, **raw)
            right = all((folder / name).stat().st_size == size for name, size in card.sizes.items())
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error
        if not right:
            raise ValueError("a file has another size than when it was written")
        return card


class CompiledEmbedder:
    """An ``Embedder`` on a converted graph. Safe to use from many threads, one at a time inside."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        """Open what ``open_compiled`` keeps. Raises ValueError, OSError or RuntimeError if damaged."""
        from tokenizers import Tokenizer

        card = _Card.read(folder)
        core = _openvino().Core()
        self.info = card.info
        self.precision = _chosen(core, card.faithful, precision)
        self._inputs, self._pad = card.inputs, card.pad
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._graph = core.compile_model(
            str(folder / GRAPH),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": _HINTS[self.precision],
                "PERFORMANCE_HINT": "LATENCY",
                "CACHE_DIR": str(folder / "kernels"),
            },
        )
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
        for rows in _batches(lengths):
            columns = _columns(
                [encodings[row] for row in rows], int(lengths[rows].max()), self._pad
            )
            with self._lock:
                vectors[rows] = self._graph([columns[name] for name in self._inputs])[0]
        # In bf16 the graph's own normalisation is exact to three digits only.
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _batches(lengths: np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[list[int]]:
    """Rows in batches of like length, longest first, so that little is spent on padding."""
    batch: list[int] = []
    for row in np.argsort(-lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * int(lengths[batch[0]]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _columns(encodings: Sequence[Any], width: int, pad: int) -> dict[str, np.ndarray[Any, Any]]:
    """The inputs of a batch, padded on the right: int64 (rows, width) each."""
    shape = (len(encodings), width)
    ids = np.full(shape, pad, np.int64)
    mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, encoding in enumerate(encodings):
        length = len(encoding.ids)
        ids[row, :length] = encoding.ids
        mask[row, :length] = 1
        types[row, :length] = encoding.type_ids
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def _chosen(core: Any, faithful: dict[str, float], wanted: Precision) -> str:
    """The precision to run at: bf16 where the processor has it and it is faithful, else fp32."""
    able = {"fp32"} | (
        {"bf16"} if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else set()
    )
    usable = [p for p in ("bf16", "fp32") if p in able and faithful.get(p, 0) >= FAITHFUL]
    if wanted == "auto" and usable:
        return usable[0]
    if wanted in usable:
        return wanted
    raise NotCompiled(f"no faithful {wanted} on this processor")


# ---------------------------------------------------------------- converting, once for each model


def open_compiled(files: ModelFiles, precision: Precision = "auto") -> CompiledEmbedder:
    """The compiled form of a model, made now if there is none yet.

    Raises NotCompiled if there can be none; that is remembered, so it is found out once. Raises OSError
    if it cannot be kept.
    """
    folder = cache_folder() / "compiled" / _key(files)
    if (folder / REFUSED).exists():
        raise NotCompiled((folder / REFUSED).read_text(encoding="utf-8"))
    try:
        return CompiledEmbedder(folder, precision)
    except NotCompiled:
        raise
    except Exception:  # noqa: BLE001  # not there, or damaged: the libraries below raise what they like
        shutil.rmtree(folder, ignore_errors=True)
    _make(files, folder)
    return CompiledEmbedder(folder, precision)


def _key(files: ModelFiles) -> str:
    """Names everything a graph depends on: weights, the model's other small files, the libraries."""
    digest = hashlib.sha256(f"{_FORMAT} {files.id} {files.sha256}".encode())
    for path in sorted(files.folder.rglob("*")):
        if path.suffix in (".json", ".txt", ".model") and path.is_file():
            digest.update(path.relative_to(files.folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:20]


def _make(files: ModelFiles, folder: Path) -> None:
    """Convert a model aside and put it in place in one step; another process may be first."""
    from rag.models.embedder import SentenceTransformerEmbedder, quiet_transformers

    logger.info("preparing %s (only the first time)", files.id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as name:
        aside = Path(name) / "model"
        aside.mkdir()
        try:
            reference = SentenceTransformerEmbedder(files)
            with quiet_transformers():
                _convert(reference, aside)
        except NotCompiled as error:
            (aside / REFUSED).write_text(str(error), encoding="utf-8")
        with contextlib.suppress(OSError):
            aside.rename(folder)
    if (folder / REFUSED).exists():
        raise NotCompiled((folder / REFUSED).read_text(encoding="utf-8"))


def _convert(reference: SentenceTransformerEmbedder, folder: Path) -> None:
    """Write graph, tokenizer and card. Raises NotCompiled with the reason if that cannot be right."""
    model = reference.model
    inputs = _checked_inputs(model)
    graph = _graph(model, inputs)
    openvino = _openvino()
    openvino.save_model(graph, folder / GRAPH, compress_to_fp16=False)

    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(reference.info.max_tokens)
    tokenizer.save(str(folder / TOKENIZER))

    sizes = {name: (folder / name).stat().st_size for name in (GRAPH, WEIGHTS, TOKENIZER)}
    pad = int(model.tokenizer.pad_token_id)
    trusting = _Card(reference.info, inputs, pad, dict.fromkeys(_HINTS, 1.0), sizes)
    (folder / CARD).write_text(trusting.to_json(), encoding="utf-8")
    faithful = _faithfulness(reference, folder)
    if max(faithful.values()) < FAITHFUL:
        raise NotCompiled(f"its graph differs from sentence-transformers (cosine {faithful})")
    card = replace(trusting, faithful=faithful)
    (folder / CARD).write_text(card.to_json(), encoding="utf-8")
    shutil.rmtree(
        folder / "kernels", ignore_errors=True
    )  # made for this path; useless after the move


def _checked_inputs(model: Any) -> tuple[str, ...]:
    """The inputs of a model that can be converted; raises NotCompiled for any other."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise NotCompiled(f"it is made of {', '.join(kinds)}")
    if not model[1].include_prompt:
        raise NotCompiled("its pooling leaves out the prompt")
    if getattr(model.tokenizer, "backend_tokenizer", None) is None:
        raise NotCompiled("its tokenizer is not one of the fast kind")
    if model.tokenizer.padding_side != "right" or model.tokenizer.pad_token_id is None:
        raise NotCompiled("it is not padded on the right")
    known = ("input_ids", "attention_mask", "token_type_ids")
    inputs = tuple(name for name in known if name in model.tokenizer.model_input_names)
    if unknown := set(model.tokenizer.model_input_names) - set(known):
        raise NotCompiled(f"it wants {', '.join(sorted(unknown))}")
    return inputs


def _graph(model: Any, inputs: tuple[str, ...]) -> Any:
    """One graph from token numbers to unit vectors, any number of rows and columns."""
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

    # Two rows of which one is padded, so that tracing sees the mask at work.
    ids = torch.ones((2, 16), dtype=torch.int64)
    mask = torch.tensor([[1] * 16, [1] * 9 + [0] * 7])
    example = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's; what matters is checked afterwards
            return _openvino().convert_model(
                Encoder().eval(), example_input=tuple(example[name] for name in inputs)
            )
    except Exception as error:  # whatever a stranger's model does when traced
        raise NotCompiled(f"it cannot be converted ({_first_line(error)})") from error


def _faithfulness(reference: SentenceTransformerEmbedder, folder: Path) -> dict[str, float]:
    """By precision that this processor has: the least cosine with sentence-transformers."""
    expected = reference.embed_documents(_PROBES)
    found: dict[str, float] = {}
    for precision in get_args(Precision)[1:]:
        with contextlib.suppress(NotCompiled):
            embedder = CompiledEmbedder(folder, precision)
            together = embedder.embed_documents(_PROBES)
            alone = np.concatenate([embedder.embed_documents([text]) for text in _PROBES])
            cosines = [(expected * vectors).sum(axis=1).min() for vectors in (together, alone)]
            found[precision] = round(float(min(cosines)), 7)
    return found


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _openvino() -> Any:
    """OpenVINO, without the package by which it reports imports and conversions to its vendor.

    It runs the same where that package cannot be imported.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: not to be had
    import openvino

    return openvino
