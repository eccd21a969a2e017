"""Fills the templates. Whatever is put into one is cleaned, then escaped; no template can forget it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from rag.asking.conversation import Turn
from rag.asking.markdown import MARKERS
from rag.asking.markdown import shown as as_markdown
from rag.records import (
    MAX_QUERY,
    Answer,
    Citation,
    Document,
    DocumentInfo,
    Filters,
    Part,
    Passage,
    SearchResult,
)
from rag.serve.page.article import (
    Layout,
    Piece,
    Row,
    excerpt,
    is_in_table,
    layout,
    marks_of,
    row_words,
)
from rag.serve.page.conversations import NEWEST, Overview
from rag.serve.page.highlight import Mark, Run, Terms, clean, quoted, runs
from rag.serve.page.state import FILTERS, PageState
from rag.text.addresses import WEB
from rag.text.markup import masked, shown

ASSETS: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The files that the page needs, all of them, with their types."""
LISTED: Final = 100
"""Articles on one page of the list of all."""

LABELS: Final = {
    "since": "From",
    "until": "Until",
    "publisher": "Publisher",
    "title": "Title",
    "path": "File",
    "undated": "Undated, too",
}
"""What the filters are called."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The article beside the answer, or why it cannot be shown."""

    document: Document | None = None
    layout: Layout | None = None
    problem: str = ""
    advice: str = ""
    quotes: tuple[Citation, ...] = ()
    """What the answer quotes of it, in the order of the article."""


@dataclass(frozen=True, slots=True)
class View:
    """What one page shows."""

    state: PageState
    overview: Overview
    turns: tuple[Turn, ...] = ()
    found: SearchResult | None = None
    opened: Opened | None = None
    problem: str = ""
    advice: str = ""
    documents: Mapping[str, Document] = field(default_factory=dict)
    """The articles of the passages and citations shown, by id, but for those that have gone since."""


def page(view: View) -> str:
    """The whole page as HTML."""
    return _environment().get_template("page.html").render(view=view, here=view.state)


def login_page(root: str, problem: str) -> str:
    """The page that asks for the token."""
    return _environment().get_template("login.html").render(root=root, problem=problem)


def opened(document: Document, state: PageState, answer: Answer | None) -> Opened:
    """An article with what the answer quotes of it marked, and the stretch that the address names."""
    own = [each for each in cited(answer) if each.doc_id == document.doc_id] if answer else []
    quotes = sorted({(each.start, each.end): each for each in own}.values(), key=_place)
    at = state.at or (quotes[0].start, quotes[0].end) if quotes or state.at else None
    here = [each for each in quotes if at and each.start < at[1] and at[0] < each.end]
    marks = marks_of([at] if at else [], [(each.answer_start, each.answer_end) for each in here])
    return Opened(document, layout(document, marks, at[0] if at else 0), quotes=tuple(quotes))


def cited(answer: Answer) -> list[Citation]:
    """All citations of an answer, those of differing answers too."""
    return [*answer.citations, *(each for side in answer.disagreement for each in side.citations)]


def _place(citation: Citation) -> int:
    return citation.start


@cache
def asset(name: str) -> bytes:
    """The content of one of ``ASSETS``."""
    return (files(__package__) / "assets" / name).read_bytes()


@cache
def version_of(name: str) -> str:
    """Changes with the content of an asset, so that browsers may keep it for good."""
    return hashlib.sha256(asset(name)).hexdigest()[:12]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        version_of=version_of,
        longest_question=MAX_QUERY,
        newest=NEWEST,
        listed=LISTED,
        filter_labels=LABELS,
        terms_of=Terms,
    )
    environment.filters.update(
        day=day,
        shown=shown,
        said=_said,
        passage=_passage,
        quote=_quote,
        place=_where,
        web=web_address,
        described=_described,
        days=_days,
        is_list=_is_list,
        markdown=_markdown,
        written=_written,
    )
    environment.tests["quoting"] = _quoting
    return environment


