"""Zip, gzip, JSON Lines, JSON and CSV: the articles in them are read, and what is not one is named."""

import csv
import gzip
import io
import json
import struct
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.articles import DEEPEST
from rag.corpus.load import Job, load_all
from rag.records import Skipped

FERRY = "A ferry for Skarn\n\nThe ferry to Skarn sails on 3 May at noon, says Ole Berg.\n"
RECORD = {"id": "n1", "title": "Ice rink", "text": "The rink has 1,800 square metres."}


def read(name, data):
    """What a file holds: the documents by id, and the reasons by path, in order."""
    documents, skipped = {}, []
    for each in load_all(Job(name, f"/corpus/{name}", data)):
        if isinstance(each, Skipped):
            skipped.append((each.path, each.reason))
        else:
            document = each.document
            assert document.path == f"/corpus/{document.doc_id}"
            assert document.doc_id not in documents
            documents[document.doc_id] = document
    return documents, skipped


def texts(name, data):
    return {doc_id: document.text for doc_id, document in read(name, data)[0].items()}


def zipped(*members, comment=b""):
    """A zip archive of (name, data) pairs; a name may come twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data)
        archive.comment = comment
    return buffer.getvalue()


def lines(*records):
    return "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records).encode()


def table(*rows, **dialect):
    written = io.StringIO(newline="")
    csv.writer(written, **dialect).writerows(rows)
    return written.getvalue()


# ---------------------------------------------------------------- zip


def test_the_articles_of_a_zip_are_read_and_the_others_named():
    documents, skipped = read(
        "pack.zip",
        zipped(
            ("north/ferry.txt", FERRY),
            ("north/", b""),
            ("ärger.md", "# Ärger\n\nThe mill is loud at night."),
            ("empty.txt", b"\n"),
            ("pixel.gif", b"GIF89a\0"),
            ("app.js", "var x = 1"),
            (".hidden.txt", FERRY),
            ("__MACOSX/._ferry.txt", b"\0\5\x16"),
            ("inner.zip", zipped(("deep.txt", FERRY), ("news.jsonl", lines(RECORD, RECORD)))),
        ),
    )
    assert list(documents) == [
        "pack.zip/north/ferry.txt",
        "pack.zip/ärger.md",
        "pack.zip/inner.zip/deep.txt",
        "pack.zip/inner.zip/news.jsonl/n1",
        "pack.zip/inner.zip/news.jsonl/n1-2",
    ]
    assert documents["pack.zip/north/ferry.txt"].text == FERRY
    assert skipped == [
        ("pack.zip/empty.txt", "empty"),
        ("pack.zip/pixel.gif", "unsupported format .gif"),
        ("pack.zip/app.js", "unsupported format .js"),
    ]


@pytest.mark.parametrize(
    ("name", "doc_id"),
    [
        ("./a.txt", "p.zip/a.txt"),
        ("a//b.txt", "p.zip/a/b.txt"),
        ("south\\wind.txt", "p.zip/south/wind.txt"),
        ("tab\there.txt", "p.zip/tab_here.txt"),
        ("../../up.txt", None),
        ("a/../../up.txt", None),
        ("..\\up.txt", None),
        ("/etc/up.txt", None),
    ],
)
def test_a_members_name_never_leads_out_of_its_archive(name, doc_id):
    documents, skipped = read("p.zip", zipped((name, FERRY), ("ok.txt", FERRY)))
    assert list(documents) == [*([doc_id] if doc_id else []), "p.zip/ok.txt"]
    assert [path for path, _ in skipped] == ([] if doc_id else ["p.zip"])
    assert all("leads out" in reason for _, reason in skipped)


def test_members_with_one_name_are_all_read():
    found = texts(
        "p.zip", zipped(("a.txt", "First one."), ("a.txt", "Second."), ("./a.txt", "Third."))
    )
    assert found == {
        "p.zip/a.txt": "First one.",
        "p.zip/a.txt-2": "Second.",
        "p.zip/a.txt-3": "Third.",
    }


@pytest.mark.parametrize(
    ("stored", "name", "flags", "extra"),
    [
        ("Zürich äö.txt".encode("cp437"), "Zürich äö.txt", 0, ""),
        ("Zürich äö.txt".encode(), "Zürich äö.txt", 0, ""),  # many write UTF-8 without saying so
        ("Zürich äö.txt".encode(), "Zürich äö.txt", 0x800, ""),
        (b"________.txt", "Żółć.txt", 0, "Żółć.txt"),
    ],
)
def test_names_are_read_as_they_were_written(stored, name, flags, extra):
    info = zipfile.ZipInfo("x" * len(stored))
    if extra:
        field = b"\1" + struct.pack("<I", zlib.crc32(stored)) + extra.encode()
        info.extra = struct.pack("<HH", 0x7075, len(field)) + field
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, FERRY)
    data = buffer.getvalue().replace(b"x" * len(stored), stored)
    assert list(texts("p.zip", flagged(data, flags))) == [f"p.zip/{name}"]


def flagged(data, flags):
    """An archive with these flags on its first member."""
    flags = struct.pack("<H", flags)
    for place, begin in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.index(place) + begin
        data = data[:at] + flags + data[at + 2 :]
    return data


def test_a_damaged_or_locked_member_does_not_spoil_the_others():
    data = bytearray(zipped(("a.txt", FERRY * 9), ("b.txt", FERRY)))
    data[60] ^= 0xFF  # within the compressed first member
    assert read("p.zip", bytes(data)) == (
        read("p.zip", zipped(("b.txt", FERRY)))[0],
        [("p.zip/a.txt", "damaged inside its archive")],
    )
    data = zipped(("a.txt", FERRY), ("b.txt", FERRY))
    documents, skipped = read("p.zip", flagged(data, 1))
    assert (list(documents), skipped) == (
        ["p.zip/b.txt"],
        [("p.zip/a.txt", "protected with a password")],
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped(("a.txt", FERRY))[:-30], "its list of files is lost"),
        (b"PK\3\4 and nothing else", "its list of files is lost"),
        (b"just words", "not a zip archive"),
        (zipped(("a.txt", b"0" * 40_000_000), ("b.txt", b"")), "would unpack to 40 MB"),
    ],
)
def test_a_hopeless_zip_says_why(data, reason):
    documents, skipped = read("p.zip", data)
    assert not documents
    assert reason in skipped[0][1]


def test_archives_are_opened_only_so_deep():
    data = zipped(("a.txt", FERRY))
    for _ in range(DEEPEST):
        data = zipped(("in.zip", data))
    [(_, reason)] = read("p.zip", data)[1]
    assert "inside each other" in reason


# ---------------------------------------------------------------- gzip


def test_a_gzip_file_is_read_under_its_own_name():
    documents, skipped = read("ferry.txt.gz", gzip.compress(FERRY.encode(), mtime=0))
    assert texts("ferry.txt.gz", gzip.compress(FERRY.encode(), mtime=0)) == {"ferry.txt.gz": FERRY}
    assert documents["ferry.txt.gz"].title == "A ferry for Skarn"
    assert not skipped
    two = (
        gzip.compress(FERRY[:30].encode(), mtime=0) + gzip.compress(FERRY[30:].encode()) + b"\0" * 9
    )
    assert texts("ferry.TXT.GZ", two) == {"ferry.TXT.GZ": FERRY}
    assert list(texts("n.jsonl.gz", gzip.compress(lines(RECORD), mtime=0))) == ["n.jsonl.gz/n1"]
    assert list(texts("n.csv.gz", gzip.compress(b"id,text\n7,Some text.\n", mtime=0))) == [
        "n.csv.gz/7"
    ]


def test_a_gzip_file_that_breaks_off_is_read_as_far_as_it_goes():
    letters = "".join(f"Line {n} of many. " for n in range(2_000))
    documents, skipped = read("a.txt.gz", gzip.compress(letters.encode(), mtime=0)[:-200])
    assert letters.startswith(documents["a.txt.gz"].text)
    assert len(documents["a.txt.gz"].text) > 1_000
    assert skipped == [
        ("a.txt.gz", "a damaged gzip file: it breaks off; what stands before was read")
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x1f\x8b", "it breaks off; nothing could be read"),
        (gzip.compress(FERRY.encode(), mtime=0)[:-8] + b"\1" * 8, "its checksum is wrong"),
        (b"just words", "not a gzip file"),
        (gzip.compress(b"0" * 60_000_000, mtime=0), "would unpack to more than"),
        (gzip.compress(b"\0\1\2", mtime=0), "binary data"),
    ],
)
def test_a_hopeless_gzip_file_says_why(data, reason):
    documents, skipped = read("a.txt.gz", data)
    assert not documents
    assert reason in skipped[-1][1]


# ---------------------------------------------------------------- records


def test_a_record_is_cited_by_its_words_and_never_as_json():
    record = RECORD | {
        "url": "https://example.org/n1",
        "source": {"id": None, "name": "Pellworth Courier"},
        "publishedAt": "2025-05-02T08:00:00Z",
        "embedding": [0.5] * 9,
    }
    [document] = read("news.jsonl", lines(record))[0].values()
    assert document.text == "Ice rink\n\nThe rink has 1,800 square metres."
    assert [b.kind for b in document.blocks] == ["title", "paragraph"]
    assert (document.title, document.publisher) == ("Ice rink", "Pellworth Courier")
    assert (document.published, document.url) == ("2025-05-02", "https://example.org/n1")
    assert document.evidence["publisher"] == "field source"


@pytest.mark.parametrize(
    ("record", "text", "title"),
    [
        ({"headline": "Owls", "body": "Three owls."}, "Owls\n\nThree owls.", "Owls"),
        ({"Title": "Owls", "CONTENT": "Three owls."}, "Owls\n\nThree owls.", "Owls"),
        ({"title": "Owls", "articleBody": "Three owls.", "summary": ""}, "Owls\n\nThree owls.", "Owls"),
        ({"title": "Owls", "text": "Owls\n\nThree owls."}, "Owls\n\nThree owls.", "Owls"),
        ({"title": " Two\n words ", "text": "Three owls."}, "Two words\n\nThree owls.", "Two words"),
        ({"text": "# Owls\n\nThree *owls*."}, "# Owls\n\nThree *owls*.", "Owls"),
        ({"title": "Owls", "text": "Use <b> here."}, "Owls\n\nUse <b> here.", "Owls"),
        ({"title": "Owls", "text": "half \ud83e and more"}, "Owls\n\nhalf \ufffd and more", "Owls"),
        ({"title": "Owls", "text": ["Three owls.", "They sleep."]}, "Owls\n\nThree owls.\n\nThey sleep.",
         "Owls"),
        ({"title": {"rendered": "Owls"}, "content": {"rendered": "<p>Three owls."}},
         "Owls\n\nThree owls.", "Owls"),
        ({"_id": 1, "_source": {"title": "Owls", "text": "Three owls."}}, "Owls\n\nThree owls.", "Owls"),
        ({"data": {"headline": "Owls", "body": {"text": "Three owls.", "id": "b"}}},
         "Owls\n\nThree owls.", "Owls"),
        ({"title": "Owls", "text": "Three owls.", "meta": {"title": "Other"}},
         "Owls\n\nThree owls.", "Owls"),
        ({"headline": {"main": "Owls", "kicker": "Birds"}, "lead_paragraph": "Three owls."},
         "Owls\n\nThree owls.", "Owls"),
        ({"Titel": "Owls", "Inhalt": "Three owls."}, "Owls\n\nThree owls.", "Owls"),
    ],
)  # fmt: skip
def test_the_fields_of_a_record_go_by_many_names(record, text, title):
    [document] = read("a.jsonl", lines(record))[0].values()
    assert (document.text, document.title) == (text, title)


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        (("4/2/2025", "4/25/2025"), "2025-04-02"),
        (("4/2/2025", "25/2/2025"), "2025-02-04"),
        (("4/2/2025", "3/2/2025"), None),
        (("4/2/2025 10:15", "x", "12/31/2024"), "2025-04-02"),
        (("4/2/2025", "13/4/2025", "4/13/2025"), None),
    ],
)
@pytest.mark.parametrize("form", ["rows", "lines", "list"])
def test_dates_of_other_records_say_whether_the_month_comes_first(dates, published, form):
    records = [
        {"title": f"Owls {n}", "text": "Three owls.", "date": date} for n, date in enumerate(dates)
    ]
    rows = [["title", "text", "date"], *(list(record.values()) for record in records)]
    name, data = {
        "rows": ("t.csv", table(*rows).encode()),
        "lines": ("t.jsonl", lines(*records)),
        "list": ("t.json", json.dumps(records).encode()),
    }[form]
    documents, _ = read(name, data)
    assert next(iter(documents.values())).published == published


def test_bad_lines_are_named_and_the_rest_is_read():
    data = lines(
        RECORD,
        "",
        '{"id": "cut',
        "[1]",
        {"title": "no text"},
        "NaN",
        "[" * 99_999,
        RECORD | {"id": "n2"},
    )
    documents, skipped = read("news.jsonl", b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert list(documents) == ["news.jsonl/n1", "news.jsonl/n2"]
    assert {path for path, _ in skipped} == {"news.jsonl"}
    assert [reason.partition(":")[0] for _, reason in skipped] == [
        f"line {n}" for n in (3, 4, 5, 6, 7)
    ]
    many = read("news.jsonl", lines(RECORD, *["bad"] * 500))[1]
    assert len(many) == 101
    assert many[-1] == ("news.jsonl", "400 more lines are not articles")


@pytest.mark.parametrize(
    "written",
    [
        json.dumps([RECORD, RECORD | {"id": "n2"}]),
        json.dumps([RECORD, RECORD | {"id": "n2"}], indent=2),
        "\n".join(json.dumps(record, indent=1) for record in (RECORD, RECORD | {"id": "n2"})),
    ],
)
def test_records_may_stand_in_a_list_or_over_several_lines(written):
    assert list(texts("news.jsonl", written.encode())) == ["news.jsonl/n1", "news.jsonl/n2"]


def test_what_wraps_a_record_gives_what_it_lacks_and_nothing_of_others():
    record = {
        "id": "a",
        "fields": {"headline": "Owls", "bodyText": "Three owls.", "byline": "Ann Lee"},
        "meta": {
            "date": "2025-06-12",
            "source": {"name": "Messenger", "url": "https://other.example"},
        },
        "thumbnail": {"url": "https://picture.example"},
    }
    [document] = read("a.jsonl", lines(record))[0].values()
    assert (document.title, document.author, document.publisher) == ("Owls", "Ann Lee", "Messenger")
    assert (document.published, document.url) == ("2025-06-12", None)


@pytest.mark.parametrize("line", ['"a text"', "[1]", "7", "null"])
def test_a_line_that_is_no_record_is_named_without_its_words(line):
    assert read("n.jsonl", lines(RECORD, line))[1] == [("n.jsonl", "line 2: not a JSON object")]


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("a/b c", "a-b-c"), ("../../x", "x"), ("https://example.org/n1?x=1", "example.org-n1-x=1"),
        (7, "7"), ("", "1"), (None, "1"), ("...", "1"), ("Zürich", "Zürich"), ("x" * 500, "x" * 100),
    ],
)  # fmt: skip
def test_ids_become_safe_names(identity, name):
    assert list(texts("n.jsonl", lines(RECORD | {"id": identity}))) == [f"n.jsonl/{name}"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_records_may_have_any_encoding(encoding):
    record = json.dumps({"id": "z", "text": "Zoë ärgert sich."}, ensure_ascii=False)
    assert (
        list(texts("n.jsonl", f"{record}\n{record}".encode(encoding)).values())
        == ["Zoë ärgert sich."] * 2
    )
    rows = "id;text\nz;Zoë ärgert sich.\n".encode(encoding)
    assert texts("n.csv", rows) == {"n.csv/z": "Zoë ärgert sich."}


def test_a_damaged_line_does_not_change_the_encoding_of_the_others():
    good = [
        json.dumps({"id": n, "text": f"Zoë {n}"}, ensure_ascii=False).encode() for n in range(3)
    ]
    documents, skipped = read("n.jsonl", b"\n".join([*good, b'{"text": "Zo\xeb"}']))
    assert [document.text for document in documents.values()] == ["Zoë 0", "Zoë 1", "Zoë 2"]
    assert skipped == [("n.jsonl", "line 4: not UTF-8 text")]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (RECORD, ["a.json"]),
        ([RECORD, RECORD], ["a.json/n1", "a.json/n1-2"]),
        ({"status": "ok", "articles": [RECORD]}, ["a.json/n1"]),
        ({"version": "x", "items": [RECORD | {"id": "i"}, 7]}, ["a.json/i"]),
        ({"hits": {"total": 1, "hits": [{"_id": "e", "_source": {"text": "x"}}]}}, ["a.json/e"]),
        ({"response": {"results": [RECORD]}}, ["a.json/n1"]),
        ({"dependencies": {"left": 1}}, []),
        ([], []),
        (7, []),
    ],
)
def test_a_json_file_is_one_article_or_a_list(value, ids):
    documents, skipped = read("a.json", json.dumps(value).encode())
    assert list(documents) == ids
    assert bool(skipped) == (not ids or (isinstance(value, dict) and 7 in value.get("items", ())))


def test_without_an_ending_records_are_known_by_their_content():
    assert list(texts("feed", lines(RECORD, RECORD))) == ["feed/n1", "feed/n1-2"]
    assert list(texts("article", lines(RECORD))) == ["article"]
    assert texts("note", b"{curly} words") == {"note": "{curly} words"}


# ---------------------------------------------------------------- tables

HEADER = ["id", "title", "text", "source", "date"]
ROW = [
    "c1",
    'Bread, "dear"',
    'Bread costs 4.10.\n\nHe says: "So it is; truly."',
    "Week, Ltd",
    "2025-03-01",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n"])
def test_a_table_of_articles_is_read_row_by_row(delimiter, end, before):
    data = before + table(HEADER, ROW, ["", "", ""], ROW, delimiter=delimiter, lineterminator=end)
    documents, skipped = read("t.csv", data.encode())
    assert list(documents) == ["t.csv/c1", "t.csv/c1-2"]
    document = documents["t.csv/c1"]
    assert document.text == f"{ROW[1]}\n\n{ROW[2]}"
    assert (document.publisher, document.published) == ("Week, Ltd", "2025-03-01")
    assert not skipped


def test_a_separator_line_of_a_spreadsheet_is_obeyed():
    data = "sep=|\r\n" + table(HEADER, ROW, delimiter="|")
    assert list(texts("t.csv", data.encode())) == ["t.csv/c1"]


def test_bad_rows_are_named_and_the_rest_is_read():
    data = (
        'id,text\n1,First one.\n2,\n3,a,b,c\n4,"open\n5,Fifth one.\n6,"closed" early\n7,Seventh.\n'
    )
    documents, skipped = read("t.csv", data.encode())
    assert list(documents) == ["t.csv/1", "t.csv/5", "t.csv/7"]
    assert [reason.partition(":")[0] for _, reason in skipped] == [
        f"line {n}" for n in (3, 4, 5, 7)
    ]


def test_quotation_marks_may_be_escaped_in_both_ways():
    data = 'id,text\n1,"Say ""one"", then."\n2,"Say \\"two\\", then."\n3,Three.\n'
    said = {"t.csv/1": 'Say "one", then.', "t.csv/2": 'Say "two", then.', "t.csv/3": "Three."}
    assert texts("t.csv", data.encode()) == said


def test_a_very_long_field_is_read():
    text = "word " * 60_000
    assert texts("t.csv", f"id,text\n1,{text}\n".encode()) == {"t.csv/1": text}


@pytest.mark.parametrize("data", ["year,population\n1990,5\n", "no table\n", "1,2\n"])
def test_a_table_of_something_else_is_explained_in_one_line(data):
    documents, [(path, reason)] = read("t.csv", data.encode())
    assert (documents, path) == ({}, "t.csv")
    assert reason.startswith("a table, but not of articles")


# ---------------------------------------------------------------- offsets, any bytes

WORDS = st.text(st.sampled_from("ab .\n\r\t<>|#*-\"'é̂👩\u200d\u2028א,;"), max_size=60)


@given(title=WORDS, text=WORDS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv"])
def test_offsets_hold_in_every_record(name, title, text):
    record = {"id": "x", "title": title, "text": f"{text} end"}
    if name.endswith("sv"):
        data = table(
            list(record), list(record.values()), delimiter="\t" if name == "a.tsv" else ","
        )
    else:
        data = json.dumps([record] if name == "a.json" else record)
    documents, skipped = read(name, data.encode())
    assert not skipped
    [document] = documents.values()
    assert document.text.endswith(f"{text} end")
    assert all(0 <= b.start < b.end <= len(document.text) for b in document.blocks)
    covered = "".join(document.text[b.start : b.end] for b in document.blocks)
    assert sum(map(str.isalnum, covered)) == sum(map(str.isalnum, document.text))


@given(data=st.binary(max_size=300), cut=st.integers(0, 400), at=st.integers(0, 400))
@pytest.mark.parametrize("name", ["a.zip", "a.txt.gz", "a.jsonl", "a.json", "a.csv", "a"])
def test_any_bytes_are_read_or_named(name, data, cut, at):
    whole = {
        "a.zip": zipped(("a.txt", FERRY), ("b/c.txt", FERRY)),
        "a.txt.gz": gzip.compress(FERRY.encode(), mtime=0),
    }.get(name, lines(RECORD, RECORD))
    for each in (data, whole[:cut], whole[:at] + data[:3] + whole[at + 3 :]):
        documents, skipped = read(name, each)
        assert documents or skipped
        assert all(reason for _, reason in skipped)
