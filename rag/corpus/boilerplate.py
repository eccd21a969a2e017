"""Marks what surrounds an article: disclaimers, forms, calls to subscribe, navigation.

An article may be about any of these, so no word alone condemns a paragraph. A rule looks either at
a whole short line, or at how a paragraph opens, or needs the paragraph to stand in the trailing
matter: after it, nothing but furniture follows.
"""

from __future__ import annotations

from collections import Counter

from rag.english.datelines import is_dateline
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
    MENU_WORDS,
)
from rag.records import Block
from rag.text.headings import is_title_case, word_count

CONTENT = frozenset(("paragraph", "list", "table"))
"""The kinds of block that passages are made of."""

_LINE_CHARS = 160
_LONGEST = (
    4000  # characters; no disclaimer or menu met so far is longer, and no furniture is a book
)
_CALL_WORDS = 20
_REPEATS = 3


def mark(text: str, blocks: list[Block], *, headings_are_marked: bool = False) -> list[Block]:
    """The blocks with furniture marked ``boilerplate``; offsets stay as they are.

    ``headings_are_marked`` says that the format marks headings itself (Markdown), so that a heading
    is one beyond doubt.
    """
    repeated = _repeated_lines(text, blocks)
    result = list(blocks)
    has_content = any(block.kind in CONTENT for block in blocks)
    trailing = has_content
    headless: list[int] = []  # headings of the trailing matter: they head nothing
    company = False  # whether a rule knows some other line of the trailing matter as furniture
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number]
        if block.kind in ("title", "boilerplate"):
            continue
        above = blocks[number - 1] if number else None
        below = result[number + 1].kind if number + 1 < len(blocks) else ""
        kind = block.kind
        if _is_furniture(text, block, above, below, trailing=trailing, repeated=repeated):
            kind = "boilerplate"
            company = company or trailing
        elif kind == "heading" and not has_content and not headings_are_marked:
            kind = "paragraph"  # nothing else to find the document by
        elif kind == "heading" and trailing:
            headless.append(number)
        result[number] = Block(block.start, block.end, kind)
        trailing = trailing and kind in ("boilerplate", "heading")
    for number in headless:
        # Among furniture a titled line is furniture too. Without such company it is content: a list
        # of names, a closing line that lacks its full stop.
        block = blocks[number]
        titled = is_title_case(text[block.start : block.end])
        kind = "boilerplate" if headings_are_marked or (company and titled) else "paragraph"
        result[number] = Block(block.start, block.end, kind)
    return result


def is_furniture_line(line: str) -> bool:
    """Whether a whole line is furniture wherever it stands ("Share this article", "© 2025 …")."""
    return len(line) <= _LINE_CHARS and bool(FURNITURE.fullmatch(line) or COPYRIGHT.fullmatch(line))


def _is_furniture(
    text: str,
    block: Block,
    above: Block | None,
    below: str,
    *,
    trailing: bool,
    repeated: frozenset[str],
) -> bool:
    """Whether one block is furniture, given its neighbour above and the settled kind below."""
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
            is_furniture_line(content)
            or (below not in CONTENT and HEADS_FURNITURE.fullmatch(content))
            or (CREDIT.fullmatch(content) and word_count(content) <= 8)
            or content in repeated
            # The date of a teaser, right under the teaser's title.
            or (above is not None and above.kind in ("heading", "title") and is_dateline(content))
        )
    ):
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

    It is labelled as one and says so; or it stands in the trailing matter and says so twice (once
    under a heading "Disclaimer"); or it stands elsewhere, under that heading, and says so thrice.
    """
    labelled = DISCLAIMER_LABEL.match(paragraph) is not None
    heading = text[above.start : above.end].rstrip(":.").lower() if above else ""
    headed = heading in DISCLAIMER_HEADINGS
    if not (labelled or headed or trailing):
        return False
    enough = 1 if labelled or (headed and trailing) else 2 if trailing else 3
    return sum(1 for pattern in DISCLAIMS if pattern.search(paragraph)) >= enough


def _repeated_lines(text: str, blocks: list[Block]) -> frozenset[str]:
    """Short sentences that recur ("Continue reading below."): furniture that needs no word list.

    Left out are headings (a section name recurs in every second report), questions, and what has
    two words ("Yes, sir." recurs in every interview).
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
    known = sum(1 for item in items if item in MENU_WORDS or FURNITURE.fullmatch(item))
    return len(items) >= 2 and known >= 0.6 * len(items)
