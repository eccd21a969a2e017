"""Formats from other packages; uses the example in the docstring of rag/formats/base.py."""

import doctest
import json
import sys

import pytest

import rag
from rag.errors import UnreadableFile
from rag.formats import base
from rag.formats.base import choose, endings, parse

SONG = b"LYRICS\nThe Ferry of Lindvik\nThe ferry of Lindvik was built by Olaf Brekke in 1921.\nIt sank.\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that installs a package with a format."""

    def install_package(source, containers={}, **entries):  # noqa: B006  # not changed
        site = tmp_path / "site"
        information = site / "songs-1.0.dist-info"
        information.mkdir(parents=True, exist_ok=True)
        (site / "songs.py").write_text(source)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: songs\nVersion: 1.0\n")
        lines = ["[rag.formats]", *(f"{ending} = {value}" for ending, value in entries.items())]
        lines += ["[rag.containers]", *(f"{end} = {value}" for end, value in containers.items())]
        (information / "entry_points.txt").write_text("\n".join(lines))
        monkeypatch.syspath_prepend(site)
        forget()

    def forget():
        sys.modules.pop("songs", None)
        base._plugins.cache_clear()
        base._values.cache_clear()
        base._load.cache_clear()

    yield install_package
    monkeypatch.undo()
    forget()


def lyrics():
    """The source of the format and the container in the docstring."""
    examples = doctest.DocTestParser().get_examples(base.__doc__)
    return "".join(example.source for example in examples)


def test_the_format_in_the_docstring_can_be_indexed_asked_and_verified(install, tmp_path, embedder):
    install(lyrics(), lyric="songs:Lyrics")
    songs, index = tmp_path / "articles", tmp_path / "index"
    songs.mkdir()
    (songs / "ferry.lyric").write_bytes(SONG)
    assert rag.build(songs, index).added == ("ferry.lyric",)
    with rag.Retriever.open(index) as retriever:
        document = retriever.document("ferry.lyric")
        answer = retriever.ask("Who built the ferry of Lindvik?")
    assert (document.title, document.publisher) == ("The Ferry of Lindvik", "The Songbook")
    assert document.evidence["publisher"] == "every song's"
    assert "LYRICS" not in document.text
    assert answer.answer == "Olaf Brekke"
    citation = answer.citations[0]
    assert document.text[citation.start : citation.end] == citation.quote
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer.to_dict()))
    # Offsets refer to the text that the format extracts, not to the file.
    assert SONG.decode()[citation.start : citation.end] != citation.quote
    assert rag.verify(saved, index).ok
    (songs / "ferry.lyric").write_bytes(SONG.replace(b"Brekke", b"Berge"))
    assert not rag.verify(saved, index).ok


def test_the_container_in_the_docstring_can_be_indexed_updated_and_verified(
    install, tmp_path, embedder
):
    install(lyrics(), lyric="songs:Lyrics", containers={"album": "songs:Album"})
    songs, index = tmp_path / "articles", tmp_path / "index"
    songs.mkdir()
    song = SONG.removeprefix(b"LYRICS\n")
    album = b"ALBUM\n[ferry]\n" + song + b"[bees]\nCity bees\nThe bees of Lindvik are asleep.\n"
    (songs / "north.album").write_bytes(album)
    assert rag.build(songs, index).added == ("north.album/bees.lyric", "north.album/ferry.lyric")
    with rag.Retriever.open(index) as retriever:
        answer = retriever.ask("Who built the ferry of Lindvik?")
    assert (answer.answer, answer.citations[0].doc_id) == ("Olaf Brekke", "north.album/ferry.lyric")
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer.to_dict()))
    assert rag.verify(saved, index).ok
    (songs / "north.album").write_bytes(album.replace(b"asleep", b"awake again"))
    report = rag.build(songs, index)
    assert (report.changed, report.embedded) == (("north.album/bees.lyric",), 1)


def test_content_decides_and_the_name_is_only_a_hint(install):
    install(lyrics(), lyric="songs:Lyrics", txt="songs:Lyrics", containers={"album": "songs:Album"})
    assert {".md", ".markdown", ".txt", ".lyric", ".album"} <= set(endings())
    for data, name, chosen in (
        (SONG, "a.lyric", "Lyrics"),
        (SONG, "a.txt", "Lyrics"),  # also registered for .txt, and tried before the built-in format
        (b"plain words", "a.txt", "Plain"),
        (b"plain words", "a.lyric", "NoneType"),
        (b"plain words", "without ending", "Plain"),
        (b"plain words", "a.css", "NoneType"),
        (b"plain words", "Minutes of 3. May", "Plain"),
        (SONG, "a.md", "Markdown"),
        (SONG, "a.css", "Lyrics"),
        (b"ALBUM\n", "a.album", "Album"),
        (b"ALBUM\n", "a.css", "NoneType"),
        (b"ALBUM\n", "without ending", "Album"),
        (b"plain words", "a.md", "Markdown"),
        (SONG, "without ending", "Lyrics"),
    ):
        assert type(choose(data, name)).__name__ == chosen, name
    assert choose(b"\0", "a.lyric") is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise KeyError('odd')", r"cannot be read as Bad \(KeyError: 'odd'\)"),
        ("raise RecursionError('x')", r"cannot be read as Bad \(it is nested too deeply\)"),
        ("raise MemoryError", r"cannot be read as Bad \(it needs more memory"),
        ("return Extracted('abc', (Block(2, 9, 'paragraph'),))", "does not fit a text of 3 characters"),
        ("raise UnreadableFile('it is locked')", "^it is locked$"),
    ],
)  # fmt: skip
def test_a_faulty_format_loses_only_one_file(install, body, reason):
    install(
        "from rag.errors import UnreadableFile\nfrom rag.records import Block, Extracted\nclass Bad:\n"
        f"    def accepts(self, data, name): return True\n    def parse(self, data, name): {body}\n",
        bad="songs:Bad",
    )
    with pytest.raises(UnreadableFile, match=reason):
        parse(b"abc", "a.bad")
    assert parse(b"abc", "a.txt").text == "abc"


def test_an_error_names_a_format_that_cannot_be_loaded(install):
    install("import no_such_module", bad="songs:Bad")
    with pytest.raises(
        UnreadableFile, match=r"songs:Bad cannot be loaded.*no_such_module"
    ) as caught:
        parse(b"abc", "a.bad")
    assert caught.value.fix
    assert parse(b"abc", "a.txt").text == "abc"
