"""Evaluation sets as they are published: BEIR folders, SQuAD files, question lists in JSON lines.

Whatever is malformed raises DatasetInvalid, which names file and line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rag.errors import DatasetInvalid

_QRELS_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document of an evaluation set; ``id`` is the set's own name for it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """A collection with its queries and, by query and document id, how relevant each document is."""

    name: str
    split: str
    documents: tuple[SourceText, ...]
    queries: Mapping[str, str]
    """Those that the split judges, in the order of the file."""
    relevance: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and its accepted answers; none means that the articles do not answer it."""

    id: str
    text: str
    answers: tuple[str, ...]
    sources: tuple[str, ...]
    """Ids of documents. That of an unanswerable question only comes near."""
    where: str = ""
    """File and line, for messages."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, and the documents that came with them; None where the corpus is named apart."""

    name: str
    questions: tuple[Example, ...]
    documents: tuple[SourceText, ...] | None = None


# ---------------------------------------------------------------- BEIR


def read_beir(folder: Path, split: str = "test") -> RetrievalSet:
    """A folder in BEIR's layout: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/SPLIT.tsv``.

    Raises DatasetInvalid for a missing file, a line that cannot be read, or an id that is not there.
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
        _refuse(corpus, None, "it holds no document")
    asked: dict[str, str] = {}
    for line, record in _json_lines(queries):
        name = _id(record, queries, line)
        if name in asked:
            _refuse(queries, line, f"the id {name!r} occurs twice")
        asked[name] = _text(record, "text", queries, line)
        if not asked[name].strip():
            _refuse(queries, line, "the query is empty")
    relevance = _read_qrels(folder, split, asked, documents)
    judged = {name: text for name, text in asked.items() if name in relevance}
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
            continue  # the names of the columns
        if not _is_whole(score):
            _refuse(path, line, f"the score {score!r} is not a whole number")
        if query not in queries:
            _refuse(path, line, f"there is no query {query!r} in queries.jsonl")
        if document not in documents:
            _refuse(path, line, f"there is no document {document!r} in corpus.jsonl")
        relevance.setdefault(query, {})[document] = int(score)
    if not relevance:
        _refuse(path, None, "it judges no query")
    return relevance


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


# ---------------------------------------------------------------- questions


def read_questions(path: Path) -> QuestionSet:
    """Questions in JSON lines, or a SQuAD file (v1.1 or v2.0), of which each paragraph is a document.

    A line is ``{"id", "question", "answers": [...], "sources": [...]}``; no answers means that the
    articles do not say. ``id`` (then the line's number) and ``sources`` may be left out.

    Raises DatasetInvalid.
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
        _refuse(path, None, "it holds no question")
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
        where=f"{path}:{line}",
    )


def _read_squad(path: Path, whole: Mapping[str, Any]) -> QuestionSet:
    documents: list[SourceText] = []
    asked: list[tuple[str, str, tuple[str, ...], str]] = []
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
                    asked.append((str(qa["id"]), str(qa["question"]), answers, context))
    except (KeyError, TypeError, AttributeError) as error:
        where = f"paragraph {len(documents)}" if documents else "data"
        raise DatasetInvalid(
            f"{path}: {where}: not in SQuAD's form ({type(error).__name__}: {error})",
            fix='it is {"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question",'
            ' "answers": [{"text"}]}]}]}]}',
        ) from error
    if not asked:
        _refuse(path, None, "it holds no question")
    questions = tuple(
        Example(name, text.strip(), answers, tuple(copies[context]))
        for name, text, answers, context in asked
        if text.strip()
    )
    return QuestionSet(path.name, questions, tuple(documents))


def document_name(number: int) -> str:
    """The file that a set's document of this number is written to; its id in the index."""
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
    """The lines that are not blank, with their 1-based numbers."""
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
        _refuse(path, line, f'"{key}" should be a text')
    return value


def _texts(record: Mapping[str, Any], key: str, path: Path, line: int) -> tuple[str, ...]:
    value = record.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        _refuse(path, line, f'"{key}" should be a list of texts')
    return tuple(value)


def _refuse(path: Path, line: int | None, reason: str) -> NoReturn:
    where = str(path) if line is None else f"{path}:{line}"
    raise DatasetInvalid(f"{where}: {reason}")
