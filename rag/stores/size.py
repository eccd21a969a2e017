"""The size of a folder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def bytes_below(folder: Path) -> int:
    """The size of all files below a folder, in bytes; 0 if it does not exist. Links count as themselves."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # a build has just removed it
                total += Path(parent, name).lstat().st_size
    return total
