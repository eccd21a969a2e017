"""``metadata.jsonl``: corrections to the metadata found in the articles, stored beside them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import astuple, dataclass, replace
from pathlib import Path, PurePosixPath

from rag.corpus.scan import SIDECAR, SourceFile, read_source, refuse_link
from rag.errors import UnreadableFile
from rag.records import Corpus, Skipped

_FIELDS = ("title", "publisher", "published", "url")
_LONGEST_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrections for one article. None keeps the value found in the article, "" removes it."""

    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None

    @property
    def fingerprint(self) -> str:
        """A short hash of the correction, the same on every machine."""
        data = json.dumps(astuple(self)).encode()
        return hashlib.sha256(data).hexdigest()[:16]


def read_sidecars(
    corpus: Corpus, articles: Collection[str]
) -> tuple[dict[str, Correction], list[Skipped]]:
    """The corrections by ``doc_id`` of all folders of a corpus, as ``read_sidecar`` gives them."""
    corrections: dict[str, Correction] = {}
    skipped: list[Skipped] = []
    for root in corpus.roots:
        begin = f"{root.label}/" if root.label else ""
        own = {each.removeprefix(begin) for each in articles if each.startswith(begin)}
        found, refused = read_sidecar(Path(root.path), own)
        corrections |= {begin + doc_id: each for doc_id, each in found.items()}
        skipped += [replace(each, path=begin + each.path) for each in refused]
    return corrections, skipped


def read_sidecar(
    root: Path, articles: Collection[str]
) -> tuple[dict[str, Correction], list[Skipped]]:
    """The corrections by ``doc_id``, and the lines that are not valid or match none of ``articles``.

    ``root`` is a folder of articles, and the ids are those within it. Each line is ``{"path", "title",
    "publisher", "published", "url"}``; all keys but ``path`` may be missing or null. The first line for a
    path counts. "é" may be one character in a path and two in the name of its file. Never raises.
    """
    path = root / SIDECAR
    corrections: dict[str, Correction] = {}
    skipped: list[Skipped] = []
    try:
        if not path.exists() and not path.is_symlink():
            return corrections, skipped
        refuse_link(path, root)
        stat = path.stat()
        data = read_source(SourceFile(SIDECAR, path, stat.st_size, stat.st_mtime_ns))
        text = data.decode("utf-8-sig")
    except UnreadableFile as error:
        return {}, [Skipped(SIDECAR, error.message)]
    except OSError as error:
        return {}, [Skipped(SIDECAR, f"cannot be read ({error.strerror or error})")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return {}, [Skipped(SIDECAR, f"line {line}: not UTF-8 text; no correction was applied")]
    named = {unicodedata.normalize("NFC", doc_id): doc_id for doc_id in articles}
    for number, record in _lines(text):
        try:
            path_given, correction = _parse(record)
        except _BadLineError as error:
            skipped.append(Skipped(SIDECAR, f"line {number}: {error}"))
            continue
        same = named.get(unicodedata.normalize("NFC", path_given))
        doc_id = path_given if same is None or path_given in articles else same
        if same is None:
            reason = f"line {number}: there is no article {path_given!r}"
            skipped.append(Skipped(SIDECAR, reason))
        if doc_id in corrections:
            reason = f"line {number}: a second correction for {doc_id!r}; the first one counts"
            skipped.append(Skipped(SIDECAR, reason))
        else:
            corrections[doc_id] = correction
    return corrections, skipped


class _BadLineError(Exception):
    """A line that is not a valid correction; the message is the reason."""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(re.split(r"\r?\n", text), 1):
        if line.strip():
            yield number, line


def _parse(line: str) -> tuple[str, Correction]:
    """One correction. Raises _BadLineError with the reason."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise _BadLineError("not a JSON object") from None
    if not isinstance(record, dict):
        raise _BadLineError("not a JSON object")
    unknown = sorted(record.keys() - {"path", *_FIELDS})
    if unknown:
        raise _BadLineError(f"unknown key {unknown[0]!r} (known: path, {', '.join(_FIELDS)})")
    path = record.get("path")
    if not isinstance(path, str) or not path:
        raise _BadLineError("no path")
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\0" in path:
        raise _BadLineError(f"path {path!r} is not inside the corpus folder")
    values: dict[str, str | None] = {name: _value(name, record.get(name)) for name in _FIELDS}
    return parts.as_posix(), Correction(**values)


def _value(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE:
        raise _BadLineError(f"{name} is not a string of at most {_LONGEST_VALUE} characters")
    value = " ".join(value.split())
    if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise _BadLineError(f"{name} is not valid Unicode")
    if name == "title" and not value:
        raise _BadLineError("title is empty")
    if name == "published" and value:
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            raise _BadLineError(f"published {value!r} is not a date (write YYYY-MM-DD)") from None
    if name == "url" and value and not re.fullmatch(r"https?://\S+", value):
        raise _BadLineError(f"url {value!r} is not an http or https address")
    return value
