"""``.ragignore``: what must not be read in a folder, by the rules of ``.gitignore``."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.files import read_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE: Final = ".ragignore"
IGNORED: Final = f"by {IGNORE_FILE}"

_LONGEST: Final = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force in a folder: its own and those of the folders above, the nearest last."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()
    """Each file's patterns, after the prefix of the names that they apply to: "" or "sub/"."""

    def within(self, folder: Path, prefix: str) -> tuple[Rules, list[str]]:
        """The rules in a folder that has its own file, and a complaint for each line that is no pattern.

        Raises OSError if the file cannot be read.
        """
        from pathspec import GitIgnoreSpec

        data = read_file(folder / IGNORE_FILE, _LONGEST + 1).removeprefix(b"\xef\xbb\xbf")
        if len(data) > _LONGEST:
            raise OSError(errno.EFBIG, f"is larger than {_LONGEST / 1e6:.0f} MB")
        patterns: list[str] = []
        wrong: list[str] = []
        for number, line in enumerate(os.fsdecode(data).split("\n"), 1):
            pattern = line.removesuffix("\r")
            try:
                GitIgnoreSpec.from_lines([pattern])
            except (ValueError, re.error):
                wrong.append(f"line {number}: not a pattern")
                continue
            patterns.append(pattern)
        return Rules((*self.specs, (prefix, GitIgnoreSpec.from_lines(patterns)))), wrong

    def exclude(self, name: str, *, is_folder: bool) -> bool:
        """Whether something is ignored: the nearest file with a matching pattern decides, by the last."""
        for prefix, spec in reversed(self.specs):
            result = spec.check_file(name[len(prefix) :] + "/" * is_folder)
            if result.include is not None:
                return result.include
        return False
