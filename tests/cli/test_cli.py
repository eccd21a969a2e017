"""The command line's contract: data on stdout, the rest on stderr, an exit code for each outcome."""

import io
import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rag
from rag.cli import run

SEEDS = Path(__file__).parents[2] / "seeds"
PASSAGE_KEYS = [
    "chunk_id", "doc_id", "path", "title", "publisher", "published", "url", "start", "end", "line",
    "page", "heading", "text", "score", "contributions", "index",
]  # fmt: skip
CITATION_KEYS = [
    "n", "doc_id", "path", "title", "publisher", "published", "url", "start", "end", "line", "page",
    "quote", "answer_start", "answer_end", "sha256", "state", "start_utf16", "end_utf16", "link", "copies",
]  # fmt: skip
ANSWER_KEYS = [
    "question", "status", "answer", "confidence", "reason", "citations", "parts", "alternatives",
    "passages", "timings_ms", "warnings", "index", "support", "disagreement", "filters", "inferred",
    "inferred_from", "read", "generated", "rejected", "evidence",
    "certainty", "verdict",
]  # fmt: skip


@pytest.fixture
def cli(capsys, seeds_index, monkeypatch, tmp_path):
    """Runs a command line against the seeds' index: (exit code, stdout, stderr)."""
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def as_json(result):
    code, out, _ = result
    return code, json.loads(out)


# ---------------------------------------------------------------- ask


def test_ask_prints_the_sentence_and_its_place(cli):
    code, out, _ = cli("ask", "What price floor was agreed with MP Materials?")
    assert code == 0
    assert "$110/kg" in out.splitlines()[0]
    assert "[1] US and Japan Secure Critical Minerals Supply with Rare Earths Agreement" in out
    assert "SuperMetalPrice" in out
    assert "002_1a75634502ebca40.txt:7" in out


def test_ask_shows_a_known_date(cli):
    _, out, _ = cli("ask", "How much rare earth oxide did the US produce last year?")
    assert "Kallanish, 2025-10-31" in out


def test_ask_json_has_the_documented_shape(cli):
    code, answer = as_json(cli("ask", "Who is Japan's prime minister?", "--json"))
    assert code == 0
    assert list(answer) == ANSWER_KEYS
    assert answer["status"] == "answered"
    assert answer["reason"] is None
    assert 0 <= answer["confidence"] <= 1
    assert list(answer["citations"][0]) == CITATION_KEYS
    assert list(answer["passages"][0]) == PASSAGE_KEYS
    assert answer["parts"] == [{"text": answer["answer"], "citations": [1]}]
    assert set(answer["index"]) == {"generation", "embedder", "reader"}
    for other in answer["alternatives"]:
        assert list(other) == ["answer", "confidence", "citations", "support", "evidence"]


def test_an_abstention_exits_3_with_a_reason_and_the_nearest_passages(cli):
    code, answer = as_json(cli("ask", "How do I bake sourdough bread?", "--json"))
    assert code == 3
    assert (answer["status"], answer["answer"], answer["citations"]) == ("abstained", None, [])
    assert "sourdough" in answer["reason"]
    assert answer["passages"]
    code, out, _ = cli("ask", "How do I bake sourdough bread?")
    assert code == 3
    assert out.startswith("The articles don't say")


def test_min_confidence_decides_between_answer_and_abstention(cli):
    assert cli("ask", "Who is Japan's prime minister?", "--min-confidence", "1")[0] == 3
    assert cli("ask", "How do I bake sourdough bread?", "--min-confidence", "0")[0] == 0
    assert cli("ask", "Who?", "--min-confidence", "2")[0] == 2


def test_passages_limits_how_many_are_read(cli):
    _, answer = as_json(cli("ask", "Who is Japan's prime minister?", "--json", "-n", "3"))
    assert len(answer["passages"]) == 3


def test_filters_narrow_what_is_read(cli):
    _, answer = as_json(
        cli("ask", "Who dominates rare earths?", "--json", "--publisher", "Kallanish")
    )
    assert {p["publisher"] for p in answer["passages"]} == {"Kallanish"}
    code, out, err = cli("ask", "Who dominates rare earths?", "--publisher", "Nobody")
    assert code == 3
    assert "no article passes the filters" in out
    assert "Kallanish" in err  # the publishers there are


