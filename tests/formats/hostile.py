"""Makes files that are damaged or meant to do harm, from a seed. None of them is stored."""

import io
import json
import os
import random
import struct
import zipfile
import zlib
from functools import cache

from tests.formats import samples, writers

TITLE = "The storm at Lindvik"
PROSE = (
    "The storm broke the old pier of Lindvik, and the harbour master closed the port for a week."
)

DEEP = 100_000
BOMB = 600 << 20
"""Bytes that a bomb unpacks to."""


def wrong_magic(rng):
    return rng.choice((b"\x7fELF", b"\x89PNG\r\n\x1a\n", b"MZ\x90\0", b"\xca\xfe\xba\xbe")) + noise(
        rng
    )


def nul_bytes(rng):
    return PROSE.encode().replace(b" ", b"\0" * rng.randint(1, 9))


def empty(rng):
    return rng.choice((b"", b" ", b"\n\n\t\n", b"\xef\xbb\xbf", b"\r" * 50))


def torn_utf8(rng):
    data = bytearray(f"{PROSE} Der Pächter öffnete früh. {PROSE}".encode())
    for _ in range(rng.randint(1, 5)):
        data[rng.randrange(len(data))] = rng.randint(0x80, 0xFF)
    return bytes(data)


def deep_html(rng):
    tag = rng.choice(("div", "b", "table><tr><td", "ul><li", "blockquote", "span"))
    return f"<html><body>{f'<{tag}>' * DEEP}{PROSE}".encode()


def endless_line(rng):
    return (rng.choice("a<[.{\"' ") * rng.randint(200_000, 2_000_000)).encode()


