"""Mails: ``.eml``, boxes of them: ``.mbox``, and web pages saved as mails: ``.mhtml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from itertools import islice
from typing import Any, Final

from rag.errors import UnreadableFile
from rag.formats.base import TEXT, ending_of, parse
from rag.formats.forwards import Head, mark, trimmed_blocks, unquoted
from rag.formats.front_matter import bare_subject
from rag.formats.html.names import has_name
from rag.formats.html.source import parse_page
from rag.formats.mail_part import file_name, flowed, header, is_attachment, text_of
from rag.formats.markup import Rendered, join, render
from rag.formats.plain import Plain
from rag.records import Block, Extracted, Member, Skipped, Stated

_KNOWN: Final = frozenset(
    b"from to date subject received message-id mime-version return-path delivered-to content-type".split()
)
_HEAD: Final = 16_384  # bytes
_LONGEST_NAME: Final = 60
_FEWEST: Final = 3
_SNAPSHOT: Final = b"snapshot-content-location:"


_ANGLES: Final = str.maketrans("[]", "<>")
_LISTS: Final = ("List-Id", "List-Unsubscribe", "List-Post", "Mailing-List")
_ENCRYPTED: Final = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_PAGES: Final = ("text/html", "application/xhtml+xml")
_SIGNATURES: Final = frozenset(("signature",))
_QUOTES: Final = frozenset(
    ("gmailquote", "yahooquoted", "mozciteprefix", "protonmailquote", "rplyfwdmsg")
)
"""Names of elements, as ``html.names`` reads them."""
_RICHER: Final = 0.6  # the share of the words of the plain part that its HTML twin has at least

_BOX: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]{3,200}\r?\n")
_FEWEST_WORDS: Final = 25


class Mail:
    """One mail."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` begins with the fields of a mail. A text file stays one, whatever it holds."""
        ending = ending_of(name)
        head = data[:_HEAD]
        if ending in TEXT or not _field_names(head) or _SNAPSHOT in head.lower():
            return False
        if len(list(islice(_BOX.finditer(data), 2))) > 1:
            return False
        return ending == ".eml" or _is_mail(data)

    def parse(self, data: bytes, name: str) -> Extracted:
        """The mail's own text; what it quotes, and its head and foot, are boilerplate.

        In a forward, the mail that is forwarded is the text, and its head tells who wrote it, and when.
        """
        if not _field_names(data):
            raise UnreadableFile(
                f"not a mail: it does not begin with fields ({ending_of(name) or name})"
            )
        return _Reader(_message(data)).extracted()


def _message(data: bytes) -> Message:
    """The mail in ``data``, which a byte order mark and blank lines may precede."""
    return message_from_bytes(re.sub(rb"\A\s+", b"", data.removeprefix(b"\xef\xbb\xbf")))


def _is_mail(data: bytes) -> bool:
    """Whether several fields stand at the top that only mails have."""
    return len(_KNOWN.intersection(_field_names(data))) >= _FEWEST


def _field_names(data: bytes) -> list[bytes]:
    """The names of the fields at the top, in small letters; none if the first line is no field."""
    names: list[bytes] = []
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"From ", b">From ")):  # as a box of mails has it
        head = head.partition(b"\n")[2]
    for line in head.splitlines():
        name, colon, _ = line.partition(b":")
        name = name.rstrip(b" \t").lower()
        is_name = (
            colon and 0 < len(name) <= _LONGEST_NAME and all(33 <= code < 127 for code in name)
        )
        if is_name:
            names.append(name)
        elif not names or not line.strip():
            break
    return names