def test_each_question_gives_one_json_line_in_order(cli, tmp_path):
    (tmp_path / "list.txt").write_text("Who is Japan's prime minister?\n\nHow do I bake bread?\n")
    code, out, _ = cli("ask", "--questions", tmp_path / "list.txt")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["status"] for line in lines] == ["answered", "abstained"]
    assert all(list(line) == ANSWER_KEYS for line in lines)


def test_a_bad_question_from_stdin_fails_only_its_own_line(cli, monkeypatch):
    data = f"{'x' * 20_000}\nWho is Japan's prime minister?\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, out, _ = cli("ask", "--questions", "-")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 1
    assert first["error"]["type"] == "InvalidArgument"
    assert second["status"] == "answered"


def test_save_writes_the_answer_as_json(cli, tmp_path):
    cli("ask", "Who is Japan's prime minister?", "--save", tmp_path / "answer.json")
    assert list(json.loads((tmp_path / "answer.json").read_text())) == ANSWER_KEYS
    assert cli("ask", "Who?", "--save", tmp_path / "no" / "folder.json")[0] == 1


@pytest.mark.parametrize("question", ["", "   ", "x" * 10_001])
def test_an_impossible_question_is_a_usage_error(cli, question):
    assert cli("ask", question)[0] == 2


def test_a_question_may_contain_shell_characters(cli):
    _, answer = as_json(cli("ask", "--json", "--", "-- `id` $(id) \"quoted\" 'single' $110 \\ ?"))
    assert answer["question"] == "-- `id` $(id) \"quoted\" 'single' $110 \\ ?"


def test_a_foreign_question_says_that_reader_and_model_know_only_english(cli):
    _, _, err = cli("ask", "¿Quién dirige la empresa REAlloys en los Estados Unidos?")
    assert err.count("not in English") == 2


@pytest.mark.parametrize("query", ["-Japan price", "-oxide prices", "-x oxide"])
@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_query_like_an_option_names_the_two_dashes(cli, command, query):
    code, _, err = cli(command, query)
    assert code == 2
    assert f"rag {command} -- '{query}'" in err
    code, error = as_json(cli(command, query, "--json"))
    assert code == 2
    assert "-- '" in error["error"]["fix"]


def test_an_unknown_option_gets_no_advice_on_dashes(cli):
    assert "--" not in cli("list", "-zz")[2].replace("--help", "")
    assert " -- " not in cli("search", "--", "-zz")[2]


def test_explain_shows_the_rank_in_each_list(cli):
    _, out, _ = cli("ask", "Who is Japan's prime minister?", "--explain")
    assert "lexical: rank" in out
    assert "dense: rank" in out


# ---------------------------------------------------------------- search, list, show, status


def test_search_json_has_the_documented_shape(cli):
    code, result = as_json(cli("search", "price floor", "--json", "-n", "4"))
    assert code == 0
    assert list(result) == ["query", "passages", "timings_ms", "index", "warnings"]
    assert len(result["passages"]) == 4
    assert list(result["passages"][0]) == PASSAGE_KEYS
    contribution = result["passages"][0]["contributions"]["lexical"]
    assert set(contribution) == {"rank", "score", "weight"}


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
@pytest.mark.parametrize("fusion", ["minmax", "rrf"])
def test_search_prints_title_place_and_text(cli, mode, fusion):
    code, out, _ = cli("search", "price floor NdPr", "--mode", mode, "--fusion", fusion)
    assert code == 0
    assert "002_1a75634502ebca40.txt:7" in out
    assert "SuperMetalPrice" in out


def test_search_explain_prints_ranks(cli):
    assert "lexical: rank 1" in cli("search", "price floor", "--explain")[1]


