"""The embedder that uses sentence-transformers itself: runs any model, but imports PyTorch."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rag.errors import ModelRefused
from rag.models.graph import first_line
from rag.models.vectors import unit_rows
from rag.models.weights import ModelFiles
from rag.records import EmbedderInfo

if TYPE_CHECKING:
    from rag.records.base import FloatArray

# The names of the prompt for passages, in the order in which sentence-transformers tries them.
_DOCUMENT_PROMPTS: Final = ("document", "passage", "corpus")


class SentenceTransformerEmbedder:
    """An ``Embedder`` on sentence-transformers, with the prompts that the model defines.

    Loading imports PyTorch, which takes seconds. Thread-safe; runs one call at a time.
    """

    precision = "fp32"

    def __init__(self, files: ModelFiles) -> None:
        self.model = _load(files)
        """The sentence-transformers model itself."""
        self._lock = threading.Lock()  # a fast tokenizer cannot be used by two threads at once
        prompts: dict[str, str] = self.model.prompts
        document = next((prompts[name] for name in _DOCUMENT_PROMPTS if prompts.get(name)), "")
        self.info = EmbedderInfo(
            id=files.id,
            weights_sha256=files.sha256,
            dimension=int(self.model.get_embedding_dimension()),
            max_tokens=int(self.model.max_seq_length or 0),
            pooling=_modules(self.model),
            query_prompt=prompts.get("query") or "",
            document_prompt=document,
        )

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32 (len(texts), dimension), each of length 1."""
        return self._embed(self.model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of questions: float32 (len(texts), dimension), each of length 1."""
        return self._embed(self.model.encode_query, texts)

    def _embed(self, encode: Any, texts: Sequence[str]) -> FloatArray:
        with self._lock:
            vectors: FloatArray = encode(
                list(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        vectors = vectors.astype("float32", copy=False).reshape(len(texts), self.info.dimension)
        if not unit_rows(vectors).all():
            raise ModelRefused(
                f"{self.info.id}: it gives vectors that are not finite or not of length 1",
                fix="choose another model, or copy its files again",
            )
        return vectors


def _load(files: ModelFiles) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # transformers would ask the hub to convert pickled weights in the background.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        with quiet_transformers():
            return SentenceTransformer(
                str(files.folder),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
    except (SafetensorError, OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise ModelRefused(f"{files.id}: cannot be loaded: {first_line(error)}") from error


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Turn off the progress bar and messages of transformers while a model is loaded or traced."""
    from transformers.utils import logging

    was_on, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if was_on:
            logging.enable_progress_bar()


def _modules(model: Any) -> str:
    """The names of the modules in order, such as "Transformer+Pooling(mean)+Normalize"."""
    names = []
    for module in model:
        mode = getattr(module, "pooling_mode", None)
        names.append(type(module).__name__ + (f"({_mode_name(mode)})" if mode else ""))
    return "+".join(names)


def _mode_name(mode: object) -> str:
    return mode if isinstance(mode, str) else "+".join(str(part) for part in mode)  # type: ignore[attr-defined]
