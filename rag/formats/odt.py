"""OpenDocument texts: ``.odt``. Their elements are renamed to those of HTML."""

from __future__ import annotations

from typing import Any, Final

from rag.errors import UnreadableFile
from rag.formats.display import local_name
from rag.formats.markup import render
from rag.formats.packages import Package, part_names
from rag.records import Extracted, Stated

_MANIFEST: Final = "META-INF/manifest.xml"
_CONTENT: Final = "content.xml"
_NAMES: Final = {
    "list": "ul",
    "list-item": "li",
    "list-header": "li",
    "table-header-rows": "thead",
    "table-row": "tr",
    "table-cell": "td",
    "line-break": "br",
    "text-box": "div",
    "note-body": "div",
    "table-of-content": "nav",
    "alphabetical-index": "nav",
    "illustration-index": "nav",
    "table-index": "nav",
}
_GONE: Final = frozenset(
    (
        "annotation annotation-end tracked-changes note-citation covered-table-cell ruby-text title desc "
        "sequence-decls variable-decls forms bookmark-name object image"
    ).split()
)
_SPANS: Final = {"number-columns-spanned": "colspan", "number-rows-spanned": "rowspan"}
_MOVED: Final = frozenset(("note-body", "text-box"))
_PARAGRAPHS: Final = frozenset(("p", "h"))
_STYLED: Final = frozenset(("p", "h", "span"))
_FIELDS: Final = (
    ("title", "title"),
    ("author", "initial-creator"),
    ("author", "creator"),
    ("language", "language"),
    ("published", "creation-date"),
    ("updated", "date"),
)


class Odt:
    """A text document of LibreOffice and others."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` is a zip file with the parts of such a document."""
        return {_MANIFEST, _CONTENT} <= part_names(data, _MANIFEST)

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text as it is printed; notes and text boxes follow their paragraph."""
        package = Package(data)
        if b"encryption-data" in (package.read(_MANIFEST) or b""):
            raise UnreadableFile("protected with a password", fix="save it without one")
        content = package.xml(_CONTENT)
        body = next((e for e in ([] if content is None else content.iter()) if _is_text(e)), None)
        if body is None:
            raise UnreadableFile("a zip file without a text document in it")
        kinds = _style_kinds(content, package.xml("styles.xml"))
        _rename(body, kinds)
        rendered = render(body, _role)
        if not rendered.text:
            raise UnreadableFile("has no text")
        found = _found(package)
        title = next((b for b in rendered.blocks if b.kind == "title"), None)
        if title is not None:
            text = rendered.text[title.start : title.end]
            found = (Stated("title", text, "Title style"), *found)
        return Extracted(rendered.text, rendered.blocks, found=found, headings_marked=True)


def _is_text(element: Any) -> bool:
    return str(element.tag).endswith("office:1.0}text")


def _role(element: Any) -> str | None:
    return {"nav": "boilerplate", "h1": element.get("class")}.get(local_name(element))


def _attribute(element: Any, name: str) -> str:
    """An attribute by its local name."""
    return next((str(v) for k, v in element.items() if k.rpartition("}")[2] == name), "")


def _style_kinds(*roots: Any) -> dict[str, str]:
    """The styles that stand for a title or hide text, by name: "title" or "hidden"."""
    parents: dict[str, str] = {}
    kinds = {"Title": "title"}
    for root in roots:
        for style in () if root is None else root.iter():
            if local_name(style) != "style":
                continue
            name = _attribute(style, "name")
            parents[name] = _attribute(style, "parent-style-name")
            for properties in style:
                struck = _attribute(properties, "text-line-through-style") not in ("", "none")
                if _attribute(properties, "display") == "none" or struck:
                    kinds[name] = "hidden"
    for name, parent in parents.items():
        above = parent
        for _ in range(8):
            if above in kinds:
                kinds.setdefault(name, kinds[above])
            above = parents.get(above, "")
    return kinds


def _rename(body: Any, kinds: dict[str, str]) -> None:
    """Change the elements in place to those that the renderer knows."""
    gone: list[Any] = []
    moved: list[tuple[Any, Any]] = []
    around: dict[Any, Any] = {}  # the paragraph in which an element stands
    for element in list(body.iter()):
        name = local_name(element)
        outer = around.get(element.getparent())
        around[element] = element if name in _PARAGRAPHS else outer
        kind = kinds.get(_attribute(element, "style-name")) if name in _STYLED else None
        if name in _GONE or kind == "hidden":
            gone.append(element)
        elif name in _MOVED and outer is not None:
            moved.append((outer, element))
        _rename_one(element, name, kind)
    for paragraph, element in reversed(moved):
        _detach(element)
        paragraph.addnext(element)
    for element in gone:
        _detach(element)


def _rename_one(element: Any, name: str, kind: str | None) -> None:
    if kind == "title":
        element.tag = "h1"
        element.set("class", "title")
    elif name == "h":
        level = _attribute(element, "outline-level")
        element.tag = f"h{level}" if level in tuple("123456") else "h6" if level else "h1"
    elif name in ("s", "tab"):
        element.tag, element.text = "span", " "
    elif name in _NAMES:
        element.tag = _NAMES[name]
        for written, span in _SPANS.items():
            if value := _attribute(element, written):
                element.set(span, value)


def _detach(element: Any) -> None:
    """Take an element out of its tree, without the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    tail, element.tail = element.tail or "", None
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(element)


def _found(package: Package) -> tuple[Stated, ...]:
    try:
        root = package.xml("meta.xml")
    except UnreadableFile:
        return ()
    texts = {
        local_name(element): element.text.strip()
        for element in ([] if root is None else root.iter())
        if element.text and element.text.strip()
    }
    return tuple(
        Stated(field, texts[key], "document properties") for field, key in _FIELDS if key in texts
    )
