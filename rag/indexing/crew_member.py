"""What a worker does: it loads the model that it is told to, and turns texts into vectors.

``rag.indexing.crew`` starts it as a process: texts come on stdin, vectors go to stdout, and it ends when
stdin ends. ``rag.indexing.crew_ray`` calls ``answer`` on a machine of a cluster. Either way the answer is a
JSON value and bytes, never an object that would have to be trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.corpus.frames import Garbled, Message, own_pipes, receive, send
from rag.errors import RagError, WorkersUnavailable
from rag.models import load_embedder, use_threads
from rag.protocols import Embedder
from rag.records import Precision

if TYPE_CHECKING:
    from rag.records.base import FloatArray


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker must load, so that its vectors are those that the build itself would make."""

    model: str | None
    precision: Precision
    named: bool
    """Whether the user named the model; if not, it is not downloaded."""
    threads: int
    embedder: Mapping[str, Any]
    """The ``EmbedderInfo`` of the build's own embedder."""
    computes: str
    """The precision in which that embedder computes."""
    version: str
    """Of this program."""

    @classmethod
    def like(
        cls, embedder: Embedder, model: str | None, precision: Precision, named: bool
    ) -> Assignment:
        """The assignment to embed in one thread as this embedder does, which the other arguments loaded."""
        info, computes = asdict(embedder.info), _computes(embedder)
        return cls(model, precision, named, 1, info, computes, version("article-rag"))

    def sharing(self, processors: int, workers: int) -> Assignment:
        """The same for one of some workers on a machine, each with its share of the processors."""
        return replace(self, threads=max(1, processors // workers))

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self.embedder["dimension"])


def answer(assignment: Mapping[str, Any], texts: Sequence[str]) -> Message:
    """The vectors of some texts as bytes, after the hash of the texts; or why there are none."""
    try:
        rows = _embedder(json.dumps(assignment)).embed_documents(texts)
    except RagError as error:
        return refusal(error)
    return {"texts": hash_of(texts)}, np.ascontiguousarray(rows, np.float32).tobytes()


def vectors_in(message: Message, texts: Sequence[str], dimension: int) -> FloatArray:
    """The vectors in the answer to some texts: float32 (len(texts), dimension).

    Raises WorkersUnavailable if the worker refused, Garbled if this is not the answer to these texts.
    """
    raise_refusal(message)
    header, body = message
    if header.get("texts") != hash_of(texts) or len(body) != 4 * dimension * len(texts):
        raise Garbled("gives other vectors than those of its texts")
    return np.frombuffer(body, np.float32).reshape(len(texts), dimension)


def refusal(error: RagError) -> Message:
    """The answer of a worker that cannot do what it is told to."""
    return {"refused": f"{platform.node()}: {error.message}", "fix": error.fix}, b""


def raise_refusal(message: Message) -> None:
    """Raise WorkersUnavailable if an answer is a refusal, Garbled if it is no answer at all."""
    header, _ = message
    if not isinstance(header, dict):
        raise Garbled("gives something else than an answer")
    if "refused" in header:
        raise WorkersUnavailable(f"a worker on {header['refused']}", fix=header["fix"])


def check_version(build: str) -> None:
    """Raise WorkersUnavailable if the process that builds runs another version of this program."""
    own = version("article-rag")
    if build != own:
        raise WorkersUnavailable(
            f"article-rag {own} is installed, but the build runs {build}",
            fix="install the same version on all machines",
        )


def hash_of(texts: Sequence[str]) -> str:
    """Names a batch by the hashes of its texts."""
    each = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts)
    return hashlib.sha256(b"".join(each)).hexdigest()


@lru_cache(1)
def _embedder(assignment: str) -> Embedder:
    """The embedder of this process. Raises WorkersUnavailable if it is not the one that the build has."""
    wanted = json.loads(assignment)
    check_version(wanted["version"])
    use_threads(wanted["threads"])
    embedder = load_embedder(wanted["model"], wanted["precision"], wanted["named"])
    if asdict(embedder.info) != wanted["embedder"]:
        raise WorkersUnavailable(
            f"its model {embedder.info.id} is not that of the build",
            fix="put the same model on all machines, in the same place",
        )
    if _computes(embedder) != wanted["computes"]:
        raise WorkersUnavailable(
            f"it computes in {_computes(embedder)}, the build in {wanted['computes']}",
            fix="choose the one that every machine has: --precision fp32",
        )
    return embedder


def _computes(embedder: Embedder) -> str:
    """The precision of an embedder; one that is not compiled computes in fp32."""
    return str(getattr(embedder, "precision", "fp32"))


def main() -> None:
    """Embed until there is nothing more. The second argument is the assignment as JSON."""
    assignment = json.loads(sys.argv[2])
    texts, vectors = own_pipes()
    while (message := receive(texts)) is not None:
        send(vectors, *answer(assignment, message[0]))
    os._exit(0)
