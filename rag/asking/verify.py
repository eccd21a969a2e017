"""Checks saved answers: compares every citation with the files as they are now.

A saved file may come from anyone. It can make this code read articles of the corpus and nothing else, and
anything but an answer of this tool is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from functools import lru_cache, partial
from pathlib import Path
from types import NoneType
from typing import Any, Final

from rag.corpus.load import Job, Loaded
from rag.corpus.scan import SourceFile, read_source, source_state
from rag.corpus.workers import Workers
from rag.errors import (
    AnswerInvalid,
    IndexCorrupt,
    IndexMismatch,
    IndexNotFound,
    UnreadableFile,
)
from rag.files import all_absolute, home_expanded
from rag.protocols import StoredIndex
from rag.records import Citation, Corpus, State, Verification, VerifiedCitation
from rag.records.document import line_at
from rag.settings import Settings
from rag.stores import index_at
from rag.text.encoding import decode

MAX_BYTES: Final = 500_000_000
"""Largest file of saved answers; one answer takes about ten thousand bytes."""

_FILES = 64  # files kept in memory; the citations of one answer come from a few

_KINDS: Final = {
    "int": (int,),
    "str": (str,),
    "State": (str,),
    "int | None": (int, NoneType),
    "str | None": (str, NoneType),
}
_NAMES: Final = "tuple[str, ...]"
_WITH_CITATIONS: Final = ("citations", "alternatives", "disagreement")
_FIX: Final = "name a file written by: rag ask … --save FILE"


Index = str | Path | Sequence[str | Path] | None


def verify(
    saved: str | Path, index: Index = None, *, settings: Settings | None = None
) -> Verification:
    """Check every citation in a file of saved answers against the articles as they are now.

    ``saved`` holds one answer as JSON, several as JSON lines, or a conversation. The citations of
    alternatives and of disagreement are checked too; equal citations of an answer are checked once.
    ``index`` (None: the settings' folder; several, if the answers come from several) tells where the corpus
    is, and may be stale or damaged. No file outside the corpus is read. Without an index, the ``path`` of
    each citation names its file.

    Raises AnswerInvalid for a file that is unreadable or not a saved answer, IndexMismatch or IndexCorrupt
    for an index that does not tell where its corpus is.
    """
    path = home_expanded(saved)
    return _checked(list(_citations(_values(path), str(path))), index, settings)


def verify_answer(
    answer: object, index: Index = None, *, settings: Settings | None = None
) -> Verification:
    """Check every citation of an answer in the JSON form of its record; otherwise like ``verify``."""
    try:
        citations = list(_citations([("answer", answer)], "the answer"))
    except AnswerInvalid as error:
        raise AnswerInvalid(error.message, fix="give the whole answer, unchanged") from None
    return _checked(citations, index, settings)


def _checked(citations: list[Citation], index: Index, settings: Settings | None) -> Verification:
    settings = settings or Settings()
    folders = all_absolute(index or settings.index)
    corpus = _corpus([index_at(folder, settings.store) for folder in folders])
    state_of = lru_cache(_FILES)(source_state)
    with Workers() as workers:
        file_of = lru_cache(_FILES)(partial(_File.of, workers))

        def check(citation: Citation) -> VerifiedCitation:
            file = file_of(*(_place(corpus, citation.doc_id) if corpus else _named_place(citation)))
            state = state_of(file.path, citation.sha256) if file.path else "missing"
            return _verified(citation, file, state)

        results = tuple(map(check, citations))
    return Verification(
        ok=all(each.citation.state == "current" for each in results),
        corpus=", ".join(corpus.folders) if corpus else None,
        citations=results,
    )


# ---------------------------------------------------------------- the saved answers


def _citations(values: Iterable[tuple[str, Any]], source: str) -> Iterator[Citation]:
    """The citations of all answers in JSON values, each with its place; ``source`` names the whole."""
    any_answer = False
    for place, value in values:
        for answer in _answers(value):
            any_answer = True
            cited = [
                c for key in _WITH_CITATIONS for c in _read(f"{place}: {key}", answer.get(key, ()))
            ]
            # Where articles disagree, `disagreement` cites the answer again.
            seen: dict[Citation, Citation] = {}
            for citation in cited:
                seen.setdefault(replace(citation, n=0), citation)
            yield from seen.values()
        # A line of `rag ask --questions` may hold an error in place of an answer.
        any_answer = any_answer or (isinstance(value, dict) and "error" in value)
    if not any_answer:
        raise AnswerInvalid(f"{source} holds no answer", fix=_FIX)


def _values(path: Path) -> Iterator[tuple[str, Any]]:
    """The JSON values of a file, one or one a line, each with its place for error messages."""
    text = _text(path)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    try:
        values = [(str(path), json.loads(text))]
    except json.JSONDecodeError as error:
        # "Extra data": there is more than one value, so each has its line.
        if error.msg != "Extra data":
            raise _no_json(path, error.lineno, error) from None
        values = [(f"{path}:{number}", _parsed(path, number, line)) for number, line in lines]
    except (ValueError, RecursionError) as error:
        raise _no_json(path, 1, error) from None
    yield from values


def _parsed(path: Path, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _no_json(path, number, error) from None


def _no_json(path: Path, line: int, error: Exception) -> AnswerInvalid:
    nested = isinstance(error, RecursionError)
    what = "nested too deeply" if nested else f"not JSON ({error})"
    return AnswerInvalid(f"{path}:{line}: {what}", fix=_FIX)


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # reading a pipe could block
            raise AnswerInvalid(f"{path} is not a file", fix=_FIX)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise AnswerInvalid(f"{path}: {why}", fix=_FIX) from None
    if len(data) > MAX_BYTES:
        raise AnswerInvalid(f"{path}: larger than {MAX_BYTES / 1e6:.0f} MB", fix=_FIX)
    try:
        return decode(data).text
    except UnreadableFile as error:
        raise AnswerInvalid(f"{path}: {error.message}", fix=_FIX) from None


def _answers(value: object) -> Iterator[dict[str, Any]]:
    """The answers in a JSON value, in order, at any depth."""
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, dict) and "citations" in here:
            yield here
        elif isinstance(here, dict):
            pending += reversed(here.values())
        elif isinstance(here, list):
            pending += reversed(here)


def _read(place: str, items: object, *, of_answers: bool = True) -> Iterator[Citation]:
    """The citations in a list of citations, or of answers with citations."""
    if not isinstance(items, list | tuple):
        raise AnswerInvalid(f"{place}: not a list", fix=_FIX)
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise AnswerInvalid(f"{place} {number}: not an object", fix=_FIX)
        if of_answers and "citations" in item:
            inner = f"{place} {number}: citations"
            yield from _read(inner, item["citations"], of_answers=False)
        else:
            yield _citation(f"{place} {number}", item)


def _citation(place: str, saved: dict[str, Any]) -> Citation:
    values: dict[str, Any] = {}
    for field in fields(Citation):
        if field.name not in saved and field.default is not MISSING:
            continue  # older versions did not save it
        value: Any = saved.get(field.name)
        if field.type == _NAMES and type(value) is list and all(type(v) is str for v in value):
            values[field.name] = tuple(value)
            continue
        values[field.name] = value
        if type(value) not in _KINDS.get(str(field.type), ()):
            what = f"should be of type {field.type}" if field.name in saved else "is missing"
            raise AnswerInvalid(f"{place}: {field.name} {what}", fix=_FIX)
        if type(value) is int and value < 0:
            raise AnswerInvalid(f"{place}: {field.name} is negative", fix=_FIX)
    return Citation(**values)


# ---------------------------------------------------------------- the articles


def _corpus(indexes: Sequence[StoredIndex]) -> Corpus | None:
    """The corpus from which one index, or several, were built; None if there is no index."""
    corpora = [_corpus_of(index) for index in indexes]
    if len(indexes) == 1:
        return corpora[0]
    from rag.stores.labels import names_of, united_corpus

    known = zip(names_of([index.folder for index in indexes]), corpora, strict=True)
    return united_corpus({name: corpus for name, corpus in known if corpus is not None})


def _corpus_of(index: StoredIndex) -> Corpus | None:
    try:
        facts = index.facts()
    except (IndexCorrupt, IndexMismatch, IndexNotFound) as error:
        salvaged = index.salvaged_facts()
        if salvaged is None and not isinstance(error, IndexNotFound):
            raise
        return salvaged.corpus if salvaged else None
    return facts.corpus


def _place(corpus: Corpus, doc_id: str) -> tuple[Path | None, str]:
    """The folder that a document of a corpus lies in, and its id there; None if it lies in none."""
    for root in corpus.roots:
        if not root.label:
            return Path(root.absolute), doc_id
        label, _, rest = doc_id.partition("/")
        if label == root.label:
            folder = Path(root.absolute)
            return (folder, rest) if rest and folder.is_dir() else (folder.parent, folder.name)
    return None, doc_id


def _named_place(citation: Citation) -> tuple[Path | None, str]:
    """The same from a citation's path: it ends in the document's id, perhaps without the folder's label."""
    path = Path(citation.path)
    _, _, within = citation.doc_id.partition("/")
    for doc_id in filter(None, (citation.doc_id, within)):
        parts = doc_id.split("/")
        if list(path.parts[-len(parts) :]) == parts:
            return Path(*path.parts[: -len(parts)]), doc_id
    return None, citation.doc_id


@dataclass(frozen=True, slots=True)
class _File:
    """An article as it is now; ``path`` is None if no file can hold it, ``text`` if it is unreadable."""

    path: Path | None
    text: str | None
    is_member: bool = False
    """Whether the file holds other articles too."""

    @classmethod
    def of(cls, workers: Workers, root: Path | None, doc_id: str) -> _File:
        """The article with this id in a folder."""
        found = _inside(root, doc_id) if root else None
        if found is None:
            return cls(None, None)
        path, file = found
        try:
            data = read_source(SourceFile(file, path, 0, 0))
        except UnreadableFile:
            return cls(path, None, file != doc_id)
        job = Job(file, str(path), data, only=doc_id)
        results = [result for _, result in workers.read([job])]
        texts = (each.document.text for each in results if isinstance(each, Loaded))
        return cls(path, next(texts, None), file != doc_id)


def _inside(root: Path, doc_id: str) -> tuple[Path, str] | None:
    """The file of a document, links resolved, and the file's id: for a member, that of its container.

    None if an article cannot have that name or place. Files are looked at only inside ``root``.
    """
    parts = doc_id.split("/")
    if any(not part or part.startswith(".") or "\\" in part for part in parts):
        return None
    try:
        folder = root.resolve()
        for count in range(1, len(parts) + 1):
            path = folder.joinpath(*parts[:count]).resolve()
            if not path.is_relative_to(folder):
                return None
            if not path.is_dir():
                return path, "/".join(parts[:count])
    except (OSError, RuntimeError, ValueError):  # a loop of links, or an impossible name
        return None
    return None


def _verified(citation: Citation, file: _File, state: State) -> VerifiedCitation:
    text = file.text
    if state == "missing" or text is None:
        # An archive may be there without its member, and a file without being an article.
        state = "changed" if state == "changed" and not file.is_member else "missing"
        return VerifiedCitation(replace(citation, state=state), None, None)
    is_there = text[citation.start : citation.end] == citation.quote
    if not is_there or not _holds_answer(citation):
        state = "changed"
    elif file.is_member:  # whatever else has changed in its archive
        state = "current"
    start = citation.start if is_there else _nearest(text, citation.quote, citation.start)
    line = None if start is None else line_at(text, start)
    return VerifiedCitation(replace(citation, state=state), start, line)


def _holds_answer(citation: Citation) -> bool:
    return citation.start <= citation.answer_start < citation.answer_end <= citation.end


def _nearest(text: str, quote: str, place: int) -> int | None:
    """The place of a quote in a text that is nearest to ``place``; None if the text lacks it."""
    places = (text.rfind(quote, 0, place + len(quote)), text.find(quote, place))
    return min((at for at in places if at >= 0), key=lambda at: abs(at - place), default=None)
