"""Word-processor files: ``.docx``. mammoth makes HTML of them.

mammoth leaves out some text that Word shows and keeps some that Word hides, so the XML is put right first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile

from rag.errors import UnreadableFile
from rag.formats.html.source import parse_page
from rag.formats.markup import Rendered, render
from rag.formats.packages import Package, part_names, resolve
from rag.records import Extracted, Stated
from rag.text.datelines import is_dateline

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_RTF: Final = b"{\\rtf"

_CONTENT_TYPES: Final = "[Content_Types].xml"
_CORE: Final = "docProps/core.xml"
_OPTIONAL: Final = ("styles", "numbering", "footnotes", "endnotes")

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_LINKS: Final = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)
_TITLE: Final = "RagTitle"
_CONTENTS: Final = "RagContents"
_HEADING: Final = "RagHeading"
_STYLES: Final = "\n".join(
    (
        f"p.{_TITLE} => h1.title:fresh",
        f"p.{_CONTENTS} => p.contents:fresh",
        *(f"p.{_HEADING}{level} => h{level}:fresh" for level in range(1, 7)),
    )
)
_GENERIC: Final = frozenset(("untitled", "unknown", "doc", "document"))
_FILES: Final = (".doc", ".docx", ".rtf", ".odt", ".dot", ".dotx")
"""Titles that a program wrote, and no author."""
_HEAD_BLOCKS: Final = 6


Word = Callable[[str], str]
"""Puts a name into the namespace of a document."""


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
    """The data, unless it is what Word wrote before 2007, or under a password."""
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
        html = _html(_prepared(package, _OPTIONAL))
    except RecursionError:
        raise UnreadableFile("its tables and boxes are nested too deeply") from None
    except UnreadableFile:
        raise
    except Exception:  # noqa: BLE001 - mammoth may raise anything if styles, lists or notes are damaged
        html = _html(_prepared(package, ()))
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


def _prepared(package: Package, optional: Sequence[str]) -> BytesIO:
    """A file with only those parts that mammoth needs, put right, under their usual names."""
    from lxml import etree

    name = _document_name(package)
    names = dict(_links(package, name))
    roots = {kind: _readable(package, names.get(kind, f"word/{kind}.xml")) for kind in optional}
    roots["document"] = package.xml(name)
    kinds = _style_kinds(roots.get("styles"))
    notes = {
        (kind, _attribute(note, "id"))
        for kind in ("footnote", "endnote")
        for note in _children(roots.get(f"{kind}s"))
    }
    prepared = BytesIO()
    with ZipFile(prepared, "w", ZIP_STORED) as archive:
        for kind, root in roots.items():
            if root is not None:
                if kind in ("document", "footnotes", "endnotes"):
                    _put_right(root, kinds, notes)
                archive.writestr(f"word/{kind}.xml", etree.tostring(root))
    prepared.seek(0)
    return prepared


def _document_name(package: Package) -> str:
    name = dict(_links(package, "")).get("officeDocument")
    if name in package.names:
        return str(name)
    return next(each for each in package.names if each.startswith("word/document"))


def _readable(package: Package, name: str) -> Any:
    """The root element of a part, or None if it is missing or damaged."""
    try:
        return package.xml(name)
    except UnreadableFile:
        return None


def _links(package: Package, name: str) -> Iterator[tuple[str, str]]:
    """The kind and the name of each part to which a part leads; "" is the whole file."""
    folder, _, base = name.rpartition("/")
    for element in _children(_readable(package, f"{folder}/_rels/{base}.rels".lstrip("/"))):
        if element.get("TargetMode") != "External" and (target := element.get("Target")):
            yield element.get("Type", "").rpartition("/")[2], resolve(name, target)


def _style_kinds(styles: Any) -> dict[str, str]:
    """What each style is, by its id: our name for title, heading or contents, or "hidden"."""
    found: dict[str, tuple[str, str]] = {}  # id → kind, the id of the style it is based on
    for style in _children(styles):
        if _local(style) != "style":
            continue
        name = (_value(style, "name") or "").lower()
        level = _value(style, "pPr", "outlineLvl")
        kind = ""
        if name == "title":
            kind = _TITLE
        elif match := re.fullmatch(r"heading ([1-9])", name):
            kind = f"{_HEADING}{min(int(match[1]), 6)}"
        elif re.match(r"toc (?:\d|heading)|contents \d|table of figures", name):
            kind = _CONTENTS
        elif level is not None and level.isdecimal():
            kind = f"{_HEADING}{min(int(level) + 1, 6)}" if int(level) < 9 else "text"
        elif _is_on(style, "rPr", "vanish"):
            kind = "hidden"
        identity = _attribute(style, "styleId")
        if identity:
            found[identity] = (kind, _value(style, "basedOn") or "")
    return {identity: kind for identity in found if (kind := _inherited(found, identity))}


def _inherited(found: dict[str, tuple[str, str]], identity: str) -> str:
    for _ in range(12):
        kind, identity = found.get(identity, ("", ""))
        if kind:
            return "" if kind == "text" else kind
    return ""


def _children(root: Any) -> Any:
    return () if root is None else root


def _child(element: Any, *names: str) -> Any:
    """The descendant along a path of local names, or None."""
    for name in names:
        element = next((each for each in element if _local(each) == name), None)
        if element is None:
            return None
    return element


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attribute(element: Any, name: str) -> str | None:
    value: str | None = element.get(f"{{{_W}}}{name}", element.get(f"{{{_STRICT}}}{name}"))
    return value


def _value(element: Any, *names: str) -> str | None:
    found = _child(element, *names)
    return None if found is None else _attribute(found, "val")


def _is_on(element: Any, *names: str) -> bool:
    found = _child(element, *names)
    return found is not None and _attribute(found, "val") not in ("0", "false", "off")


def _put_right(root: Any, kinds: dict[str, str], notes: Collection[tuple[str, str | None]]) -> None:
    """Change a part so that mammoth reads what Word shows: linear, and in place."""
    from lxml import etree

    namespace = root.tag.rpartition("}")[0].lstrip("{")

    def word(name: str) -> str:
        return f"{{{namespace}}}{name}"

    gone: list[Any] = []
    for element in list(root.iter(etree.Element)):
        name = _local(element)
        for attribute in [each for each in element.attrib if each.startswith(_LINKS)]:
            del element.attrib[attribute]  # pictures and addresses are not read, and may be missing
        if name in _CHANGES:
            _CHANGES[name](element, word)
        elif name == "p":
            _name_style(element, kinds, word)
        elif name in ("rt", "rubyPr") or _is_gone(element, name, kinds, notes):
            gone.append(element)
    for element in gone:
        if (parent := element.getparent()) is not None:
            parent.remove(element)


def _is_gone(
    element: Any,
    name: str,
    kinds: dict[str, str],
    notes: Collection[tuple[str, str | None]],
) -> bool:
    """Whether an element is hidden, or mammoth fails on it."""
    if name == "r":
        style = _value(element, "rPr", "rStyle")
        return _is_on(element, "rPr", "vanish") or kinds.get(style or "") == "hidden"
    if name in ("footnoteReference", "endnoteReference"):
        return (name.removesuffix("Reference"), _attribute(element, "id")) not in notes
    if name == "sym":
        return not re.fullmatch(r"[0-9A-Fa-f]{1,6}", _attribute(element, "char") or "")
    if name == "gridSpan":
        return not re.fullmatch(r"[0-9]{1,3}", _attribute(element, "val") or "")
    return name == "commentReference"


def _unwrap(element: Any, word: Word) -> None:
    """Make an element one that mammoth looks into."""
    element.tag = word("smartTag")


def _name_style(paragraph: Any, kinds: dict[str, str], word: Word) -> None:
    """Give a paragraph the style that says what it is, in any program and language."""
    from lxml import etree

    style = _child(paragraph, "pPr", "pStyle")
    kind = kinds.get("" if style is None else _attribute(style, "val") or "", "")
    level = _value(paragraph, "pPr", "outlineLvl")
    if level is not None and level.isdecimal() and kind != _TITLE:
        kind = f"{_HEADING}{min(int(level) + 1, 6)}" if int(level) < 9 else ""
    if kind in ("", "hidden"):
        return
    properties = _child(paragraph, "pPr")
    if style is None:
        style = etree.Element(word("pStyle"))
        properties.insert(0, style)
    style.set(word("val"), kind)


def _as_text(formula: Any, word: Word) -> None:
    """A formula as a run of its characters."""
    from lxml import etree

    text = "".join(each.text or "" for each in formula.iter() if _local(each) == "t")
    for child in list(formula):
        formula.remove(child)
    formula.tag = word("r")
    etree.SubElement(formula, word("t")).text = text


def _choose(alternatives: Any, word: Word) -> None:  # noqa: ARG001
    """Leave mammoth, which reads only the fallback, what has the text."""
    fallback = _child(alternatives, "Fallback")
    choice = _child(alternatives, "Choice")
    if choice is None or (fallback is not None and _has_text(fallback)) or not _has_text(choice):
        return
    if fallback is not None:
        alternatives.remove(fallback)
    choice.tag = choice.tag.replace("}Choice", "}Fallback")


def _has_text(element: Any) -> bool:
    return any(_local(each) == "t" for each in element.iter())


def _show_box(drawing: Any, word: Word) -> None:
    """The text of a text box drawn in the way of Word 2010, as in the way of Word 2007."""
    from lxml import etree

    if any(_local(each) == "textbox" for each in drawing.iter()):
        return
    boxes = [each for each in drawing.iter() if _local(each) == "txbxContent"]
    if not boxes:
        return
    for child in list(drawing):
        drawing.remove(child)
    drawing.tag = word("pict")
    for box in boxes:
        etree.SubElement(drawing, "{urn:schemas-microsoft-com:vml}textbox").append(box)


_CHANGES: Final[dict[str, Callable[[Any, Word], None]]] = {
    **dict.fromkeys(("fldSimple", "dir", "bdo", "ruby", "rubyBase", "conflictIns"), _unwrap),
    "oMath": _as_text,
    "AlternateContent": _choose,
    "drawing": _show_box,
    "pict": _show_box,
}


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
        # A template's title stays in the files made of it; one that the text repeats is its own.
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
    name = dict(_links(package, "")).get("core-properties", _CORE)
    root = _readable(package, name)
    return {
        _local(element): element.text.strip()
        for element in _children(root)
        if element.text and element.text.strip()
    }
