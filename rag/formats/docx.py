"""Word-processor files: ``.docx``. mammoth makes HTML of them.

mammoth leaves out some text that Word shows and keeps some that Word hides, so the XML is put right first.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from rag.errors import UnreadableFile
from rag.formats.html.source import parse_page
from rag.formats.markup import Rendered, render
from rag.formats.packages import Package, part_names
from rag.formats.word_xml import (
    CONTENTS,
    HEADING,
    OPTIONAL,
    TITLE,
    children,
    for_mammoth,
    links,
    readable,
    tag_name,
)
from rag.records import Extracted, Stated
from rag.text.datelines import is_dateline

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_RTF: Final = b"{\\rtf"

_CONTENT_TYPES: Final = "[Content_Types].xml"
_CORE: Final = "docProps/core.xml"

_STYLES: Final = "\n".join(
    (
        f"p.{TITLE} => h1.title:fresh",
        f"p.{CONTENTS} => p.contents:fresh",
        *(f"p.{HEADING}{level} => h{level}:fresh" for level in range(1, 7)),
    )
)
_GENERIC: Final = frozenset(("untitled", "unknown", "doc", "document"))
_FILES: Final = (".doc", ".docx", ".rtf", ".odt", ".dot", ".dotx")
"""Titles, and endings of titles, that a program wrote rather than an author."""
_HEAD_BLOCKS: Final = 6


class Docx:
    """A Word file since 2007."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` is a zip file with the parts of a text document."""
        return _is_document(part_names(data, _CONTENT_TYPES))

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text as Word shows it with all changes accepted; notes follow their paragraph."""
        package = Package(_checked(data))
        if not _is_document(package.names):
            raise UnreadableFile("a zip file without a text document in it")
        rendered = _rendered(package)
        if not rendered.text:
            raise UnreadableFile("has no text")
        return Extracted(
            rendered.text, rendered.blocks, found=_found(package, rendered), headings_marked=True
        )


def _is_document(names: Any) -> bool:
    return _CONTENT_TYPES in names and any(name.startswith("word/document") for name in names)


def _checked(data: bytes) -> bytes:
    """The data, unless Word wrote it before 2007 or protected it with a password."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableFile("protected with a password", fix="save it without one")
        raise UnreadableFile("an old Word file", fix="save it as .docx")
    if data.startswith(_RTF):
        raise UnreadableFile("Rich Text", fix="save it as .docx")
    return data


# ---------------------------------------------------------------- text


def _rendered(package: Package) -> Rendered:
    try:
        html = _html(for_mammoth(package, OPTIONAL))
    except RecursionError:
        raise UnreadableFile("its tables and boxes are nested too deeply") from None
    except UnreadableFile:
        raise
    except Exception:  # noqa: BLE001 - mammoth may raise anything if styles, lists or notes are damaged
        html = _html(for_mammoth(package, ()))
    root = parse_page(f"<body>{html}</body>")
    _move_notes(root)
    return render(root, _role)


def _html(document: BytesIO) -> str:
    import mammoth

    html: str = mammoth.convert_to_html(
        document,
        style_map=_STYLES,
        include_embedded_style_map=False,
        external_file_access=False,
        convert_image=lambda _image: [],
    ).value
    return html


def _role(element: Any) -> str | None:
    return {"title": "title", "contents": "boilerplate"}.get(element.get("class", ""))


def _move_notes(root: Any) -> None:
    """Put each footnote and endnote behind the paragraph, list or table that refers to it."""
    body = root.find("body")
    notes, places = {}, {}
    for top in [] if body is None else list(body):
        for element in top.iter("a", "li"):
            kind, _, number = element.get("id", "").partition("note-")
            if kind not in ("foot", "end"):
                continue
            if number.startswith("ref-"):
                places[kind, number.removeprefix("ref-")] = top
            elif element.tag == "li":
                notes[kind, number] = element
    behind: dict[Any, Any] = {}
    for key, note in notes.items():
        place = places.get(key)
        if place is None:
            continue
        note.tag = "div"
        behind.get(place, place).addnext(note)
        behind[place] = note


# ---------------------------------------------------------------- properties


def _is_generic(title: str) -> bool:
    """Whether a title, in small letters, is what a program calls a file that nobody has named."""
    bare = title.rstrip("0123456789 ").removeprefix("word ")
    return title.startswith("microsoft word") or title.endswith(_FILES) or bare in _GENERIC


def _found(package: Package, rendered: Rendered) -> tuple[Stated, ...]:
    """The title that the text marks, and the properties of the file."""
    texts = dict.fromkeys(("title", "heading"), "")
    for block in reversed(rendered.blocks):
        if block.kind in texts:
            texts[block.kind] = rendered.text[block.start : block.end]
    core = _core(package)
    found = [Stated("title", texts["title"], "Title style")] if texts["title"] else []
    title = core.get("title", "")
    if title and not _is_generic(title.lower()):
        # Files keep the title of their template; a title that the text repeats is the file's own.
        words = " ".join(title.split()).casefold()
        own = not texts["heading"] or words in " ".join(rendered.text[:5000].split()).casefold()
        found += [Stated("title", title, "document properties")] if own else []
    for field, key in (("author", "creator"), ("language", "language"), ("updated", "modified")):
        if value := core.get(key):
            found.append(Stated(field, value, "document properties"))
    first = [rendered.text[b.start : b.end] for b in rendered.blocks[:_HEAD_BLOCKS]]
    dated = any(len(text) <= 100 and is_dateline(text) for text in first)
    if (created := core.get("created")) and not dated:
        found.append(Stated("published", created, "document properties: created"))
    return tuple(found)


def _core(package: Package) -> dict[str, str]:
    """The core properties by their local names. A damaged part has none."""
    name = dict(links(package, "")).get("core-properties", _CORE)
    root = readable(package, name)
    return {
        tag_name(element): element.text.strip()
        for element in children(root)
        if element.text and element.text.strip()
    }