def _template(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _finalized(value: object) -> object:
    """The value of a template's expression, cleaned before it is escaped; Markup comes from templates."""
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


# ---------------------------------------------------------------- filters of the templates


def day(date: str | dt.date | None) -> str:
    """A day as people write it.

    >>> day("2026-03-01")
    '1 March 2026'
    """
    if not date:
        return "date unknown"
    given = date if isinstance(date, dt.date) else dt.date.fromisoformat(date)
    return f"{given.day} {given:%B %Y}"


def web_address(source: Citation | Passage | Document | DocumentInfo) -> str:
    """The address of a source on the web; "" unless it is one.

    A citation's leads to the quote.
    """
    for address in (getattr(source, "link", None), source.url):
        if address and WEB.fullmatch(address):
            return address
    return ""


def _passage(passage: Passage, view: View, terms: Terms) -> tuple[Piece, ...]:
    """A passage in the layout of its article, with the words that were looked for marked."""
    document = view.documents.get(passage.doc_id)
    if document is None:
        text = masked(passage.text)
        return _paragraph(runs(text, 0, len(text), terms.marks(text, 0, len(text))))
    found = terms.marks(masked(document.text), passage.start, passage.end)
    return excerpt(document, passage.start, passage.end, found)


def _quote(citation: Citation, view: View) -> tuple[Piece, ...]:
    """What a source quotes, with the answer in it marked; a row of a table below the table's header."""
    begin, end = citation.answer_start, citation.answer_end
    document = view.documents.get(citation.doc_id)
    if document is not None and is_in_table(document, citation.start):
        return excerpt(document, citation.start, citation.end, [Mark(begin, end, "answer")])
    return _paragraph(quoted(citation.quote, begin - citation.start, end - citation.start))


def _said(part: Part, answer: Answer, view: View) -> str:
    """The words of a part of an answer as one reads them; those of a table's row without its bars."""
    quoted_whole = (each for each in answer.citations if each.quote == part.text)
    citation = next((each for each in quoted_whole if each.n in part.citations), None)
    document = citation and view.documents.get(citation.doc_id)
    row = row_words(document, citation.start, citation.end) if citation and document else ""
    return row or shown(part.text)


def _paragraph(content: list[Run]) -> tuple[Piece, ...]:
    return (Piece("paragraph", (Row((content,)),)),)


def _quoting(answer: Answer, citation: Citation) -> bool:
    """Whether a source shows its quote: not if the answer has it word for word."""
    shown_whole = not (answer.generated or answer.verdict)
    return not (shown_whole and any(part.text == citation.quote for part in answer.parts))


def _where(source: Citation | Passage) -> str:
    if source.page is not None:
        return f"page {source.page}"
    return f"line {source.line}" if source.line is not None else ""


def _is_list(answer: Answer) -> bool:
    """Whether an answer of several parts is a list rather than a text."""
    return answer.answer == "; ".join(part.text for part in answer.parts)


def _described(filters: Filters) -> Mapping[str, Any]:
    return {name: value for name in FILTERS if (value := getattr(filters, name))}


def _days(filters: Filters) -> str:
    """The days of a filter: "from 1 March 2026 to 3 March 2026", "since …", "until …"."""
    since, until = filters.since, filters.until
    if not since or not until:
        return f"since {day(since)}" if since else f"until {day(until)}"
    return f"of {day(since)}" if since == until else f"from {day(since)} to {day(until)}"


def _markdown(answer: Answer) -> str:
    return as_markdown(answer).text


class _Piece(NamedTuple):
    """Text that a language model wrote, or instead of it the numbers of its sources."""

    text: str
    numbers: tuple[int, ...] = ()


def _written(answer: Answer) -> list[_Piece]:
    pieces, at, text = [], 0, answer.answer or ""
    for match in MARKERS.finditer(text):
        pieces.append(_Piece(text[at : match.start()].rstrip()))
        pieces.append(_Piece("", tuple(map(int, match.group()[1:-1].split("][")))))
        at = match.end()
    return [*pieces, _Piece(text[at:])]
