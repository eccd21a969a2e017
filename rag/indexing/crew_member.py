"""A process that embeds, started by ``rag.indexing.crew``: texts come on stdin, vectors go to stdout.

It ends when stdin ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import numpy as np
import psutil

from rag.corpus.frames import receive, send
from rag.models import load_embedder


def main() -> None:
    """Embed until there is nothing more. The argument: model, precision, named, place, size."""
    model, precision, named, number, size = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it ends this process
    texts = os.fdopen(os.dup(0), "rb")
    vectors = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # what a library prints must not get among the vectors
        os.dup2(nothing, standard)
    _take_share(number, size)
    embedder = load_embedder(model, precision, named)
    while (message := receive(texts)) is not None:
        rows = embedder.embed_documents(message[0])
        send(vectors, {"rows": len(rows)}, np.ascontiguousarray(rows, np.float32).tobytes())
    os._exit(0)


def _take_share(number: int, size: int) -> None:
    """Keep to some of the processors: a model starts as many threads as it finds processors."""
    own = psutil.Process()
    if hasattr(own, "cpu_affinity"):  # not on macOS
        shared = own.cpu_affinity()
        own.cpu_affinity(shared[number % len(shared) :: size])
