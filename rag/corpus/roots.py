"""The folders and files that a user names for an index, each with its label."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rag.records import Corpus, Root


def corpus_of(paths: Sequence[Path]) -> Corpus:
    """The corpus of these folders and files; one that lies in another is read once, as part of it.

    Labels do not depend on the order of the paths. Nothing has to exist yet.
    """
    real = {path.resolve(): path for path in reversed(paths)}
    outer = sorted(path for path in real if not any(parent in real for parent in path.parents))
    only_folder = len(outer) == 1 and not outer[0].is_file()
    labels = [""] if only_folder else _labels(outer)
    return Corpus(
        tuple(
            Root(str(real[path]), str(path), label)
            for path, label in zip(outer, labels, strict=True)
        )
    )


def overlaps(paths: Sequence[Path]) -> tuple[str, ...]:
    """A sentence for each path that lies in another one."""
    real = {path.resolve(): path for path in reversed(paths)}
    found = [(path, next((p for p in path.parents if p in real), None)) for path in real]
    return tuple(
        f"{real[path]} lies in {real[outer]} and is read once, as part of it"
        for path, outer in sorted(found)
        if outer is not None
    )


def _labels(paths: Sequence[Path]) -> list[str]:
    """The name of each path; a number follows a name that an earlier path has."""
    names = [os.fsencode(path.name).decode("utf-8", "backslashreplace") or "root" for path in paths]
    taken: set[str] = set()
    labels = []
    for name in names:
        label, number = name, 2
        while label in taken or (label != name and label in names):
            label, number = f"{name}-{number}", number + 1
        taken.add(label)
        labels.append(label)
    return labels
