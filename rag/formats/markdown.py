"""Markdown to blocks.

Marks are markup and stay outside the blocks: the # of a heading, the fence of a code block, the > a
quotation opens with. What Markdown says nothing about (bylines, disclaimers) is left to the same
rules as in plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from rag.formats.plain import list_block, list_end, merge_lists, pipe_rows_end, run_in
from rag.records import Block
from rag.text.lines import Line, is_separator, read_lines
from rag.text.sentences import LIST_MARKER

MAX_FRONT_MATTER = 16_384
"""Characters. Front matter is a dozen lines; beyond this it is text that happens to be fenced."""

_MARK_INDENT = 3  # a mark indented by four or more is code
_ATX = re.compile(r"(#{1,6})(?:[ \t]++|\Z)")
_CLOSING_MARKS = re.compile(r"(?:\A|[ \t])#+\Z")
_SETEXT = re.compile(r"=+|-{2,}")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_REFERENCE = re.compile(r"\[[^\[\]]{1,200}\]:[ \t]*\S.*")
_TAGS = re.compile(r"(?:<[/!]?[A-Za-z][^<>]*+>[ \t]*+)++")
_IMAGE = re.compile(r"(?:\[?!\[[^\[\]]*+\]\([^()]*+\)(?:\]\([^()]*+\))?[ \t]*+)++")
_FRONT_KEY = re.compile(r"[\w-]+[ \t]*:|#")
_FRONT_ENTRY = re.compile(
    r"^[\w\"'][\w \"'-]*+:[ \t]*+(?P<opening>[^\r\n]?)[^\r\n]*+(?:\r?\n[ \t]++[^\r\n]*+)*+",
    re.MULTILINE,
)
_NOT_SCALAR = frozenset(("", "[", "{", "&", "*", "!", "?"))
_LONGEST_ENTRY = 1000
_FRONT_END = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)


@dataclass(slots=True)
class Markdown:
    """The blocks of a document, its front matter's scalars, and which block is the first H1."""

    blocks: list[Block] = field(default_factory=list)
    front: dict[str, str] = field(default_factory=dict)
    first_h1: int | None = None


def parse(text: str) -> Markdown:
    """The blocks of a Markdown text in order; kinds as in plain text, the title not yet chosen."""
    result = Markdown()
    body = _front_matter(text, result)
    scanner = _Scanner(text, [line for line in read_lines(text) if line.start >= body])
    scanner.run()
    heading = scanner.first_h1
    result.blocks = merge_lists([*result.blocks, *scanner.blocks])
    if heading is not None:
        result.first_h1 = result.blocks.index(heading)
    return result