class _Reader:
    """Reads one mail, with the mails attached to it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.subject, self.is_forward = bare_subject(header(message, "Subject"))
        self.heads: list[Head] = []
        self.inner: list[Message] = []
        self.unread: list[str] = []

    def extracted(self) -> Extracted:
        """The mail as a document."""
        body = join(self.parts(self.message))
        attached = [self._attached(message) for message in self.inner]
        whole = join([body, *attached])
        if not whole.text and self.message.get_content_maintype() == "multipart":
            payload = self.message.get_payload()  # a text, if its parts cannot be told apart
            whole = self._plain(
                payload if isinstance(payload, str) else self.message.preamble or ""
            )
        if not whole.text:
            self._check_encryption()
            raise UnreadableFile("has no text")
        unread = ", ".join(self.unread)
        notes = (f"has attachments that are not read: {unread}",) if unread else ()
        blocks = _searchable(whole.blocks)
        return Extracted(
            whole.text, blocks, found=self._found(body), headings_marked=False, notes=notes
        )

    def _check_encryption(self) -> None:
        if any(part.get_content_type() in _ENCRYPTED for part in self.message.walk()):
            raise UnreadableFile("encrypted")

    def _attached(self, message: Message) -> Rendered:
        """A mail inside this one, under its subject."""
        reader = _Reader(message)
        reader.is_forward = reader.is_forward or self.is_forward
        body = join(reader.parts(message))
        self.unread += reader.unread
        self.inner += reader.inner  # the loop that reads them goes on with these
        if reader.subject and reader.subject != self.subject:
            heading = Rendered(reader.subject, (Block(0, len(reader.subject), "heading"),))
            return join((heading, body))
        return body

    # ------------------------------------------------------------ parts

    def parts(self, message: Message) -> Iterator[Rendered]:
        """The readable parts of a mail in order. Of several forms of one text, one is chosen."""
        stack = [message]
        shown: set[str] = set()
        while stack:
            part = stack.pop()
            kind = part.get_content_type()
            if kind == "message/rfc822":
                inner = part.get_payload()
                self.inner += (
                    [m for m in inner if isinstance(m, Message)] if isinstance(inner, list) else []
                )
            elif part.is_multipart():
                children = [each for each in part.get_payload() if isinstance(each, Message)]
                if kind == "multipart/alternative":
                    yield self._alternative(children)
                elif kind == "multipart/related":
                    stack += children[:1]
                else:
                    stack += reversed(children)
            elif is_attachment(part):
                self.unread += [
                    name for name in (file_name(part),) if name and not kind.startswith("image/")
                ]
            else:
                rendered = self._leaf(part)
                words = " ".join(rendered.text.split())
                if words not in shown:
                    shown.add(words)
                    yield rendered

    def _alternative(self, parts: Sequence[Message]) -> Rendered:
        """The richest of several forms of one text: HTML, unless it lacks much of the plain form."""
        forms = [join(self.parts(part)) for part in parts]
        html = [form for part, form in zip(parts, forms, strict=True) if form.elements]
        plain = max(
            (form for form in forms if not form.elements), key=_words, default=Rendered("", ())
        )
        best = max(html, key=_words, default=plain)
        return best if _words(best) >= _RICHER * _words(plain) else plain

    def _leaf(self, part: Message) -> Rendered:
        """The text of a part that is text; nothing of any other."""
        kind = part.get_content_type()
        if not kind.startswith("text/") or kind in (
            "text/calendar",
            "text/css",
            "text/vcard",
            "text/rtf",
        ):
            return Rendered("", ())
        text = text_of(part)
        if kind in _PAGES:
            return self._html(text)
        return self._plain(flowed(part, text))

    def _plain(self, text: str) -> Rendered:
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if self.is_forward:
            text = unquoted(text)
        try:
            blocks = list(Plain().parse(text.encode("utf-8", "replace"), "").blocks)
        except UnreadableFile:
            return Rendered("", ())
        return self._marked(Rendered(text, tuple(blocks)))

    def _html(self, source: str) -> Rendered:
        try:
            root = parse_page(source)
        except UnreadableFile:
            return Rendered("", ())
        rendered = self._marked(render(root, self._role))
        if rendered.blocks and not self.is_forward and _all_boilerplate(rendered.blocks):
            rendered = self._marked(render(root))  # nothing but a quote
        return replace(rendered, elements=(root,))

    def _marked(self, rendered: Rendered) -> Rendered:
        blocks, heads = mark(rendered.text, list(rendered.blocks), is_forward=self.is_forward)
        self.heads += heads
        return Rendered(rendered.text, tuple(trimmed_blocks(rendered.text, blocks)))

    def _role(self, element: Any) -> str | None:
        if has_name(element, _SIGNATURES):
            return "boilerplate"
        if self.is_forward:
            return None
        is_quote = element.tag == "blockquote" and element.get("type", "").lower() == "cite"
        return "boilerplate" if is_quote or has_name(element, _QUOTES) else None

    # ------------------------------------------------------------ metadata

    def _found(self, body: Rendered) -> tuple[Stated, ...]:
        """Title, sender and date: first those of the mail that is forwarded."""
        found: list[Stated] = []
        if self.subject:
            found.append(Stated("title", self.subject, "Subject of the mail"))
        if self.is_forward and self.heads:
            head = self.heads[0]
            found += _sender(head.value("author"), "From of the forwarded mail", is_list=False)
            if date := head.value("published"):
                found.append(Stated("published", date, "Date of the forwarded mail"))
        elif self.inner and _words(body) < _FEWEST_WORDS:
            inner = self.inner[0]
            found += _sender(
                header(inner, "From"), "From of the attached mail", is_list=_is_list(inner)
            )
            if date := header(inner, "Date"):
                found.append(Stated("published", date, "Date of the attached mail"))
        message = self.message
        found += _sender(header(message, "From"), "From of the mail", is_list=_is_list(message))
        if date := header(message, "Date"):
            found.append(Stated("published", date, "Date of the mail"))
        if language := header(message, "Content-Language"):
            found.append(
                Stated("language", language.partition(",")[0], "Content-Language of the mail")
            )
        return tuple(found)


def _is_list(message: Message) -> bool:
    return any(name in message for name in _LISTS)


def _sender(written: str, evidence: str, *, is_list: bool) -> list[Stated]:
    """Who sent a mail: the publisher and, unless it came from a list, the author."""
    # Some programs write "Ada Quill [mailto:ada@example.org]".
    name, address = parseaddr(written.replace("mailto:", "").translate(_ANGLES))
    name = name.strip(" \"'") or (written.strip() if "@" not in written else "")
    if not name:
        domain = address.rpartition("@")[2]
        return [Stated("publisher", domain, evidence)] if domain else []
    publisher = Stated("publisher", name, evidence)
    return [publisher] if is_list else [publisher, Stated("author", name, evidence)]


def _words(rendered: Rendered) -> int:
    """The number of words that are not boilerplate."""
    return sum(
        len(rendered.text[block.start : block.end].split())
        for block in rendered.blocks
        if block.kind != "boilerplate"
    )


def _all_boilerplate(blocks: Sequence[Block]) -> bool:
    return all(block.kind == "boilerplate" for block in blocks)


def _searchable(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks; if all are boilerplate, they are the text after all."""
    if _all_boilerplate(blocks):
        return tuple(Block(block.start, block.end, "paragraph") for block in blocks)
    return blocks


