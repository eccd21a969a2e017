"""Reads the head of an article: masthead, title, byline, dateline and labels above the first paragraph.

The head ends at the first prose. One line in it is the title. Everything else that is neither prose nor
a heading is boilerplate, and often names the publisher and date.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from itertools import takewhile

from rag.corpus.boilerplate import is_boilerplate_line
from rag.english.furniture import is_generic
from rag.english.lexicon import SECTIONS
from rag.english.names import OUTLETS
from rag.records import Block
from rag.text.addresses import WEB
from rag.text.clock import CLOCK
from rag.text.datelines import Dateline, read_byline, read_dateline
from rag.text.headings import is_title_case, starts_with_capital, word_count
from rag.text.lines import read_lines
from rag.text.sentences import ends_sentence, sentence_spans

# Most heads have a handful of blocks; a menu may make them longer, but hardly longer than this.
_HEAD_BLOCKS = 40
# A standfirst, byline, dateline and a tag or two follow the title.
_AFTER_TITLE = 8

_TITLE_WORDS = 30
_TITLE_CHARS = 250
_TAG_WORDS = 5
_TAGS = 2  # on each side of the dateline

_LABELS = {
    written: key
    for key, names in {
        "title": "title headline",
        "author": "author",
        "by": "by byline",
        "publisher": "publisher site website",
        "source": "source",
        "url": "url link permalink",
        "topics": "tag tags topic topics keywords",
        "section": "section category categories",
        "language": "language lang",
    }.items()
    for written in names.split()
} | {"published by": "publisher"}
"""What the label of a line names."""
_BREADCRUMB = re.compile(
    r"(?:home(?:page)?|news ?room|news|blog|articles?|press(?: room| releases?)?|menu|insights?"
    r"|topics?|categor(?:y|ies)|sections?)[ \u00a0]{0,2}(?:[->\u203a»/|\u2013—].*)?"
    r"|[^ ].{0,80} [\u203a»>] .{1,80}|(?:[^|]{1,40}\|){2}.{0,160}|(?:skip to|jump to) .{1,40}",
    re.IGNORECASE,
)
_IN_DOMAINS = frozenset(string.ascii_lowercase + string.digits + "-.")
_FILE_ENDINGS = frozenset("md markdown txt js ts py html htm json yaml yml pdf csv xml".split())
_BYLINE_WORDS = 12
_BY_SHAPE = "first title-like line"


@dataclass(slots=True)
class Head:
    """The head of an article: its blocks with their final kinds, and the metadata in them.

    ``title`` is None if no line reads like one; ``why`` says how it was found. ``authors`` are the
    names in bylines, ``bylines`` what stands behind them and the short lines beside a dateline,
    ``mastheads`` the lines above the title, all in reading order.
    """

    blocks: list[Block]
    title: Block | None = None
    why: str = ""
    datelines: list[tuple[Dateline, Block]] = field(default_factory=list)
    bylines: list[tuple[str, Block]] = field(default_factory=list)
    mastheads: list[Block] = field(default_factory=list)
    labels: dict[str, tuple[str, Block]] = field(default_factory=dict)
    url: tuple[str, Block] | None = None
    authors: list[tuple[str, Block]] = field(default_factory=list)


def read_head(
    text: str,
    blocks: list[Block],
    *,
    month_first: bool | None = None,
    marked_title: int | None = None,
) -> Head:
    """The head of a document whose blocks are ``blocks``.

    ``marked_title`` is the number of the block that the format marks as the title, if any.
    """
    first = 0 if marked_title is None else marked_title + 1
    last = max(first, _HEAD_BLOCKS)
    apart = [line for block in blocks[first:last] for line in _dated_lines(text, block)]
    blocks = [*blocks[:first], *apart, *blocks[last:]]
    head = Head(list(blocks))
    body = next(
        (n for n, block in enumerate(blocks[:_HEAD_BLOCKS]) if is_prose(text, block)),
        min(len(blocks), _HEAD_BLOCKS),
    )
    labelled = _read_labels(text, head, body)
    if labelled is not None:
        at = labelled
    elif marked_title is not None:
        at, head.why = marked_title, "first level-one heading"
    else:
        at = _find_title(text, head.blocks, body)
        head.why = _BY_SHAPE
    _read_surroundings(text, head, at, body, month_first)
    if at >= 0:
        block = head.blocks[at]
        head.title = Block(block.start, block.end, "title")
        if not _says_more(text, block, head.why):
            head.blocks[at] = head.title
        _split_label(text, head, at)
    return head


def _says_more(text: str, block: Block, why: str) -> bool:
    """Whether a title is prose, such as the first line of a post: it has several sentences."""
    return (
        why == _BY_SHAPE
        and block.kind == "paragraph"
        and len(sentence_spans(text, block.start, block.end)) > 1
    )


def _dated_lines(text: str, block: Block) -> list[Block]:
    """A block; lines at its top that sign and date the article are split off as blocks of their own."""
    if block.kind != "paragraph" or "\n" not in text[block.start : block.end]:
        return [block]
    lines = read_lines(text, block.start, block.end)
    short = list(takewhile(lambda line: _is_short(line.text), lines[:_AFTER_TITLE]))
    while short and not read_dateline(short[-1].text):
        short.pop()
    apart = [Block(line.start, line.end, block.kind) for line in short]
    rest = lines[len(short) :]
    return [*apart, *([Block(rest[0].start, block.end, block.kind)] if rest else [])]


def is_prose(text: str, block: Block) -> bool:
    """Whether a block belongs to the article's body: sentences, a table, or a list of longer items."""
    content = text[block.start : block.end][:2000]
    if block.kind == "table":
        return True
    if block.kind == "list":
        return any(word_count(line) > 5 for line in content.splitlines())
    if block.kind != "paragraph":
        return False
    words = word_count(content)
    if words >= _TITLE_WORDS:
        return True
    is_sentence = ends_sentence(content) or len(content) == 2000
    return words >= 8 and is_sentence and read_dateline(content) is None  # "… at 9:15 a.m."