class _Scanner:
    """One pass over the lines of a document."""

    def __init__(self, text: str, lines: list[Line]) -> None:
        self.text = text
        self.lines = lines
        self.at = 0
        self.blocks: list[Block] = []
        self.first_h1: Block | None = None
        self.comments_close = True

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not (self._fence(line) or self._comment(line) or self._mark(line)):
                self._paragraph()

    def _add(self, start: int, end: int, kind: str) -> None:
        if start < end:
            self.blocks.append(Block(start, end, kind))

    def _heading(self, start: int, end: int, level: int) -> None:
        self._add(start, end, "heading")
        if level == 1 and self.first_h1 is None and start < end:
            self.first_h1 = self.blocks[-1]

    def _fence(self, line: Line) -> bool:
        """A code block: one paragraph, never looked into."""
        fence = _FENCE.match(line.text)
        if not fence:
            return False
        mark = fence.group()
        first = last = self.at + 1
        while last < len(self.lines) and not _closes(self.lines[last].text, mark):
            last += 1
        if last > first:
            self._add(self.lines[first].start, self.lines[last - 1].end, "paragraph")
        self.at = last + 1
        return True

    def _comment(self, line: Line) -> bool:
        if not line.text.startswith("<!--") or not self.comments_close:
            return False
        end = line.start
        while self.text.startswith("<!--", end):
            close = self.text.find("-->", end + 4)
            if close < 0:
                self.comments_close = False  # spares the same search at every later "<!--"
                break
            self._add(end, close + 3, "boilerplate")
            end = close + 3
            while self.text[end : end + 1].isspace() and self.text[end] not in "\r\n":
                end += 1
        if end == line.start:
            return False
        while self.at < len(self.lines) and self.lines[self.at].end <= end:
            self.at += 1
        if self.at < len(self.lines) and (rest := self.lines[self.at]).start < end:
            content = self.text[end : rest.end]
            self.lines[self.at] = Line(end, rest.end, rest.indent, rest.group, content)
        return True

    def _mark(self, line: Line) -> bool:
        """A heading, rule, quotation, list, table or line of markup; False if none of these."""
        at, lines = self.at, self.lines
        following = lines[at + 1] if self._continues(at + 1) else None
        if line.indent <= _MARK_INDENT and (mark := _ATX.match(line.text)):
            content = line.text[mark.end() :].lstrip()
            start = line.end - len(content)
            content = _CLOSING_MARKS.sub("", content).rstrip()
            self._heading(start, start + len(content), len(mark[1]))
            self.at += 1
        elif following and self._is_setext(line, following):
            self._heading(line.start, line.end, 1 if following.text[0] == "=" else 2)
            self.at += 2
        elif (is_separator(line.text) and not LIST_MARKER.fullmatch(line.text)) or (
            _is_markup(line.text)
        ):
            self._add(line.start, line.end, "boilerplate")
            self.at += 1
        elif line.text[0] == ">":
            self._quotation()
        elif (end := list_end(lines, at)) > at:
            self.blocks.append(list_block(lines[at:end]))
            self.at = end
        elif (end := self._table_end()) > at:
            self._add(line.start, lines[end - 1].end, "table")
            self.at = end
        else:
            return False
        return True

    def _continues(self, at: int) -> bool:
        """Whether line ``at`` exists and follows the current one without a blank line."""
        return at < len(self.lines) and self.lines[at].group == self.lines[self.at].group

    def _is_setext(self, line: Line, following: Line) -> bool:
        return (
            _SETEXT.fullmatch(following.text) is not None
            and "|" not in line.text
            and len(line.text) <= 200
            and line.text[0] != ">"
            and not LIST_MARKER.match(line.text)
            and not is_separator(line.text)
        )

    def _quotation(self) -> None:
        first = self.at
        while self._continues(self.at + 1) and self.lines[self.at + 1].text[0] == ">":
            self.at += 1
        start, end = self.lines[first].start, self.lines[self.at].end
        while start < end and (self.text[start] == ">" or self.text[start].isspace()):
            start += 1
        self._add(start, end, "paragraph")
        self.at += 1

    def _table_end(self) -> int:
        if "|" not in self.lines[self.at].text:
            return self.at
        end = self.at
        while self._continues(end) and "|" in self.lines[end].text:
            end += 1
        return pipe_rows_end(self.lines[self.at : end], 0) + self.at

    def _paragraph(self) -> None:
        """Lines up to a blank line or the next mark are one paragraph."""
        first = self.at
        start = self.lines[first].start
        last = first
        while self._continues(last + 1) and not self._interrupts(last + 1):
            last += 1
        end = self.lines[last].end
        self.blocks += run_in(self.text, start, end) or [Block(start, end, "paragraph")]
        self.at = last + 1

    def _interrupts(self, at: int) -> bool:
        line = self.lines[at]
        text = line.text
        piped = "|" in text and at + 1 < len(self.lines) and "|" in self.lines[at + 1].text
        return bool(
            (line.indent <= _MARK_INDENT and (_ATX.match(text) or _FENCE.match(text)))
            or text[0] == ">"
            or text.startswith("<!--")
            or is_separator(text)
            or (piped and self.lines[at + 1].group == line.group)
            or list_end(self.lines[at : at + 1], 0)
        )


def _closes(line: str, fence: str) -> bool:
    return line.startswith(fence) and not line.strip(fence[0])


def _is_markup(line: str) -> bool:
    return bool(_REFERENCE.fullmatch(line) or _TAGS.fullmatch(line) or _IMAGE.fullmatch(line))


# ---------------------------------------------------------------- front matter


def _front_matter(text: str, result: Markdown) -> int:
    """Take in YAML front matter; returns the offset at which the article begins."""
    opening = re.match(r"---[ \t]*\r?\n", text)
    if not opening:
        return 0
    window = text[:MAX_FRONT_MATTER]
    closing = _FRONT_END.search(window, opening.end())
    if not closing:
        return 0
    inside = window[opening.end() : closing.start()]
    # Between two rules may also stand the first paragraph of an article.
    if inside.strip() and not _FRONT_KEY.match(inside.lstrip()):
        return 0
    end = closing.end()
    result.blocks.append(Block(0, len(text[:end].rstrip()), "boilerplate"))
    result.front = front_scalars(inside)
    return end


def front_scalars(source: str) -> dict[str, str]:
    """The top-level ``key: scalar`` pairs of a YAML mapping, as strings, keys in small letters.

    Entries are parsed one by one, so a malformed one costs only itself. What does not begin as a
    scalar in the line of its key is passed over unparsed: PyYAML takes 11 s for 8,000 opening
    brackets, and runs out of stack on 500.
    """
    scalars: dict[str, str] = {}
    for match in _FRONT_ENTRY.finditer(source):
        entry = match.group()
        if match["opening"] in _NOT_SCALAR or len(entry) > _LONGEST_ENTRY:
            continue
        try:
            # Nodes, not values: a date or a number stays as it is written.
            node = yaml.compose(entry, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError):
            continue
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if (
                isinstance(key, yaml.ScalarNode)
                and isinstance(value, yaml.ScalarNode)
                and value.value.strip(" ~")
            ):
                scalars.setdefault(key.value.lower(), value.value.strip())
    return scalars
