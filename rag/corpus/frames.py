"""What a reading process and its parent say to each other: JSON and bytes, each with its length.

No pickle: a parser that was taken over by a file can send wrong data, but never code.
"""

from __future__ import annotations

import json
import os
import signal
import struct
from dataclasses import asdict, astuple
from typing import IO, Any, Final

from rag.corpus.load import Job, Loaded
from rag.corpus.sidecar import Correction
from rag.records import Block, Document, Extracted, Skipped

LARGEST: Final = 256_000_000
"""The most bytes of a message; no article has as many."""

_LENGTHS: Final = struct.Struct("<II")
_STRINGS: Final = ("doc_id", "path", "title", "language")
_OPTIONAL: Final = ("publisher", "published", "url", "published_text", "author", "updated")

Message = tuple[Any, bytes]


class Garbled(Exception):
    """The other side has sent something malformed."""


def own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """In a child process: where messages come from, and where they go.

    Its standard streams lead nowhere after this: what a library prints must not get among the messages.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and ends this process
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    return incoming, outgoing


def send(stream: IO[bytes], header: object, body: bytes = b"") -> None:
    """Write a message: a JSON value, and bytes."""
    encoded = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(encoded), len(body)) + encoded)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """Read a message; None if there is none, or only a part of one. Raises Garbled."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    sizes = _LENGTHS.unpack(lengths)
    if sum(sizes) > LARGEST:
        raise Garbled(f"gives {sum(sizes) / 1e6:,.0f} MB of text")
    encoded = stream.read(sizes[0])
    body = stream.read(sizes[1])
    if (len(encoded), len(body)) != sizes:
        return None
    try:
        return json.loads(encoded), body
    except (ValueError, RecursionError):
        raise Garbled("gives no JSON") from None


def job_message(job: Job, begin: int, failure: str) -> Message:
    """A job for the child; ``begin`` and ``failure`` are as in ``load_all``."""
    corrections = {doc_id: astuple(each) for doc_id, each in job.corrections.items()}
    return [job.file, job.path, corrections, job.only, begin, failure], job.data


def read_job(message: Message) -> tuple[Job, int, str]:
    """The inverse of ``job_message``."""
    (file, path, corrections, only, begin, failure), data = message
    corrected = {doc_id: Correction(*each) for doc_id, each in corrections.items()}
    return Job(file, path, data, corrected, only), begin, failure


def result_message(result: Loaded | Skipped) -> Message:
    """One result of ``load_all``. Raises UnicodeEncodeError for text that UTF-8 cannot encode."""
    if isinstance(result, Skipped):
        return asdict(result), b""
    document = result.document
    header = {name: getattr(document, name) for name in (*_STRINGS, *_OPTIONAL)}
    header |= {
        "content": result.content,
        "evidence": dict(document.evidence),
        "notes": document.notes,
        "locator": document.locator,
        "blocks": [(b.start, b.end, b.kind) for b in document.blocks],
    }
    return header, document.text.encode()


def read_result(message: Message) -> Loaded | Skipped:
    """The inverse of ``result_message``. Raises Garbled if anything is of the wrong kind."""
    header, body = message
    try:
        if "reason" in header:
            return Skipped(str(header["path"]), str(header["reason"]))
        text = body.decode()
        blocks = tuple(Block(int(a), int(b), str(kind)) for a, b, kind in header["blocks"])
        checked = Extracted(text, blocks, tuple(map(int, header["locator"])))
        fields: dict[str, Any] = {name: str(header[name]) for name in _STRINGS}
        fields |= {n: None if header[n] is None else str(header[n]) for n in _OPTIONAL}
        document = Document(
            text=text,
            blocks=checked.blocks,
            locator=checked.locator,
            evidence={str(key): str(value) for key, value in header["evidence"].items()},
            notes=tuple(map(str, header["notes"])),
            **fields,
        )
        return Loaded(document, str(header["content"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Garbled(f"gives something else than a document ({error})") from None