def test_list_names_every_document_with_its_metadata(cli):
    _, listed = as_json(cli("list", "--json"))
    assert [(d["publisher"], d["published"]) for d in listed["documents"]] == [
        ("Deep News", None),
        ("Discovery Alert", None),
        ("SuperMetalPrice", None),
        ("samarium.dev", "2026-03-18"),
        ("Kallanish", "2025-10-31"),
    ]
    assert {"doc_id", "title"} <= set(listed["documents"][0])
    _, out, _ = cli("list")
    assert len(out.splitlines()) == 5


def test_show_prints_the_text_as_the_file_has_it(cli):
    name = "002_1a75634502ebca40.txt"
    text = (SEEDS / name).read_text(encoding="utf-8")
    assert cli("show", "002")[1] == text + "\n"
    assert as_json(cli("show", "002", "--json"))[1]["text"] == text


def test_show_at_marks_a_cited_span(cli):
    _, answer = as_json(cli("ask", "Who is Japan's prime minister?", "--json"))
    citation = answer["citations"][0]
    _, out, _ = cli("show", citation["doc_id"], "--at", f"{citation['start']}:{citation['end']}")
    assert f"⟦{citation['quote']}⟧" in out


@pytest.mark.parametrize("span", ["5", "5:", "9:5", "0:99999999", "a:b", "-1:5"])
def test_show_at_rejects_an_invalid_span(cli, span):
    assert cli("show", "002", f"--at={span}")[0] == 2


def test_status_shows_the_index_and_the_origin_of_settings(cli, monkeypatch):
    monkeypatch.setenv("RAG_LIMIT", "7")
    code, status = as_json(cli("status", "--json"))
    assert code == 0
    assert status["ok"] is True
    assert status["documents"] == 5
    assert status["embedder"]["weights_sha256"].startswith("53aa5117")
    assert status["settings"]["limit"] == {"value": 7, "from": "RAG_LIMIT"}
    out = cli("status")[1]
    assert "all-MiniLM-L6-v2" in out
    assert "RAG_LIMIT" in out


# ---------------------------------------------------------------- index


def test_index_builds_updates_and_reports(cli, corpus, tmp_path):
    (corpus / "bad.txt").write_bytes(b"\xff\x00\xff")
    index = tmp_path / "new index"
    code, report = as_json(cli("index", corpus, "--index", index, "--json"))
    assert code == 0
    assert len(report["added"]) == 3
    assert [Path(s["path"]).name for s in report["skipped"]] == ["bad.txt"]
    code, out, err = cli("index", "--index", index)
    assert code == 0
    assert "nothing has changed" in out
    assert "bad.txt" in err


def test_a_first_build_uses_a_seeds_folder(cli, corpus, monkeypatch, tmp_path):
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "fresh"))
    code, _, err = cli("index")
    assert code == 1
    assert "rag index FOLDER" in err
    corpus.rename(tmp_path / "seeds")
    code, out, _ = cli("index")
    assert code == 0
    assert "from seeds" in out


def test_new_articles_are_noticed_when_asking(cli, corpus, tmp_path):
    index = tmp_path / "index"
    cli("index", corpus, "--index", index)
    (corpus / "late.txt").write_text("A late article\n\nIt came after the index was built.\n")
    for arguments in (("search", "harbour"), ("ask", "Who is harbour master?")):
        _, _, err = cli(*arguments, "--index", index)
        assert "1 new since the index was built" in err
        assert "rag index" in err
        assert "1 new" not in cli(*arguments, "--index", index, "-q")[2]
    assert as_json(cli("status", "--index", index, "--json"))[1]["stale"]["added"] == ["late.txt"]


def test_cache_fill_prepares_the_models(cli, embedder):
    code, filled = as_json(cli("cache", "fill", "--json"))
    assert (code, filled["model"]) == (0, embedder.info.id)
    assert filled["bytes"] == as_json(cli("status", "--json"))[1]["cache_bytes"] > 0
    assert "are ready in" in cli("cache", "fill")[1]


