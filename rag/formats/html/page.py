"""HTML pages: the text of the article, what the page says of it, and what is missing from it."""

from __future__ import annotations

import re
from typing import Final

from rag.errors import UnreadableFile
from rag.records import Block, Extracted

_START: Final = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEAD: Final = 4096
_ENDINGS: Final = (".html", ".htm", ".xhtml", ".shtml", ".xht", ".asp", ".aspx", ".php", ".jsp")
_ANY_TAG: Final = re.compile(
    rb"<(?:p|div|h[1-6]|article|main|section|table|ul|ol|br|title|meta|span|a)\b[^<>]*>",
    re.IGNORECASE,
)


class Html:
    """Web pages, saved from a browser or as they were sent."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` begins as a page does, or is named as one, has tags and is no mail."""
        start = data[:_HEAD].replace(b"\0", b"")
        if _START.match(start):
            return True
        return (
            name.lower().endswith(_ENDINGS)
            and b"content-type: multipart/" not in start.lower()  # a saved page in a mail's form
            and _ANY_TAG.search(data[:65536].replace(b"\0", b"")) is not None
        )

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The article as citable text. Raises UnreadableFile if the page has no text."""
        from rag.formats.html.article import choose
        from rag.formats.html.furniture import remove_furniture
        from rag.formats.html.metadata import read_facts
        from rag.formats.html.source import page_text, parse_page
        from rag.formats.html.special import (
            BEFORE_PAYWALL,
            ONLY_TEASERS,
            date_updates,
            has_wall,
            is_stub,
            teasers,
        )
        from rag.formats.markup import Rendered, join, render

        source = page_text(data)
        tree = parse_page(source)
        facts = read_facts(source, tree)
        notes = []
        is_walled = has_wall(tree)
        updates = date_updates(tree, facts.linked)
        listing = teasers(tree, facts) if not updates else None
        certain = frozenset(updates) if listing is None else frozenset((listing,))
        spared = frozenset(
            each for element in certain for each in (*element.iter(), *element.iterancestors())
        )
        remove_furniture(tree, spared)
        body = render(choose(tree, facts.title, certain))
        if listing is not None:
            notes.append(ONLY_TEASERS)
        elif is_stub(body.text, facts.linked, is_walled=is_walled):
            notes.append(BEFORE_PAYWALL)
        if not body.text and not facts.title:
            raise UnreadableFile("the page has no text")
        title = Rendered(facts.title, (Block(0, len(facts.title), "title"),) if facts.title else ())
        whole = join((title, body))
        return Extracted(
            whole.text, whole.blocks, found=facts.found, headings_marked=True, notes=tuple(notes)
        )
