"""Mails: the mail's own text once, with its subject, sender and date; and pages saved as mails."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest

from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import choose, parse, reader_of
from rag.formats.mail import Mail, Mbox, Mhtml
from rag.records import Extracted, Member
from rag.text.datelines import read_date

HEAD = (
    "From: Ada Quill <ada@example.org>\nTo: desk@example.org\nSubject: Low water\n"
    "Date: Fri, 16 May 2025 08:00:00 +0200\n"
)
TEXT = "The river fell to 0.64 metres on Wednesday. Barges must wait at Marvick."
PAGE = f"<html><body><p>{TEXT}</p></body></html>"


def mail(body: str = TEXT, head: str = "", kind: str = "text/plain; charset=utf-8") -> bytes:
    fields = head or HEAD
    return f"{fields}MIME-Version: 1.0\nContent-Type: {kind}\n\n{body}\n".encode()


def own(extracted: Extracted) -> str:
    """The text without boilerplate."""
    blocks = [block for block in extracted.blocks if block.kind != "boilerplate"]
    return "\n".join(extracted.text[block.start : block.end] for block in blocks)


def stated(data: bytes) -> dict[str, str]:
    """The most trusted value of each field."""
    return {each.field: each.value for each in reversed(parse(data, "a.eml").found)}


# ---------------------------------------------------------------- parts


def parts(*content: tuple[str, str], kind: str = "mixed") -> bytes:
    lines = [f"--bb\nContent-Type: {head}\n\n{body}\n" for head, body in content]
    return mail("".join(lines) + "--bb--", kind=f'multipart/{kind}; boundary="bb"')


PLAIN = ("text/plain; charset=utf-8", TEXT)
HTML = ("text/html; charset=utf-8", PAGE)
PICTURE = ("image/gif\nContent-ID: <x>\nContent-Transfer-Encoding: base64", "R0lGODlhAQABAAAAACw=")


@pytest.mark.parametrize(
    "data",
    [
        mail(),
        mail(PAGE, kind="text/html"),
        parts(PLAIN, HTML, kind="alternative"),
        parts(HTML, PICTURE, kind="related"),
        parts(PLAIN, PICTURE),
        parts(PLAIN, PLAIN),
        parts(("text/plain", "This mail needs HTML."), HTML, kind="alternative"),
        parts(PLAIN, ("text/html", "<p>Your program shows no text.</p>"), kind="alternative"),
        parts(PLAIN, ("text/calendar", "BEGIN:VCALENDAR"), kind="alternative"),
        parts(PLAIN, ("message/delivery-status", "Status: 5.0.0")),
        mail(TEXT.replace("on ", "on \n").replace("must ", "must \n"), kind="text/plain; format=flowed"),
        mail(TEXT.replace("Wed", "=57e=\nd"), HEAD + "Content-Transfer-Encoding: quoted-printable\n"),
        mail(PAGE + "<img src='https://example.org/open.gif' width=1 height=1>", kind="text/html"),
        mail("<div style='display:none'>Preview text</div>" + PAGE, kind="text/html"),
    ],
)  # fmt: skip
def test_a_sentence_stands_once_in_the_text(data: bytes) -> None:
    extracted = parse(data, "a.eml")
    assert own(extracted) == TEXT
    assert extracted.text.count("0.64") == 1


@pytest.mark.parametrize("boundary", ["", "; boundary=xx"])
def test_parts_that_cannot_be_told_apart_are_read_as_one_text(boundary: str) -> None:
    assert TEXT in parse(mail(kind=f"multipart/mixed{boundary}"), "a.eml").text


def test_attached_mails_are_read_and_other_attachments_named() -> None:
    inner = f"Subject: Swan count\nFrom: Swan Trust <s@example.org>\n\n{TEXT}"
    data = parts(
        ("text/plain", "For the file."),
        ("message/rfc822", inner),
        ('application/pdf; name="a.pdf"\nContent-Disposition: attachment; filename="a.pdf"', "x"),
    )
    extracted = parse(data, "a.eml")
    assert extracted.text == f"For the file.\n\nSwan count\n\n{TEXT}"
    assert extracted.notes == ("has attachments that are not read: a.pdf",)
    assert stated(data)["publisher"] == "Swan Trust"
    assert stated(data)["published"] == "Fri, 16 May 2025 08:00:00 +0200"


# ---------------------------------------------------------------- forwards, quotes, feet

RULE = "---------- Forwarded message ---------\n"
ORIGINAL = "-----Original Message-----\n"
FIELDS = (
    *("From", "Date", "Sent", "Subject", "To", "Von", "Gesendet", "An", "Betreff"),
    *("Sujet", "De", "Pour", "Temat", "Data", "Od", "Do", "Enviado", "Asunto", "Para"),
)
HEADS = (
    f"""{RULE}From: River Office <r@example.org>
Date: Thu, 15 May 2025 at 16:20
Subject: Low water
To: <desk@example.org>""",
    f"""{ORIGINAL}From: River Office [mailto:r@example.org]
Sent: Thursday, 15 May 2025 16:20
To: desk; Ann <ann@example.org>,
  Bea <bea@example.org>
