"""``rag chat``: a conversation with the articles, on a terminal or from a pipe."""

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
    IndexesOption,
    JsonOption,
    LlmOption,
    ModeOption,
    PassagesOption,
    PathOption,
    PublisherOption,
    ReaderOption,
    SinceOption,
    StoreOption,
    ThresholdOption,
    UndatedOption,
    UntilOption,
    command,
    console,
    settings,
)
from rag.cli.commands import open_retriever
from rag.cli.console import safe_json, styled
from rag.errors import InvalidArgument, InvalidFilter, RagError
from rag.files import home_expanded
from rag.text.terminal import printable

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

    from rag.asking.conversation import Conversation, Turn
    from rag.asking.retriever import Retriever
    from rag.records import Filters

CHAT_COMMANDS: Final = {
    "/sources": "show the citations of the last answer and the passages read for it",
    "/why": "show the alternatives to the last answer and how its passages ranked",
    "/filter": 'show the filters; /filter since 2025-10-01 publisher "Deep News"; /filter clear',
    "/save": "/save FILE writes the conversation as JSON; /save --force FILE replaces a file",
    "/clear": "forget the conversation; filters stay",
    "/help": "show this list",
    "/quit": "end the chat (or press Ctrl-D)",
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
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    r"""Ask one question after another; follow-ups like "why?" or "and Lynas?" are understood.

    A rewritten follow-up is shown before its answer. /help lists the commands. From a pipe, each line is
    a question or a command; with --json, each answer is one line of JSON.

    Example: printf 'Who runs REAlloys?\nWhat did he say?\n' | rag chat
    """
    loaded = settings(
        store=store,
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

    with open_retriever(loaded, index) as retriever:
        filters = Filters(since, until, publisher, path, undated)
        interactive = sys.stdin.isatty() and sys.stdout.isatty()
        conversation = Conversation(retriever, filters=filters, as_of=as_of)
        chat = Chat(retriever, conversation, json, interactive)
        chat.run(terminal_lines() if interactive else piped_lines())
    if chat.failed and not interactive:
        raise typer.Exit(FAILED)


@dataclass(slots=True)
class Chat:
    """Answers the question or runs the command on each line, and reports failures."""

    retriever: Retriever
    conversation: Conversation
    json: bool = False
    interactive: bool = False
    failed: bool = False

    def run(self, lines: Iterable[str]) -> None:
        """Process lines until they end or one is /quit. A line that fails does not end the chat."""
        for raw in lines:
            line = raw.strip()
            if line in ("/quit", "/exit"):
                break
            if not line:
                continue
            try:
                self._process(line)
            except RagError as error:
                self.failed = True
                if self.json:
                    console.out(
                        safe_json({"question": line, "error": error.to_dict()}, indent=None)
                    )
                else:
                    console.error(error)
            except KeyboardInterrupt:
                if not self.interactive:
                    raise
                console.notice("interrupted")
            sys.stdout.flush()

    def _process(self, line: str) -> None:
        if not line.startswith("/"):
            self._show(self.conversation.ask(line))
            return
        name, _, rest = line.partition(" ")
        commands: dict[str, Callable[[str], None]] = {
            "/sources": self._sources,
            "/why": self._why,
            "/filter": self._filter,
            "/save": self._save,
            "/clear": self._clear,
            "/help": self._help,
        }
        if name not in commands:
            raise InvalidArgument(f"unknown command {name}", fix="list all commands with: /help")
        commands[name](rest.strip())

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
            raise InvalidArgument("there is no answer yet", fix="ask a question first")
        return self.conversation.turns[-1]

    def _sources(self, _: str) -> None:
        answer = self._last.answer
        self._print(
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
        self._print(turn.to_dict(), answer_text(turn.answer, explain=True, dates=_DATES))

    def _filter(self, arguments: str) -> None:
        if arguments:
            self.conversation.filters = self._filters(arguments)
        filters = self.conversation.filters
        plain = filters.to_dict() if filters else {}
        listed = ", ".join(f"{name} {value}" for name, value in plain.items() if value)
        self._print({"filters": plain}, printable(f"filters: {listed or 'none'}"))

    def _filters(self, arguments: str) -> Filters | None:
        """The current filters, updated by those in ``arguments``; None after "clear"."""
        from rag.asking.warnings import unknown_publisher
        from rag.records import Filters

        try:
            words = shlex.split(arguments)
        except ValueError:
            raise InvalidFilter(
                "a quotation mark is missing", fix=CHAT_COMMANDS["/filter"]
            ) from None
        if words == ["clear"]:
            return None
        changes: dict[str, Any] = {}
        remaining = iter(words)
        for name in remaining:
            if name not in _FILTERS:
                listed = ", ".join(_FILTERS)
                raise InvalidFilter(
                    f"{name!r} is not a filter", fix=f"filters are: {listed}; or clear"
                )
            value = True if name == "undated" else next(remaining, None)
            if value is None:
                raise InvalidFilter(f"{name} needs a value", fix=CHAT_COMMANDS["/filter"])
            changes[name] = value
        filters = replace(self.conversation.filters or Filters(), **changes)
        console.warnings([unknown_publisher(self.retriever.documents(), filters)])
        return filters

    def _save(self, arguments: str) -> None:
        try:
            words = shlex.split(arguments)
        except ValueError:
            words = [arguments]
        force = "--force" in words
        names = [word for word in words if word != "--force"]
        if len(names) != 1:
            raise InvalidArgument("/save needs one file name", fix="/save chat.json")
        path = home_expanded(names[0])
        text = safe_json(self.conversation.to_dict()) + "\n"
        try:
            with path.open("w" if force else "x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise InvalidArgument(
                f"{path} already exists", fix=f"replace it with: /save --force {path}"
            ) from None
        except OSError as error:
            raise RagError(f"{path}: {error.strerror}", fix="choose another file") from error
        count = len(self.conversation.turns)
        self._print(
            {"saved": str(path), "turns": count}, printable(f"saved {count} turns in {path}")
        )

    def _clear(self, _: str) -> None:
        self.conversation.clear()
        self._print({"cleared": True}, "conversation cleared; filters stay")

    def _help(self, _: str) -> None:
        lines = (f"{name:<10}{description}" for name, description in CHAT_COMMANDS.items())
        self._print({"commands": CHAT_COMMANDS}, "\n".join(lines))

    def _print(self, as_json: object, text: str) -> None:
        console.out(safe_json(as_json, indent=None) if self.json else text)


# ---------------------------------------------------------------- input


def piped_lines() -> Iterator[str]:
    """Lines of stdin, each as soon as it arrives, since a program may wait for each answer."""
    for line in sys.stdin.buffer:
        # The conversation rejects lines that are not UTF-8.
        yield line.decode("utf-8-sig", errors="surrogateescape")


def terminal_lines() -> Iterator[str]:
    """Lines typed on a terminal until Ctrl-D; Ctrl-C discards the current line."""
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
    """A line editor with history and command completion."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = _history_file()
    completer = WordCompleter(list(CHAT_COMMANDS), meta_dict=dict(CHAT_COMMANDS), sentence=True)
    return PromptSession(
        history=FileHistory(path) if path else InMemoryHistory(),
        completer=completer,
        complete_while_typing=False,
    )


def _history_file() -> Path | None:
    """The file that keeps questions across chats, readable only by the user; None if not writable."""
    import platformdirs

    path = Path(platformdirs.user_data_dir("article-rag", appauthor=False)) / "chat-history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError:
        return None
    return path
