"""The models for an index. Each model is loaded when it is first needed."""

from __future__ import annotations

import threading

from rag.indexing.status import reader_id
from rag.models import READER, canonical_model, load_embedder, load_reader
from rag.protocols import Embedder, Reader, Store, StoredIndex
from rag.settings import Settings
from rag.stores.advice import model_changed


class Models:
    """The embedder of an index's vectors, and the reader that the settings name.

    Thread-safe.
    """

    def __init__(
        self, index: StoredIndex, settings: Settings, reader: Reader | None = None
    ) -> None:
        """``reader`` replaces the one that the settings name."""
        self._index = index
        self._settings = settings
        self._loading = threading.Lock()
        self._embedder: Embedder | None = None
        self._reader = reader
        # Known without loading it.
        self.reader_id = reader_id(settings)

    def embedder(self, store: Store) -> Embedder:
        """The embedder that made the vectors of a store: any other gives meaningless scores.

        Raises IndexMismatch if the model has changed since, and what loading a model raises.
        """
        stored = store.facts.recipe.embedder
        with self._loading:
            if self._embedder is None or self._embedder.info != stored:
                named = self._settings.model is not None and (
                    canonical_model(self._settings.model) == stored.id
                )
                self._embedder = load_embedder(stored.id, self._settings.precision, named)
            embedder = self._embedder
        if embedder.info != stored:
            raise model_changed(self._index, stored, embedder.info)
        return embedder

    def reader(self) -> Reader:
        """The reader. Raises what loading a model raises."""
        with self._loading:
            if self._reader is None:
                self._reader = load_reader(self._settings.reader, self._settings.precision)
            return self._reader

    @property
    def reads_only_english(self) -> bool:
        """Whether the reader is the project's own."""
        return self.reader_id == READER

    def forget(self) -> None:
        """Release the models."""
        self._embedder = self._reader = None
