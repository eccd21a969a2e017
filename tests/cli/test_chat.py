"""``rag chat`` in a pipe and on a terminal."""

import contextlib
import io
import json
import os
import pty
import stat
import subprocess
import sys

import platformdirs
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import rag
from rag.cli import run
from rag.cli.chat import CHAT_COMMANDS, Chat, prompt_session, terminal_lines


@pytest.fixture
def chat(seeds_index, monkeypatch, capsys):
    """Runs a chat over lines of stdin; returns its exit code, stdout and stderr."""

    def talk(*lines, options=(), encoding="utf-8"):
        data = "".join(f"{line}\n" for line in lines).encode(encoding, "surrogateescape")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        code = run(["chat", "--index", str(seeds_index), *options])
        said = capsys.readouterr()
        return code, said.out, said.err

    return talk


def test_a_follow_up_is_shown_rewritten_and_answered(chat):
    code, out, _ = chat("Who runs REAlloys?", "What did he say about Japan?")
    assert code == 0
    before, _, after = out.partition("→ What did Leonard Sternheim say about Japan?\n")
    assert "→" not in before
    assert "world-leading magnetic material" in after


def test_with_json_each_turn_is_one_line(chat):
    code, out, _ = chat("Who runs REAlloys?", "How do I bake bread?", "", options=["--json"])
    turns = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [list(turn) for turn in turns] == [["question", "resolved", "answer"]] * 2
    assert [turn["answer"]["status"] for turn in turns] == ["answered", "abstained"]


def test_an_inferred_filter_is_shown_with_the_way_to_change_it(chat):
    _, out, _ = chat(
        "Who runs REAlloys, according to articles since October?", options=["--as-of", "2026-03-20"]
    )
    assert "only articles since 2025-10-01" in out
    assert "change this with /filter since and until" in out


def test_a_line_that_fails_does_not_end_the_chat(chat):
    code, out, err = chat("-China", "/nonsense", "/why", "Who runs REAlloys?")
    assert code == 1
    assert err.count("error:") == 3
    assert "Leonard Sternheim" in out


def test_with_json_a_failure_is_one_line(chat):
    _, out, _ = chat("-China", "Who runs REAlloys?", options=["--json"])
    first, second = map(json.loads, out.splitlines())
    assert first["error"]["type"] == "InvalidArgument"
    assert "Leonard Sternheim" in second["answer"]["answer"]


def test_a_line_that_is_not_utf_8_is_rejected_and_the_rest_answered(chat):
    code, out, err = chat("caf\udce9?", "Who runs REAlloys?")
    assert code == 1
    assert "not valid Unicode" in err
    assert "Leonard Sternheim" in out


def test_nothing_after_quit_is_read(chat):
    assert chat("/quit", "Who runs REAlloys?")[:2] == (0, "")


def test_filters_can_be_set_shown_extended_and_cleared(chat):
    _, out, _ = chat(
        '/filter since 2025-10-01 publisher "Deep News"',
        "/filter undated",
        "/filter",
        "/filter clear",
    )
    assert out.splitlines() == [
        "filters: since 2025-10-01, publisher Deep News",
        *["filters: since 2025-10-01, publisher Deep News, undated True"] * 2,
        "filters: none",
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "since tomorrow",
        "since",
        "colour red",
        'publisher "Deep',
        "since 2026-01-02 until 2025-01-01",
    ],
)
def test_a_bad_filter_is_reported_and_the_old_one_stays(chat, bad):
    _, out, err = chat("/filter path 004*", f"/filter {bad}", "/filter")
    assert "error:" in err
    assert out.splitlines() == ["filters: path 004*"] * 2


def test_filters_of_the_command_line_apply_and_an_unknown_publisher_gives_a_warning(chat):
    _, out, err = chat("/filter", "/filter publisher Nobody", options=["--path", "004*"])
    assert out.splitlines()[0] == "filters: path 004*"
    assert "no article is by 'Nobody'" in err


def test_sources_and_why_are_about_the_last_answer(chat):
    _, out, _ = chat("Who runs REAlloys?", "/sources", "/why")
    _, _, more = out.partition("\n\n[1] ")
    assert "Passages read:" in more
    assert "confidence" in more
    assert "lexical: rank" in more


