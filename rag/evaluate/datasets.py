"""Reads evaluation sets in their published forms: BEIR folders, SQuAD files, questions in JSON lines.

Malformed data raises DatasetInvalid, which names the file and line.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rag.errors import DatasetInvalid, InvalidArgument

_QRELS_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document of an evaluation set; ``id`` is the id in the set."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """A collection with its queries and the relevance of documents, by query id and document id."""

    name: str
    split: str
    documents: tuple[SourceText, ...]
    queries: Mapping[str, str]
    """The queries that the split judges, in file order."""
    relevance: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its accepted answers; no answers means that the articles don't say."""

    id: str
    text: str
    answers: tuple[str, ...]
    sources: tuple[str, ...]
    """Ids of documents with the answer or, for an unanswerable question, with something close to it."""
    shape: str = ""
    """The kind of question, as in ``steps``; "" if the set does not say."""
    where: str = ""
    """File and line, for messages."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and the documents in the same file; None if the corpus is separate."""

    name: str
    questions: tuple[Example, ...]
    documents: tuple[SourceText, ...] | None = None

    def sample(self, size: int | None) -> tuple[Example, ...]:
        """A random sample of ``size`` questions (None: all), as ``sampled`` draws it."""
        texts = {str(number): question.text for number, question in enumerate(self.questions)}
        return tuple(self.questions[int(number)] for number in sampled(texts, size))


def sampled(items: dict[str, str], size: int | None) -> dict[str, str]:
    """A random sample of this size, in the original order; the same in every run."""
    if size is None or size >= len(items):
        return items
    if size < 1:
        raise InvalidArgument(f"sample: {size} is less than 1")
    names = set(random.Random(0).sample(sorted(items), size))  # noqa: S311  # no secret
    return {name: text for name, text in items.items() if name in names}


# ---------------------------------------------------------------- BEIR


def read_beir(folder: Path, split: str = "test") -> RetrievalSet:
    """Read a folder in BEIR's layout: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/SPLIT.tsv``.

    Raises DatasetInvalid for a missing file, a malformed line, or an unknown id.
    """
    corpus, queries = folder / "corpus.jsonl", folder / "queries.jsonl"
    documents: dict[str, SourceText] = {}
    for line, record in _json_lines(corpus):
        name = _id(record, corpus, line)
        if name in documents:
            _refuse(corpus, line, f"the id {name!r} occurs twice")
        title = _text(record, "title", corpus, line, default="")
        documents[name] = SourceText(name, title, _text(record, "text", corpus, line, default=""))
    if not documents:
        _refuse(corpus, None, "there are no documents in it")
    texts: dict[str, str] = {}
    for line, record in _json_lines(queries):
        name = _id(record, queries, line)
        if name in texts:
            _refuse(queries, line, f"the id {name!r} occurs twice")
        texts[name] = _text(record, "text", queries, line)
        if not texts[name].strip():
            _refuse(queries, line, "the query is empty")
    relevance = _read_qrels(folder, split, texts, documents)
    judged = {name: text for name, text in texts.items() if name in relevance}
    return RetrievalSet(folder.resolve().name, split, tuple(documents.values()), judged, relevance)


def _read_qrels(
    folder: Path, split: str, queries: Mapping[str, str], documents: Mapping[str, SourceText]
) -> dict[str, dict[str, int]]:
    path = folder / "qrels" / f"{split}.tsv"
    if not path.is_file():
        others = sorted(other.stem for other in path.parent.glob("*.tsv"))
        raise DatasetInvalid(
            f"{path}: no such file",
            fix=f"this set has: --split {' or --split '.join(others)}"
            if others
            else "BEIR's layout is corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv",
        )
    relevance: dict[str, dict[str, int]] = {}
    for line, text in _lines(path):
        cells = [cell.strip() for cell in text.split("\t")]
        if len(cells) != _QRELS_COLUMNS:
            _refuse(path, line, f"{len(cells)} columns, not query id, document id and score")
        query, document, score = cells
        if line == 1 and not _is_whole(score):
            continue  # the header
        if not _is_whole(score):
            _refuse(path, line, f"the score {score!r} is not a whole number")
        if query not in queries:
            _refuse(path, line, f"there is no query {query!r} in queries.jsonl")
        if document not in documents:
            _refuse(path, line, f"there is no document {document!r} in corpus.jsonl")
        relevance.setdefault(query, {})[document] = int(score)
    if not relevance:
        _refuse(path, None, "there are no judgements in it")
    return relevance


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


