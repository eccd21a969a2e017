"""How values and terms are written into the fields of Milvus."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

_PIECE: Final = 65_000
"""Characters of a field; Milvus takes 65,535 bytes."""
_WORD_BITS: Final = (1 << 62) - 1
_DIMENSIONS: Final = (1 << 32) - 1
"""A sparse vector has dimensions 0 to 2**32 - 2."""


def packed(value: Any) -> str:
    """A value of JSON as ASCII text that is smaller: any string survives, surrogates too."""
    return base64.b64encode(zlib.compress(json.dumps(value).encode(), 6)).decode()


def unpacked(text: str) -> Any:
    """The inverse of ``packed``. Raises ValueError for anything else."""
    try:
        return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except zlib.error as error:
        raise ValueError(str(error)) from error


def pieces(text: str) -> list[str]:
    """The text, cut so that each piece fits into a field; at least one."""
    return [text[begin : begin + _PIECE] for begin in range(0, len(text), _PIECE)] or [""]


def joined(parts: Mapping[int, str]) -> str:
    """The inverse, of pieces by their numbers."""
    return "".join(parts[part] for part in sorted(parts))


@lru_cache(1 << 18)
def _digest(term: str) -> int:
    data = term.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def word_of(term: str) -> int:
    """A number for a term; of ten million terms, two are alike with a chance of 1 in 10,000."""
    return _digest(term) & _WORD_BITS


def dimension_of(term: str) -> int:
    """The dimension of a term in sparse vectors. Terms may share one, so scores are computed anew."""
    return _digest(term) % _DIMENSIONS
