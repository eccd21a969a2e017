"""What a walk passes by, and what ``.ragignore`` excludes."""

import os
import subprocess
from pathlib import Path

import pytest

from rag.corpus.roots import corpus_of, overlaps
from rag.corpus.scan import scan, scan_corpus
from rag.errors import CorpusNotFound


def write(root, *names, text="Some text.\n"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def ids(root, **options):
    return [file.doc_id for file in scan(root, **options).files]


# ---------------------------------------------------------------- junk


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("._harbour.txt", "left by another program"),
        (".DS_Store", "left by another program"),
        ("~$harbour.docx", "left by another program"),
        (".~lock.harbour.odt#", "left by another program"),
        ("Thumbs.db", "left by another program"),
        ("DESKTOP.INI", "left by another program"),
        ("Icon\r", "left by another program"),
        ("harbour.txt:Zone.Identifier", "left by another program"),
        ("harbour.txt~", "left by another program"),
        ("__MACOSX/harbour.txt", "left by another program"),
        ("@eaDir/harbour.txt", "left by another program"),
        ("harbour.pdf.part", "unfinished download"),
        ("harbour.html.crdownload", "unfinished download"),
        ("harbour.tmp", "unfinished download"),
        (".git/harbour.txt", "hidden"),
        (".harbour.txt", "hidden"),
    ],
)
def test_junk_is_passed_by_without_a_line_and_counted(tmp_path, name, reason):
    write(tmp_path, "harbour.txt", name)
    found = scan(tmp_path)
    assert [file.doc_id for file in found.files] == ["harbour.txt"]
    assert found.skipped == ()
    assert found.ignored == {reason: 1}


@pytest.mark.parametrize(
    "name",
    ["part.txt", "~harbour.txt", "thumbs.txt", "a.part.txt", "Zone.Identifier.txt", "$5.txt",
     "MACOSX/a.txt", "tmp/a.txt", "download/a.txt", "Icon/a.txt"],
)  # fmt: skip
def test_what_only_looks_like_junk_is_an_article(tmp_path, name):
    write(tmp_path, name)
    assert ids(tmp_path) == [name]
    assert scan(tmp_path).ignored == {}


@pytest.mark.parametrize(
    ("page", "folder"),
    [
        ("Ferry.html", "Ferry_files"),
        ("Ferry sails – News.htm", "Ferry sails – News_files"),
        ("Fähre.HTML", "Fähre-Dateien"),
        ("Ferry.xhtml", "Ferry.files"),
    ],
)
def test_the_folder_beside_a_saved_page_is_part_of_it(tmp_path, page, folder):
    write(tmp_path, page, f"{folder}/app.js", f"{folder}/advert.txt", "Other_files/a.txt", "b.txt")
    found = scan(tmp_path)
    assert {"Other_files/a.txt", "b.txt"} <= {file.doc_id for file in found.files}
    assert not any("advert" in file.doc_id for file in found.files)
    assert not any(folder in entry.path for entry in found.skipped)
    assert found.ignored == {"part of a saved page": 1}


# ---------------------------------------------------------------- .ragignore

RULES = """# notes
drafts/
*.log.txt
/private.txt
!keep.log.txt
**/old/*.md
deep/**/end.txt
\\#sharp.txt
\\!bang.txt
space\\ .txt
[ab]?.txt
trailing.txt\x20\x20

inner/*
!inner/kept.txt
"""
TREE = [
    "drafts/a.txt", "drafts", "sub/drafts/b.txt", "x.log.txt", "keep.log.txt", "private.txt",
    "sub/private.txt", "old/p.md", "sub/old/p.md", "sub/old/p.txt", "old.md", "deep/end.txt",
    "deep/a/b/end.txt", "#sharp.txt", "!bang.txt", "space .txt", "a1.txt", "c1.txt", "a.txt",
    "trailing.txt", "inner/kept.txt", "inner/lost.txt", "inner/more/kept.txt", "Größe.txt",
]  # fmt: skip
NESTED = {
    "sub/.ragignore": "!b.log.txt\nonly.txt\n/here.txt\n*.md\n",
    "sub/deeper/.ragignore": "!only.txt\n",
}
NESTED_TREE = [
    "sub/b.log.txt", "sub/c.log.txt", "sub/only.txt", "sub/here.txt", "sub/deeper/only.txt",
    "sub/deeper/here.txt", "sub/deeper/a.md", "only.txt", "b.log.txt",
]  # fmt: skip


@pytest.mark.parametrize("crlf", [False, True])
def test_ragignore_means_what_gitignore_means(tmp_path, crlf):
    files = [name for name in TREE + NESTED_TREE if name != "drafts"]
    write(tmp_path, *files)
    for name, rules in {".ragignore": RULES, **NESTED}.items():
        text = rules.replace("\n", "\r\n") if crlf else rules
        write(tmp_path, name, text=text)
        write(tmp_path, name.replace("rag", "git"), text=text)
    command = ["git", "-c", "core.excludesFile=", "ls-files", "-zco", "--exclude-standard"]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    listed = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    theirs = {os.fsdecode(name) for name in listed.stdout.split(b"\0") if name}
    ours = ids(tmp_path)
    assert set(ours) == {name for name in theirs if not Path(name).name.startswith(".")}
    assert len(files) > len(ours) > 10
    assert scan(tmp_path).ignored["by .ragignore"] >= 8


