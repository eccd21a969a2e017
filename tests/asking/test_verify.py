"""`rag verify` calls a citation current only if it stands, and reads nothing but articles of the corpus."""

import hashlib
import json
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.cli import run

QUESTION = "How much did the repairs of the old harbour cost?"


CITATION = {
    "n": 1, "doc_id": "harbour.txt", "path": "harbour.txt", "title": "", "publisher": None,
    "published": None, "url": None, "start": 0, "end": 3, "line": 1, "page": None, "quote": "Old",
    "answer_start": 0, "answer_end": 3, "sha256": "", "state": "current",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory, embedder):
    """A folder with articles, their index and saved answers; tests must not change it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "articles").mkdir()
    (folder / "articles" / "harbour.txt").write_text(
        "Old harbour reopens after storm\n\nThe old harbour of Lindvik reopened on Friday. Repairs of"
        " the harbour cost 4.2 million kroner.\n"
    )
    (folder / "articles" / "bees.md").write_text(
        "# City bees thrive\n\nRooftop hives produced 310 kilograms of honey last summer.\n"
    )
    rag.build(folder / "articles", folder / "index")
    with rag.Retriever.open(folder / "index") as retriever:
        answers = [
            retriever.ask(QUESTION).to_dict(),
            retriever.ask("How much honey did the rooftop hives produce?").to_dict(),
        ]
    (folder / "answers.json").write_text(json.dumps(answers))
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of it that tests may change."""
    return shutil.copytree(made, tmp_path / "made")


@pytest.fixture
def answers(made):
    return json.loads((made / "answers.json").read_text())


def save(folder, value):
    path = folder / "saved.json"
    path.write_text(json.dumps(value))
    return path


def states(verification):
    return {c.citation.doc_id: c.citation.state for c in verification.citations}


def verified(folder, value):
    return rag.verify(save(folder, value), folder / "index")


def first(verification):
    return verification.citations[0]


# ---------------------------------------------------------------- states


def test_what_was_just_answered_is_current_in_text_and_markdown(folder, answers):
    verification = verified(folder, answers)
    assert verification.ok
    assert verification.corpus == str(folder / "articles")
    assert states(verification) == {"harbour.txt": "current", "bees.md": "current"}
    for each in verification.citations:
        assert (each.now_start, each.now_line) == (each.citation.start, each.citation.line)


def test_every_citation_is_checked_those_of_alternatives_and_disagreement_too(folder, answers):
    answer = answers[0]
    alone = {key: answer[key] for key in ("question", "citations")}
    other = json.loads(json.dumps(answer["citations"][0])) | {"doc_id": "gone.txt"}
    for place in ("alternatives", "disagreement"):
        saved = alone | {place: [{"answer": "no", "citations": [answer["citations"][0], other]}]}
        verification = verified(folder, saved)
        assert not verification.ok
        assert states(verification) == {"harbour.txt": "current", "gone.txt": "missing"}
        assert len(verification.citations) == 2  # the answer's own once


def test_a_quote_that_has_moved_is_changed_and_found(folder, answers):
    path = folder / "articles" / "harbour.txt"
    path.write_text("Corrected.\n\n" + path.read_text())
    verification = verified(folder, answers[0])
    assert not verification.ok
    moved = first(verification)
    assert moved.citation.state == "changed"
    assert (moved.now_start, moved.now_line) == (moved.citation.start + 12, moved.citation.line + 2)


def test_a_quote_that_has_moved_is_found_by_the_lines_that_its_file_has(folder, answers):
    path = folder / "articles" / "harbour.txt"
    path.write_bytes(b"Corrected.\r\r" + path.read_bytes().replace(b"\n", b"\r"))
    moved = first(verified(folder, answers[0]))
    assert moved.now_line == moved.citation.line + 2


def test_a_file_that_differs_elsewhere_is_changed_though_the_quote_stands(folder, answers):
    with (folder / "articles" / "harbour.txt").open("a") as file:
        file.write("A correction.\n")
    changed = first(verified(folder, answers[0]))
    assert changed.citation.state == "changed"
    assert changed.now_start == changed.citation.start


def test_a_deleted_quote_is_changed_and_has_no_place(folder, answers):
    (folder / "articles" / "harbour.txt").write_text("Something else entirely.\n")
    changed = first(verified(folder, answers[0]))
    assert (changed.citation.state, changed.now_start, changed.now_line) == ("changed", None, None)
    (folder / "articles" / "harbour.txt").write_bytes(b"\xff\x00 no text")
    assert first(verified(folder, answers[0])).citation.state == "changed"


def test_a_deleted_file_is_missing(folder, answers):
    (folder / "articles" / "harbour.txt").unlink()
    verification = verified(folder, answers)
    assert not verification.ok
    assert states(verification) == {"harbour.txt": "missing", "bees.md": "current"}


