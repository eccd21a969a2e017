"""Addresses of web pages: whether two are those of one article."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

WEB: Final = re.compile(r"https?://[^\s<>\"']{3,2000}", re.IGNORECASE)
# Parameters that say how a reader came to a page or how it is shown, not which article it is.
_ABOUT_THE_VISIT: Final = frozenset(
    "fbclid gclid dclid twclid gbraid wbraid msclkid mc_cid mc_eid ref ref_src source cmp cmpid ocid smid"
    " amp output outputtype share".split()
)
_VARIANT_HOSTS: Final = frozenset(("www", *(f"www{n}" for n in range(10)), "amp", "m", "mobile"))
_VARIANT_ENDS: Final = ("/", "/amp", ".html", ".htm", ".amp")


def article_address(url: str | None) -> str:
    """The address in a form that all variants of one article's address share; "" if it names no article.

    A site's first page is no article, though pages that state no better address often name it.

    >>> article_address("https://www.example.org/news/pears/amp?utm_source=x#top")
    'example.org/news/pears'
    >>> article_address("http://example.org/")
    ''
    """
    host, path, query = _parts(url)
    path = _without_variant(path)
    kept = [(name, value) for name, value in query if not _is_about_the_visit(name.lower())]
    if not host or not (path or kept):
        return ""
    return f"{host}{path}" + (f"?{urlencode(sorted(kept))}" if kept else "")


def _is_about_the_visit(name: str) -> bool:
    return name.startswith("utm_") or name in _ABOUT_THE_VISIT


def _without_variant(path: str) -> str:
    """A path without the parts that say how the page is shown: "/news/pears" of "/amp/news/pears.html"."""
    if path.lower().startswith("/amp/"):
        path = path[len("/amp") :]
    while ends := [end for end in _VARIANT_ENDS if path.lower().endswith(end)]:
        path = path[: -len(ends[0])]
    return path


def site(url: str | None) -> str:
    """The host of an address without its variants; "" if there is none.

    >>> site("https://amp.example.org/news/pears")
    'example.org'
    """
    return _parts(url)[0]


def _parts(url: str | None) -> tuple[str, str, list[tuple[str, str]]]:
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return "", "", []
    if parts.scheme.lower() not in ("http", "https"):
        return "", "", []
    query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    labels = host.split(".")
    kept = [label for label in labels[:-2] if label not in _VARIANT_HOSTS]
    return ".".join((*kept, *labels[-2:])), parts.path, query
