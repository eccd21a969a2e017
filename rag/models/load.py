"""A model by its name → an embedder or a reader ready to use, the fastest that is faithful to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from rag.models.embedders.compiled import CompiledEmbedder, open_compiled
from rag.models.embedders.sentence_transformer import SentenceTransformerEmbedder
from rag.models.graph import NotCompiled
from rag.models.readers.compiled import open_reader, uncompiled
from rag.models.weights import READER, ModelFiles, cache_folder, locate_model, locate_reader
from rag.protocols import EntailmentReader, Reader
from rag.records import Precision

logger = logging.getLogger(__name__)

_Fast = TypeVar("_Fast")
_Slow = TypeVar("_Slow")
_Loaded = CompiledEmbedder | SentenceTransformerEmbedder
_loaded: WeakValueDictionary[tuple[ModelFiles, Precision], _Loaded] = WeakValueDictionary()
_readers: WeakValueDictionary[tuple[ModelFiles, Precision], Reader] = WeakValueDictionary()
_loading = threading.Lock()


def load_embedder(model: str | None = None, precision: Precision = "auto") -> _Loaded:
    """Load a model: None is the packaged default, otherwise a folder or a hub id.

    The first time, the model is compiled, which takes some seconds; where that cannot be done
    faithfully, sentence-transformers runs it, and the reason is logged as a warning. A process holds
    one copy of a model, for as long as anyone uses it. Raises ModelNotFound or ModelRefused.
    """
    files = locate_model(model)
    with _loading:
        embedder = _loaded.get((files, precision))
        if embedder is None:
            embedder = _loaded[files, precision] = _load(files, precision)
        return embedder


def load_reader(model: str | None = None, precision: Precision = "auto") -> Reader:
    """Load a reader: None is the project's own, otherwise a folder or a hub id.

    A Hugging Face model for extractive question answering finds spans; a sentence-transformers
    cross-encoder gives relevance only. The project's own is compiled the first time, and held once by
    a process, like an embedder. Raises ModelNotFound or ModelRefused.
    """
    files = locate_reader() if model is None else locate_model(model)
    with _loading:
        reader = _readers.get((files, precision))
        if reader is None:
            reader = _readers[files, precision] = _load_reader(files, precision)
        return reader


def entailment_reader(reader: Reader) -> EntailmentReader:
    """The reader, if it can tell whether a text supports a statement; else the project's own."""
    return reader if isinstance(reader, EntailmentReader) else load_reader()  # type: ignore[return-value]  # it can


def _load_reader(files: ModelFiles, precision: Precision) -> Reader:
    if files.id != READER:
        from rag.models.readers.foreign import load_foreign

        return load_foreign(files)
    return _fastest(files, lambda: open_reader(files, precision), lambda: uncompiled(files))


def _load(files: ModelFiles, precision: Precision) -> _Loaded:
    return _fastest(
        files, lambda: open_compiled(files, precision), lambda: SentenceTransformerEmbedder(files)
    )


def _fastest(
    files: ModelFiles, compiled: Callable[[], _Fast], plain: Callable[[], _Slow]
) -> _Fast | _Slow:
    """The compiled model, or with a warning the same one as its own library runs it."""
    try:
        return compiled()
    except (NotCompiled, ImportError) as reason:
        logger.warning("%s runs uncompiled, and slowly: %s", files.id, reason)
    except OSError as error:
        logger.warning(
            "%s runs uncompiled, and slowly: it cannot be kept in %s (%s)",
            files.id,
            cache_folder(),
            error.strerror,
        )
    return plain()
