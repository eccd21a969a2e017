"""What records share: a JSON form, and types that several of them use.

Standard library only. Records are frozen; offsets are Unicode code points into ``Document.text`` and
half-open, so ``text[start:end]`` is always the quoted text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]
    ScoreArray = npt.NDArray[np.float64]
    IdArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

Terms = tuple[str, ...]
"""Index terms in a row: a word or a phrase."""

Mode = Literal["hybrid", "lexical", "dense"]
Fusion = Literal["minmax", "rrf"]
Precision = Literal["auto", "bf16", "fp32"]
Status = Literal["answered", "abstained"]
Verdict = Literal["yes", "no"]
UNDATED: Final = "9999"
"""In place of an ISO date: sorts after every one."""
State = Literal["current", "changed", "missing"]


class Record:
    """Base of the records that users hold: plain data with a JSON form."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The record for JSON: dicts in the documented order, lists, strings, numbers, None."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}  # type: ignore[attr-defined]  # every subclass is a dataclass


def _plain(value: object) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
