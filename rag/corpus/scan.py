"""Finds and reads the files of a corpus folder. Nothing in the folder is trusted."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from rag.errors import CorpusNotFound, OutOfReach, UnreadableFile
from rag.files import NotAFile, open_file, read_file
from rag.formats.base import is_promising, is_supported, largest, unsupported
from rag.records import Skipped, State

_HEAD = 4096
"""Bytes that tell whether a file with a strange ending may be an article."""

SIDECAR = "metadata.jsonl"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index, as it was during the scan."""

    doc_id: str
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Scan:
    """The files of a corpus in order of id, and the entries that were skipped."""

    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    unreachable: tuple[str, ...] = ()
    """The folders and files, as the beginnings of ids, that are there and cannot be read now."""


def is_below(doc_id: str, places: Collection[str]) -> bool:
    """Whether a document is one of these files, or below one of these folders."""
    parents = accumulate(doc_id.split("/"), lambda folder, name: f"{folder}/{name}")
    return bool(places) and any(parent in places for parent in parents)


def scan(root: Path, *, exclude: Path | None = None) -> Scan:
    """The articles under ``root``, found without opening any file.

    Ignored silently: names that start with a dot, the sidecar in ``root``, the folder ``exclude``, and
    folders that hold an index. All other entries that are not readable articles are listed in
    ``skipped``, including links to folders and links to files outside ``root``.

    Raises CorpusNotFound if ``root`` is missing, is not a folder, or cannot be read.
    """
    _check_root(root)
    real_root = os.path.realpath(root)
    walk = _Walk(real_root, os.path.realpath(exclude) if exclude is not None else None)
    pending = [(Path(root), "")]
    while pending:
        folder, prefix = pending.pop()
        pending += walk.folder(folder, prefix)
    return Scan(
        tuple(sorted(walk.files, key=lambda file: file.doc_id)),
        tuple(sorted(walk.skipped, key=lambda entry: entry.path)),
        tuple(sorted(walk.unreachable)),
    )


def _check_root(root: Path) -> None:
    try:
        mode = root.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise CorpusNotFound(
            f"no such folder: {root}", fix="name the folder that holds your articles"
        ) from None
    except (OSError, ValueError) as error:
        raise CorpusNotFound(
            f"{root} cannot be read ({_reason(error)})", fix="check the path and its permissions"
        ) from None
    if not stat.S_ISDIR(mode):
        raise CorpusNotFound(
            f"{root} is a file, not a folder", fix=f"name the folder it lies in: {root.parent}"
        )
    try:
        os.scandir(root).close()
    except OSError as error:
        raise CorpusNotFound(
            f"{root} cannot be read ({_reason(error)})",
            fix=f"give yourself permission to read it: chmod u+rx {root}",
        ) from None


class _Walk:
    """One scan in progress: the files found and the entries skipped so far."""

    def __init__(self, root: str, exclude: str | None) -> None:
        self.root = root
        self.exclude = exclude
        self.files: list[SourceFile] = []
        self.skipped: list[Skipped] = []
        self.unreachable: list[str] = []

    def folder(self, folder: Path, prefix: str) -> list[tuple[Path, str]]:
        """Add the files of one folder; returns its subfolders."""
        try:
            with os.scandir(folder) as iterator:
                entries = list(iterator)
            if _is_index({entry.name for entry in entries}):
                return []
        except OSError as error:
            self._refuse(prefix or "/", error, "folder cannot be read ({})")
            return []
        subfolders: list[tuple[Path, str]] = []
        for entry in entries:
            name = prefix + entry.name
            if entry.name.startswith(".") or name == SIDECAR:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if self.exclude is None or os.path.realpath(entry.path) != self.exclude:
                        subfolders.append((folder / entry.name, name + "/"))
                else:
                    self._file(entry, name)
            except UnreadableFile as error:
                self._skip(name, error.message)
            except OSError as error:
                self._refuse(name, error)
        return subfolders

    def _file(self, entry: os.DirEntry[str], name: str) -> None:
        if entry.is_symlink():
            refuse_link(Path(entry.path), Path(self.root))
            if entry.is_dir():
                raise UnreadableFile("a linked folder is not followed")
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile("not a regular file")
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UnreadableFile("the file name is not valid Unicode; rename it") from None
        if status.st_size > largest(entry.name):
            known = is_supported(entry.name)
            raise _too_large(status.st_size, entry.name) if known else unsupported(entry.name)
        self.files.append(SourceFile(name, Path(entry.path), status.st_size, status.st_mtime_ns))

    def _refuse(self, name: str, error: OSError, why: str = "{}") -> None:
        """Skip what the system does not let us read; it is there unless the system says otherwise."""
        self._skip(name, why.format(_reason(error)))
        if not isinstance(error, FileNotFoundError):
            self.unreachable.append(name.removesuffix("/"))

    def _skip(self, name: str, reason: str) -> None:
        # os.fsencode undoes surrogateescape; bytes that are not UTF-8 then show as \xe9.
        printable = os.fsencode(name).decode("utf-8", "backslashreplace")
        reason = reason.encode("utf-8", "backslashreplace").decode()
        self.skipped.append(Skipped(printable, reason))


def _is_index(names: set[str]) -> bool:
    """Whether a folder holds an index of this tool, so that none of its files are articles."""
    return "CURRENT" in names and any(name.startswith("gen-") for name in names)


def refuse_link(path: Path, root: Path) -> None:
    """Raise UnreadableFile if ``path`` is a broken link or a link to outside ``root``."""
    if not path.is_symlink():
        return
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise UnreadableFile("a broken link") from None
    if not target.is_relative_to(root.resolve()):
        raise UnreadableFile("a link to outside the corpus folder")


def read_source(source: SourceFile) -> bytes:
    """The bytes of a file.

    Raises OutOfReach if the file cannot be read now, UnreadableFile if it is gone, is no longer a regular
    file, has grown too large since the scan, or if its first bytes show that it is no article.
    """
    name, limit = source.path.name, largest(source.path.name)
    try:
        if not is_supported(name) and not is_promising(read_file(source.path, _HEAD), name):
            raise unsupported(name)
        data = read_file(source.path, limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableFile("deleted since the folder was scanned") from None
    except (NotAFile, ValueError):
        raise UnreadableFile("not a regular file") from None
    except OSError as error:
        raise OutOfReach(f"cannot be read ({_reason(error)})") from None
    if len(data) > limit:
        raise _too_large(len(data), name)
    return data


def _too_large(size: int, name: str) -> UnreadableFile:
    return UnreadableFile(f"{size / 1e6:.1f} MB, over the limit of {largest(name) / 1e6:.0f} MB")


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def source_state(path: Path, sha256: str) -> State:
    """Whether a source file still has the bytes it had when it was indexed."""
    try:
        with open_file(path) as file:
            now = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"
    return "current" if now == sha256 else "changed"
