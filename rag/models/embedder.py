"""Text → vectors, by any sentence-transformers model."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from rag.errors import ModelRefused
from rag.models.weights import ModelFiles, locate_model
from rag.types import EmbedderInfo

if TYPE_CHECKING:
    from rag.types import FloatArray

# Names under which models file the prompt for passages, in the order sentence-transformers tries them.
_DOCUMENT_PROMPTS: Final = ("document", "passage", "corpus")


class SentenceTransformerEmbedder:
    """An ``Embedder``: unit-length float32 vectors, prompts as the model itself defines them.

    Loading imports PyTorch, which takes seconds. Safe to use from many threads, one at a time inside.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._model = _load(files)
        self._lock = threading.Lock()  # fast tokenizers cannot be shared by two calls at once
        prompts: dict[str, str] = self._model.prompts
        document = next((prompts[name] for name in _DOCUMENT_PROMPTS if prompts.get(name)), "")
        self.info = EmbedderInfo(
            id=files.id,
            weights_sha256=files.sha256,
            dimension=int(self._model.get_embedding_dimension()),
            max_tokens=int(self._model.max_seq_length or 0),
            pooling=_modules(self._model),
            query_prompt=prompts.get("query") or "",
            document_prompt=document,
        )

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32 (len(texts), dimension), each of length 1."""
        return self._embed(self._model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of questions: float32 (len(texts), dimension), each of length 1."""
        return self._embed(self._model.encode_query, texts)

    def _embed(self, encode: Any, texts: Sequence[str]) -> FloatArray:
        with self._lock:
            vectors: FloatArray = encode(
                list(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return vectors.astype("float32", copy=False).reshape(len(texts), self.info.dimension)


_loaded: WeakValueDictionary[ModelFiles, SentenceTransformerEmbedder] = WeakValueDictionary()
_loading = threading.Lock()


def load_embedder(model: str | None = None) -> SentenceTransformerEmbedder:
    """Load a model: None is the packaged default, otherwise a folder or a hub id.

    A process holds one copy of a model, for as long as anyone uses it. Raises ModelNotFound or
    ModelRefused.
    """
    files = locate_model(model)
    with _loading:
        embedder = _loaded.get(files)
        if embedder is None:
            embedder = _loaded[files] = SentenceTransformerEmbedder(files)
        return embedder


def _load(files: ModelFiles) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # transformers would ask the hub to convert pickled weights in the background.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        with _quiet():
            return SentenceTransformer(
                str(files.folder),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
    except (SafetensorError, OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelRefused(f"{files.id}: the model cannot be loaded: {reason}") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' own progress bar off: loading local weights takes no time worth a bar."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()


def _modules(model: Any) -> str:
    """The modules in order, such as "Transformer+Pooling(mean)+Normalize"."""
    names = []
    for module in model:
        mode = getattr(module, "pooling_mode", None)
        names.append(type(module).__name__ + (f"({_mode_name(mode)})" if mode else ""))
    return "+".join(names)


def _mode_name(mode: object) -> str:
    return mode if isinstance(mode, str) else "+".join(str(part) for part in mode)  # type: ignore[attr-defined]
