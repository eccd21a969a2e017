"""Writes an article of a title and paragraphs as a file of each format."""

import csv
import datetime as dt
import gzip
import io
import json
import zipfile
from email.message import EmailMessage
from html import escape

MADE = (2024, 5, 3, 12, 0, 0)
"""The time of every member of an archive, so that the same article gives the same bytes."""


def text(title, paragraphs):
    return "\n\n".join((title, *paragraphs)).encode()


def markdown(title, paragraphs):
    return "\n\n".join((f"# {title}", *paragraphs)).encode()


def html(title, paragraphs):
    body = "".join(f"<p>{escape(each)}</p>\n" for each in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><article><h1>{escape(title)}</h1>\n{body}</article></body></html>"
    ).encode()


def mhtml(title, paragraphs):
    message = EmailMessage()
    message["Subject"] = title
    message["Snapshot-Content-Location"] = "https://news.example/story"
    message.make_related()
    page = EmailMessage()
    page.set_content(html(title, paragraphs).decode(), subtype="html", cte="quoted-printable")
    page["Content-Location"] = "https://news.example/story"
    message.attach(page)
    message.set_boundary("parts-of-the-page")
    message.set_param("type", "text/html")
    return message.as_bytes()


def mail(title, paragraphs):
    message = EmailMessage()
    message["Subject"] = title
    message["From"] = "Harbour Gazette <desk@gazette.example>"
    message["To"] = "reader@home.example"
    message["Date"] = "Fri, 03 May 2024 12:00:00 +0000"
    message.set_content("\n\n".join(paragraphs), cte="base64")
    return message.as_bytes()


def docx(title, paragraphs):
    def paragraph(words, style=""):
        style = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'

    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    body = paragraph(title, "Heading1") + "".join(map(paragraph, paragraphs))
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
            '<Override PartName="/word/styles.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
            ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
            ' Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship'
            ' Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"'
            ' Target="styles.xml"/></Relationships>',
            "word/styles.xml": f'<w:styles xmlns:w="{namespace}"><w:style w:type="paragraph"'
            ' w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>',
            "word/document.xml": f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>',
        }
    )


def epub(title, paragraphs):
    body = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container version="1.0"'
            ' xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile'
            ' full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
            '<dc:language>en</dc:language></metadata><manifest><item id="one" href="one.xhtml"'
            ' media-type="application/xhtml+xml"/></manifest><spine><itemref idref="one"/></spine>'
            "</package>",
            "one.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>One</title></head>'
            f"<body><h1>{escape(title)}</h1>{body}</body></html>",
        }
    )


def pdf(title, paragraphs):
    """Only for the letters of Latin-1: the fonts that every reader has know no others."""
    from fpdf import FPDF

    page = FPDF()
    page.set_title(title)
    page.set_creation_date(dt.datetime(*MADE, tzinfo=dt.UTC))
    page.add_page()
    page.set_font("Helvetica", "B", 18)
    page.multi_cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", size=11)
    for each in paragraphs:
        page.ln(4)
        page.multi_cell(0, 5.5, each, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def json_lines(title, paragraphs):
    record = {"id": "story", "title": title, "text": "\n\n".join(paragraphs)}
    return json.dumps(record).encode() + b"\n"


def table(title, paragraphs):
    out = io.StringIO()
    csv.writer(out).writerows([("id", "title", "text"), ("story", title, "\n\n".join(paragraphs))])
    return out.getvalue().encode()


def compressed(title, paragraphs):
    return gzip.compress(text(title, paragraphs), mtime=0)


def packed(title, paragraphs):
    return archive({"folder/story.txt": text(title, paragraphs)})


def archive(members):
    """A zip archive with these members, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name, MADE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


WRITERS = {
    "txt": text,
    "md": markdown,
    "html": html,
    "mhtml": mhtml,
    "eml": mail,
    "docx": docx,
    "epub": epub,
    "pdf": pdf,
    "jsonl": json_lines,
    "csv": table,
    "txt.gz": compressed,
    "zip": packed,
}
"""The writer for each file ending."""

MEMBERS = {"jsonl": "/story", "csv": "/story", "zip": "/folder/story.txt"}
"""What follows the path of a container in the id of the article in it."""
