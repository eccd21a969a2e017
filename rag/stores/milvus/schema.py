"""The collections of an index on Milvus: names, fields, indexes.

PASSAGES has one row for each passage, DOCUMENTS several for each document, and a GENERATION what is known
of one state of the index. The first two go on from one generation to the next, until a build begins afresh.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

PASSAGES, DOCUMENTS, GENERATION = "p", "d", "g"
DENSE, LEXICAL = "dense", "lexical"
EXACT: Final = 200_000
"""The most passages that are all compared, as in the local store; beyond, a graph leads to the nearest."""
MOST_WORDS: Final = 4_096
"""Different terms of a passage; an array of Milvus holds no more."""
EFFORT: Final = 2
"""How many passages a search in the graph looks at, for each result."""
_LONGEST: Final = 65_535
_GRAPH: Final = {"M": 16, "efConstruction": 200}
_NAME: Final = re.compile("_([pdg])([0-9]{6,})_([0-9a-f]{6})")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a collection: that of its index, what it holds, for which generation it was made."""

    index: str
    kind: str
    number: int
    """Of the first generation that uses it."""
    token: str
    """Tells collections apart that two machines make at the same time."""

    @classmethod
    def new(cls, index: str, kind: str, number: int) -> Name:
        """A name that nobody has."""
        return cls(index, kind, number, secrets.token_hex(3))

    @classmethod
    def parse(cls, index: str, name: str) -> Name | None:
        """The name of a collection of this index; None for any other name."""
        match = _NAME.fullmatch(name.removeprefix(index)) if name.startswith(index) else None
        return cls(index, match[1], int(match[2]), match[3]) if match else None

    def __str__(self) -> str:
        return f"{self.index}_{self.kind}{self.number:06}_{self.token}"

    @property
    def generation(self) -> str:
        """The name that a generation has for users."""
        return f"gen-{self.number:06}-{self.token}"


def _kind(name: str) -> Any:
    from pymilvus import DataType

    return DataType[name]


def _text(name: str, longest: int = _LONGEST, **more: Any) -> dict[str, Any]:
    return {
        "field_name": name,
        "datatype": _kind("VARCHAR"),
        "max_length": longest,
        **more,
    }


def _number(name: str) -> dict[str, Any]:
    return {"field_name": name, "datatype": _kind("INT64")}


def _id() -> dict[str, Any]:
    return _text("id", 200, is_primary=True)


def passage_fields(dimension: int) -> list[dict[str, Any]]:
    """The fields of PASSAGES."""
    return [
        _id(),
        *map(_number, ("build", "generation", "document", "position", "start", "stop", "length")),
        *map(_number, ("publisher", "checksum")),
        _text("published", 32),
        _text("terms"),
        {
            "field_name": "words",
            "datatype": _kind("ARRAY"),
            "element_type": _kind("INT64"),
            "max_capacity": MOST_WORDS,
        },
        {"field_name": DENSE, "datatype": _kind("FLOAT_VECTOR"), "dim": dimension},
        {"field_name": LEXICAL, "datatype": _kind("SPARSE_FLOAT_VECTOR")},
    ]


def passage_indexes(*, graph: bool) -> list[dict[str, Any]]:
    """The indexes of PASSAGES."""
    nearest = {"index_type": "HNSW", "params": _GRAPH} if graph else {"index_type": "FLAT"}
    return [
        {"field_name": DENSE, "metric_type": "IP", **nearest},
        {"field_name": LEXICAL, "index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"},
        {"field_name": "build", "index_type": "INVERTED"},
        {"field_name": "document", "index_type": "INVERTED"},
    ]


def _nothing() -> dict[str, Any]:
    """Milvus wants a vector in each collection."""
    return {"field_name": "nothing", "datatype": _kind("FLOAT_VECTOR"), "dim": 2}


NOTHING: Final = [0.0, 0.0]
NOTHING_INDEX: Final = {"field_name": "nothing", "index_type": "FLAT", "metric_type": "IP"}


def document_fields() -> list[dict[str, Any]]:
    """The fields of DOCUMENTS: each row is a piece of a document's meta data or of its content."""
    numbers = ("build", "generation", "document", "part", "content")
    return [_id(), *map(_number, numbers), _text("data"), _nothing()]


def generation_fields() -> list[dict[str, Any]]:
    """The fields of a GENERATION: each row is a piece of something, which its id names."""
    return [_id(), _text("name", 200), _number("part"), _text("data"), _nothing()]
