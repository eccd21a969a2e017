"""Which documents are one article, and which have one publisher.

Reprints are one article, and so are a page and its variant for phones, an article and its correction.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from rag.english.names import compatible, same
from rag.records import Document
from rag.text.addresses import article_address, site
from rag.text.copies import RELATED, copies, grouped, runs, share

_NO_CONTENT: Final = frozenset({"boilerplate", "title"})
_MOST_OF_A_NAME: Final = 0.7  # "The" may be missing


def content(document: Document) -> str:
    """A document's text without title and boilerplate, in which copies may differ and others agree."""
    kept = [
        document.text[block.start : block.end]
        for block in document.blocks
        if block.kind not in _NO_CONTENT
    ]
    return "\n".join(kept) if kept else document.text


def same_article(documents: Sequence[Document]) -> list[int]:
    """A number for each document, the same for copies of one text and for pages of one address."""
    texts = [content(document) for document in documents]
    by_text = copies(texts)
    if len(set(by_text)) == 1:
        return by_text
    pairs = [*enumerate(by_text), *same_address(documents, texts)]
    return grouped(len(documents), pairs)


def same_address(documents: Sequence[Document], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The pairs of documents that are pages of one address and share their title or part of their text.

    ``texts`` are their contents. A document is paired with the first that has its address.
    """
    first: dict[str, int] = {}
    for n, document in enumerate(documents):
        address = article_address(document.url)
        m = first.setdefault(address, n) if address else n
        if m != n and (
            _plain(documents[m].title) == _plain(document.title)
            or share(runs(texts[m]), runs(texts[n])) >= RELATED
        ):
            yield m, n


def one_voice(one: Document, other: Document) -> bool:
    """Whether two documents have the same publisher, as far as publishers' names and sites tell.

    Two publishers on one site are one if one of the names may stand for the other, as "BBC News" for "BBC".
    An unknown publisher is taken to be that of the site.
    """
    a, b = one.publisher, other.publisher
    if a and b and (same(a, b) or _is_domain_of(a, b) or _is_domain_of(b, a)):
        return True
    sites = _sites(one) & _sites(other)
    return bool(sites) and (not a or not b or compatible(a, b))


def _sites(document: Document) -> set[str]:
    """The site of a document's address, and that of its publisher if a domain is the publisher's name."""
    named = document.publisher or ""
    is_domain = "." in named and not named.split()[1:]
    return {site(document.url), site(f"https://{named}") if is_domain else ""} - {""}


def _is_domain_of(domain: str, name: str) -> bool:
    """Whether a domain belongs to a name, as "example-post.org" to "The Example Post"."""
    label, dot, _ = site(f"https://{domain}").partition(".")
    own, full = _plain(label), _plain(name)
    return bool(dot and own) and full.endswith(own) and len(own) >= _MOST_OF_A_NAME * len(full)


def is_later_version(one: Document, other: Document) -> bool:
    """Whether a document is a later version of another one that is the same article.

    It is one if it was changed later and has the same address, or the same title and publisher.
    """
    address = article_address(one.url)
    named = (_plain(one.title), _plain(one.publisher or ""))
    return bool(one.updated) and (
        (one.updated or "") > (other.updated or other.published or "")
        and (
            bool(address and address == article_address(other.url))
            or bool(all(named) and named == (_plain(other.title), _plain(other.publisher or "")))
        )
    )


def _plain(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(filter(str.isalnum, folded))
