"""An answer as Markdown, for chat windows and for language models; and what it said, read back from it.

Text of articles is not trusted: it must not become an image, a link or HTML where it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, get_args

from rag.records import Answer, Citation, Verdict
from rag.text.terminal import UNSAFE

ABSTENTION: Final = "The articles don't say"
"""How an abstention begins."""
QUOTED: Final = 3
"""Nearest passages that an abstention names."""

_ACTIVE: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`<[]"})
"""What begins HTML, an image, a link or code; a backslash in front of it makes it plain text."""
MARKERS: Final = re.compile(r"(?:\[\d+\])+")
_ESCAPED: Final = re.compile(r"\\([\\`<\[\]#>+\-=*_~|])")
_BEGINNINGS: Final = tuple("#>+-=*_~|")
"""What begins a heading, a list or a rule."""
_YES_OR_NO: Final = tuple(f"{verdict.capitalize()}." for verdict in get_args(Verdict))


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a Markdown text, ``text[start:end]``, and the citation that it rests on."""

    start: int
    end: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as Markdown. Each citation has one mark or more; offsets are Unicode code points."""

    text: str
    marks: tuple[Mark, ...]


def shown(answer: Answer) -> Shown:
    """The answer, the quotes that hold it, and the sources, in that order; an abstention has its reason.

    What a language model wrote comes in its own words, with the numbers of its sources.
    """
    page = _Page()
    if answer.status == "abstained":
        page.paragraph(f"{ABSTENTION}: {inert(answer.reason or '')}.")
        _nearest(page, answer)
    elif answer.generated:
        _written(page, answer)
        _sources(page, answer.citations)
    else:
        _quoted(page, answer)
        if answer.certainty:
            page.paragraph(f"*{answer.certainty.capitalize()}.*")
        _sources(page, answer.citations)
    if answer.disagreement:
        differing = "; ".join(inert(other.answer) for other in answer.disagreement)
        page.paragraph(f"The articles differ, newest first: {differing}")
    for warning in answer.warnings:
        page.paragraph(f"Note: {inert(warning)}.")
    return Shown(page.text, tuple(page.marks))


def markdown(answer: Answer) -> str:
    """An answer as Markdown, sources included; text of articles in it does nothing but show itself.

    This is the text that chat programs and assistants are given.
    """
    return shown(answer).text


def said(text: str) -> tuple[str | None, str]:
    """The answer and the quote in a Markdown text: one of ``shown``, or the words of another assistant.

    The answer is None for an abstention.
    """
    if text.startswith(ABSTENTION):
        return None, ""
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", text) if each.strip()]
    quotes = [each for each in paragraphs if each.startswith("> ")]
    plain = [
        each
        for each in paragraphs
        if not (each.startswith(("> ", "- [")) or each in _YES_OR_NO or _is_aside(each))
    ]
    quote = " ".join(_bare(each.removeprefix("> ")) for each in quotes)
    return (_bare(plain[0]) if plain else quote), quote


def inert(text: str) -> str:
    r"""Text of an article as one line of Markdown that does nothing but show it.

    >>> inert("![x](http://a.example) <b>")
    '!\\[x\\](http://a.example) \\<b>'
    """
    line = " ".join(UNSAFE.sub(" ", text).split())
    return _as_text(line.translate(_ACTIVE))


def prose(text: str) -> str:
    """What a language model wrote, made inert; the numbers of its citations stay.

    The beginning of a text gives the beginning of the result.
    """
    line = " ".join(UNSAFE.sub(" ", text).split())
    parts = MARKERS.split(line)
    markers = [*MARKERS.findall(line), ""]
    joined = "".join(
        part.translate(_ACTIVE) + marker for part, marker in zip(parts, markers, strict=True)
    )
    return _as_text(joined)


def _as_text(line: str) -> str:
    """A line that begins no heading, list or rule."""
    return f"\\{line}" if line.startswith(_BEGINNINGS) else line


def _is_aside(paragraph: str) -> bool:
    """Whether a paragraph is a sentence in italics, such as "*Probably right.*"."""
    inside = paragraph[1:-1]
    return f"*{inside}*" == paragraph and inside.endswith(".") and "*" not in inside


class _Page:
    """A Markdown text that grows by paragraphs, with its marks."""

    def __init__(self) -> None:
        self.text = ""
        self.marks: list[Mark] = []

    def paragraph(self, text: str) -> int:
        """Add a paragraph; returns the offset at which it begins."""
        self.text += "\n\n" if self.text else ""
        start = len(self.text)
        self.text += text
        return start


def _quoted(page: _Page, answer: Answer) -> None:
    only = [citation.quote for citation in answer.citations]
    if answer.verdict:
        page.paragraph(f"{answer.verdict.capitalize()}.")
    elif answer.answer and " ".join(only) != answer.answer:
        page.paragraph(inert(answer.answer))
    for citation in answer.citations:
        sentence = f"{inert(citation.quote)} [{citation.n}]"
        start = page.paragraph(f"> {sentence}") + len("> ")
        page.marks.append(Mark(start, start + len(sentence), citation))


def _written(page: _Page, answer: Answer) -> None:
    by_number = {citation.n: citation for citation in answer.citations}
    text = prose(answer.answer or "")
    start = page.paragraph(text)
    at = 0
    for match in MARKERS.finditer(text):
        for number in map(int, match.group()[1:-1].split("][")):
            if number in by_number:
                page.marks.append(Mark(start + at, start + match.end(), by_number[number]))
        at = len(text) - len(text[match.end() :].lstrip(".!…").lstrip())


def _sources(page: _Page, citations: tuple[Citation, ...]) -> None:
    lines = [f"- [{c.n}] {_source(c)}" for c in citations]
    if lines:
        page.paragraph("\n".join(lines))


def _source(citation: Citation) -> str:
    title = inert(citation.title)
    address = _address(citation.link) or _address(citation.url)
    linked = f"[{title}]({address})" if address else title
    described = inert(
        ", ".join(
            (
                citation.publisher or "publisher unknown",
                citation.published or "date unknown",
                _place(citation),
            )
        )
    )
    changed = "" if citation.state == "current" else f" ({citation.state} since it was indexed)"
    return f"{linked} — {described}{changed}"


def _place(citation: Citation) -> str:
    if citation.page is not None:
        return f"{citation.doc_id}, page {citation.page}"
    return citation.doc_id if citation.line is None else f"{citation.doc_id}:{citation.line}"


def _nearest(page: _Page, answer: Answer) -> None:
    titles = dict.fromkeys(inert(passage.title) for passage in answer.passages)
    if titles:
        page.paragraph("Nearest articles: " + "; ".join(list(titles)[:QUOTED]))


def _address(url: str | None) -> str | None:
    """A web address that can stand in brackets; None for anything else."""
    return url if url and re.fullmatch(r"https?://[^\s()<>\[\]\\`]+", url) else None


def _bare(text: str) -> str:
    """A paragraph without escapes and numbers of citations."""
    return _ESCAPED.sub(r"\1", " ".join(MARKERS.sub("", text).split())).strip()
