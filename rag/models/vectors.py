"""What every vector of an embedder must be: finite, and of length 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from rag.records.base import BoolArray, FloatArray

TOLERANCE: Final = 1e-3
"""How far a length may be from 1. An index with a vector further off is damaged."""


def unit_rows(vectors: FloatArray, tolerance: float = TOLERANCE) -> BoolArray:
    """Which rows (rows, dimension) are finite and of length 1: (rows,)."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    right: BoolArray = np.abs(lengths - 1) <= tolerance  # False for NaN
    return right