Subject: Low water""",
    """Begin forwarded message:

From: River Office <r@example.org>
Subject: Low water
Date: 15 May 2025""",
    """Von: River Office <r@example.org>
Gesendet: Donnerstag, 15. Mai 2025
An: desk
Betreff: Low water""",
    """-------- Message transféré --------
Sujet : Low water
Date : Thu, 15 May 2025 16:20:00 +0200
De : River Office <r@example.org>
Pour : desk@example.org""",
    """Temat: Low water
Data: 15 May 2025
Od: River Office <r@example.org>
Do: desk@example.org""",
    """De: River Office <r@example.org>
Enviado el: jueves, 15 de mayo de 2025 16:20
Para: Desk <desk@example.org>
Asunto: Low water""",
    """*From:* River Office <r@example.org>
*Date:* 15 May 2025
*To:* desk
*Subject:* Low water""",
)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("form", ["plain", "br", "div", "table"])
def test_the_head_of_a_forwarded_mail_is_metadata_and_its_text_is_read(
    head: str, form: str
) -> None:
    lines = head.replace("<", "&lt;").replace(">", "&gt;").replace(",\n", ",").split("\n")
    first = [line for line in lines if not line.replace("*", "").startswith(FIELDS)]
    fields = [line for line in lines if line not in first]
    cells = "".join(f"<tr><th>{f.partition(':')[0]}: <td>{f.partition(':')[2]}" for f in fields)
    body = {
        "plain": f"{head}\n\n{TEXT}",
        "br": f"<p>{'<br>'.join(lines)}</p>{PAGE}",
        "div": f"{''.join(f'<div>{line}</div>' for line in lines)}<br>{PAGE}",
        "table": f"{''.join(f'<p>{line}</p>' for line in first)}<table>{cells}</table>{PAGE}",
    }[form]
    kind = "text/plain" if form == "plain" else "text/html"
    data = mail(f"See below.\n\n{body}", HEAD.replace("Low", "Fwd: Low"), kind)
    assert own(parse(data, "a.eml")) == f"See below.\n{TEXT}"
    assert stated(data)["title"] == "Low water"
    assert stated(data)["publisher"] == "River Office"
    published = read_date(stated(data)["published"])
    assert published
    assert published.day == dt.date(2025, 5, 15)


@pytest.mark.parametrize(
    "body",
    [
        TEXT + "\n\nOn Thu, 15 May 2025, Bea wrote:\n> Old words.\n> More old words.\n",
        TEXT + "\n\n> Old words.\n>\n>> Older words.\n",
        "On Thu, 15 May 2025, Bea wrote:\n\n> Old words.\n\n" + TEXT,
        TEXT + "\n\n-- \nAda Quill\nOld words and a telephone\n",
        TEXT + "\n\n_______________________________________________\nOld words mailing list\n",
        TEXT + "\n\nTo unsubscribe, send a mail.\n\nOld words street 5\n",
        "View this email in your browser\n\n" + TEXT,
        "View in browser\n\n" + TEXT,
    ],
)
def test_quotes_signatures_and_feet_are_furniture(body: str) -> None:
    assert own(parse(mail(body, HEAD.replace("Low", "Re: Low")), "a.eml")) == TEXT


@pytest.mark.parametrize(
    "quote",
    [
        "<div class='gmail_quote'><div class='gmail_attr'>On Thu Bea wrote:</div><p>Old.</p></div>",
        "<div class='moz-cite-prefix'>Bea wrote:</div><blockquote type=cite><p>Old.</p></blockquote>",
        "<div class='gmail_signature'>Ada, old street 5</div>",
        "<p>You receive this mail because you signed up. <a href=u>Unsubscribe</a></p><p>Old.</p>",
        "<table><tr><td>Manage your preferences</td></tr><tr><td>Old street 5</td></tr></table>",
    ],
)
def test_quotes_in_html_are_furniture(quote: str) -> None:
    assert own(parse(mail(PAGE + quote, kind="text/html"), "a.eml")) == TEXT


def test_what_only_looks_like_furniture_stays() -> None:
    body = (
        "Note: the harbour is closed.\n\nThe data protection office lets readers unsubscribe from all "
        "letters at once since May, which 40 per cent have done by now.\n\nHe asked: who pays?\n\n"
        + TEXT
    )
    assert own(parse(mail(body), "a.eml")).split() == body.split()


def test_a_mail_that_only_quotes_is_read() -> None:
    assert own(parse(mail(f"> {TEXT}"), "a.eml")) == f"> {TEXT}"
    assert own(parse(mail(f"> {TEXT}", HEAD.replace("Low", "FW: Low")), "a.eml")) == TEXT


# ---------------------------------------------------------------- heads and encodings


@pytest.mark.parametrize(
    ("head", "title", "published", "publisher"),
    [
        (HEAD, "Low water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("From", "from").replace("Date", "date").replace("Subject", "SUBJECT"),
         "Low water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low water", "Re: AW: [desk] Low water"), "Low water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low water", "UK: Low water"), "UK: Low water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("+0200", "+0000 (UTC)"), "Low water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low", "=?utf-8?Q?L=C3=B6w?="), "Löw water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low", "=?iso-8859-1?B?TPZ3?="), "Löw water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low", "=?utf-8?Q?a_?=\n =?utf-8?Q?b?="), "a b water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low", "Löw"), "Löw water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Low water", "Low\n  water"), "Low water", "2025-05-16", "Ada Quill"),
        (HEAD.replace("Ada Quill", '"Quill, Ada"'), "Low water", "2025-05-16", "Quill, Ada"),
        (HEAD.replace("Ada Quill ", ""), "Low water", "2025-05-16", "example.org"),
        (HEAD.replace("Low", "=?bogus?X?L?="), "=?bogus?X?L?= water", "2025-05-16", "Ada Quill"),
        ("From x Fri May 16 08:00:00 2025\n" + HEAD, "Low water", "2025-05-16", "Ada Quill"),
    ],
)  # fmt: skip
def test_the_head_gives_title_sender_and_date(
    head: str, title: str, published: str, publisher: str
) -> None:
    document = load("a.eml", "a.eml", mail(head=head))
    assert (document.title, document.published) == (title, published)
    assert document.publisher == publisher


def test_letters_of_a_list_have_a_publisher_and_no_author() -> None:
    assert stated(mail())["author"] == "Ada Quill"
    assert "author" not in stated(mail(head=HEAD + "List-Unsubscribe: <https://example.org/u>\n"))


@pytest.mark.parametrize(
    "charset", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "bogus", ""]
)
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_encodings_are_read_whatever_the_mail_says(charset: str, encoding: str) -> None:
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    text = "Göran Tüll, a café owner in Skarn, asks for patience until the 12th of June – or July."
    data = mail("BODY", kind=kind).replace(b"BODY", text.encode(encoding))
    assert own(parse(data, "a.eml")) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a mail"),
        (b"Only words.", "not a mail"),
        (mail(" "), "has no text"),
        (parts(("application/pgp-encrypted", "Version: 1"), kind="encrypted"), "encrypted"),
        (parts(PICTURE), "has no text"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        parse(data, "a.eml")


@pytest.mark.parametrize(
    "data",
    [
        b"From: a\nContent-Type: multipart/mixed\n\nno parts",
        b"From: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nnever closed",
        b"From: a\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!",
        b"From: a\nContent-Type: ;;;\nContent-Disposition: attachment; filename*=x''%\n\ntext",
        b"From: a\nno colon here\n\ntext",
    ],
)
def test_broken_mails_are_read_or_refused_with_a_reason(data: bytes) -> None:
    """No error is raised that only a programmer understands."""
    with suppress(UnreadableFile):
        assert Mail().parse(data, "a.eml").text


# ---------------------------------------------------------------- boxes and saved pages


def test_mails_are_known_by_their_content() -> None:
    assert isinstance(choose(mail(), "letter"), Mail)
    assert isinstance(choose(mail(), "letter.eml"), Mail)
    assert not isinstance(choose(mail(), "letter.txt"), Mail)  # a text stays as it is
    assert not isinstance(choose(b"Note: no mail\n\nat all", "letter"), Mail)


def test_a_box_of_mails_has_each_of_them() -> None:
    box = b"".join(
        b"From a@example.org Fri May 16 08:00:00 2025\n"
        + mail(f"{TEXT}\n\n>From here, {n}")
        + b"\n"
        for n in range(3)
    )
    reader = reader_of(box, "box.mbox")
    assert isinstance(reader, Mbox)
    members = list(reader.members(box, "box.mbox"))
    assert [member.name for member in members if isinstance(member, Member)] == ["1", "2", "3"]
    assert all(
        f"From here, {n}" in parse(member.data, member.file).text
        for n, member in enumerate(members)
        if isinstance(member, Member)
    )


SAVED = "From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/castle\nSubject: Castle\n"


def saved(html: bytes, charset: str) -> bytes:
    head = f'{SAVED}MIME-Version: 1.0\nContent-Type: multipart/related; type="text/html"; boundary=bb\n\n'
    page = f"--bb\nContent-Type: text/html{charset}\nContent-Transfer-Encoding: 8bit\n\n"
    style = "\n--bb\nContent-Type: text/css\n\n.secret { color: red }\n--bb--\n"
    return head.encode() + page.encode() + html + style.encode()


@pytest.mark.parametrize("name", ["castle.mhtml", "castle.mht", "castle.html", "castle"])
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_a_saved_page_is_read_like_the_page_itself(name: str, encoding: str) -> None:
    page = (
        f"<html><head><meta charset={encoding}><title>Roof of the castle is whole</title></head><body>"
        "<article><h1>Roof of the castle is whole</h1><p>It is a café again, and not a ruin, said the "
        "head of the trust that owns it.</p><p>Slaters laid 48,000 slates in six years.</p></article>"
    ).encode(encoding)
    data = saved(page, "")
    assert isinstance(choose(data, name), Mhtml)
    document = load(name, name, data)
    assert "It is a café again" in document.text
    assert "secret" not in document.text
    assert document.title == "Roof of the castle is whole"
    assert document.url == "https://example.org/castle"
