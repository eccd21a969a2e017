"""A model by its name → an embedder ready to use, the fastest that is faithful to it."""

from __future__ import annotations

import logging
import threading
from weakref import WeakValueDictionary

from rag.models.compiled import CompiledEmbedder, open_compiled
from rag.models.embedder import SentenceTransformerEmbedder
from rag.models.graph import NotCompiled
from rag.models.weights import ModelFiles, cache_folder, locate_model
from rag.types import Precision

logger = logging.getLogger(__name__)

_Loaded = CompiledEmbedder | SentenceTransformerEmbedder
_loaded: WeakValueDictionary[tuple[ModelFiles, Precision], _Loaded] = WeakValueDictionary()
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


def _load(files: ModelFiles, precision: Precision) -> _Loaded:
    try:
        return open_compiled(files, precision)
    except NotCompiled as reason:
        logger.warning("%s runs uncompiled, and slowly: %s", files.id, reason)
    except OSError as error:
        logger.warning(
            "%s runs uncompiled, and slowly: it cannot be kept in %s (%s)",
            files.id,
            cache_folder(),
            error.strerror,
        )
    return SentenceTransformerEmbedder(files)
