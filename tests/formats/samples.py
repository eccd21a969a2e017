"""Writes an article of a title and paragraphs as a file of each format."""

import csv
import datetime as dt
import gzip
import io
import json
from email.message import EmailMessage
from html import escape

from tests.formats import writers

MADE = dt.datetime(2024, 5, 3, 12, tzinfo=dt.UTC)
"""When the files say that they were made: the same article gives the same bytes."""


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
    body = (writers.par(writers.run(each)) for each in paragraphs)
    return writers.docx(writers.par(writers.run(title), style="berschrift1"), *body)


def epub(title, paragraphs):
    body = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    page = f"<h1>{escape(title)}</h1>{body}"
    return writers.epub({"one": page}, f"<dc:title>{escape(title)}</dc:title>")


def pdf(title, paragraphs):
    """Only for the letters of Latin-1: the fonts that every reader has know no others."""
    from fpdf import FPDF

    page = FPDF()
    page.set_title(title)
    page.set_creation_date(MADE)
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
    return writers.packed({"folder/story.txt": text(title, paragraphs)})


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
