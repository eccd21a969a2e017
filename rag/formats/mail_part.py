"""One part of a mail: its fields decoded, its text, the name of its file."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from rag.errors import UnreadableFile
from rag.text.encoding import decode


def header(message: Message, name: str) -> str:
    """A field of a mail's head, decoded; "" if it is missing. Broken ones are read as far as they go."""
    fields = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    raw = re.sub(r"\r?\n[ \t]+", " ", next(fields, ""))
    raw = _text(raw.encode("utf-8", "surrogateescape"), None)
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, ValueError):
        return raw.strip()
    decoded = "".join(
        piece if isinstance(piece, str) else _text(piece, charset) for piece, charset in pieces
    )
    return "".join(c if c.isprintable() else " " for c in decoded).strip()


def _text(data: bytes, charset: str | None) -> str:
    try:
        return decode(data, charset).text
    except (UnreadableFile, LookupError):
        return data.decode("ascii", "replace")


def text_of(part: Message) -> str:
    """The text of a part, in the encoding that it names unless its bytes say otherwise."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = part.get_param("charset")
    return _text(data, charset if isinstance(charset, str) else None)


def flowed(part: Message, text: str) -> str:
    """A text whose lines a program broke at spaces, with each paragraph on one line (RFC 3676)."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    text = text.replace("\r\n", "\n").replace("\n-- \n", "\n--\n")
    return text.replace(" \n", "" if str(part.get_param("delsp", "")).lower() == "yes" else " ")


def is_attachment(part: Message) -> bool:
    """Whether a part is a file that comes with the mail."""
    return part.get_content_disposition() == "attachment" or (
        bool(file_name(part)) and not part.get_content_type().startswith("text/")
    )


def file_name(part: Message) -> str:
    """The name of a part's file in one line; "" if it has none."""
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, UnicodeError):
        name = ""
    return "".join(c for c in " ".join(name.split()) if c.isprintable())[:100]
