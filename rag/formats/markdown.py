"""Markdown: CommonMark plus tables.

Blocks exclude markup: the # of a heading, the fence of a code block, the opening > of a quotation.
Where Markdown has no rule (other bullet characters, run-in headings), the plain text rules apply.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rag.formats.plain import (
    Plain,
    list_block,
    lists_and_tables,
    merge_lists,
    paragraph,
    pipe_rows_end,
    read_text,
)
from rag.records import Block, Extracted
from rag.text.lines import Line, as_lines, groups, line_starts, read_lines
from rag.text.sentences import trimmed

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LONGEST_SETEXT: Final = 200  # a rule directly below a longer paragraph is only a rule
_MARKUP: Final = re.compile(
    r"(?:\[?!\[[^\[\]]*+\]\([^()]*+\)(?:\]\([^()]*+\))?"
    r"|<!--(?:(?!-->|<!--).)*+-->|</?[A-Za-z][^<>]*+>|<[!?][A-Za-z][^<>]*+>|\s++)++",
    re.DOTALL,
)
"""Images, comments and tags. No repetition can match the start of another, so matching is linear."""
_CALLOUT: Final = re.compile(
    r"[> \t]*\[![A-Za-z-]{2,20}\][+-]?[ \t]*(?P<title>[^\r\n]*)(?:\r\n?|\n|\Z)"
)
"""The first line of a quotation in which some programs frame a note: "> [!tip] Title"."""
_RAW: Final = ("script", "style")


class Markdown:
    """Text with Markdown markup."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` is text and the file name ends as Markdown. Content alone cannot tell."""
        return name.lower().endswith((".md", ".markdown")) and Plain().accepts(data, name)

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text unchanged, and its blocks. The first level-one heading is the title."""
        from rag.formats.front_matter import front_matter

        text, encoding = read_text(data)
        body, stated = front_matter(text)
        front = [Block(start, end, "boilerplate") for start, end in trimmed(text, 0, body)]
        blocks = merge_lists(front + _Body(text, body).blocks())
        return Extracted(text, tuple(blocks), found=(encoding, *stated), headings_marked=True)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"inline_definitions": True}).enable("table")


class _Body:
    """The text after its front matter, with the offset of each line."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.starts = line_starts(text, start)
        self.has_title = False

    def blocks(self) -> list[Block]:
        """The blocks in order."""
        # Keep the number of lines; empty the blank ones, which may hold any kind of space.
        source = as_lines(self.text[self.starts[0] :])
        source = re.sub(r"^[^\S\n]+$", "", source, flags=re.MULTILINE)
        tokens: list[Token] = []
        _parser().block.parse(source, _parser(), {}, tokens)
        blocks: list[Block] = []
        at = 0
        while at < len(tokens):
            end = at + 1
            while end < len(tokens) and tokens[end].level > 0:
                end += 1
            blocks += self._block(tokens[at], tokens[at + 1 : end])
            at = end
        return blocks

    def _block(self, token: Token, inner: list[Token]) -> list[Block]:
        """The blocks of one top-level token; ``inner`` are the tokens inside it."""
        if token.map is None:  # a closing token
            return []
        start, end = self._span(token)
        match token.type:
            case "heading_open":
                blocks = self._heading(token, inner[0].content)
            case "bullet_list_open" | "ordered_list_open":
                blocks = [list_block(read_lines(self.text, start, end))]
            case "blockquote_open":
                blocks = self._quotation(token, inner)
            case "table_open":
                lines = read_lines(self.text, start, end)
                rows = max(2, pipe_rows_end(lines, 0))  # the rule under the header may lack pipes
                blocks = [
                    *self._whole(start, lines[rows - 1].end, "table"),
                    *self._prose(lines[rows:]),
                ]
            case "html_block":
                blocks = self._html(start, end)
            case "fence":
                first, _ = token.map
                code = token.content
                last = first + 1 + code.count("\n") + bool(code and code[-1] != "\n")
                blocks = self._whole(self._line(first + 1), self._line(last), "paragraph")
            case "code_block":
                blocks = self._whole(start, end, "paragraph")
            case "paragraph_open":
                blocks = self._prose(read_lines(self.text, start, end))
            case _:  # a footnote of one word reads like the definition of a link
                note = self.text[start:end].lstrip(" \t").startswith("[^")
                blocks = self._whole(start, end, "paragraph" if note else "boilerplate")
        return blocks

    def _line(self, number: int) -> int:
        return self.starts[number] if number < len(self.starts) else len(self.text)

    def _span(self, token: Token) -> tuple[int, int]:
        first, last = token.map or (0, 0)
        return self._line(first), self._line(last)

    def _whole(self, start: int, end: int, kind: str) -> list[Block]:
        return [Block(low, high, kind) for low, high in trimmed(self.text, start, end)]

    def _heading(self, token: Token, content: str) -> list[Block]:
        start, end = self._span(token)
        if token.markup[0] in "=-":
            end = self._line((token.map or (0, 0))[1] - 1)
            if "\n" in content or len(content) > _LONGEST_SETEXT:
                rule = self._whole(end, self._span(token)[1], "boilerplate")
                return self._prose(read_lines(self.text, start, end)) + rule
        if not content or _MARKUP.fullmatch(content):  # an image is no title
            return self._whole(start, end, "boilerplate") if content else []
        start = self.text.rindex(content, start, end)
        kind = "heading" if self.has_title or token.tag != "h1" else "title"
        self.has_title = self.has_title or kind == "title"
        return [Block(start, start + len(content), kind)]

    def _quotation(self, token: Token, inner: list[Token]) -> list[Block]:
        """One paragraph for each paragraph, heading or other block inside a quotation."""
        blocks = []
        for part in [each for each in inner if each.level == 1 and each.map] or [token]:
            start, end = self._span(part)
            if part.type == "paragraph_open" and (callout := _CALLOUT.match(self.text, start, end)):
                blocks += self._whole(start, callout.start("title"), "boilerplate")
                blocks += self._whole(*callout.span("title"), "heading")
                start = callout.end()
            marks = " >#" if part.type == "heading_open" else " >"
            while start < end and (self.text[start] in marks or self.text[start].isspace()):
                start += 1
            blocks += self._whole(start, end, "paragraph")
        return blocks

    def _html(self, start: int, end: int) -> list[Block]:
        """Scripts, style sheets, and the tags and comments around text are boilerplate."""
        source = self.text[start:end].rstrip().lower()
        if any(source.startswith(f"<{tag}") and source.endswith(f"</{tag}>") for tag in _RAW):
            return self._whole(start, end, "boilerplate")
        begin, finish = start, end
        for markup in _MARKUP.finditer(self.text, start, end):
            if markup.start() == start:
                begin = markup.end()
            elif markup.end() == end:
                finish = markup.start()
        return [
            *self._whole(start, begin, "boilerplate"),
            *self._prose(read_lines(self.text, begin, finish)),
            *self._whole(finish, end, "boilerplate"),
        ]

    def _prose(self, lines: list[Line]) -> list[Block]:
        blocks: list[Block] = []
        for members in groups(lines):
            blocks += lists_and_tables(self.text, members, pipe_rows_end, _run)
        return blocks


def _run(text: str, lines: list[Line]) -> list[Block]:
    """The blocks of lines that are neither list nor table: paragraphs, and lines of markup only."""
    blocks: list[Block] = []
    for is_markup, run in groupby(lines, key=lambda line: bool(_MARKUP.fullmatch(line.text))):
        members = list(run)
        start, end = members[0].start, members[-1].end
        blocks += [Block(start, end, "boilerplate")] if is_markup else paragraph(text, start, end)
    return blocks
