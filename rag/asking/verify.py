"""Whether saved answers still hold: every citation against the files as they are now.

A saved file may come from anyone. Nothing in it decides what is read but an article of the corpus, and what
is no answer of this tool is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from types import NoneType
from typing import Any, Final

from rag.corpus.scan import SourceFile, read_source, source_state
from rag.errors import (
    AnswerInvalid,
    IndexCorrupt,
    IndexMismatch,
    IndexNotFound,
    UnreadableFile,
)
from rag.formats.base import is_supported, parse
from rag.formats.plain import decode
from rag.records import Citation, State, Verification, VerifiedCitation
from rag.settings import Settings
from rag.stores import read_facts, salvaged_facts

MAX_BYTES: Final = 500_000_000
"""Largest file of saved answers; one answer takes some ten thousand."""

_FILES = 64  # texts read last: one answer's citations come from a few

_KINDS: Final = {
    "int": (int,),
    "str": (str,),
    "State": (str,),
    "int | None": (int, NoneType),
    "str | None": (str, NoneType),
}
_HELD: Final = ("citations", "alternatives", "disagreement")
_FIX: Final = "name a file written by: rag ask … --save FILE"


def verify(
    saved: str | Path, index: str | Path | None = None, *, settings: Settings | None = None
) -> Verification:
    """Check every citation of a file of saved answers against the articles as they are now.

    ``saved`` holds one answer as JSON, several as JSON lines, or a conversation; citations of
    alternatives and of disagreement are checked too, equal ones of an answer once. ``index`` (None is the
    settings' folder) says where the corpus is, and no file outside is read; it may be out of date or
    damaged. Without an index, the files are those that the citations' ``path`` names.

    Raises AnswerInvalid for a file that cannot be read or is no saved answer, IndexMismatch or IndexCorrupt
    for an index that does not say where its corpus is.
    """
    path = Path(saved).expanduser()
    citations = list(_citations(path))
    corpus = _corpus(Path(index or (settings or Settings()).index).expanduser().absolute())
    file_of, state_of = lru_cache(_FILES)(_File.of), lru_cache(_FILES)(source_state)

    def checked(citation: Citation) -> VerifiedCitation:
        file = file_of(corpus or _root(citation), citation.doc_id)
        state = state_of(file.path, citation.sha256) if file.path else "missing"
        return _verified(citation, file.text, state)

    verified = tuple(map(checked, citations))
    return Verification(
        ok=all(each.citation.state == "current" for each in verified),
        corpus=str(corpus) if corpus else None,
        citations=verified,
    )


# ---------------------------------------------------------------- what was saved


def _citations(path: Path) -> Iterator[Citation]:
    found = False
    for place, value in _values(path):
        for answer in _answers(value):
            found = True
            cited = [c for held in _HELD for c in _read(f"{place}: {held}", answer.get(held, ()))]
            # Where articles disagree, the given answer is among those that differ, and cited again.
            seen: dict[Citation, Citation] = {}
            for citation in cited:
                seen.setdefault(replace(citation, n=0), citation)
            yield from seen.values()
        # A line of `rag ask --questions` may say that its question could not be asked.
        found = found or (isinstance(value, dict) and "error" in value)
    if not found:
        raise AnswerInvalid(f"{path} holds no answer", fix=_FIX)


def _values(path: Path) -> Iterator[tuple[str, Any]]:
    """What a file holds, each value with the place to name in an error: one, or one a line."""
    text = _text(path)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    try:
        values = [(str(path), json.loads(text))]
    except json.JSONDecodeError as error:
        # More than one value: what follows the first begins a line.
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
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise AnswerInvalid(f"{path} is no file", fix=_FIX)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise AnswerInvalid(f"{path}: {why}", fix=_FIX) from None
    if len(data) > MAX_BYTES:
        raise AnswerInvalid(f"{path}: larger than {MAX_BYTES / 1e6:.0f} MB", fix=_FIX)
    try:
        return decode(data)
    except UnreadableFile as error:
        raise AnswerInvalid(f"{path}: {error.message}", fix=_FIX) from None


def _answers(value: object) -> Iterator[dict[str, Any]]:
    """The answers in a value: itself, or those in its lists and under its keys, in order."""
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, dict) and "citations" in here:
            yield here
        elif isinstance(here, dict):
            pending += reversed(here.values())
        elif isinstance(here, list):
            pending += reversed(here)


def _read(place: str, held: object, *, of_answers: bool = True) -> Iterator[Citation]:
    """The citations in a list of such, or of answers that have such a list."""
    if not isinstance(held, list | tuple):
        raise AnswerInvalid(f"{place}: not a list", fix=_FIX)
    for number, item in enumerate(held, 1):
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
        value: Any = saved.get(field.name)
        values[field.name] = value
        if type(value) not in _KINDS[str(field.type)]:
            what = f"should be of type {field.type}" if field.name in saved else "is missing"
            raise AnswerInvalid(f"{place}: {field.name} {what}", fix=_FIX)
        if field.type == "int" and value < 0:
            raise AnswerInvalid(f"{place}: {field.name} is negative", fix=_FIX)
    return Citation(**values)


# ---------------------------------------------------------------- what there is


def _corpus(index: Path) -> Path | None:
    """The folder that an index was built from; None where there is no index."""
    try:
        facts = read_facts(index)
    except (IndexCorrupt, IndexMismatch, IndexNotFound) as error:
        salvaged = salvaged_facts(index)
        if salvaged is None and not isinstance(error, IndexNotFound):
            raise
        return Path(salvaged.folder) if salvaged else None
    return Path(facts.folder)


def _root(citation: Citation) -> Path | None:
    """The corpus folder, as path and id tell it; None where they do not go together."""
    path = Path(citation.path)
    parts = citation.doc_id.split("/")
    if list(path.parts[-len(parts) :]) != parts:
        return None
    return Path(*path.parts[: -len(parts)])


@dataclass(frozen=True, slots=True)
class _File:
    """An article as it is now; None for a path that no article can have, and a text that is none."""

    path: Path | None
    text: str | None

    @classmethod
    def of(cls, root: Path | None, doc_id: str) -> _File:
        path = _inside(root, doc_id) if root else None
        if path is None:
            return cls(None, None)
        try:
            return cls(path, parse(read_source(SourceFile(doc_id, path, 0, 0)), doc_id).text)
        except UnreadableFile:
            return cls(path, None)


def _inside(root: Path, doc_id: str) -> Path | None:
    """The file of a document, links followed; None if it is no article's name, or not in the folder."""
    parts = doc_id.split("/")
    if any(not part or part.startswith(".") or "\\" in part for part in parts):
        return None
    if not is_supported(doc_id):
        return None
    try:
        folder = root.resolve()
        path = folder.joinpath(*parts).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links; a name that no file can have
        return None
    return path if path.is_relative_to(folder) else None


def _verified(citation: Citation, text: str | None, state: State) -> VerifiedCitation:
    if state == "missing" or text is None:
        return VerifiedCitation(replace(citation, state=state), None, None)
    stands = text[citation.start : citation.end] == citation.quote
    if not stands or not _holds_answer(citation):
        state = "changed"
    start = citation.start if stands else _nearest(text, citation.quote, citation.start)
    line = None if start is None else text.count("\n", 0, start) + 1
    return VerifiedCitation(replace(citation, state=state), start, line)


def _holds_answer(citation: Citation) -> bool:
    return citation.start <= citation.answer_start < citation.answer_end <= citation.end


def _nearest(text: str, quote: str, place: int) -> int | None:
    """Where a quote stands in a text, as near as can be to where it stood."""
    places = (text.rfind(quote, 0, place + len(quote)), text.find(quote, place))
    return min((at for at in places if at >= 0), key=lambda at: abs(at - place), default=None)
