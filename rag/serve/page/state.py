"""What the page shows, and the address that says so."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

from rag.asking.conversation import REMEMBERED
from rag.records import Citation, Filters, Passage, offsets_of

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

QUOTE: Final = "quote"
"""The id of the first marked stretch of an open article; the fragment of addresses that lead there."""
FILTERS: Final = ("since", "until", "publisher", "title", "path", "undated")
"""Each filter has one parameter, named as in the command line."""


@dataclass(frozen=True, slots=True)
class PageState:
    """All that an address says.

    ``questions`` are the conversation, oldest first, at most ``REMEMBERED``; ``passages_only`` is a search
    for the last of them. ``open`` is the id of the article beside the answer, and ``at`` the offsets of the
    stretch to show there. ``listed`` is the page of the list of all articles, from 1; 0 for no list.
    ``root`` is the path of the server behind a proxy.
    """

    questions: tuple[str, ...] = ()
    filters: Filters | None = None
    passages_only: bool = False
    open: str = ""
    at: tuple[int, int] | None = None
    listed: int = 0
    root: str = ""

    @classmethod
    def of(cls, query: QueryParams, root: str = "") -> Self:
        """The state that the query of an address names. Raises InvalidFilter."""
        asked = tuple(text for each in query.getlist("q") if (text := each.strip()))
        filters = Filters(
            since=query.get("since", "").strip(),
            until=query.get("until", "").strip(),
            publisher=query.get("publisher", "").strip(),
            path=query.get("path", "").strip(),
            title=query.get("title", "").strip(),
            undated=bool(query.get("undated")),
        )
        page = query.get("list", "")
        return cls(
            asked[-REMEMBERED:],
            filters or None,
            query.get("show") == "passages",
            query.get("open", ""),
            offsets_of(query.get("at", "")),
            int(page) if re.fullmatch(r"[1-9]\d{0,6}", page, re.ASCII) else 0,
            root,
        )

    @property
    def question(self) -> str:
        """The last question; "" if there is none."""
        return self.questions[-1] if self.questions else ""

    @property
    def address(self) -> str:
        """The address of this state, without scheme and host."""
        pairs = [("q", text) for text in self.questions]
        if self.passages_only:
            pairs.append(("show", "passages"))
        pairs += self.filter_pairs
        if self.listed:
            pairs.append(("list", str(self.listed)))
        if self.open:
            pairs.append(("open", self.open))
        if self.at:
            pairs.append(("at", f"{self.at[0]}-{self.at[1]}"))
        # Ids of files that are not UTF-8 have lone surrogates.
        query = urlencode(pairs, errors="surrogatepass")
        fragment = f"#{QUOTE}" if self.at else ""
        return f"{self.root}/{'?' if query else ''}{query}{fragment}"

    @property
    def filter_pairs(self) -> list[tuple[str, str]]:
        """The parameters of the filters in force."""
        if self.filters is None:
            return []
        values = ((name, getattr(self.filters, name)) for name in FILTERS)
        return [(name, "1" if value is True else str(value)) for name, value in values if value]

    def opening(self, source: Citation | Passage) -> str:
        """The address of this state with an article open at a citation or passage."""
        return replace(self, open=source.doc_id, at=(source.start, source.end)).address

    def reading(self, doc_id: str, start: int | None = None, end: int | None = None) -> str:
        """The address of this state with an article open, at an offset if one is given."""
        at = None if start is None else (start, start if end is None else end)
        return replace(self, open=doc_id, at=at).address

    def without(self, name: str) -> str:
        """The address of this state without one of its filters."""
        filters = replace(self.filters, **{name: False if name == "undated" else None})  # type: ignore[type-var]  # asked only for filters in force
        return replace(self, filters=filters or None).address

    def following(self, **changes: object) -> str:
        """The address of this state with other fields."""
        return replace(self, **changes).address  # type: ignore[arg-type]  # templates know the fields
