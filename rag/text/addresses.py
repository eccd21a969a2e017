"""Addresses of web pages: whether two are those of one article."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

# What says how a reader came to a page, or in which form it is shown; not which article it is.
_ABOUT_THE_VISIT: Final = re.compile(
    r"utm_.*|(fb|g|dc|tw)clid|gbraid|wbraid|msclkid|mc_[ce]id|ref|ref_src|source|cmp(id)?|ocid|smid|amp|output(type)?|share",
    re.IGNORECASE,
)
_VARIANT_HOST: Final = re.compile(r"(?:www\d?|amp|m|mobile)\.(?=[^.]+\.)")
_VARIANT_PATH: Final = re.compile(r"^/amp(?=/)|/amp/?$|(?:\.amp)?(?:\.html?)?$|/$", re.IGNORECASE)


def article_address(url: str | None) -> str:
    """The address in a form that all variants of one article's address share; "" if it names no article.

    A site's first page is no article, though pages that state no better address often name it.

    >>> article_address("https://www.example.org/news/pears/amp?utm_source=x#top")
    'example.org/news/pears'
    >>> article_address("http://example.org/")
    ''
    """
    host, path, query = _parts(url)
    path = _VARIANT_PATH.sub("", _VARIANT_PATH.sub("", path)).rstrip("/")
    kept = [(name, value) for name, value in query if not _ABOUT_THE_VISIT.fullmatch(name)]
    if not host or not (path or kept):
        return ""
    return f"{host}{path}" + (f"?{urlencode(sorted(kept))}" if kept else "")


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
    return _VARIANT_HOST.sub("", host, count=1), parts.path, query
