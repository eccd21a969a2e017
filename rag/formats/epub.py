"""E-books: ``.epub``. A book is one document. Its chapters follow the spine; their titles are headings."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from rag.errors import UnreadableFile
from rag.formats.display import local_name
from rag.formats.html.source import declared_encoding, parse_page
from rag.formats.markup import Rendered, join, render
from rag.formats.packages import Package, part_names, resolve
from rag.records import Block, Extracted, Stated
from rag.text.encoding import decode
from rag.text.markup import ENTITY

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_TYPE: Final = "{http://www.idpf.org/2007/ops}type"
_OBFUSCATED_FONTS: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES: Final = frozenset(("application/xhtml+xml", "text/html", "application/x-dtbook+xml"))
_FURNITURE: Final = frozenset(
    (
        "cover toc titlepage title-page copyright-page colophon landmarks page-list lot loi loa lov index "
        "halftitlepage halftitle"
    ).split()
)
"""Types of pages, and of parts of pages, that lead to the text or say who made the book."""

_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
_OF_XML: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
_EMPTY: Final = re.compile(r"<([A-Za-z][\w:-]*)((?:\s[^<>]*)?)/>")
_VOID: Final = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()
)

_LINKED: Final = 0.8  # the share of the letters in links that makes a page a list of contents
_FEWEST_LINKS: Final = 3
_NAMED: Final = 3  # how many pages that could not be read are named


class Epub:
    """An e-book without copy protection."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` is a zip file that says where the book is."""
        return _CONTAINER in part_names(data, _CONTAINER)

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text of the book. Notes say which of its pages could not be read."""
        package = Package(data)
        book = _read_book(package)
        _check_protection(package, book)
        pages: list[Rendered] = []
        lost: list[str] = []
        for part in book.spine:
            if part == book.navigation:
                continue
            try:
                source = package.read(part)
                pages += [] if source is None else [_page(source, part, book)]
            except UnreadableFile:
                source = None
            if source is None:
                lost.append(part)
        whole = join(pages)
        if not whole.text:
            what = f"none of its pages can be read ({lost[0]})" if lost else "has no text"
            raise UnreadableFile(what)
        notes = (_lost(lost, len(book.spine)),) if lost else ()
        return Extracted(
            whole.text, whole.blocks, found=book.found, headings_marked=True, notes=notes
        )


@dataclass(slots=True)
class _Book:
    """What the package document says; all names are those of parts."""

    found: tuple[Stated, ...] = ()
    spine: list[str] = field(default_factory=list)
    navigation: str = ""
    furniture: set[str] = field(default_factory=set)
    chapters: dict[str, str] = field(
        default_factory=dict
    )  # part → its title in the list of contents


def _lost(parts: list[str], total: int) -> str:
    named = ", ".join(parts[:_NAMED]) + (" …" if len(parts) > _NAMED else "")
    return f"{len(parts)} of {total} pages of the book could not be read: {named}"


def _attribute(element: Any, name: str) -> str:
    """An attribute by its local name, in any namespace."""
    value = element.get(name)
    if value is None:
        value = next((v for k, v in element.items() if k.rpartition("}")[2] == name), "")
    return str(value)


def _every(root: Any, *names: str) -> Iterator[Any]:
    if root is not None:
        for element in root.iter():
            if local_name(element) in names:
                yield element


# ---------------------------------------------------------------- the package


def _read_book(package: Package) -> _Book:
    name, root = _package_document(package)
    manifest: dict[str, Any] = {}
    for item in _every(root, "item"):
        manifest.setdefault(_attribute(item, "id"), item)
    book = _Book(_found(root))
    contents = ""
    for item in manifest.values():
        part = _existing(package, resolve(name, _attribute(item, "href")))
        if "nav" in _attribute(item, "properties").split():
            book.navigation = contents = part
        elif _attribute(item, "media-type") == "application/x-dtbncx+xml":
            contents = contents or part
    for reference in _every(root, "itemref"):
        item = manifest.get(_attribute(reference, "idref"))
        if item is not None and _attribute(item, "media-type") in _PAGES:
            book.spine.append(_existing(package, resolve(name, _attribute(item, "href"))))
    for reference in _every(root, "reference"):  # the guide of EPUB 2
        if _attribute(reference, "type").lower() in _FURNITURE:
            book.furniture.add(_existing(package, resolve(name, _attribute(reference, "href"))))
    if not book.spine:
        raise UnreadableFile(f"{name}: names no pages")
    book.chapters = _chapters(package, contents)
    return book


def _package_document(package: Package) -> tuple[str, Any]:
    """The name and the root of the part that lists all others."""
    container = _readable(package, _CONTAINER)
    names = [_attribute(each, "full-path") for each in _every(container, "rootfile")]
    names += [name for name in package.names if name.lower().endswith(".opf")]
    for name in names:
        if (data := package.read(name)) is not None:
            return name, _tree(data, name)
    raise UnreadableFile("damaged: the list of its pages is lost")


def _readable(package: Package, name: str) -> Any:
    """The root element of a part, or None if it is missing or damaged."""
    try:
        data = package.read(name)
        return None if data is None else _tree(data, name)
    except UnreadableFile:
        return None


def _existing(package: Package, name: str) -> str:
    """The name, or the name of the part that differs from it only in capitals."""
    if name in package.names:
        return name
    return next((each for each in package.names if each.lower() == name.lower()), name)


def _check_protection(package: Package, book: _Book) -> None:
    """Raise UnreadableFile if a page is encrypted. Fonts often are, which does not matter."""
    for each in _every(_readable(package, _ENCRYPTION), "encrypteddata"):
        method = next((_attribute(m, "Algorithm") for m in _every(each, "encryptionmethod")), "")
        parts = [_attribute(reference, "URI") for reference in _every(each, "cipherreference")]
        if method not in _OBFUSCATED_FONTS and set(book.spine).intersection(parts):
            raise UnreadableFile("protected against copying (DRM)")


def _found(root: Any) -> tuple[Stated, ...]:
    """The metadata of the book, as it is written."""
    values: dict[str, list[Any]] = {}
    for metadata in _every(root, "metadata"):
        for element in metadata.iter():
            if element.text and element.text.strip():
                name = local_name(element)
                if name == "meta":
                    name = _attribute(element, "property")
                values.setdefault(name, []).append(element)
    texts = {key: [" ".join(e.text.split()) for e in found] for key, found in values.items()}
    found = [Stated("title", text, "dc:title") for text in texts.get("title", ())[:1]]
    if authors := texts.get("creator"):
        found.append(Stated("author", ", ".join(dict.fromkeys(authors)), "dc:creator"))
    for name in ("publisher", "language"):
        found += [Stated(name, text, f"dc:{name}") for text in texts.get(name, ())[:1]]
    dates = sorted(values.get("date", ()), key=_rank_of_date)
    found += [Stated("published", e.text, "dc:date") for e in dates if _rank_of_date(e) < _CHANGED]
    found += [Stated("updated", t, "dcterms:modified") for t in texts.get("dcterms:modified", ())]
    for name in ("identifier", "source"):
        found += [
            Stated("url", text, f"dc:{name}")
            for text in texts.get(name, ())
            if re.match(r"https?://", text)
        ]
    return tuple(found)


_CHANGED: Final = 2


def _rank_of_date(date: Any) -> int:
    event = _attribute(date, "event").lower()
    return 0 if "publication" in event else _CHANGED if event else 1


def _chapters(package: Package, contents: str) -> dict[str, str]:
    """The titles of pages in the book's list of contents: the first entry that leads to each."""
    chapters: dict[str, str] = {}
    root = _readable(package, contents)
    for link in _every(root, "a"):
        part = resolve(contents, _attribute(link, "href"))
        chapters.setdefault(part, " ".join("".join(link.itertext()).split()))
    for point in _every(root, "navpoint"):
        label = next((e.text or "" for e in _every(point, "text")), "")
        target = next((_attribute(e, "src") for e in _every(point, "content")), "")
        chapters.setdefault(resolve(contents, target), " ".join(label.split()))
    return chapters


