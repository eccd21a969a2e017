"""What an answer quotes, and the citations of it: made from offsets, checked before anyone sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote as percent_encoded

from rag.answer.candidates import Candidate, Inquiry
from rag.corpus.scan import source_state
from rag.english.sentences import leans
from rag.errors import IndexCorrupt
from rag.records import Citation, Document, State
from rag.text.markup import GONE, JOINER, masked
from rag.text.units import Unit, block_units, introduction

SENTENCES: Final = 3
"""Most sentences in an answer."""
NEARLY: Final = 0.3
"""How probable another sentence must be to join it, as a share of the best one's probability."""
NEW: Final = 0.5
"""Least share of such a sentence's terms that neither the question nor the sentences before have."""
LONGEST: Final = 2_000
"""Most characters of several sentences; if they are longer, only the best one is quoted."""
ITEMS: Final = 100
"""Most items of a list that is quoted whole. Of a longer list, only the passage's items are quoted."""
_INTRODUCED: Final = 0.5
"""A list is quoted whole if its heading and introduction hold this share of the question's terms."""


@dataclass(frozen=True)
class Source:
    """A document, its file, and the file's hash at the time of indexing."""

    document: Document
    path: Path
    sha256: str
    is_file: bool = True
    """Whether the file is the document itself, and not a container that it is in."""

    @cached_property
    def state(self) -> State:
        """The state of the file now. It is read once, and only if it is cited."""
        return source_state(self.path, self.sha256)


class Piece(NamedTuple):
    """A part of an answer and the quote around it, as offsets into one document."""

    answer: tuple[int, int]
    quote: tuple[int, int]


def pieces(inquiry: Inquiry, document: Document, candidate: Candidate) -> list[Piece]:
    """What to quote for a candidate: one piece, or one for each item of a list.

    A phrase is quoted with its sentence, a cause or a manner with the sentences that belong together, and a
    sentence that says yes or no with the one it leans on.
    """
    form, unit = inquiry.form, candidate.unit
    quote = (unit.start, unit.end)
    if form == "list" and unit.kind == "list":
        about = f"{candidate.passage.heading or ''}\n{introduction(document, unit)}"
        if inquiry.share_in(about) >= _INTRODUCED and "list" in inquiry.rules:
            items = block_units(document, unit)
            if len(items) > ITEMS:
                items = [u for u in candidate.read.units if u.block == unit.block]
            return [Piece((u.start, u.end), (u.start, u.end)) for u in items]
    if form in ("passage", "sentence") and unit.kind not in ("list", "table"):
        most = SENTENCES if form == "passage" else 1
        longer = _sentences(document.text, block_units(document, unit), unit, most)
        if longer != quote and "sentences" in inquiry.rules:
            quote = longer
        return [Piece(quote, quote)]
    return [Piece(candidate.span, quote)]


def together(inquiry: Inquiry, document: Document, candidates: Sequence[Candidate]) -> list[Piece]:
    """What to quote for the most probable candidate, followed by what completes it.

    Other sentences of its article join a cause or a manner if they are nearly as probable and most of
    what they say is new, up to three sentences in all.
    """
    best = candidates[0]
    chosen = pieces(inquiry, document, best)
    if inquiry.form != "passage" or best.unit.kind in ("list", "table"):
        return chosen
    known = {*inquiry.terms, *_terms(inquiry, document, chosen[0])}
    left = SENTENCES - _count(document, best, chosen[0])
    for other in candidates[1:]:
        enough = other.probability >= NEARLY * best.probability
        if not left or not enough or other.passage.doc_id != best.passage.doc_id:
            continue
        piece = Piece((other.unit.start, other.unit.end), (other.unit.start, other.unit.end))
        terms = _terms(inquiry, document, piece)
        if other.unit.kind in ("list", "table") or len(terms - known) < NEW * len(terms):
            continue
        if "together" not in inquiry.rules:
            break
        chosen.append(piece)
        known |= terms
        left -= 1
    return [chosen[0], *sorted(chosen[1:])]


def _terms(inquiry: Inquiry, document: Document, piece: Piece) -> set[str]:
    return set(inquiry.analyzer(document.text[slice(*piece.quote)]))