def entities(rng):
    """Entities that double with each level: a billion laughs."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, rng.randint(9, 12)))
    head = f'<!DOCTYPE html [<!ENTITY e0 "ha">{levels}]>'
    return f'<?xml version="1.0"?>{head}<html><p>&e8;</p></html>'.encode()


def foreign_entity(rng):
    """An entity that names a file of the machine, or an address."""
    place = rng.choice(("file:///etc/passwd", "http://127.0.0.1:9/x", "/dev/zero"))
    return (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY secret SYSTEM "{place}">]>'
        f"<html><body><p>{PROSE} &secret;</p></body></html>"
    ).encode()


def bomb(rng):
    """A document of hundreds of megabytes, packed small."""
    return _stretched(rng.choice(("word/document.xml", "one.xhtml", "story.txt")))


@cache
def _stretched(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        with file.open(name, "w") as member:
            for _ in range(BOMB >> 20):
                member.write(b" " * (1 << 20))
    return out.getvalue()


@cache
def _inflating():
    squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
    block = b" " * (1 << 20)
    return b"".join(squeeze.compress(block) for _ in range(BOMB >> 20)) + squeeze.flush()


def bomb_gz(rng):
    return _inflating()[: rng.choice((None, -1, -100))]


def nested_zip(rng):
    data = samples.packed(TITLE, [PROSE])
    for _ in range(rng.randint(5, 30)):
        data = writers.packed({"inner.zip": data})
    return data


def many_members(rng):
    return writers.packed({f"{n}.txt": b"x" for n in range(rng.randint(20_000, 30_000))})


def climbing_zip(rng):
    name = rng.choice(
        ("../../escape.txt", "/etc/escape.txt", "a/../../escape.txt", "..\\escape.txt")
    )
    return writers.packed({name: PROSE.encode()})


def lying_zip(rng):
    """A member larger than its header says."""
    data = bytearray(samples.packed(TITLE, [PROSE] * 50))
    at = data.index(b"PK\1\2")
    struct.pack_into("<I", data, at + 24, rng.randint(1, 10))
    return bytes(data)


def overlapping_zip(rng):
    """A directory of many entries for the same bytes."""
    name, data = b"a.txt", zlib.compress(b"a" * 1_000_000)[2:-4]
    crc = zlib.crc32(b"a" * 1_000_000)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(data), 1_000_000, 5, 0)
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(data), 1_000_000, 5, 0, 0, 0, 0, 0, 0
    )
    count = rng.randint(1_000, 60_000)
    front = local + name + data
    end = struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, count, count, count * (len(entry) + 5), len(front), 0
    )
    return front + (entry + name) * count + end


def truncated(rng):
    data = _good(rng)
    return data[: rng.randint(1, len(data) - 1)]


def flipped(rng):
    data = bytearray(_good(rng))
    for _ in range(rng.randint(1, 40)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def locked_pdf(rng):
    from fpdf import FPDF
    from fpdf.enums import EncryptionMethod

    page = FPDF()
    page.add_page()
    page.set_font("Helvetica", size=12)
    page.multi_cell(0, 6, PROSE)
    page.set_encryption(
        owner_password=str(rng.random()),
        user_password=str(rng.random()),
        encryption_method=EncryptionMethod.RC4,
    )
    return bytes(page.output())


def endless_pdf(rng):
    """Pages that are their own parents, or a million of them."""
    kids = " ".join(["3 0 R"] * rng.randint(100_000, 300_000))
    return (
        "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        f"2 0 obj<</Type/Pages/Count 1000000/Kids[{kids} 2 0 R]>>endobj\n"
        "3 0 obj<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>endobj\n"
        "trailer<</Root 1 0 R/Size 4>>\n%%EOF"
    ).encode()


def deep_json(rng):
    return b'{"title": "x", "text": ' + b"[" * rng.randint(10_000, DEEP) + b"\n"


def broken_lines(rng):
    good = json.dumps({"title": TITLE})
    return "\n".join(
        rng.choice(("{", '{"text": 5}', "[]", "nonsense", good)) for _ in range(20)
    ).encode()


def broken_table(rng):
    return ("id,title,text\n" + '"never closed, ' * rng.randint(10, 10_000)).encode()


def huge_number(rng):
    return b'{"title": ' + b"9" * rng.randint(5_000, 100_000) + b', "text": "x"}\n'


def endless_parts(rng):
    """A mail whose parts hold each other."""
    head = "".join(
        f'--b{n}\nContent-Type: multipart/mixed; boundary="b{n + 1}"\n\n'
        for n in range(rng.randint(500, 5_000))
    )
    return f'From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary="b0"\n\n{head}'.encode()


def odd_mail(rng):
    return (
        f"From: {'<' * rng.randint(1, 5_000)}\nSubject: =?utf-99?Q?{'=FF' * 500}?=\n"
        f"Date: {rng.randint(-9, 99)} Foo 99999 99:99:99 +9999\nContent-Type: text/html; charset=nonsense\n"
        f"Content-Transfer-Encoding: base64\n\n{'=' * 5_000}"
    ).encode()


def noise(rng):
    return rng.randbytes(rng.randint(100, 50_000))


def _good(rng):
    return samples.WRITERS[rng.choice(("docx", "epub", "pdf", "zip", "txt.gz"))](TITLE, [PROSE] * 5)


FILES = (
    wrong_magic, nul_bytes, empty, torn_utf8, deep_html, endless_line, entities, foreign_entity, bomb,
    bomb_gz, nested_zip, many_members, climbing_zip, lying_zip, overlapping_zip, truncated, flipped,
    locked_pdf, endless_pdf, deep_json, broken_lines, broken_table, huge_number, endless_parts,
    odd_mail, noise,
)  # fmt: skip
ENDINGS = {
    "deep_html": ("html", "xhtml", "md"), "entities": ("html", "xhtml"), "foreign_entity": ("xhtml",),
    "bomb": ("docx", "epub", "zip"), "bomb_gz": ("txt.gz", "jsonl.gz"), "locked_pdf": ("pdf",),
    "endless_pdf": ("pdf",), "deep_json": ("jsonl", "json"), "huge_number": ("jsonl", "json"),
    "broken_lines": ("jsonl",), "broken_table": ("csv", "tsv"), "endless_parts": ("eml", "mhtml"),
    "odd_mail": ("eml",), "nested_zip": ("zip",), "many_members": ("zip",), "climbing_zip": ("zip",),
    "lying_zip": ("zip", "docx", "epub"), "overlapping_zip": ("zip", "docx", "epub"),
}  # fmt: skip
"""The endings that suit a kind; every other kind may have any."""


def make(folder, count, seed=0):
    """Write ``count`` hostile files into a folder, each kind in turn; returns their names."""
    rng = random.Random(seed)  # noqa: S311
    names = []
    for number in range(count):
        kind = FILES[number % len(FILES)]
        ending = rng.choice(ENDINGS.get(kind.__name__, tuple(samples.WRITERS)))
        name = f"{kind.__name__}-{number}.{ending}"
        (folder / name).write_bytes(kind(rng))
        names.append(name)
    return names


def make_special(folder):
    """Write what is no file, or cannot be read; returns the names."""
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "circle").symlink_to(".")
    (folder / "outside.txt").symlink_to("/etc/hostname")
    return ["pipe.txt", "loop.txt", "circle", "outside.txt"]