def test_cache_clear_empties_the_cache_and_no_index(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "article-rag" / "compiled"
    folder.mkdir(parents=True)
    (folder / "blob").write_bytes(b"x" * 1000)
    assert as_json(cli("status", "--json"))[1]["cache_bytes"] == 1000
    code, cleared = as_json(cli("cache", "clear", "--json"))
    assert code == 0
    assert cleared == {"folder": str(folder.parent), "freed_bytes": 1000}
    assert not folder.exists()
    assert cli("cache", "clear")[0] == 0
    assert cli("list")[0] == 0


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("search", "x", "--index", "nowhere"), 1, "IndexNotFound"),
        (("ask", "x", "--index", "nowhere"), 1, "IndexNotFound"),
        (("index", "no-such-folder", "--index", "new"), 1, "CorpusNotFound"),
        (("index", ".", "--index", "new"), 1, "CorpusEmpty"),
        (("show", "no-such-document"), 1, "DocumentNotFound"),
        (("search", ""), 2, "InvalidArgument"),
        (("search", "x", "--since", "soon"), 2, "InvalidFilter"),
        (("search", "x", "--limit", "0"), 2, "InvalidSetting"),
        (("search", "x", "--limit", "many"), 2, "UsageError"),
        (("search", "x", "--mode", "magic"), 2, "UsageError"),
        (("search", "x", "--no-such-option"), 2, "UsageError"),
        (("search",), 2, "UsageError"),
        (("ask",), 2, "InvalidArgument"),
        (("no-such-command",), 2, "UsageError"),
    ],
)
def test_every_failure_has_its_code_and_its_json(cli, arguments, code, kind):
    got, out, err = cli(*arguments)
    assert got == code
    assert out == ""
    assert err.strip()
    got, failure = as_json(cli(*arguments, "--json"))
    assert got == code
    assert failure["error"]["type"] == kind
    assert set(failure["error"]) == {"type", "message", "fix"}


def test_an_index_of_another_model_is_rejected_with_the_fix(cli, corpus, tmp_path):
    index = tmp_path / "index"
    cli("index", corpus, "--index", index)
    code, _, err = cli("index", "--index", index, "--model", "other/model")
    assert code == 1
    assert "rag index --full --model other/model" in err
    assert cli("search", "harbour", "--index", index)[0] == 0


@pytest.mark.parametrize("flag", ["-q", "--quiet", "-v", "--debug"])
def test_output_options_may_stand_before_or_after_the_command(cli, flag):
    assert cli(flag, "list")[:2] == cli("list", flag)[:2]
    assert cli("list")[0] == 0


def test_a_bug_is_reported_in_one_line(cli, monkeypatch):
    monkeypatch.setattr("rag.asking.retriever.Retriever.documents", lambda _: 1 / 0)
    code, out, err = cli("list")
    assert (code, out) == (1, "")
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    assert as_json(cli("list", "--json"))[1]["error"]["fix"]
    assert "Traceback" in cli("list", "--debug")[2]


def test_debug_shows_the_traceback(cli):
    assert "Traceback" not in cli("search", "x", "--index", "nowhere")[2]
    assert "Traceback" in cli("search", "x", "--index", "nowhere", "--debug")[2]


def test_an_unknown_setting_is_an_error_and_an_unknown_variable_a_warning(
    cli, tmp_path, monkeypatch
):
    monkeypatch.setenv("RAG_COLOUR", "red")
    assert "RAG_COLOUR" in cli("list")[2]
    (tmp_path / "rag.toml").write_text("colour = 'red'\n")
    code, _, err = cli("list")
    assert code == 2
    assert "colour" in err


def test_version_and_help(cli):
    assert cli("--version")[1].startswith("rag 0.")
    for command in ("index", "search", "ask", "list", "show", "status"):
        code, out, _ = cli(command, "--help")
        assert code == 0
        assert {"--index", "--json", "--verbose", "--quiet", "--debug"} <= set(out.split())


# ---------------------------------------------------------------- hostile texts


