"""The index behind the tools: opened at the first call, and always the newest generation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.asking.retriever import Retriever


class Articles:
    """Opens the retriever when it is first needed. Thread-safe."""

    def __init__(
        self,
        indexes: Sequence[str] | None = None,
        settings: Settings | None = None,
        open_: Callable[[], Retriever] | None = None,
    ) -> None:
        """``indexes`` None is the index of the settings; ``open_`` replaces the usual way to open them."""
        self.indexes = indexes
        self.settings = settings or Settings()
        self._open = open_ or self._open_retriever
        self._lock = threading.Lock()
        self._retriever: Retriever | None = None

    def retriever(self) -> Retriever:
        """The retriever, on the newest generation that can be opened. Raises what opening raises."""
        with self._lock:
            if self._retriever is None:
                self._retriever = self._open()
            else:
                with suppress(RagError):  # a damaged new generation leaves the old one to answer
                    self._retriever.reload()
            return self._retriever

    def _open_retriever(self) -> Retriever:
        from rag.asking.retriever import Retriever

        return Retriever.open(self.indexes, settings=self.settings)
