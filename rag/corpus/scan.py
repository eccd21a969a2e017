"""Finds and reads the files of a corpus folder. Nothing in the folder is trusted."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from rag.corpus.ignore import IGNORE_FILE, IGNORED, Rules
from rag.corpus.junk import SAVED_PAGE, companions, junk
from rag.errors import CorpusNotFound, OutOfReach, UnreadableFile
from rag.files import NotAFile, open_file, read_file
from rag.formats.base import is_promising, is_supported, largest, unsupported
from rag.records import Corpus, Skipped, State

_HEAD = 4096
"""How many first bytes tell whether a file with an unknown extension may be an article."""

SIDECAR = "metadata.jsonl"

_INDEX = "an index"


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
    """The folders and files that exist but cannot be read now, as the beginnings of ids."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """How many files and folders were passed over quietly, by reason; a folder counts once."""


def places(doc_id: str) -> Iterator[str]:
    """The folders and files that an id leads through.

    >>> list(places("a/b.txt"))
    ['a', 'a/b.txt']
    """
    return accumulate(doc_id.split("/"), lambda folder, name: f"{folder}/{name}")


def is_below(doc_id: str, roots: Collection[str]) -> bool:
    """Whether a document is one of these files, or below one of these folders; "" is the whole corpus."""
    return bool(roots) and ("" in roots or any(place in roots for place in places(doc_id)))


def scan_corpus(corpus: Corpus, *, exclude: Path | None = None) -> Scan:
    """The articles of all roots of a corpus. Raises as ``scan`` does."""
    scans = [scan(Path(root.path), exclude=exclude, label=root.label) for root in corpus.roots]
    return Scan(
        tuple(sorted((file for each in scans for file in each.files), key=lambda f: f.doc_id)),
        tuple(entry for each in scans for entry in each.skipped),
        tuple(place for each in scans for place in each.unreachable),
        dict(sorted(sum((Counter(each.ignored) for each in scans), Counter()).items())),
    )


def scan(root: Path, *, exclude: Path | None = None, label: str = "") -> Scan:
    """The articles under ``root``, found without opening any of them; ``root`` may be a single file.

    Passed over quietly, and counted: hidden files, what other programs leave behind, unfinished downloads,
    the folder beside a saved page, what a ``.ragignore`` excludes, the folder ``exclude``, and folders that
    hold an index. The sidecar in ``root`` is no article either. All other entries that are not readable
    articles are listed in ``skipped``, including links to folders and links to files outside ``root``.
    Ids begin with ``label``, if it is not empty.

    Raises CorpusNotFound if ``root`` is missing, is neither a folder nor a file, or cannot be read.
    """
    mode = _check_root(root)
    real_root = os.path.realpath(root)
    walk = _Walk(real_root, os.path.realpath(exclude) if exclude is not None else None, label)
    if stat.S_ISDIR(mode):
        pending = [_Folder(root, f"{label}/" if label else "", Rules())]
        while pending:
            pending += walk.folder(pending.pop())
    else:
        walk.only(root, label or root.name)
    return Scan(
        tuple(sorted(walk.files, key=lambda file: file.doc_id)),
        tuple(sorted(walk.skipped, key=lambda entry: entry.path)),
        tuple(sorted(walk.unreachable)),
        dict(sorted(walk.ignored.items())),
    )


def _check_root(root: Path) -> int:
    """The mode of a root. Raises CorpusNotFound."""
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
    if stat.S_ISREG(mode):
        return mode
    if not stat.S_ISDIR(mode):
        raise CorpusNotFound(
            f"{root} is neither a folder nor a file", fix="name the folder that holds your articles"
        )
    try:
        os.scandir(root).close()
    except OSError as error:
        raise CorpusNotFound(
            f"{root} cannot be read ({_reason(error)})",
            fix=f"give yourself permission to read it: chmod u+rx {root}",
        ) from None
    return mode


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to walk; ``prefix`` begins the ids below it, ``rules`` are those of the folders above."""

    path: Path
    prefix: str
    rules: Rules