def test_nothing_in_an_article_reaches_the_terminal_raw(cli, tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    nasty = "\x1b]0;owned\x07\x1b[2J \u202egnp.exe \U000e0041 \x9b31m"
    (folder / "evil\x1b[31m.txt").write_text(
        f"Title {nasty} of an article about boats\n\nBoats {nasty} are painted red.\n"
    )
    index = tmp_path / "index"
    outputs = []
    for arguments in (
        ("index", folder),
        ("list",),
        ("search", "painted boats"),
        ("ask", "How are boats painted?", "--min-confidence", "0", "--explain"),
        ("show", "evil"),
        ("status",),
    ):
        for extra in ((), ("--json",)):
            _, out, err = cli(*arguments, *extra, "--index", index)
            outputs.append(out + err)
            if extra:
                json.loads(out)
    everything = "".join(outputs)
    assert "boats" in everything
    assert not {c for c in everything if c in "\x1b\x07\x9b\u202e\U000e0041"}


def test_json_preserves_hostile_text_exactly(cli, tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    text = "Boats\n\nBoats \x1b[31m and \u202e and \x7f and \U000e0041 and 👩‍👧 are red today.\n"
    (folder / "a.txt").write_text(text)
    rag.build(folder, tmp_path / "index")
    assert as_json(cli("show", "a", "--json", "--index", tmp_path / "index"))[1]["text"] == text


# ---------------------------------------------------------------- as a process


def test_output_that_cannot_be_written_fails_without_a_traceback(seeds_index):
    for command in ("list --json", "nonsense --json"):
        line = f"{sys.executable} -m rag {command} --index {seeds_index}"
        for redirection in (">/dev/full", ">&-"):
            done = subprocess.run(
                ["bash", "-c", line + redirection], capture_output=True, check=False
            )
            assert b"Traceback" not in done.stderr
            assert done.returncode in (0, 1, 2)


@pytest.mark.parametrize("after", [0, 0.3])
def test_ctrl_c_ends_a_build_with_130_and_loses_nothing(corpus, tmp_path, after):
    index = tmp_path / "index"
    rag.build(corpus, index)
    for n in range(150):
        (corpus / f"more{n}.txt").write_text(f"Article {n} of many\n\nIt says {n} times nothing.\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "index", corpus, "--index", index],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not (index / "builder.lock").exists():  # until it builds
        assert process.poll() is None
        time.sleep(0.005)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert b"Traceback" not in err
    # A fast machine may be done before the later signals: then the whole new index is there.
    assert process.returncode == 130 or (after and process.returncode == 0)
    with rag.Retriever.open(index) as retriever:
        assert len(retriever.documents()) == (3 if process.returncode else 153)


def test_interrupts_and_closed_pipes_end_a_process_quietly(seeds_index):
    command = f"{sys.executable} -m rag list --index {seeds_index} | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


# ---------------------------------------------------------------- an index that is damaged


def test_check_reports_ok_or_the_damage_and_its_fix(cli, copy_of_seeds_index, monkeypatch):
    monkeypatch.delenv("RAG_INDEX")
    index = ("--index", copy_of_seeds_index)
    code, out, _ = cli("check", *index)
    assert (code, out.split(":")[0]) == (0, "ok")
    texts = copy_of_seeds_index / "gen-000001" / "texts.utf8"
    texts.write_bytes(texts.read_bytes().replace(b"Japan", b"Japon", 1))
    code, out, _ = cli("check", *index)
    assert code == 1
    damage, advice = out.splitlines()
    assert damage == "gen-000001/texts.utf8: altered since it was written"
    assert advice.startswith("repair it with: rag index --repair")
    code, report = as_json(cli("check", "--json", *index))
    assert (code, report["ok"], len(report["damages"])) == (1, False, 1)
    code, out, _ = cli(*shlex.split(advice.removeprefix("repair it with: rag ")))
    assert code == 0, out
    assert "1 damaged file replaced" in out
    assert cli("check", *index)[0] == 0


def test_watch_and_dry_run_cannot_be_combined(cli, tmp_path):
    assert cli("index", tmp_path, "--watch", "--dry-run")[0] == 2


def test_watch_builds_prints_a_line_for_each_change_and_ends_with_ctrl_c(corpus, tmp_path):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rag",
            "index",
            corpus,
            "--index",
            tmp_path / "i",
            "--watch",
            "--json",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert len(json.loads(process.stdout.readline())["added"]) == 3
        (corpus / "trains.txt").unlink()
        assert json.loads(process.stdout.readline())["removed"] == ["trains.txt"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
