"""Puts the XML of a Word file right, so that mammoth reads what Word shows, and nothing that it hides."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile

from rag.errors import UnreadableFile
from rag.formats.packages import Package, resolve

OPTIONAL: Final = ("styles", "numbering", "footnotes", "endnotes")
"""Parts that mammoth reads besides the document."""

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_LINKS: Final = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)
TITLE: Final = "RagTitle"
CONTENTS: Final = "RagContents"
HEADING: Final = "RagHeading"
"""The styles that paragraphs are given; the level follows ``HEADING``."""

Word = Callable[[str], str]
"""Puts a name into the namespace of a document."""


def for_mammoth(package: Package, optional: Sequence[str]) -> BytesIO:
    """A file with only those parts that mammoth needs, put right, under their usual names."""
    from lxml import etree

    name = _document_name(package)
    names = dict(links(package, name))
    roots = {kind: readable(package, names.get(kind, f"word/{kind}.xml")) for kind in optional}
    roots["document"] = package.xml(name)
    kinds = _style_kinds(roots.get("styles"))
    notes = {
        (kind, _attribute(note, "id"))
        for kind in ("footnote", "endnote")
        for note in children(roots.get(f"{kind}s"))
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
    name = dict(links(package, "")).get("officeDocument")
    if name in package.names:
        return str(name)
    return next(each for each in package.names if each.startswith("word/document"))


def readable(package: Package, name: str) -> Any:
    """The root element of a part, or None if it is missing or damaged."""
    try:
        return package.xml(name)
    except UnreadableFile:
        return None


def links(package: Package, name: str) -> Iterator[tuple[str, str]]:
    """The kind and the name of each part to which a part leads; "" is the whole file."""
    folder, _, base = name.rpartition("/")
    for element in children(readable(package, f"{folder}/_rels/{base}.rels".lstrip("/"))):
        if element.get("TargetMode") != "External" and (target := element.get("Target")):
            yield element.get("Type", "").rpartition("/")[2], resolve(name, target)


def _style_kinds(styles: Any) -> dict[str, str]:
    """What each style is, by its id: our name for title, heading or contents, or "hidden"."""
    found: dict[str, tuple[str, str]] = {}  # id → kind, the id of the style it is based on
    for style in children(styles):
        if tag_name(style) != "style":
            continue
        name = (_value(style, "name") or "").lower()
        level = _value(style, "pPr", "outlineLvl")
        kind = ""
        if name == "title":
            kind = TITLE
        elif match := re.fullmatch(r"heading ([1-9])", name):
            kind = f"{HEADING}{min(int(match[1]), 6)}"
        elif re.match(r"toc (?:\d|heading)|contents \d|table of figures", name):
            kind = CONTENTS
        elif level is not None and level.isdecimal():
            kind = f"{HEADING}{min(int(level) + 1, 6)}" if int(level) < 9 else "text"
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


def children(root: Any) -> Any:
    """The elements in a root; none if there is no root."""
    return () if root is None else root


def _child(element: Any, *names: str) -> Any:
    """The descendant along a path of local names, or None."""
    for name in names:
        element = next((each for each in element if tag_name(each) == name), None)
        if element is None:
            return None
    return element


def tag_name(element: Any) -> str:
    """The name of an element without its namespace; "" for a comment."""
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
        name = tag_name(element)
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
    if level is not None and level.isdecimal() and kind != TITLE:
        kind = f"{HEADING}{min(int(level) + 1, 6)}" if int(level) < 9 else ""
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

    text = "".join(each.text or "" for each in formula.iter() if tag_name(each) == "t")
    for child in list(formula):
        formula.remove(child)
    formula.tag = word("r")
    etree.SubElement(formula, word("t")).text = text


def _choose(alternatives: Any, word: Word) -> None:  # noqa: ARG001
    """Make the choice the fallback, which is all that mammoth reads, if only the choice has text."""
    fallback = _child(alternatives, "Fallback")
    choice = _child(alternatives, "Choice")
    if choice is None or (fallback is not None and _has_text(fallback)) or not _has_text(choice):
        return
    if fallback is not None:
        alternatives.remove(fallback)
    choice.tag = choice.tag.replace("}Choice", "}Fallback")


def _has_text(element: Any) -> bool:
    return any(tag_name(each) == "t" for each in element.iter())


def _show_box(drawing: Any, word: Word) -> None:
    """The text of a text box drawn in the way of Word 2010, as in the way of Word 2007."""
    from lxml import etree

    if any(tag_name(each) == "textbox" for each in drawing.iter()):
        return
    boxes = [each for each in drawing.iter() if tag_name(each) == "txbxContent"]
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