# ---------------------------------------------------------------- questions


def read_questions(path: Path) -> QuestionSet:
    """Read questions in JSON lines, or a SQuAD file (v1.1 or v2.0).

    A line is ``{"id", "question", "answers": [...], "sources": [...], "shape"}``; an empty list of answers
    means that the articles don't say. ``id`` (default: the line number), ``sources`` and ``shape`` may be
    left out. Each paragraph of a SQuAD file becomes a document.

    Raises DatasetInvalid for malformed data.
    """
    text = _read(path)
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        whole = None
    if isinstance(whole, dict) and "data" in whole:
        return _read_squad(path, whole)
    questions = tuple(
        _question(record, path, line) for line, record in _json_records(path, _numbered(text))
    )
    if not questions:
        _refuse(path, None, "there are no questions in it")
    return QuestionSet(path.name, questions)


def _question(record: Mapping[str, Any], path: Path, line: int) -> Example:
    question = _text(record, "question", path, line)
    if not question.strip():
        _refuse(path, line, "the question is empty")
    return Example(
        id=str(record.get("id", line)),
        text=question,
        answers=_texts(record, "answers", path, line),
        sources=_texts(record, "sources", path, line) if "sources" in record else (),
        shape=_text(record, "shape", path, line, default=""),
        where=f"{path}:{line}",
    )


def _read_squad(path: Path, whole: Mapping[str, Any]) -> QuestionSet:
    documents: list[SourceText] = []
    rows: list[tuple[str, str, tuple[str, ...], str]] = []
    copies: dict[str, list[str]] = {}
    try:
        for article in whole["data"]:
            title = str(article.get("title", "")).replace("_", " ")
            for paragraph in article["paragraphs"]:
                name, context = document_name(len(documents)), str(paragraph["context"])
                documents.append(SourceText(name, title, context))
                copies.setdefault(context, []).append(name)
                for qa in paragraph["qas"]:
                    answers = () if qa.get("is_impossible") else _accepted(qa["answers"])
                    rows.append((str(qa["id"]), str(qa["question"]), answers, context))
    except (KeyError, TypeError, AttributeError) as error:
        where = f"paragraph {len(documents)}" if documents else "data"
        raise DatasetInvalid(
            f"{path}: {where}: not in SQuAD's form ({type(error).__name__}: {error})",
            fix='expected: {"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question",'
            ' "answers": [{"text"}]}]}]}]}',
        ) from error
    if not rows:
        _refuse(path, None, "there are no questions in it")
    questions = tuple(
        Example(name, text.strip(), answers, tuple(copies[context]))
        for name, text, answers, context in rows
        if text.strip()
    )
    return QuestionSet(path.name, questions, tuple(documents))


def document_name(number: int) -> str:
    """The file name, and so the index id, of a set's document with this number."""
    return f"{number:06}.txt"


def _accepted(answers: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(answer["text"]) for answer in answers))


# ---------------------------------------------------------------- files and lines


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DatasetInvalid(f"{path}: {error.strerror or error}", fix="check the path") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DatasetInvalid(f"{path}:{line}: not UTF-8 text") from error


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """The non-blank lines with their 1-based numbers."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    return _numbered(_read(path))


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    return _json_records(path, _lines(path))


def _json_records(
    path: Path, lines: Iterator[tuple[int, str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in lines:
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            _refuse(path, number, f"not JSON ({reason})")
        if not isinstance(record, dict):
            _refuse(path, number, "not a JSON object")
        yield number, record


def _id(record: Mapping[str, Any], path: Path, line: int) -> str:
    name = record.get("_id")
    if not isinstance(name, str | int) or not str(name):
        _refuse(path, line, 'no "_id"')
    return str(name)


def _text(
    record: Mapping[str, Any], key: str, path: Path, line: int, default: str | None = None
) -> str:
    value = record.get(key, default)
    if value is None:
        value = default
    if not isinstance(value, str):
        _refuse(path, line, f'"{key}" should be a string')
    return value


def _texts(record: Mapping[str, Any], key: str, path: Path, line: int) -> tuple[str, ...]:
    value = record.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        _refuse(path, line, f'"{key}" should be a list of strings')
    return tuple(value)


def _refuse(path: Path, line: int | None, reason: str) -> NoReturn:
    where = str(path) if line is None else f"{path}:{line}"
    raise DatasetInvalid(f"{where}: {reason}")