def test_a_saved_conversation_has_every_complete_answer(chat, tmp_path):
    file = tmp_path / "chat.json"
    _, out, _ = chat("Who runs REAlloys?", "why?", f"/save '{file}'")
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert f"saved 2 turns in {file}" in out
    assert saved["turns"][0]["answer"]["citations"][0]["sha256"]


def test_save_replaces_a_file_only_with_force(chat, tmp_path):
    file = tmp_path / "chat.json"
    file.write_text("mine", encoding="utf-8")
    _, _, err = chat(f"/save {file}")
    assert f"{file} already exists" in err
    assert file.read_text(encoding="utf-8") == "mine"
    chat(f"/save --force {file}")
    assert json.loads(file.read_text(encoding="utf-8")) == {"turns": []}


def test_save_reports_a_file_that_cannot_be_written(chat, tmp_path):
    code, _, err = chat(f"/save {tmp_path / 'none' / 'chat.json'}", "/save")
    assert code == 1
    assert "No such file" in err
    assert "needs one file name" in err


def test_clear_forgets_the_conversation(chat):
    _, out, _ = chat("Who runs REAlloys?", "/clear", "What did he say about Japan?")
    assert "→" not in out


def test_help_names_every_command(chat):
    _, out, _ = chat("/help")
    assert [line.split()[0] for line in out.splitlines()] == list(CHAT_COMMANDS)


# ---------------------------------------------------------------- on a terminal


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The user's data folder."""
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    return tmp_path / "data"


def type_in(keys):
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):
        keyboard.send_text(keys)
        return list(terminal_lines())


def test_a_line_can_be_edited_or_dropped_and_ctrl_d_ends_the_chat(home):
    left, ctrl_c, ctrl_d = "\x1b[D", "\x03", "\x04"
    assert type_in(f"Who rns it?{left * 6}u\r{ctrl_c}never mind{ctrl_c}why?\r{ctrl_d}") == [
        "Who runs it?",
        "why?",
    ]


def test_history_is_kept_for_the_user_alone(home):
    up = "\x1b[A"
    type_in("Who runs REAlloys?\r\x04")
    assert type_in(f"{up}\r\x04") == ["Who runs REAlloys?"]
    mode = (home / "chat-history").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(("begun", "offered"), [("/s", ["/sources", "/save"]), ("what /s", [])])
def test_commands_are_completed_and_nothing_else(home, begun, offered):
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):
        completer = prompt_session().completer
    found = completer.get_completions(Document(begun), CompleteEvent())
    assert [completion.text for completion in found] == offered


def test_on_a_real_terminal_it_prompts_answers_and_ends(seeds_index, tmp_path):
    ours, theirs = pty.openpty()
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path), "TERM": "xterm"}
    command = [sys.executable, "-m", "rag", "chat", "--index", str(seeds_index)]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        screen, seen = b"", 0
        for wanted, typed in (
            (b"you>", b"Who runs REAlloys?\r"),
            (b".txt:", b""),
            (b"you>", b"\x04"),
        ):
            while (found := screen.find(wanted, seen)) < 0:
                screen += os.read(ours, 4096)
            seen = found + len(wanted)
            os.write(ours, typed)
        with contextlib.suppress(OSError):  # Linux says so when the other end is closed
            while os.read(ours, 4096):
                pass
    os.close(ours)
    assert process.returncode == 0
    assert b"Leonard Sternheim" in screen


def test_a_chat_works_without_a_history_file(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(
        platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "file" / "x")
    )
    assert type_in("why?\r\x04") == ["why?"]


def test_ctrl_c_during_an_answer_ends_only_that_question(seeds, capsys):
    class Slow(rag.Conversation):
        def ask(self, text):
            if text == "slow":
                raise KeyboardInterrupt
            return super().ask(text)

    chat = Chat(seeds, Slow(seeds), interactive=True)
    chat.run(["slow", "Who runs REAlloys?"])
    said = capsys.readouterr()
    assert "interrupted" in said.err
    assert "Leonard Sternheim" in said.out
