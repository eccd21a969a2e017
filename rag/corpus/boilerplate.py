"""Marks boilerplate: disclaimers, forms, calls to subscribe, navigation.

An article may be about any of these, so no single word makes a paragraph boilerplate. A rule matches
a whole short line, or the start of a paragraph, or applies only in the trailing matter, the end of the
text where nothing but boilerplate follows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.english.furniture import (
    CALL,
    COOKIES,
    COPYRIGHT,
    CREDIT,
    DISCLAIMER_HEADINGS,
    DISCLAIMER_LABEL,
    DISCLAIMS,
    FURNITURE,
    HEADS_FURNITURE,
    MAIL_FURNITURE,
    MENU_WORDS,
)
from rag.english.names import names
from rag.records import Block
from rag.text.datelines import is_dateline
from rag.text.headings import is_title_case, word_count
from rag.text.sentences import ends_sentence

CONTENT = frozenset(("paragraph", "list", "table"))
"""The kinds of block that passages consist of."""

_LINE_CHARS = 160
_LONGEST = 4000  # characters; longer than any disclaimer or menu seen so far
_CALL_WORDS = 20
_LONGEST_CALL = 400
_ABOUT = 500
_MENU = 3
_REPEATS = 3


def mark(
    text: str,
    blocks: list[Block],
    *,
    headings_are_marked: bool = False,
    authors: Sequence[str] = (),
) -> list[Block]:
    """The blocks, with the kind of some changed to ``boilerplate``; offsets do not change.

    ``headings_are_marked`` says that the format marks headings (Markdown), so every heading is certain.
    ``authors`` are the names in the byline: a last paragraph that begins with one is about its author.
    """
    repeated = _repeated_lines(text, blocks)
    teasers = _teasers(text, blocks)
    result = list(blocks)
    has_content = any(block.kind in CONTENT for block in blocks)
    trailing = has_content
    stray_headings: list[int] = []  # headings in the trailing matter, without a section
    has_trailing = False  # whether a rule found boilerplate in the trailing matter
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number]
        if block.kind in ("title", "boilerplate"):
            continue
        above = blocks[number - 1] if number else None
        below = result[number + 1].kind if number + 1 < len(blocks) else ""
        kind = block.kind
        if (
            trailing and (number in teasers or _is_about(text, block, above, authors))
        ) or _is_boilerplate(text, block, above, below, trailing=trailing, repeated=repeated):
            kind = "boilerplate"
            has_trailing = has_trailing or trailing
        elif kind == "heading" and not has_content and not headings_are_marked:
            kind = "paragraph"  # otherwise no search could find the document
        elif kind == "heading" and trailing:
            stray_headings.append(number)
        result[number] = Block(block.start, block.end, kind)
        trailing = trailing and kind in ("boilerplate", "heading")
    for number in stray_headings:
        # Beside boilerplate, a line in title case is boilerplate too. Otherwise it is content, such
        # as a list of names or a closing line without its full stop.
        block = blocks[number]
        titled = is_title_case(text[block.start : block.end])
        kind = "boilerplate" if headings_are_marked or (has_trailing and titled) else "paragraph"
        result[number] = Block(block.start, block.end, kind)
    return result


def _teasers(text: str, blocks: list[Block]) -> frozenset[int]:
    """The numbers of teasers: lines and lists, without sentences, below a line such as "Most read".

    Without any prose above it, such a line heads the article itself.
    """
    found: set[int] = set()
    prose = inside = False
    for number, block in enumerate(blocks):
        lines = text[block.start : min(block.end, block.start + _LONGEST)].splitlines()
        if (
            block.kind != "list"
            and len(lines) == 1
            and HEADS_FURNITURE.fullmatch(lines[0].strip("*_ "))
        ):
            inside = prose
            continue
        said = block.kind == "table" or any(map(ends_sentence, lines))
        inside = inside and not said
        prose = prose or (said and block.kind in CONTENT)
        if inside and block.kind in ("list", "paragraph", "heading"):
            found.add(number)
    return frozenset(found)


def _is_about(text: str, block: Block, above: Block | None, authors: Sequence[str]) -> bool:
    """Whether a paragraph is about an author or the outlet: "Ann Lee covers energy from Oslo."."""
    if block.kind != "paragraph" or block.end - block.start > _ABOUT:
        return False
    heading = text[above.start : above.end] if above else ""
    headed = heading[:5].lower() == "about" and HEADS_FURNITURE.fullmatch(heading) is not None
    if headed and (name := next(names(text[block.start : block.end]), None)):
        return name.start == 0
    return any(text.startswith(f"{name} ", block.start) for name in authors)


def is_boilerplate_line(line: str) -> bool:
    """Whether a line is boilerplate wherever it stands ("Share this article", "© 2025 …", a menu)."""
    return len(line) <= _LINE_CHARS and (
        bool(FURNITURE.fullmatch(line) or COPYRIGHT.fullmatch(line))
        or _is_menu(re.sub(r" ?[|•·/›»\t] ?| {2,}", "\n", line))
    )


def _is_boilerplate(
    text: str,
    block: Block,
    above: Block | None,
    below: str,
    *,
    trailing: bool,
    repeated: frozenset[str],
) -> bool:
    """Whether one block is boilerplate, given the block above it and the final kind of the one below."""
    content = text[block.start : min(block.end, block.start + _LONGEST)]
    size = block.end - block.start
    if block.kind == "table":
        return False
    if block.kind == "list":
        return size <= _LONGEST and _is_menu(content)
    if (
        size <= _LINE_CHARS
        and "\n" not in content
        and (
            is_boilerplate_line(content)
            or (below not in CONTENT and HEADS_FURNITURE.fullmatch(content))
            or (CREDIT.fullmatch(content) and word_count(content) <= 8)
            or content in repeated
            # The date directly below the title of a teaser.
            or (above is not None and above.kind in ("heading", "title") and is_dateline(content))
        )
    ):
        return True
    if size <= _LONGEST_CALL and trailing and MAIL_FURNITURE.search(content):
        return True
    if block.kind != "paragraph" or size > _LONGEST:
        return False
    return bool(
        _disclaims(text, content, above, trailing=trailing)
        or COOKIES.match(content)
        or ((trailing or word_count(content) <= _CALL_WORDS) and CALL.search(content))
        or (trailing and size <= 400 and COPYRIGHT.fullmatch(content))
    )


def _disclaims(text: str, paragraph: str, above: Block | None, *, trailing: bool) -> bool:
    """Whether a paragraph is a disclaimer.

    It must match one pattern if it is labelled as a disclaimer, or stands under a heading
    "Disclaimer" in the trailing matter; two elsewhere in the trailing matter; three under that
    heading anywhere else.
    """
    labelled = DISCLAIMER_LABEL.match(paragraph) is not None
    heading = text[above.start : above.end].rstrip(":.").lower() if above else ""
    under_heading = heading in DISCLAIMER_HEADINGS
    if not (labelled or under_heading or trailing):
        return False
    required = 1 if labelled or (under_heading and trailing) else 2 if trailing else 3
    said = {match.lastgroup for match in DISCLAIMS.finditer(paragraph.lower())}
    return len(said) >= required


def _repeated_lines(text: str, blocks: list[Block]) -> frozenset[str]:
    """Short sentences that recur ("Continue reading below."): boilerplate that needs no word list.

    Left out are headings (many reports repeat a section name), questions, and sentences of one or two
    words (interviews repeat "Yes, sir.").
    """
    paragraphs = [block for block in blocks if block.kind == "paragraph"]
    counts = Counter(text[b.start : b.end] for b in paragraphs if b.end - b.start <= 80)
    return frozenset(
        line
        for line, count in counts.items()
        if _REPEATS <= count <= len(paragraphs) / 2
        and 3 <= word_count(line) <= 8
        and line[-1] in ".!"
    )


def _is_menu(content: str) -> bool:
    items = [line.strip(" \t•*-\u2013·|\u00a0").lower() for line in content.splitlines()]
    if len(items) == 1:  # "Share Tweet Email"
        items = items[0].split()
        return len(items) >= _MENU and MENU_WORDS.issuperset(items)
    known = sum(
        1
        for item in items
        if item in MENU_WORDS
        or FURNITURE.fullmatch(item)
        or HEADS_FURNITURE.fullmatch(item)
        or MAIL_FURNITURE.match(item)
    )
    return known >= 0.6 * len(items)
