"""Loads an embedder or a reader by the model's name: compiled if that is faithful, else as it is."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from rag.errors import lacks_memory
from rag.models.embedders.compiled import CompiledEmbedder, open_compiled
from rag.models.embedders.sentence_transformer import SentenceTransformerEmbedder
from rag.models.graph import NotCompiled, core
from rag.models.readers.compiled import load_uncompiled, open_reader
from rag.models.weights import READER, ModelFiles, cache_folder, locate_model, locate_reader
from rag.protocols import Embedder, EntailmentReader, Reader
from rag.records import Precision

logger = logging.getLogger(__name__)

_Fast = TypeVar("_Fast")
_Slow = TypeVar("_Slow")
_Embedder = CompiledEmbedder | SentenceTransformerEmbedder
_embedders: WeakValueDictionary[tuple[ModelFiles, Precision], _Embedder] = WeakValueDictionary()
_readers: WeakValueDictionary[tuple[ModelFiles, Precision], Reader] = WeakValueDictionary()
_lock = threading.Lock()
_kept: list[Embedder | Reader] | None = None


def keep_loaded() -> None:
    """Keep all models loaded from now on until the process ends.

    For a command that ends soon: freeing a model takes a tenth of a second.
    """
    global _kept  # noqa: PLW0603  # the models belong to the process too
    _kept = _kept or []


def use_threads(count: int) -> None:
    """Let the models that this process loads from now on run in so many threads.

    For one of several processes that share the processors; by themselves, models take all of them.
    """
    # Threads that are bound to a processor would all be bound to the first.
    core().set_property("CPU", {"INFERENCE_NUM_THREADS": count, "ENABLE_CPU_PINNING": False})
    os.environ |= dict.fromkeys(("RAYON_NUM_THREADS", "OMP_NUM_THREADS"), str(count))


def load_embedder(
    model: str | None = None, precision: Precision = "auto", named: bool = True
) -> _Embedder:
    """Load an embedder: None is the packaged default, otherwise a folder or a hub id.

    Only one that the user ``named``, rather than an index, may be downloaded.

    The first time, the model is compiled, which takes a few seconds. If that fails or is not faithful,
    sentence-transformers runs the model, and a warning is logged. A process has one copy of a model, for
    as long as anyone uses it. Raises ModelNotFound or ModelRefused.
    """
    files = locate_model(model, named)
    with _lock:
        embedder = _embedders.get((files, precision))
        if embedder is None:
            embedder = _embedders[files, precision] = _load_embedder(files, precision)
            if _kept is not None:
                _kept.append(embedder)
        return embedder


def load_reader(model: str | None = None, precision: Precision = "auto") -> Reader:
    """Load a reader: None is the project's own, otherwise a folder or a hub id.

    A Hugging Face model for extractive question answering finds spans; a sentence-transformers
    cross-encoder gives only relevance. The project's own is compiled the first time, and shared in the
    process, like an embedder. Raises ModelNotFound or ModelRefused.
    """
    files = locate_reader() if model is None else locate_model(model)
    with _lock:
        reader = _readers.get((files, precision))
        if reader is None:
            reader = _readers[files, precision] = _load_reader(files, precision)
            if _kept is not None:
                _kept.append(reader)
        return reader


def entailment_reader(reader: Reader) -> EntailmentReader:
    """This reader if it judges entailment, else the project's own."""
    return reader if isinstance(reader, EntailmentReader) else load_reader()  # type: ignore[return-value]  # it does


def _load_reader(files: ModelFiles, precision: Precision) -> Reader:
    if files.id != READER:
        from rag.models.readers.foreign import load_foreign

        return load_foreign(files)
    return _fastest(files, lambda: open_reader(files, precision), lambda: load_uncompiled(files))


def _load_embedder(files: ModelFiles, precision: Precision) -> _Embedder:
    return _fastest(
        files, lambda: open_compiled(files, precision), lambda: SentenceTransformerEmbedder(files)
    )


def _fastest(
    files: ModelFiles, compiled: Callable[[], _Fast], plain: Callable[[], _Slow]
) -> _Fast | _Slow:
    """The compiled model; if it cannot be had, the plain one, with a warning."""
    try:
        return compiled()
    except (NotCompiled, ImportError) as reason:
        if lacks_memory(reason):  # PyTorch needs far more
            raise MemoryError(str(reason)) from reason
        logger.warning("%s is not compiled and runs slowly: %s", files.id, reason)
    except OSError as error:
        logger.warning(
            "%s is not compiled and runs slowly: it cannot be saved in %s (%s)",
            files.id,
            cache_folder(),
            error.strerror,
        )
    return plain()
