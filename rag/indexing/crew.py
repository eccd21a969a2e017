"""Embeds in several processes at once, which may die: that costs the block of texts they were at."""

from __future__ import annotations

import hashlib
import json
import queue
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

import numpy as np

import rag
from rag.corpus.frames import Garbled, receive, send
from rag.errors import OutOfResources
from rag.protocols import Embedder
from rag.records import Precision

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_BLOCK: Final = 32
"""Texts that a process is given at once."""
_ATTEMPTS: Final = 3
"""Processes that may die at one block."""
_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from rag.indexing.crew_member import main; main()"
)


class Crew:
    """An ``Embedder`` of some processes, each with the model of ``embedder``.

    Give it many texts at once: it cuts them into blocks, and hands a block to each process that is free. If
    a process dies, another one gets its block. ``close`` it in the end.
    """

    def __init__(
        self, embedder: Embedder, model: str | None, precision: Precision, named: bool, size: int
    ) -> None:
        """``model``, ``precision`` and ``named`` are those that ``embedder`` was loaded with."""
        self.info = embedder.info
        self._own = embedder
        self._model = (model, precision, named)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="rag-embedding")
        self._members: queue.SimpleQueue[tuple[int, _Member | None]] = queue.SimpleQueue()
        for number in range(size):
            self._members.put((number, None))
        self._size = size

    def close(self) -> None:
        """End all processes."""
        self._threads.shutdown(cancel_futures=True)
        for _ in range(self._size):
            _, member = self._members.get()
            if member is not None:
                member.end()

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of questions, made in this process."""
        return self._own.embed_queries(texts)

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32 (len(texts), dimension). Raises OutOfResources if all die."""
        blocks = [texts[begin : begin + _BLOCK] for begin in range(0, len(texts), _BLOCK)]
        known: dict[bytes, FloatArray] = {}
        for block, vectors in zip(blocks, self._threads.map(self._embed, blocks), strict=True):
            known.update(zip(map(_key, block), vectors, strict=True))
        rows = [known[_key(text)] for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.info.dimension)

    def _embed(self, block: Sequence[str]) -> FloatArray:
        """The vectors of one block, by a process that is free."""
        number, member = self._members.get()
        try:
            for _ in range(_ATTEMPTS):
                try:
                    if member is None:
                        member = _Member(json.dumps([*self._model, number, self._size]))
                    return member.embed(block, self.info.dimension)
                except (OSError, Garbled, EOFError):
                    if member is not None:
                        member.end()
                    member = None
        finally:
            self._members.put((number, member))
        raise OutOfResources(
            f"{_ATTEMPTS} processes that embed ended without a result",
            fix="index with fewer --workers; what was embedded so far is kept",
        )


class _Member:
    """One process."""

    def __init__(self, arguments: str) -> None:
        folders = [each for each in sys.path if Path(each).is_absolute()]
        folders.append(str(Path(rag.__file__).parent.parent))
        self._process = subprocess.Popen(  # noqa: S603  # this program's own code
            [sys.executable, "-P", "-c", _START, json.dumps(folders), arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._texts, self._vectors = cast(
            "tuple[IO[bytes], IO[bytes]]", (self._process.stdin, self._process.stdout)
        )

    def embed(self, texts: Sequence[str], dimension: int) -> FloatArray:
        """The vectors of some texts. Raises OSError, Garbled or EOFError if the process died."""
        send(self._texts, list(texts))
        message = receive(self._vectors)
        if message is None or len(message[1]) != 4 * dimension * len(texts):
            raise EOFError
        return np.frombuffer(message[1], np.float32).reshape(len(texts), dimension)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._texts, self._vectors):
            with suppress(OSError):
                stream.close()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