def _count(document: Document, best: Candidate, piece: Piece) -> int:
    """How many sentences of the best candidate's block a piece has."""
    start, end = piece.quote
    return sum(start <= unit.start < end for unit in block_units(document, best.unit))


def _sentences(text: str, units: Sequence[Unit], best: Unit, most: int) -> tuple[int, int]:
    """The best sentence, the one it leans on, and, up to ``most`` in all, those that lean on it in turn.

    ``units`` are all sentences of the block: the passage may begin or end inside one.
    """
    first = next(n for n, unit in enumerate(units) if best.start < unit.end)
    last = first
    if first and leans(text, units[first].start):
        first -= 1
    while last + 1 < len(units) and last + 1 - first < most and leans(text, units[last + 1].start):
        last += 1
    start, end = units[first].start, units[last].end
    return (start, end) if end - start <= LONGEST else (best.start, best.end)


def cite(
    n: int, source: Source, quote: tuple[int, int], answer: tuple[int, int] | None = None
) -> Citation:
    """Citation ``n``: a quote and the answer inside it (default: all of it), as offsets.

    Raises IndexCorrupt for offsets outside the text: a citation that cannot be sliced is never shown.
    """
    document = source.document
    (start, end), (answer_start, answer_end) = quote, answer or quote
    if not 0 <= start <= answer_start < answer_end <= end <= len(document.text):
        raise IndexCorrupt(
            f"{document.doc_id}: the index points outside its text ({start}:{end})",
            fix="build the index afresh with: rag index --full",
        )
    return Citation(
        n=n,
        doc_id=document.doc_id,
        path=document.path,
        title=document.title,
        publisher=document.publisher,
        published=document.published,
        url=document.url,
        start=start,
        end=end,
        line=document.line(start),
        page=document.page(start),
        quote=document.text[start:end],
        answer_start=answer_start,
        answer_end=answer_end,
        sha256=source.sha256,
        state=source.state,
        start_utf16=document.utf16(start),
        end_utf16=document.utf16(end),
        link=link(document, source.path if source.is_file else None, start, end),
        copies=document.copies,
    )


# ---------------------------------------------------------------- links

# A text fragment (https://wicg.github.io/scroll-to-text-fragment/) names the words to find on a web page,
# or the first and the last of them: ``URL#:~:text=first%20words,last%20words``.

EXACT: Final = 100
"""A longer quote is named by its first and last words: it may lie in several elements of the page."""
WORDS: Final = 6
"""How many words at each end."""

_FRAGMENT: Final = ":~:"
# A browser finds words across the markup inside a paragraph or cell, but not across two of them.
_BORDERS: Final = str.maketrans({**dict.fromkeys("\r\t\f|", "\n"), JOINER: "", GONE: ""})


def link(document: Document, file: Path | None, start: int, end: int) -> str | None:
    """The address that opens a source at ``start..end``; None if it has neither pages nor a web address.

    It is a page of a PDF, or a text fragment of a web page. ``file`` is the absolute path of a document's
    own file, None if it is inside another. Characters that mean something in a fragment are encoded.
    """
    page = document.page(start)
    if page is not None:
        return f"{file.as_uri()}#page={page}" if file else None
    if not document.url or not _is_web_address(document.url):
        return None
    named = _named(document.text[start:end])
    if not named:
        return document.url
    address, _, fragment = document.url.partition("#")
    place = fragment.partition(_FRAGMENT)[0]
    return f"{address}#{place}{_FRAGMENT}text={','.join(map(_encoded, named))}"


def _is_web_address(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    return scheme.lower() in {"http", "https"} and rest[:1] not in {"", "#"} and not url.split()[1:]


def _named(quote: str) -> list[str]:
    """The words to find: all of a short quote, the first and last of a long one; [] if it has no word."""
    runs = [" ".join(run.split()) for run in masked(quote).translate(_BORDERS).split("\n")]
    runs = [run for run in runs if any(map(str.isalnum, run))]
    if not runs:
        return []
    first, last = runs[0].split(), runs[-1].split()
    if len(runs) == 1 and (len(runs[0]) <= EXACT or len(first) < 2 * WORDS):
        return runs
    return [" ".join(first[:WORDS]), " ".join(last[-WORDS:])]


def _encoded(words: str) -> str:
    return percent_encoded(words, safe="").replace("-", "%2D")