def test_a_quote_is_checked_by_its_words_whatever_hash_and_state_are_saved(folder, answers):
    citation = answers[0]["citations"][0]
    forged = citation | {"quote": citation["quote"].replace("4.2", "9.9"), "state": "current"}
    assert first(verified(folder, {"citations": [forged]})).citation.state == "changed"
    forged = citation | {"sha256": "0" * 64}
    assert first(verified(folder, {"citations": [forged]})).citation.state == "changed"
    for shift in ("start", "end", "answer_start", "answer_end"):
        forged = citation | {shift: citation[shift] + 1000}
        assert first(verified(folder, {"citations": [forged]})).citation.state == "changed"


@pytest.mark.parametrize("text", ["plain", "\ufeffmarked", "a\r\nb", "e\u0301 \U0001f41d \u05d0"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_offsets_count_as_in_the_corpus(tmp_path, text, encoding):
    data = f"{text} says: the pier is long.\r\n".encode(encoding)
    (tmp_path / "note.txt").write_bytes(data)
    citable = data.decode("utf-8-sig" if encoding == "utf-8" else "utf-16")
    start = citable.index("the pier")
    span = {"start": start, "end": start + 8, "answer_start": start, "answer_end": start + 8}
    place = {"doc_id": "note.txt", "path": str(tmp_path / "note.txt")}
    quote = {"quote": "the pier", "sha256": hashlib.sha256(data).hexdigest()}
    citation = CITATION | span | place | quote
    saved = save(tmp_path, {"citations": [citation]})
    assert rag.verify(saved, tmp_path / "no index").ok


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    "doc_id",
    [
        "../secret.txt", "articles/../../secret.txt", "/etc/passwd", "{folder}/secret.txt", "",
        "./secret.txt", "..\\secret.txt", "secret.txt/", ".hidden.txt", "a\0b.txt", "\ud800.txt",
        "link.txt", "out/secret.txt", "loop.txt", "pipe.txt", "secret.css", "x" * 5000 + ".txt",
    ],
)  # fmt: skip
@pytest.mark.parametrize("index", ["index", "none"])
def test_nothing_but_articles_of_the_corpus_is_ever_read(folder, doc_id, index):
    articles = folder / "articles"
    (folder / "secret.txt").write_text("the secret")
    (articles / "secret.css").write_text("the secret")
    (articles / ".hidden.txt").write_text("the secret")
    (articles / "link.txt").symlink_to(folder / "secret.txt")
    (articles / "out").symlink_to(folder)
    (articles / "loop.txt").symlink_to("loop.txt")
    os.mkfifo(articles / "pipe.txt")
    doc_id = doc_id.format(folder=folder)
    forged = CITATION | {
        "doc_id": doc_id, "path": f"{articles}/{doc_id}", "quote": "the secret", "end": 10,
        "answer_end": 10, "sha256": hashlib.sha256(b"the secret").hexdigest(),
    }  # fmt: skip
    verification = rag.verify(save(folder, {"citations": [forged]}), folder / index)
    assert first(verification).citation.state == "missing"
    assert first(verification).now_start is None


def test_with_an_index_the_path_of_a_citation_does_not_matter(folder, answers):
    citation = answers[0]["citations"][0] | {"path": "/etc/passwd"}
    assert rag.verify(save(folder, {"citations": [citation]}), folder / "index").ok


def test_without_an_index_the_path_is_enough_and_must_fit_the_id(folder, answers):
    citation = answers[0]["citations"][0] | {"path": str(folder / "articles" / "harbour.txt")}
    (folder / "articles" / "moved").mkdir()
    shutil.rmtree(folder / "index")
    verification = verified(folder, {"citations": [citation]})
    assert verification.ok
    assert verification.corpus is None
    other = citation | {"path": str(folder / "articles" / "bees.md")}
    assert states(verified(folder, {"citations": [other]})) == {"harbour.txt": "missing"}


def test_an_index_that_is_damaged_still_says_where_its_corpus_is(folder, answers):
    (folder / "index" / "CURRENT").write_text("nonsense")
    assert verified(folder, answers).corpus == str(folder / "articles")
    for manifest in (folder / "index").glob("gen-*/manifest.json"):
        manifest.write_text("{}")
    with pytest.raises(rag.IndexCorrupt):
        verified(folder, answers)


# ---------------------------------------------------------------- what is saved


def test_one_answer_many_lines_and_conversations_can_be_checked(folder, answers):
    count = len(verified(folder, answers[0]).citations) + len(
        verified(folder, answers[1]).citations
    )
    error = {"question": "", "error": {"type": "InvalidArgument", "message": "", "fix": ""}}
    (folder / "saved.jsonl").write_text("\n\n".join(map(json.dumps, [*answers, error])) + "\n")
    (folder / "saved16.jsonl").write_text("\n".join(map(json.dumps, answers)), encoding="utf-16")
    for name in ("saved.jsonl", "saved16.jsonl"):
        assert len(rag.verify(folder / name, folder / "index").citations) == count
    for value in (answers, {"answers": answers}, {"turns": [{"answer": a} for a in answers]}):
        assert len(verified(folder, value).citations) == count


def test_an_answer_without_citations_needs_no_check(folder, capsys):
    saved = save(folder, {"question": "?", "status": "abstained", "citations": []})
    assert rag.verify(saved, folder / "index").ok
    assert run(["verify", str(saved), "--index", str(folder / "index")]) == 0
    assert "nothing to check" in capsys.readouterr().out


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xfe\xff", b"\x80", b"%PDF-1.7", b"\0\0", b"{", b"not json", b"[1, 2", b"{}\nno\n",
        b"5", b"[]", b"null", b'{"question": "?"}', b'{"citations": 5}', b'{"citations": [5]}',
        b'{"citations": [{}]}', b'{"citations": [], "alternatives": 5}',
        b'{"citations": [], "alternatives": [{"answer": ""}]}', b"[" * 100_000, b'{"a":' * 100_000,
        b'{"citations": [' * 400 + b"]}" * 400, b'{"citations": ' + b"9" * 5_000 + b"}",
        *(
            json.dumps({"citations": [CITATION | {name: value}]}).encode()
            for name, value in (
                ("start", "0"), ("start", -1), ("start", True), ("start", 0.0), ("start", None),
                ("end", []), ("answer_end", -5), ("quote", 5), ("quote", None), ("doc_id", None),
                ("path", {}), ("sha256", 1), ("line", "1"), ("title", []), ("url", 5), ("n", "1"),
            )
        ),
        json.dumps({"citations": [{k: v for k, v in CITATION.items() if k != "quote"}]}).encode(),
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_saved_answer_is_refused_in_one_line(folder, data, capsys):
    saved = folder / "saved.json"
    saved.write_bytes(data)
    with pytest.raises(rag.AnswerInvalid) as refused:
        rag.verify(saved, folder / "index")
    assert str(saved) in refused.value.message
    assert run(["verify", str(saved), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "AnswerInvalid"


def test_a_pipe_or_folder_is_refused(folder):
    os.mkfifo(folder / "pipe")
    for path in (folder / "none.json", folder, folder / "pipe", folder / "a\0b"):
        with pytest.raises(rag.AnswerInvalid):
            rag.verify(path, folder / "index")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(CITATION)), ANYTHING, max_size=3))
def test_a_forged_citation_is_reported_or_refused(made, tmp_path_factory, changes):
    saved = tmp_path_factory.mktemp("forged") / "saved.json"
    saved.write_text(json.dumps({"citations": [CITATION | changes]}))
    try:
        verification = rag.verify(saved, made / "index")
    except rag.AnswerInvalid:
        return
    assert not verification.ok
    json.dumps(verification.to_dict())


# ---------------------------------------------------------------- the command


def test_the_command_says_each_state_and_exits_1_unless_all_are_current(folder, answers, capsys):
    saved, index = str(save(folder, answers)), ["--index", str(folder / "index")]
    assert run(["verify", saved, *index]) == 0
    *lines, summary = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"current  {answers[0]['citations'][0]['path']}:3  “")
    assert summary == f"{len(lines)} of {len(lines)} citations current in {folder / 'articles'}"
    path = folder / "articles" / "harbour.txt"
    path.write_text("Corrected.\n\n" + path.read_text())
    (folder / "articles" / "bees.md").unlink()
    assert run(["verify", saved, *index]) == 1
    out = capsys.readouterr().out
    assert "changed " in out
    assert "(now at line 5)" in out
    assert "missing " in out


def test_the_command_prints_json_with_each_citations_own_fields(folder, answers, capsys):
    saved = str(save(folder, answers[0]))
    (folder / "articles" / "harbour.txt").unlink()
    assert run(["verify", saved, "--index", str(folder / "index"), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["ok", "citations", "corpus"]
    assert printed["ok"] is False
    own = answers[0]["citations"][0] | {"state": "missing"}
    assert printed["citations"][0] == own | {"now_start": None, "now_line": None}


def test_what_a_saved_file_says_reaches_no_terminal_raw(folder, capsys):
    nasty = {"path": "\x1b[2Jevil.txt", "doc_id": "\x1b[2Jevil.txt", "quote": "\x1b]0;x\x07\u202e"}
    saved = save(folder, {"citations": [CITATION | nasty]})
    assert run(["verify", str(saved), "--index", str(folder / "index")]) == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(capsys.readouterr().out)