def test_what_is_excluded_is_counted_and_has_no_line(tmp_path):
    write(tmp_path, "a.txt", "drafts/b.txt", "drafts/c.txt", "d.xyz")
    write(tmp_path, ".ragignore", text="drafts/\n*.xyz\n")
    found = scan(tmp_path)
    assert [file.doc_id for file in found.files] == ["a.txt"]
    assert found.skipped == ()
    assert found.ignored == {"by .ragignore": 2}


def test_a_line_that_is_no_pattern_is_named_and_the_others_count(tmp_path):
    write(tmp_path, "a.txt", "b.txt")
    write(tmp_path, ".ragignore", text="!\nb.txt\n")
    found = scan(tmp_path)
    assert [file.doc_id for file in found.files] == ["a.txt"]
    assert [(s.path, s.reason) for s in found.skipped] == [(".ragignore", "line 1: not a pattern")]


def test_a_byte_order_mark_is_no_part_of_a_pattern(tmp_path):
    write(tmp_path, "a.txt", "b.txt")
    (tmp_path / ".ragignore").write_bytes(b"\xef\xbb\xbfb.txt\r\n*\xe9*\r\n")
    assert ids(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("hide", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname")])
def test_where_the_rules_cannot_be_read_nothing_is_read(tmp_path, hide):
    write(tmp_path, "a.txt", "sub/private.txt")
    hide(tmp_path / "sub/.ragignore")
    found = scan(tmp_path)
    assert [file.doc_id for file in found.files] == ["a.txt"]
    assert [entry.path for entry in found.skipped] == ["sub/.ragignore"]
    assert "nothing beside it is read" in found.skipped[0].reason
    assert found.unreachable == ("sub",)


# ---------------------------------------------------------------- several roots


def test_ids_begin_with_the_name_of_their_folder(tmp_path, monkeypatch):
    write(tmp_path, "north/a.txt", "south/sub/a.txt", "notes.txt")
    monkeypatch.chdir(tmp_path)
    corpus = corpus_of([Path("south"), Path("north"), Path("notes.txt")])
    found = scan_corpus(corpus)
    assert {file.doc_id: str(file.path) for file in found.files} == {
        "north/a.txt": "north/a.txt",
        "notes.txt": str(tmp_path / "notes.txt"),
        "south/sub/a.txt": "south/sub/a.txt",
    }
    for file in found.files:
        assert corpus.file(file.doc_id) == file.path.resolve()


def test_folders_of_one_name_get_different_labels_in_any_order(tmp_path):
    paths = [tmp_path / name for name in ("b/news", "a/news", "c/news-2", "d/news")]
    labels = {root.absolute: root.label for root in corpus_of(paths).roots}
    assert labels == {
        str(tmp_path / "a/news"): "news",
        str(tmp_path / "b/news"): "news-3",
        str(tmp_path / "c/news-2"): "news-2",
        str(tmp_path / "d/news"): "news-4",
    }
    assert corpus_of(paths[::-1]) == corpus_of(paths)


def test_a_folder_inside_another_is_read_once(tmp_path, monkeypatch):
    write(tmp_path, "a/b/x.txt", "a/y.txt")
    monkeypatch.chdir(tmp_path)
    paths = [Path("a/b"), Path("a"), Path("a/y.txt"), Path("a")]
    corpus = corpus_of(paths)
    assert [file.doc_id for file in scan_corpus(corpus).files] == ["b/x.txt", "y.txt"]
    assert str(corpus) == "a"
    assert overlaps(paths) == (
        "a/b lies in a and is read once, as part of it",
        "a/y.txt lies in a and is read once, as part of it",
    )


def test_a_file_can_be_a_root(tmp_path):
    write(tmp_path, "a.txt", "b.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "b.txt")
    assert ids(tmp_path / "a.txt") == ["a.txt"]
    assert ids(tmp_path / "link.txt") == ["link.txt"]
    assert corpus_of([tmp_path / "a.txt"]).paths()("a.txt") == str(tmp_path / "a.txt")


def test_every_root_must_be_there(tmp_path):
    write(tmp_path, "a/x.txt")
    with pytest.raises(CorpusNotFound, match="no such folder"):
        scan_corpus(corpus_of([tmp_path / "a", tmp_path / "gone"]))


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name", ["a\nb.txt", "a: b.txt", "-n.txt", "Gro\u0308sse.txt", "a%20b#c?.txt", " .txt", "*.txt"]
)
def test_a_file_may_have_any_name(tmp_path, name):
    write(tmp_path, name)
    assert ids(tmp_path) == [name]


def test_a_name_that_is_not_unicode_is_one_line(tmp_path):
    write(tmp_path, "a.txt", os.fsdecode(b"caf\xe9.txt"))
    found = scan(tmp_path)
    assert [file.doc_id for file in found.files] == ["a.txt"]
    assert [(s.path, "rename it" in s.reason) for s in found.skipped] == [("caf\\xe9.txt", True)]