def domain(text: str) -> str | None:
    """The domain if a line is nothing but a domain name ("example.org"), else None."""
    if not _IN_DOMAINS.issuperset(text.removesuffix("/")):
        return None
    name = text.removesuffix("/").removeprefix("www.")
    *names, top = name.split(".")
    is_domain = 0 < len(names) < 5 and all(names) and top.isalpha() and 2 <= len(top) <= 24
    return name if is_domain and top not in _FILE_ENDINGS else None


def web_url(text: str) -> str | None:
    """The text if it is exactly one http or https URL, else None."""
    return text if WEB.fullmatch(text) else None


# ---------------------------------------------------------------- title


def _find_title(text: str, blocks: list[Block], body: int) -> int:
    """The number of the title's block; -1 if there is none.

    A title has three or more words, and says more than what kind of text follows ("For Immediate
    Release"). Only if there is no such line may a shorter one in title case, a label, or the name of a
    newspaper be the title.
    """
    spare = -1
    for number, block in enumerate(blocks[:body]):
        line = text[block.start : block.end]
        if spare >= 0 and CLOCK.fullmatch(line) and _is_live(text, blocks):
            break
        if block.kind not in ("heading", "paragraph") or not _is_title_like(line):
            continue
        label = is_generic(line) or _names_newspaper(line)
        if word_count(line) >= 3 and not label:
            return number
        if spare < 0 and (is_title_case(line) or label):
            spare = number
    return spare


def _names_newspaper(line: str) -> bool:
    """Whether a line is like "The Harbour Post", as a masthead has it."""
    words = line.split()
    return (
        3 <= len(words) <= 4
        and words[0] == "The"
        and all(word.istitle() for word in words)
        and words[-1].lower() in OUTLETS
    )


def _is_live(text: str, blocks: list[Block]) -> bool:
    """Whether a text is a live report: times of day stand above its parts."""
    return sum(CLOCK.fullmatch(text, block.start, block.end) is not None for block in blocks) > 1


def _is_title_like(line: str) -> bool:
    return (
        len(line) <= _TITLE_CHARS
        and "\n" not in line
        and word_count(line) <= _TITLE_WORDS
        and starts_with_capital(line)
        and any(map(str.isalpha, line))
        and (not ends_sentence(line) or line.rstrip("\"'”\u2019 ").endswith(("?", "!", "...", "…")))
        and not line.endswith((":", "-", "\u00ad", "\u2010"))  # the last three break a word
        and not _is_boilerplate_line(line)
    )


def _is_boilerplate_line(line: str) -> bool:
    return bool(
        is_boilerplate_line(line)
        or _BREADCRUMB.fullmatch(line)
        or _is_byline(line)
        or _label(line)
        or read_dateline(line)
        or domain(line)
        or WEB.search(line)
    )


def _is_byline(line: str) -> bool:
    return _is_short(line) and read_byline(line) is not None


