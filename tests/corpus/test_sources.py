"""Scanning and reading the corpus folder, decoding, and the sidecar."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from rag.corpus.load import load
from rag.corpus.scan import SourceFile, read_source, scan
from rag.corpus.sidecar import Correction, read_sidecar
from rag.errors import CorpusNotFound, UnreadableFile
from rag.formats.base import LARGEST_FILE


def write(path: Path, text: str = "Some text.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def reasons(root: Path, **kwargs: Path) -> dict[str, str]:
    return {entry.path: entry.reason for entry in scan(root, **kwargs).skipped}


def test_files_in_order_with_their_state(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a.txt", "a/b/c.MARKDOWN", "ü 1.txt"):
        write(tmp_path / name)
    found = scan(tmp_path)
    ids = [file.doc_id for file in found.files]
    assert ids == sorted(ids) == ["a.txt", "a/b/c.MARKDOWN", "a/z.md", "b.txt", "ü 1.txt"]
    assert found.skipped == ()
    first = found.files[0]
    status = (tmp_path / "a.txt").stat()
    assert (first.path, first.size) == (tmp_path / "a.txt", 10)
    assert first.mtime_ns == status.st_mtime_ns
    assert read_source(first) == b"Some text."


def test_some_entries_are_ignored_silently(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / ".hidden.txt")
    write(tmp_path / ".git/config.txt")
    write(tmp_path / "metadata.jsonl")
    write(tmp_path / "index/gen-1/b.txt")
    found = scan(tmp_path, exclude=tmp_path / "index")
    assert [file.doc_id for file in found.files] == ["a.txt"]
    assert found.skipped == ()
    assert [f.doc_id for f in scan(tmp_path).files] == ["a.txt", "index/gen-1/b.txt"]


@pytest.mark.parametrize(
    "names", [("CURRENT", "gen-1/a.txt"), ("LOCK", "collections/c/a.txt", "databases/d")]
)
def test_the_files_of_an_index_are_no_articles_wherever_it_is(tmp_path: Path, names) -> None:
    for name in names:
        write(tmp_path / "anywhere" / name)
    found = scan(tmp_path)
    assert (found.files, found.skipped) == ((), ())
    assert found.ignored == {"an index": 1}


def test_a_file_with_a_strange_ending_is_read_only_if_its_first_bytes_promise_something(
    tmp_path: Path,
) -> None:
    for name, data, reason in (
        ("film.mp4", b"\0\0\0\x18ftyp" * 1000, "unsupported format .mp4"),
        ("page.old", b"<html>" * 1000, ""),
        ("report.bak", b"%PDF-1.7\n\0\0", ""),
        ("noending", b"\0\0", ""),
    ):
        (tmp_path / name).write_bytes(data)
        source = SourceFile(name, tmp_path / name, len(data), 0)
        if reason:
            with pytest.raises(UnreadableFile, match=reason):
                read_source(source)
        else:
            assert read_source(source) == data


def test_each_hostile_entry_is_skipped_with_a_reason(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    write(root / "good.txt")
    write(tmp_path / "outside.txt")
    os.mkfifo(root / "fifo.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket.txt"))
    (root / "out.txt").symlink_to(tmp_path / "outside.txt")
    (root / "inside.txt").symlink_to(root / "good.txt")
    (root / "dangling.txt").symlink_to(root / "nothing.txt")
    (root / "loop.txt").symlink_to(root / "loop.txt")
    (root / "folder").symlink_to(root)
    (root / "device.txt").symlink_to("/dev/zero")
    for name in ("large.txt", "large.mp4"):
        with (root / name).open("wb") as file:
            file.truncate(LARGEST_FILE + 1)
    found = scan(root)
    assert [file.doc_id for file in found.files] == ["good.txt", "inside.txt"]
    assert {entry.path: entry.reason for entry in found.skipped} == {
        "fifo.txt": "not a regular file",
        "socket.txt": "not a regular file",
        "out.txt": "a link to outside the corpus folder",
        "dangling.txt": "a broken link",
        "loop.txt": "a broken link",
        "folder": "a linked folder is not followed",
        "device.txt": "a link to outside the corpus folder",
        "large.txt": "50.0 MB, over the limit of 50 MB",
        "large.mp4": "unsupported format .mp4",
    }


def test_names_that_are_not_unicode_are_skipped_and_escaped(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"text")
    except OSError:
        pytest.skip("the file system takes only Unicode names")
    (entry,) = scan(tmp_path).skipped
    assert entry.path == "caf\\xe9.txt"
    assert "not valid Unicode" in entry.reason
    entry.path.encode()


def test_an_unreadable_folder_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "locked/b.txt")
    real = os.scandir

    def scandir(path: Path) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = scan(tmp_path)
    assert [file.doc_id for file in found.files] == ["a.txt"]
    assert reasons(tmp_path) == {"locked/": "folder cannot be read (Permission denied)"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_rejected(tmp_path: Path) -> None:
    write(tmp_path / "a.txt").chmod(0)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        read_source(scan(tmp_path).files[0])


def test_the_error_for_a_missing_corpus_says_what_to_do(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt")
    for root, message in (
        (tmp_path / "nowhere", "no such folder"),
        (Path("/dev/null"), "is neither a folder nor a file"),
        (file / "below", "no such folder"),
        (Path("nul\0"), "cannot be read"),
    ):
        with pytest.raises(CorpusNotFound, match=message) as caught:
            scan(root)
        assert caught.value.fix


def test_files_that_change_after_the_scan(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    (source,) = scan(tmp_path).files
    path.unlink()
    with pytest.raises(UnreadableFile, match="deleted"):
        read_source(source)
    os.mkfifo(path)  # opening it must not wait for a writer
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read_source(source)
    path.unlink()
    path.mkdir()
    with pytest.raises(UnreadableFile):
        read_source(source)
    path.rmdir()
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(UnreadableFile, match="over the limit of 50 MB"):
        read_source(source)


# ---------------------------------------------------------------- decoding


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Zoë — 鉱物\r\n".encode(), "Zoë — 鉱物\r\n"),
        (b"\xef\xbb\xbfBOM removed", "BOM removed"),
        ("Zoë".encode("utf-16"), "Zoë"),
        (b"\xfe\xff" + "Zoë".encode("utf-16-be"), "Zoë"),
        ("Zoë".encode("utf-32"), "Zoë"),
        (b"It\x92s", "It\u2019s"),
    ],
)
def test_text_is_the_decoded_file(data: bytes, text: str) -> None:
    document = load("a.txt", "a.txt", data)
    assert document.text == text
    assert document.evidence["encoding"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xef\xbb\xbfIt\x92s", "damaged: of 4 characters in utf-8, 1 are wrong"),
        (b"\xff\xfea\0b", "damaged: .* utf-16-le"),
        (b"\x81 \x8d \x8f \x90", "not text in any known encoding"),
        (b"a\0b", "binary data"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary data"),
        ("a\0b".encode("utf-16"), "binary data"),
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (" \r\n\t\u00a0\u3000".encode(), "empty"),
    ],
)
def test_data_that_is_not_text_is_rejected(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        load("a.txt", "a.txt", data)


def test_an_article_of_only_boilerplate_is_accepted() -> None:
    document = load("a.txt", "a.txt", b"Leave a Reply\n\n1. 1")
    assert {block.kind for block in document.blocks} == {"boilerplate"}


# ---------------------------------------------------------------- sidecar


ARTICLES = ("a.txt", "b/c.md", "ok.txt", "Gro\u0308ße.txt")


def sidecar(root: Path, *lines: object) -> tuple[dict[str, Correction], list[str]]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (root / "metadata.jsonl").write_text("\n".join(texts))
    corrections, skipped = read_sidecar(root, ARTICLES)
    assert all(entry.path == "metadata.jsonl" for entry in skipped)
    return corrections, [entry.reason for entry in skipped]


def test_without_a_sidecar_there_are_no_corrections(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path, ARTICLES) == ({}, [])


def test_corrections_by_path(tmp_path: Path) -> None:
    corrections, skipped = sidecar(
        tmp_path,
        {"path": "a.txt", "title": " New  Title ", "published": "2025-10-31"},
        "",
        {"path": "b/c.md", "publisher": "", "url": "https://example.org/c", "title": None},
    )
    assert skipped == []
    assert corrections == {
        "a.txt": Correction(title="New Title", published="2025-10-31"),
        "b/c.md": Correction(publisher="", url="https://example.org/c"),
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ({"title": "T"}, "no path"),
        ({"path": "a.txt", "titel": "T"}, "unknown key 'titel'"),
        ({"path": "a.txt", "title": ""}, "title is empty"),
        ({"path": "a.txt", "title": 3}, "title is not a string"),
        ({"path": "a.txt", "title": "T" * 3000}, "title is not a string of at most"),
        ({"path": "a.txt", "title": "\ud800"}, "title is not valid Unicode"),
        ({"path": "a.txt", "published": "31 Oct"}, "published '31 Oct' is not a date"),
        ({"path": "a.txt", "published": "2025-02-31"}, "is not a date"),
        ({"path": "a.txt", "url": "javascript:alert(1)"}, "is not an http or https address"),
        ({"path": "../a.txt"}, "is not inside the corpus folder"),
        ({"path": "/etc/passwd"}, "is not inside the corpus folder"),
        ({"path": "ok.txt"}, "a second correction for 'ok.txt'"),
    ],
)
def test_a_bad_line_is_reported_and_the_others_count(
    tmp_path: Path, line: object, reason: str
) -> None:
    good = {"path": "ok.txt", "title": "T"}
    corrections, skipped = sidecar(tmp_path, good, "", line)
    assert corrections == {"ok.txt": Correction(title="T")}
    assert len(skipped) == 1
    assert skipped[0].startswith("line 3: ")
    assert reason in skipped[0]


def test_a_correction_meets_a_name_written_with_other_characters(tmp_path: Path) -> None:
    corrections, skipped = sidecar(tmp_path, {"path": "Gr\u00f6ße.txt", "title": "T"})
    assert (corrections, skipped) == ({"Gro\u0308ße.txt": Correction(title="T")}, [])


def test_a_correction_that_meets_no_article_is_reported(tmp_path: Path) -> None:
    _, skipped = sidecar(tmp_path, {"path": "b.txt", "title": "T"})
    assert skipped == ["line 1: there is no article 'b.txt'"]


def test_a_sidecar_that_is_not_text_or_not_a_file(tmp_path: Path) -> None:
    path = tmp_path / "metadata.jsonl"
    path.write_bytes(b'{"path": "a.txt"}\n\xff')
    assert [s.reason.split(":")[0] for s in read_sidecar(tmp_path, ARTICLES)[1]] == ["line 2"]
    path.unlink()
    os.mkfifo(path)
    assert [s.reason for s in read_sidecar(tmp_path, ARTICLES)[1]] == ["not a regular file"]
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert [s.reason for s in read_sidecar(tmp_path, ARTICLES)[1]] == [
        "a link to outside the corpus folder"
    ]


def test_different_corrections_have_different_fingerprints() -> None:
    different = [
        Correction(),
        Correction(title="a"),
        Correction(publisher="a"),
        Correction(publisher=""),
        Correction(title="a", publisher="b"),
    ]
    assert len({c.fingerprint for c in different}) == len(different)
    assert Correction(title="a").fingerprint == Correction(title="a").fingerprint
    # Stored in manifests: the same in every process and version.
    assert Correction(title="a").fingerprint == "5d449b432f360e09"
