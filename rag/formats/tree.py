"""A tree of HTML elements → the lines that a browser shows: paragraphs, headings, items, rows of tables."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rag.formats.display import Element, is_block, is_hidden, is_verbatim, local_name
from rag.formats.lists import OpenList, next_marker, open_list
from rag.formats.marks import LONGEST_MARK, is_note_link, superscript
from rag.formats.tables import Grid
from rag.text.elements import HEADINGS, WITHOUT_TEXT
from rag.text.lines import is_separator

Role = Callable[[Element], str | None]
"""What an element and everything inside it is: ``boilerplate``, ``title``, ``skip`` to leave it out,
``content`` to undo what an element around it is, and to show it if it is hidden, or None for no change."""
_HEADINGS: Final = HEADINGS | {"summary"}
_STRUCK: Final = frozenset(("del", "s", "strike"))
_READINGS: Final = frozenset(("rt", "rp", "rtc"))
_SKIPPED: Final = (
    WITHOUT_TEXT | _STRUCK | _READINGS | {"head", "title", "annotation", "annotation-xml", "param"}
)
_SEPARATE: Final = _SKIPPED - _STRUCK - _READINGS - {"script", "style", "template"}
"""Two words with one of these between them are not joined into one."""
_BOLD: Final = frozenset(("b", "strong"))
_LISTS: Final = frozenset(("ul", "ol", "menu", "dir", "dl"))
_BREAK: Final = "\n"  # a <br>, or a line end in verbatim text
_SOFT: Final = "\x1f"  # a space, but only between two words
# Control characters, soft hyphens, zero-width spaces, and marks of direction. The zero-width joiners
# stay: they are spelling in Persian and Hindi, and hold emoji together.
_INVISIBLE: Final[dict[int, str | None]] = dict.fromkeys(
    (
        *(
            *range(9),
            *range(0x0E, 0x20),
            *range(0x7F, 0x85),
            *range(0x86, 0xA0),
            0xAD,
            0x180E,
            0x200B,
        ),
        *(0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070)),
        *(0xFEFF, *range(0xFFF9, 0xFFFC)),
    )
)
_FOLDED: Final = _INVISIBLE | dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x85\u2028\u2029"), " ")
_SPACES: Final = re.compile(r"[^\S\n]{2,}")
_SOFT_SPACE: Final = re.compile(rf"(?<=\w){_SOFT}+(?=\w)")


@dataclass(slots=True)
class ShownLine:
    """A paragraph, heading, list item or table row, and what it belongs to."""

    text: str
    kind: str
    element: Element
    group: Element = None  # the outermost list, or the table
    depth: int = 0  # of lists
    marker: str = ""  # "" for a further paragraph of an item
    is_loose: bool = False  # a blank line before it
    is_bold: bool = False  # all of it


@dataclass(slots=True)
class _Mark:
    """Where the text of an open <sup> or <a> begins."""

    element: Element
    piece: int
    size: int
    flushes: int
    is_linked: bool


class Walker:
    """Turns elements into lines."""

    def __init__(self, role: Role | None) -> None:
        self.lines: list[ShownLine] = []
        self._role = role
        self._roles: list[tuple[Element, str]] = []
        self._pieces: list[str] = []  # the text since the last block began or ended
        self._size = 0
        self._flushes = 0
        self._block: Element = None  # in which the pieces stand
        self._lists: list[OpenList] = []
        self._marks: list[_Mark] = []
        self._heading: Element = None
        self._bold = 0  # how many bold elements are open
        self._is_bold = True  # all text since the last block began or ended
        self._verbatim = 0
        self._outside: list[list[OpenList]] = []  # the lists that are open outside each open table
        self._grid: Grid[ShownLine] | None = None  # the innermost table, unless it is only layout

    def walk(self, root: Element) -> None:
        """Visit all elements in document order."""
        element = self._block = root
        # Holding the elements around this one also keeps lxml from searching for one that is held.
        around: list[Element] = []
        while True:
            if self._open(element):
                self._add(element.text)
                if len(element):
                    around.append(element)
                    element = element[0]
                    continue
                self._close(element)
            following = None
            while around and following is None:
                self._add(element.tail)
                following = element.getnext()
                if following is None:
                    element = around.pop()
                    self._close(element)
            if following is None:
                break
            element = following
        self._flush()

    def _open(self, element: Element) -> bool:
        """Begin an element; False if nothing of it is shown."""
        name = local_name(element)
        if not name:
            self._entity(element)
            return False
        role = self._role(element) if self._role else None
        closed = name == "button" and self._heading is None
        hidden = role == "skip" or (role != "content" and is_hidden(element))
        if name in _SKIPPED or closed or hidden:
            if name in _SEPARATE or closed:
                self._pieces.append(_SOFT)
            return False
        if role:
            self._flush()
            self._roles.append((element, role))
        if is_block(element, name):
            self._flush()
            self._block = element
            self._open_block(element, name)
        else:
            self._open_inline(element, name)
        return True

    def _open_inline(self, element: Element, name: str) -> None:
        if name == "br":
            self._pieces.append(_BREAK)
        elif name == "q":
            self._pieces.append("“")
        elif name in _BOLD:
            self._bold += 1
        elif name in ("sup", "a"):
            linked = name == "a" and "#" in element.get("href", "")
            self._marks.append(_Mark(element, len(self._pieces), self._size, self._flushes, linked))
        elif "-" in name:
            self._pieces.append(_SOFT)

    def _entity(self, element: Element) -> None:
        """Add the character of an entity that the parser left alone."""
        text = element.text or ""
        if text.startswith("&") and (character := html.unescape(text)) != text:
            self._add(character)

    def _open_block(self, element: Element, name: str) -> None:
        if is_verbatim(element, name):
            self._verbatim += 1
        if name in _HEADINGS:
            self._heading = element if self._heading is None else self._heading
        elif name in _LISTS:
            self._end_term()
            self._lists.append(open_list(element, name))
        elif name in ("li", "dt", "dd"):
            self._open_item(element, name)
        elif name == "table":
            self._open_table(element)
        elif self._grid is not None and name in ("thead", "tbody", "tfoot"):
            self._grid.section(is_head=name == "thead")
        elif self._grid is not None and name == "tr":
            self._grid.row()
        elif self._grid is not None and name in ("td", "th"):
            columns, rows = _span(element, "colspan"), _span(element, "rowspan")
            self._grid.open(columns, rows, is_header=name == "th")

    def _open_item(self, element: Element, name: str) -> None:
        if not self._lists:  # an item outside any list
            self._lists.append(open_list(element, "ul"))
        opened = self._lists[-1]
        opened.in_item = True
        opened.in_term = name == "dt"
        opened.marker = "- "
        if name == "li" and opened.is_ordered:
            number = element.get("value", "")
            if re.fullmatch(r"[0-9]{1,3}", number):
                opened.next = int(number)
            opened.marker = next_marker(opened)
            opened.next += opened.step

    def _open_table(self, element: Element) -> None:
        self._end_term()
        if self._grid is not None:  # a table that holds another one is layout
            self.lines += self._grid.pieces()
        self._outside.append(self._lists)
        self._lists = []
        is_layout = element.get("role", "").lower() in ("presentation", "none")
        self._grid = None if is_layout else Grid()

    def _close(self, element: Element) -> None:
        name = local_name(element)
        if is_block(element, name):
            self._flush()
            self._close_block(element, name)
            parent = element.getparent()
            self._block = element if parent is None else parent
        elif name == "q":
            self._pieces.append("”")
        elif name in _BOLD:
            self._bold -= 1
        elif name in ("sup", "a"):
            self._close_mark(name)
        elif "-" in name:
            self._pieces.append(_SOFT)
        if self._roles and self._roles[-1][0] is element:
            self._flush()
            self._roles.pop()

    def _close_block(self, element: Element, name: str) -> None:
        if is_verbatim(element, name):
            self._verbatim -= 1
        if self._heading is element:
            self._heading = None
        elif name in _LISTS:
            self._close_list(element)
        elif name in ("li", "dt", "dd") and self._lists:
            self._lists[-1].in_item = self._lists[-1].in_term = False
            self._close_list(element)
        elif name == "table":
            grid, self._grid = self._grid, None
            if grid is not None:
                self._table(element, grid)
            self._lists = self._outside.pop()
        elif name in ("td", "th") and self._grid is not None:
            self._grid.close()

    def _close_list(self, element: Element) -> None:
        if self._lists and self._lists[-1].element is element:
            self._end_term()
            self._lists.pop()

    # ------------------------------------------------------------ text

    def _add(self, text: str | None) -> None:
        if not text:
            return
        text = text.translate(_INVISIBLE if self._verbatim else _FOLDED)
        self._is_bold = self._is_bold and (self._bold > 0 or text.isspace())
        self._pieces.append(text)
        self._size += len(text)

    def _flush(self) -> None:
        """Make lines of the text since the last block began or ended."""
        self._flushes += 1
        is_bold, self._is_bold = self._is_bold, True
        if not self._pieces:
            return
        raw = _SOFT_SPACE.sub(" ", "".join(self._pieces)).replace(_SOFT, "")
        self._pieces.clear()
        if self._verbatim:
            lines = raw.splitlines()
        else:
            lines = [line.strip() for line in _SPACES.sub(" ", raw).split(_BREAK)]
        is_loose, is_bold = False, is_bold and sum(map(bool, map(str.strip, lines))) < 2
        for has_text, paragraph in groupby(lines, key=lambda line: bool(line.strip())):
            text = _BREAK.join(paragraph).rstrip() if has_text else ""
            if text and not is_separator(text):
                self._line(text, is_loose=is_loose, is_bold=is_bold)
                is_loose = True

    def _line(self, text: str, *, is_loose: bool, is_bold: bool) -> None:
        line = ShownLine(text, self._kind(), self._block, is_loose=is_loose, is_bold=is_bold)
        if line.kind in ("heading", "title"):
            line.text = text.replace("\n", " ")
        if self._lists and not self._itemize(line):
            return
        self._emit(line)

    def _kind(self) -> str:
        element, role = self._roles[-1] if self._roles else (None, "")
        if role == "boilerplate":
            return role
        if role == "title":  # once
            self._roles[-1] = element, "content"
            return role
        return "paragraph" if self._heading is None else "heading"

    def _itemize(self, line: ShownLine) -> bool:
        """Make a line part of its item; False for a term, which waits for its definition."""
        opened = self._lists[-1]
        if opened.in_term and line.kind == "paragraph":
            opened.terms.append(line.text.replace("\n", " "))
            return False
        if opened.in_item and line.kind == "paragraph":
            line.group, line.depth = self._lists[0].element, len(self._lists)
            line.marker, opened.marker = opened.marker, ""
            line.text = self._define(line.text)
            line.is_loose = line.is_loose or local_name(self._block) == "p"
        else:
            self._end_term()
            opened.in_item = opened.in_item and line.kind == "boilerplate"
        return True

    def _define(self, text: str) -> str:
        """A definition behind the terms that wait for it."""
        terms = self._lists[-1].terms
        if not terms:
            return text
        term = ", ".join(terms)
        terms.clear()
        return f"{term}{' ' if term[-1] in ':?!.' else ': '}{text}"

    def _end_term(self) -> None:
        """Make a term that waits for its definition an item of its own."""
        if self._lists and self._lists[-1].terms:
            terms, group, depth = self._lists[-1].terms, self._lists[0].element, len(self._lists)
            self._emit(ShownLine(", ".join(terms), "paragraph", group, group, depth, "- "))
            terms.clear()

    def _emit(self, line: ShownLine) -> None:
        if self._grid is not None and self._grid.has_rows:
            self._grid.add(line)
        else:
            self.lines.append(line)

    def _close_mark(self, name: str) -> None:
        """Drop the mark of a note, and raise an exponent."""
        mark = self._marks.pop()
        if mark.flushes != self._flushes or not 0 < self._size - mark.size <= LONGEST_MARK:
            return
        inside = "".join(self._pieces[mark.piece :]).strip()
        before = _tail(self._pieces, mark.piece)
        outer = self._marks[-1] if self._marks and self._marks[-1].flushes == mark.flushes else None
        shown: str | None = None
        if name == "sup":
            is_linked = mark.is_linked or (outer is not None and outer.is_linked)
            is_fraction = (mark.element.tail or "").strip()[:1] in ("/", "\u2044")
            shown = superscript(before, inside, is_linked=is_linked, is_fraction=is_fraction)
        elif mark.is_linked:
            names = " ".join(value for _, value in mark.element.items())
            shown = "" if is_note_link(before, inside, names) else None
            if outer is not None:
                outer.is_linked = True
        if shown is not None:
            self._pieces[mark.piece :] = [shown] if shown else []

    def _table(self, element: Element, grid: Grid[ShownLine]) -> None:
        kind = grid.kind()
        if kind == "layout":
            self.lines += grid.pieces()
        elif kind == "table":
            self.lines += [ShownLine(row, "table", element, element) for row in grid.lines()]
        else:
            self.lines += [
                ShownLine(pair, "paragraph", element, element, 1, "- ") for pair in grid.pairs()
            ]


def _span(element: Element, name: str) -> int:
    value = element.get(name, "")
    return max(1, int(value)) if re.fullmatch(r"[0-9]{1,4}", value) else 1


def _tail(pieces: list[str], end: int) -> str:
    """The last characters before a piece."""
    tail = ""
    while end and len(tail) < 8:
        end -= 1
        tail = pieces[end].replace(_SOFT, "")[-8:] + tail
    return tail
