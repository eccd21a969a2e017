"""What an index is built from: one folder of articles, or several, or single files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.records.base import Record


@dataclass(frozen=True, slots=True)
class Root(Record):
    """A folder of articles, or a single file.

    The ids of its documents begin with ``label`` and "/". The label of the only folder is "", that of a
    file is its name.
    """

    path: str
    """As the user named it, if that path still leads there."""
    absolute: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Corpus(Record):
    """All roots of an index. A document belongs to the root whose label begins its id."""

    roots: tuple[Root, ...]

    def __str__(self) -> str:
        """The roots as the user named them."""
        return ", ".join(root.path for root in self.roots)

    @property
    def folders(self) -> tuple[str, ...]:
        """The absolute paths of the roots."""
        return tuple(root.absolute for root in self.roots)

    def file(self, doc_id: str) -> Path:
        """The absolute path of a document's file."""
        return Path(self.paths(absolute=True)(doc_id))

    def paths(self, *, absolute: bool = False) -> Callable[[str], str]:
        """A function from a document's id to the path of its file, as results show it or absolute.

        It raises KeyError for an id that no root has.
        """
        named = {root.label: root.absolute if absolute else root.path for root in self.roots}
        # Joining paths is slow, so that is done once.
        folders = {label: str(Path(path, "_")).removesuffix("_") for label, path in named.items()}

        def path_of(doc_id: str) -> str:
            if "" in folders:
                return folders[""] + doc_id
            label, _, rest = doc_id.partition("/")
            return folders[label] + rest if rest else str(Path(named[label]))

        return path_of
