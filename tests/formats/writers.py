"""Files of formats that are packages of XML, written from texts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = {
    "Title": "Title",
    "berschrift1": "heading 1",
    "berschrift2": "heading 2",
    "Verzeichnis1": "toc 1",
    "Chapter": "Chapter of ours",
    "Secret": "Secret words",
}
SPACES = (
    f'xmlns:w="{WORD}" xmlns:r="{OFFICE}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NUMBERING = f"""<w:numbering xmlns:w="{WORD}">
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these parts; the same parts always give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{clean(text)}</w:t></w:r>'


def clean(text: str) -> str:
    return escape(
        "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c < "\ue000"))
    )


def par(*content: str, style: str = "", properties: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(each if each.startswith("<") else run(each) for each in content)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def item(text: str, level: int = 0, numbered: bool = False) -> str:
    number = f'<w:ilvl w:val="{level}"/><w:numId w:val="{2 if numbered else 1}"/>'
    return par(text, properties=f"<w:numPr>{number}</w:numPr>")


def table(rows: Sequence[Sequence[str]], head: bool = False) -> str:
    lines = []
    for number, row in enumerate(rows):
        cells = "".join(f"<w:tc><w:tcPr/>{par(cell)}</w:tc>" for cell in row)
        marked = "<w:tblHeader/>" if head and not number else ""
        lines.append(f"<w:tr><w:trPr>{marked}</w:trPr>{cells}</w:tr>")
    return f"<w:tbl><w:tblPr/>{''.join(lines)}</w:tbl>"


def docx(*body: str, notes: Sequence[str] = (), core: str = "", **more: str) -> bytes:
    """A Word file. ``notes`` are footnotes from 1 on; ``more`` are parts in the folder word."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{value}"/></w:style>'
        for key, value in STYLES.items()
        if key not in ("Chapter", "Secret")
    )
    styles += (
        '<w:style w:type="paragraph" w:styleId="Chapter"><w:name w:val="Chapter of ours"/>'
        '<w:basedOn w:val="berschrift2"/></w:style>'
        '<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret words"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style>"
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relationships(officeDocument="word/document.xml"),
        "word/document.xml": f"<w:document {SPACES}><w:body>{''.join(body)}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {SPACES}>{styles}</w:styles>",
        "word/numbering.xml": NUMBERING,
        **{f"word/{name}.xml": data for name, data in more.items()},
    }
    if notes:
        written = "".join(
            f'<w:footnote w:id="{n}">{par(note)}</w:footnote>' for n, note in enumerate(notes, 1)
        )
        parts["word/footnotes.xml"] = f"<w:footnotes {SPACES}>{written}</w:footnotes>"
    if core:
        parts["docProps/core.xml"] = (
            '<cp:coreProperties xmlns:cp="cp" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            f'xmlns:dcterms="http://purl.org/dc/terms/">{core}</cp:coreProperties>'
        )
    return packed(parts)


def relationships(**targets: str) -> str:
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def epub(
    pages: Mapping[str, str],
    metadata: str = "<dc:title>The Hermit</dc:title>",
    contents: str = "",
    guide: str = "",
    ncx: str = "",
    **more: str,
) -> bytes:
    """An e-book of pages: name → what its body holds, or a whole page.

    ``contents`` is the list of contents of EPUB 3, ``ncx`` that of EPUB 2; ``more`` are parts, with "__"
    for "/" in their names.
    """
    items = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in pages
    )
    refs = "".join(f'<itemref idref="{name}"/>' for name in pages)
    if contents:
        items += (
            '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        )
        refs += '<itemref idref="nav"/>'
    if ncx:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        more["OEBPS__toc.ncx"] = ncx
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": (
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
        ),
        "OEBPS/book.opf": (
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>{metadata}</metadata>'
            f"<manifest>{items}</manifest><spine>{refs}</spine>"
            f"<guide>{guide}</guide></package>"
        ),
        **{f"OEBPS/text/{name}.xhtml": _xhtml(page) for name, page in pages.items()},
    }
    if contents:
        parts["OEBPS/nav.xhtml"] = _xhtml(f'<nav epub:type="toc"><ol>{contents}</ol></nav>')
    return packed({**parts, **{name.replace("__", "/"): data for name, data in more.items()}})


def _xhtml(body: str) -> str:
    if body.startswith("<?xml"):
        return body
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )


ODF = "urn:oasis:names:tc:opendocument:xmlns:"
ODF_SPACES = "".join(
    f' xmlns:{short}="{ODF}{short}:1.0"'
    for short in ("office", "text", "table", "style", "draw", "meta")
)
ODF_STYLES = (
    '<style:style style:name="P1" style:parent-style-name="Title"/>'
    '<style:style style:name="T9"><style:text-properties text:display="none"/></style:style>'
)


def odt(body: str, meta: str = "", manifest: str = "<manifest/>") -> bytes:
    """An OpenDocument text. The style P1 is that of a title, T9 is hidden."""
    content = (
        f"<office:document-content{ODF_SPACES}><office:automatic-styles>{ODF_STYLES}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    dublin = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return packed(
        {
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
            "meta.xml": f"<office:document-meta{ODF_SPACES} {dublin}>{meta}</office:document-meta>",
        }
    )