class Mbox:
    """Mails one behind the other, as mail programs store and export them."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` begins as a box of mails does."""
        first = _BOX.match(data)
        return first is not None and _is_mail(data[first.end() :])

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:
        """The mails, by their number."""
        if not self.accepts(data, name):
            raise UnreadableFile("not a box of mails")
        starts = list(_BOX.finditer(data))
        ends = [*(start.start() for start in starts[1:]), len(data)]
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
            mail = re.sub(rb"^>(>*From )", rb"\1", data[start.end() : end], flags=re.MULTILINE)
            yield Member(str(number), mail, file="mail.eml")


class Mhtml:
    """A web page with its pictures and styles, saved by a browser."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` is a mail that holds a page and what belongs to it."""
        head = data[:_HEAD]
        if (
            ending_of(name) in TEXT
            or not _field_names(head)
            or b"multipart/related" not in head.lower()
        ):
            return (
                ending_of(name) in (".mht", ".mhtml")
                and bool(_field_names(head))
                and _is_mail(data)
            )
        return ending_of(name) in (".mht", ".mhtml") or _SNAPSHOT in head.lower()

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The page as if it had been saved alone; its address is where it was saved from."""
        message = _message(data)
        page = _root(message)
        if page is None:
            raise UnreadableFile("holds no web page")
        text = text_of(page)
        extracted = parse(b"\xef\xbb\xbf" + text.encode("utf-8", "replace"), "page.html")
        address = header(message, "Snapshot-Content-Location") or header(page, "Content-Location")
        found = [Stated("url", address, "address of the saved page")] if address else []
        if title := header(message, "Subject"):
            found.append(Stated("title", title, "Subject of the saved page"))
        return replace(extracted, found=(*extracted.found, *found))


def _root(message: Message) -> Message | None:
    """The page: the part that the mail names as its root, or else the first page in it."""
    pages = [part for part in message.walk() if part.get_content_type() in _PAGES]
    start = str(message.get_param("start", ""))
    named = [part for part in pages if start and part.get("Content-ID", "") == start]
    return next(iter(named or pages), None)