class _Walk:
    """One scan in progress: the files found and the entries skipped so far."""

    def __init__(self, root: str, exclude: str | None, label: str) -> None:
        self.root = root
        self.exclude = exclude
        self.sidecar = f"{label}/{SIDECAR}" if label else SIDECAR
        self.ignored: Counter[str] = Counter()
        self.files: list[SourceFile] = []
        self.skipped: list[Skipped] = []
        self.unreachable: list[str] = []

    def folder(self, folder: _Folder) -> list[_Folder]:
        """Add the files of one folder; returns its subfolders."""
        try:
            with os.scandir(folder.path) as iterator:
                entries = list(iterator)
            names = {entry.name for entry in entries}
            if _is_index(names):
                self.ignored[_INDEX] += 1
                return []
        except OSError as error:
            self._refuse(folder.prefix or "/", error, "folder cannot be read ({})")
            return []
        try:
            rules = self._rules(folder) if IGNORE_FILE in names else folder.rules
        except (OSError, UnreadableFile) as error:
            # What the unreadable file excludes may be private, so nothing in this folder is read.
            why = error.message if isinstance(error, UnreadableFile) else _reason(error)
            self._skip(folder.prefix + IGNORE_FILE, f"{why}; nothing beside it is read")
            self.unreachable.append(folder.prefix.removesuffix("/"))
            return []
        pages = companions(names)
        subfolders: list[_Folder] = []
        for entry in entries:
            name = folder.prefix + entry.name
            if name in (self.sidecar, folder.prefix + IGNORE_FILE):
                continue
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                if why := self._ignored(entry, is_folder, name, rules, pages):
                    self.ignored[why] += 1
                elif is_folder:
                    subfolders.append(_Folder(folder.path / entry.name, name + "/", rules))
                else:
                    self._file(Path(entry.path), name)
            except UnreadableFile as error:
                self._skip(name, error.message)
            except OSError as error:
                self._refuse(name, error)
        return subfolders

    def only(self, file: Path, name: str) -> None:
        """Add the file that is the whole root."""
        try:
            self._file(Path(os.path.realpath(file)), name)
        except UnreadableFile as error:
            self._skip(name, error.message)
        except OSError as error:
            self._refuse(name, error)

    def _rules(self, folder: _Folder) -> Rules:
        refuse_link(folder.path / IGNORE_FILE, Path(self.root))
        rules, wrong = folder.rules.within(folder.path, folder.prefix)
        for reason in wrong:
            self._skip(folder.prefix + IGNORE_FILE, reason)
        return rules

    def _ignored(
        self,
        entry: os.DirEntry[str],
        is_folder: bool,
        name: str,
        rules: Rules,
        pages: Collection[str],
    ) -> str:
        """Why an entry is passed over quietly; "" if it is not."""
        if why := junk(entry.name):
            return why
        if is_folder and entry.name in pages:
            return SAVED_PAGE
        if rules.exclude(name, is_folder=is_folder):
            return IGNORED
        is_excluded = is_folder and self.exclude is not None
        return _INDEX if is_excluded and os.path.realpath(entry.path) == self.exclude else ""

    def _file(self, path: Path, name: str) -> None:
        if path.is_symlink():
            refuse_link(path, Path(self.root))
            if path.is_dir():
                raise UnreadableFile("a linked folder is not followed")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile("not a regular file")
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UnreadableFile("the file name is not valid Unicode; rename it") from None
        if status.st_size > largest(path.name):
            known = is_supported(path.name)
            raise _too_large(status.st_size, path.name) if known else unsupported(path.name)
        self.files.append(SourceFile(name, path, status.st_size, status.st_mtime_ns))

    def _refuse(self, name: str, error: OSError, why: str = "{}") -> None:
        """Skip what the system does not let us read, and note it as unreachable if it exists."""
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
    local = "CURRENT" in names and any(name.startswith("gen-") for name in names)
    return local or names >= {"LOCK", "collections", "databases"}  # the folder of milvus-lite


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