# ---------------------------------------------------------------- a page


def _page(data: bytes, part: str, book: _Book) -> Rendered:
    """The text of a page, under its title in the list of contents unless it has a heading of its own."""
    root = _tree(data, part)
    page = render(root, _role)
    if part in book.furniture or _is_contents(root):
        blocks = tuple(Block(b.start, b.end, "boilerplate") for b in page.blocks)
        return Rendered(page.text, blocks, page.elements)
    title = book.chapters.get(part, "")
    content = [block for block in page.blocks if block.kind != "boilerplate"]
    if title and content and not any(block.kind == "heading" for block in content[:2]):
        first = page.text[content[0].start : content[0].end]
        if " ".join(first.split()).casefold() != title.casefold():
            heading = Rendered(title, (Block(0, len(title), "heading"),), (root,))
            return join((heading, page))
    return page


def _role(element: Any) -> str | None:
    types = element.get(_TYPE) or element.get("epub:type")
    if not types:
        return "boilerplate" if local_name(element) == "nav" else None
    kinds = types.lower().split()
    if "pagebreak" in kinds:
        return "skip"
    if _FURNITURE.intersection(kinds):
        return "boilerplate"
    # Readers show these notes in a window of their own, so some books hide them in the page.
    return "content" if {"footnote", "endnote", "rearnote"}.intersection(kinds) else None


def _is_contents(root: Any) -> bool:
    """Whether nearly all of a page is links to other pages."""
    links = [link for link in _every(root, "a") if _attribute(link, "href")]
    if len(links) < _FEWEST_LINKS:
        return False
    linked = sum(len("".join(link.itertext()).strip()) for link in links)
    body = next(_every(root, "body"), root)
    total = sum(len(text.strip()) for text in body.itertext())
    return linked >= _LINKED * total


def _tree(data: bytes, part: str) -> Any:
    """The root element of a part: as XML if it is well-formed, or else as browsers read HTML."""
    from lxml import etree

    try:
        text = decode(data, declared_encoding(data) or None).text
    except UnreadableFile as error:
        raise UnreadableFile(f"{part}: {error.message}") from None
    source = ENTITY.sub(_character, _DOCTYPE.sub("", text.lstrip(), count=1))
    parser = etree.XMLParser(
        encoding="utf-8",  # whatever its declaration says
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        pass
    try:
        return parse_page(_EMPTY.sub(_closed, source))
    except UnreadableFile as error:
        raise UnreadableFile(f"{part}: {error.message}") from None


def _character(entity: re.Match[str]) -> str:
    """The character of an entity of HTML, which XML does not know."""
    return (
        entity[0]
        if entity[0][1:-1] in _OF_XML
        else html.escape(html.unescape(entity[0]), quote=False)
    )


def _closed(tag: re.Match[str]) -> str:
    """An empty element of XML, as HTML writes it."""
    return tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>"