def _is_short(line: str) -> bool:
    return "\n" not in line and len(line.split()) <= _BYLINE_WORDS and not ends_sentence(line)


# ---------------------------------------------------------------- labels and boilerplate


def _read_labels(text: str, head: Head, body: int) -> int | None:
    """Record labels such as "Author: …". Returns the block number of a labelled title, or None."""
    title = None
    for number, block in enumerate(head.blocks[:body]):
        if block.kind not in ("heading", "paragraph"):
            continue
        line = text[block.start : block.end]
        key, at = _label(line) or ("", 0)
        value = line[at:]
        if not key or len(value) > _TITLE_CHARS * 8:
            continue
        if key == "title":
            if title is None:
                title, head.why = number, "labelled title"
            continue
        if key == "by" and word_count(value) > 6:
            continue
        head.labels.setdefault(key, (value.strip(), block))
        if key in ("author", "by"):
            _read_byline(head, block, f"by {value}")
        head.blocks[number] = Block(block.start, block.end, "boilerplate")
        if key == "url" and head.url is None and web_url(value.strip()):
            head.url = value.strip(), block
    return title


def _split_label(text: str, head: Head, at: int) -> None:
    """Split "Title: X" into boilerplate and title."""
    block = head.blocks[at]
    line = text[block.start : block.end]
    label = _label(line)
    if head.why != "labelled title" or not label:
        return
    head.title = Block(block.start + label[1], block.end, "title")
    before = Block(block.start, block.start + line.index(":") + 1, "boilerplate")
    head.blocks[at : at + 1] = [before, head.title]


def _label(line: str) -> tuple[str, int] | None:
    """What a label like "Author: Ann Lee" names, and the offset of its value; None if a line has none."""
    key, _, value = line.partition(":")
    name = _LABELS.get(key.rstrip(" \t").lower())
    is_value = bool(value.strip()) and "\n" not in line
    return (name, len(line) - len(value.lstrip())) if name and is_value else None


def _read_surroundings(
    text: str, head: Head, title: int, body: int, month_first: bool | None
) -> None:
    """Mark the boilerplate around the title; record datelines, bylines, masthead lines and the URL."""
    last = min(body, title + 1 + _AFTER_TITLE) if title >= 0 else min(body, _AFTER_TITLE)
    dated: list[int] = []
    for number in range(last):
        block = head.blocks[number]
        if number == title or block.kind == "table":
            continue
        line = text[block.start : block.end]
        dateline = read_dateline(line, month_first=month_first)
        byline = _read_byline(head, block, dateline.before if dateline else line)
        if dateline:
            head.datelines.append((dateline, block))
            dated.append(number)
        elif head.url is None and web_url(line):
            head.url = line, block
        elif number < title:
            if is_prose(text, block):
                continue
            head.mastheads.append(block)
        elif not byline and not domain(line):
            continue
        head.blocks[number] = Block(block.start, block.end, "boilerplate")
    if title >= 0:
        for number in _byline_blocks(text, head, dated, title, last):
            block = head.blocks[number]
            head.bylines.append((text[block.start : block.end], block))
            head.blocks[number] = Block(block.start, block.end, "boilerplate")


def _read_byline(head: Head, block: Block, line: str) -> bool:
    """Record the names in a byline. Returns whether the line is one."""
    byline = read_byline(line) if _is_short(line) else None
    for found, name in zip((head.authors, head.bylines), byline or ("", ""), strict=True):
        if name:
            found.append((name, block))
    return byline is not None


def _byline_blocks(text: str, head: Head, dated: list[int], title: int, last: int) -> list[int]:
    """The numbers of the blocks below the title that are bylines or tags: short lines by a dateline."""
    numbers: set[int] = set()
    for number in dated:
        if number < title:
            continue
        for side in (range(number - 1, title, -1), range(number + 1, last)):
            near = [n for n in side if head.blocks[n].kind != "boilerplate"][:_TAGS]
            numbers.update(takewhile(lambda n: _is_tag(text, head.blocks, n), near))
    return sorted(numbers)


def _is_tag(text: str, blocks: list[Block], number: int) -> bool:
    block = blocks[number]
    line = text[block.start : block.end]
    heads_list = number + 1 < len(blocks) and blocks[number + 1].kind in ("list", "table")
    return (
        block.kind in ("heading", "paragraph")
        and len(line.split()) <= _TAG_WORDS
        and not ends_sentence(line)
        and not line.endswith(":")
        and line.lower() not in SECTIONS
        and not heads_list
    )
