"""Formats of other packages: the one of the docstring in rag/formats/base.py, installed and used."""

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
    """Installs a package with a format; returns how."""

    def installed(source, **entries):
        site = tmp_path / "site"
        information = site / "songs-1.0.dist-info"
        information.mkdir(parents=True, exist_ok=True)
        (site / "songs.py").write_text(source)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: songs\nVersion: 1.0\n")
        lines = [f"{ending} = {value}" for ending, value in entries.items()]
        (information / "entry_points.txt").write_text("\n".join(["[rag.formats]", *lines]))
        monkeypatch.syspath_prepend(site)
        forget()

    def forget():
        sys.modules.pop("songs", None)
        base._plugins.cache_clear()
        base._format.cache_clear()

    yield installed
    monkeypatch.undo()
    forget()


def lyrics():
    """The format that the docstring shows to whoever wants to add one."""
    examples = doctest.DocTestParser().get_examples(base.__doc__)
    return "".join(example.source for example in examples)


def test_the_format_of_the_docstring_is_indexed_asked_and_verified(install, tmp_path, embedder):
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
    # The quote's place in the file is another: only the format knows the text it is counted in.
    assert SONG.decode()[citation.start : citation.end] != citation.quote
    assert rag.verify(saved, index).ok
    (songs / "ferry.lyric").write_bytes(SONG.replace(b"Brekke", b"Berge"))
    assert not rag.verify(saved, index).ok


def test_content_decides_and_the_name_is_a_hint(install):
    install(lyrics(), lyric="songs:Lyrics", txt="songs:Lyrics")
    assert endings() == (".md", ".markdown", ".txt", ".lyric")
    for data, name, chosen in (
        (SONG, "a.lyric", "Lyrics"),
        (SONG, "a.txt", "Lyrics"),  # entered for .txt too, it is asked before the format built in
        (b"plain words", "a.txt", "Plain"),
        (b"plain words", "a.lyric", "Plain"),
        (SONG, "a.md", "Markdown"),
        (b"plain words", "a.md", "Markdown"),
        (SONG, "without ending", "Lyrics"),
    ):
        assert type(choose(data, name)).__name__ == chosen, name
    assert choose(b"\0", "a.lyric") is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RecursionError('too deep')", r"cannot be read as Bad \(RecursionError: too deep\)"),
        ("return Extracted('abc', (Block(2, 9, 'paragraph'),))", "does not fit a text of 3 characters"),
        ("raise UnreadableFile('it is locked')", "^it is locked$"),
    ],
)  # fmt: skip
def test_what_a_format_does_wrong_costs_one_file(install, body, reason):
    install(
        "from rag.errors import UnreadableFile\nfrom rag.records import Block, Extracted\nclass Bad:\n"
        f"    def accepts(self, data, name): return True\n    def parse(self, data, name): {body}\n",
        bad="songs:Bad",
    )
    with pytest.raises(UnreadableFile, match=reason):
        parse(b"abc", "a.bad")
    assert parse(b"abc", "a.txt").text == "abc"


def test_a_format_that_cannot_be_loaded_is_named(install):
    install("import no_such_module", bad="songs:Bad")
    with pytest.raises(
        UnreadableFile, match=r"songs:Bad cannot be loaded.*no_such_module"
    ) as caught:
        parse(b"abc", "a.bad")
    assert caught.value.fix
    assert parse(b"abc", "a.txt").text == "abc"
