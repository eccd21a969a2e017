"""``rag chat``: a conversation with the articles, typed on a terminal or read from a pipe."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from rag.cli.answers import answer_text, passage_text, source_lines
from rag.cli.app import (
    FAILED,
    AsOfOption,
    BudgetOption,
    FusionOption,
    IndexOption,
    JsonOption,
    LlmOption,
    ModeOption,
    PassagesOption,
    PathOption,
    PublisherOption,
    ReaderOption,
    SinceOption,
    ThresholdOption,
    UndatedOption,
    UntilOption,
    command,
    console,
    settings,
)
from rag.cli.commands import opened
from rag.cli.console import safe_json, styled
from rag.errors import InvalidArgument, InvalidFilter, RagError
from rag.text.terminal import printable

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

    from rag.asking.conversation import Conversation, Turn
    from rag.asking.retriever import Retriever
    from rag.records import Filters

COMMANDS: Final = {
    "/sources": "the citations of the last answer and the passages read for it",
    "/why": "what else was considered for the last answer, and how its passages ranked",
    "/filter": 'show the filters; /filter since 2025-10-01 publisher "Deep News"; /filter clear',
    "/save": "/save FILE writes the conversation as JSON; /save --force FILE replaces a file",
    "/clear": "forget what was asked; filters stay",
    "/help": "this list",
    "/quit": "end the chat, as Ctrl-D does",
}
_FILTERS: Final = ("since", "until", "publisher", "path", "undated")
_DATES: Final = "/filter since and until"
_PROMPT: Final = "you> "


@command("chat")
def chat_command(
    passages: PassagesOption = None,
    min_confidence: ThresholdOption = None,
    budget_ms: BudgetOption = None,
    mode: ModeOption = None,
    fusion: FusionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    path: PathOption = None,
    as_of: AsOfOption = None,
    reader: ReaderOption = None,
    llm: LlmOption = None,
    index: IndexOption = None,
    json: JsonOption = False,
) -> None:
    r"""Ask one question after another; follow-ups like "why?" or "and Lynas?" are understood.

    The question as it was understood is shown before its answer. /help lists the commands. From a pipe,
    each line is a question or a command; with --json, each answer is a line of JSON.

    Example: printf 'Who runs REAlloys?\nWhat did he say?\n' | rag chat
    """
    loaded = settings(
        index=index,
        passages=passages,
        min_confidence=min_confidence,
        budget_ms=budget_ms,
        mode=mode,
        fusion=fusion,
        reader=reader,
        llm=llm,
    )
    from rag.asking.conversation import Conversation
    from rag.records import Filters

    with opened(loaded) as retriever:
        filters = Filters(since, until, publisher, path, undated)
        typed = sys.stdin.isatty() and sys.stdout.isatty()
        conversation = Conversation(retriever, filters=filters, as_of=as_of)
        chat = Chat(retriever, conversation, json, typed)
        chat.run(typed_lines() if typed else piped_lines())
    if chat.failed and not typed:
        raise typer.Exit(FAILED)


@dataclass(slots=True)
class Chat:
    """What is done with each line: a question is answered, a command obeyed, a failure told."""

    retriever: Retriever
    conversation: Conversation
    json: bool = False
    typed: bool = False
    failed: bool = False

    def run(self, lines: Iterable[str]) -> None:
        """Take lines until they end or one says /quit; a line that fails does not end the chat."""
        for typed in lines:
            line = typed.strip()
            if line in ("/quit", "/exit"):
                break
            if not line:
                continue
            try:
                self._take(line)
            except RagError as error:
                self.failed = True
                if self.json:
                    console.out(
                        safe_json({"question": line, "error": error.to_dict()}, indent=None)
                    )
                else:
                    console.error(error)
            except KeyboardInterrupt:
                if not self.typed:
                    raise
                console.notice("interrupted")
            sys.stdout.flush()

    def _take(self, line: str) -> None:
        if not line.startswith("/"):
            self._show(self.conversation.ask(line))
            return
        name, _, rest = line.partition(" ")
        obey: dict[str, Callable[[str], None]] = {
            "/sources": self._sources,
            "/why": self._why,
            "/filter": self._filter,
            "/save": self._save,
            "/clear": self._clear,
            "/help": self._help,
        }
        if name not in obey:
            raise InvalidArgument(f"{name} is no command", fix="see them all with: /help")
        obey[name](rest.strip())

    def _show(self, turn: Turn) -> None:
        console.warnings(turn.answer.warnings)
        if self.json:
            console.out(safe_json(turn.to_dict(), indent=None))
            return
        if turn.resolved != turn.question:
            console.out(styled(f"→ {printable(turn.resolved)}", "dim"))
        console.out(answer_text(turn.answer, dates=_DATES) + "\n")

    @property
    def _last(self) -> Turn:
        if not self.conversation.turns:
            raise InvalidArgument("nothing has been asked yet", fix="ask a question first")
        return self.conversation.turns[-1]

    def _sources(self, _: str) -> None:
        answer = self._last.answer
        self._tell(
            {
                "citations": [citation.to_dict() for citation in answer.citations],
                "passages": [passage.to_dict() for passage in answer.passages],
            },
            "\n".join(
                source_lines(answer.citations)
                + ["", "Passages read:"]
                + [
                    passage_text(n, p, lines=4)
                    for n, p in enumerate(answer.passages[: answer.read], 1)
                ]
            ),
        )

    def _why(self, _: str) -> None:
        turn = self._last
        self._tell(turn.to_dict(), answer_text(turn.answer, explain=True, dates=_DATES))

    def _filter(self, wanted: str) -> None:
        if wanted:
            self.conversation.filters = self._filters(wanted)
        filters = self.conversation.filters
        plain = filters.to_dict() if filters else {}
        listed = ", ".join(f"{name} {value}" for name, value in plain.items() if value)
        self._tell({"filters": plain}, printable(f"filters: {listed or 'none'}"))

    def _filters(self, wanted: str) -> Filters | None:
        """The filters that stand, with those written here set; none after "clear"."""
        from rag.asking.warnings import unknown_publisher
        from rag.records import Filters

        try:
            words = shlex.split(wanted)
        except ValueError:
            raise InvalidFilter("a quotation mark is missing", fix=COMMANDS["/filter"]) from None
        if words == ["clear"]:
            return None
        given: dict[str, Any] = {}
        left = iter(words)
        for name in left:
            if name not in _FILTERS:
                listed = ", ".join(_FILTERS)
                raise InvalidFilter(
                    f"{name!r} is no filter", fix=f"filters are: {listed}; or clear"
                )
            value = True if name == "undated" else next(left, None)
            if value is None:
                raise InvalidFilter(f"{name} needs a value", fix=COMMANDS["/filter"])
            given[name] = value
        filters = replace(self.conversation.filters or Filters(), **given)
        console.warnings([unknown_publisher(self.retriever.documents(), filters)])
        return filters

    def _save(self, wanted: str) -> None:
        try:
            words = shlex.split(wanted)
        except ValueError:
            words = [wanted]
        force = "--force" in words
        names = [word for word in words if word != "--force"]
        if len(names) != 1:
            raise InvalidArgument("/save needs the name of one file", fix="/save chat.json")
        path = Path(names[0]).expanduser()
        text = safe_json(self.conversation.to_dict()) + "\n"
        try:
            with path.open("w" if force else "x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise InvalidArgument(
                f"{path} exists and is left as it is", fix=f"/save --force {path}"
            ) from None
        except OSError as error:
            raise RagError(f"{path}: {error.strerror}", fix="choose another file") from error
        count = len(self.conversation.turns)
        self._tell(
            {"saved": str(path), "turns": count}, printable(f"saved {count} turns in {path}")
        )

    def _clear(self, _: str) -> None:
        self.conversation.clear()
        self._tell({"cleared": True}, "the conversation is forgotten; filters stay")

    def _help(self, _: str) -> None:
        lines = (f"{name:<10}{what}" for name, what in COMMANDS.items())
        self._tell({"commands": COMMANDS}, "\n".join(lines))

    def _tell(self, as_json: object, text: str) -> None:
        console.out(safe_json(as_json, indent=None) if self.json else text)


# ---------------------------------------------------------------- where lines come from


def piped_lines() -> Iterator[str]:
    """Lines of stdin as they come, not only when it ends: a program may wait for each answer."""
    for line in sys.stdin.buffer:
        yield line.decode(
            "utf-8-sig", errors="surrogateescape"
        )  # what is no UTF-8 is refused when asked


def typed_lines() -> Iterator[str]:
    """Lines typed on a terminal, until Ctrl-D; Ctrl-C only drops the line."""
    session = prompt_session()
    console.notice("Ask about the articles. /help lists the commands; Ctrl-D ends the chat.")
    while True:
        try:
            yield session.prompt(_PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def prompt_session() -> PromptSession[str]:
    """A line editor with history and completion of the commands."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = _history_file()
    completer = WordCompleter(list(COMMANDS), meta_dict=dict(COMMANDS), sentence=True)
    return PromptSession(
        history=FileHistory(path) if path else InMemoryHistory(),
        completer=completer,
        complete_while_typing=False,
    )


def _history_file() -> Path | None:
    """Where questions are remembered from chat to chat, readable by the user alone; None if nowhere."""
    import platformdirs

    path = Path(platformdirs.user_data_dir("article-rag", appauthor=False)) / "chat-history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError:
        return None
    return path
