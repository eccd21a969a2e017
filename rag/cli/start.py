"""What lets the command line start fast: only the command that is run is imported and built.

``rag --help`` imports none. Typer turns what was typed into Python values by pydantic, whose import takes
longer than all else that a command line needs; the simple values do without.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from enum import StrEnum
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS: dict[str, tuple[str, str]] = {
    "index": ("indexing", "Build or update the index of a folder of articles."),
    "check": ("indexing", "Check every byte of the index, and every offset and vector in it."),
    "search": ("commands", "Find the passages nearest to a query."),
    "ask": (
        "commands",
        "Answer a question in the articles' own words, with its source, or say that they don't.",
    ),
    "list": ("commands", "List the documents: id, date, publisher, title."),
    "show": ("commands", "Show the citable text of one document."),
    "status": (
        "commands",
        "Say what is indexed, by which model, how large it is and whether the articles have changed.",
    ),
    "chat": (
        "chat",
        'Ask one question after another; follow-ups like "why?" or "and Lynas?" are understood.',
    ),
    "verify": (
        "verifying",
        "Check every citation of saved answers against the articles as they are now.",
    ),
    "cache": (
        "caching",
        "What can be recomputed and is shared by all indexes: compiled models, evaluation sets.",
    ),
    "eval": ("evaluation", "Measure retrieval and answers."),
}
"""In the order of ``rag --help``: the module of each command, and what it does in one line."""

BUILT: dict[str, typer.Typer] = {}
"""What the modules that are imported have registered: an application for each command or group."""


class LightCommand(TyperCommand):
    """A command whose simple values pydantic is not needed for."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, each with a light converter."""
        return _lightened(super().get_params(ctx))


class LightGroup(TyperGroup):
    """The same for a group of commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, each with a light converter."""
        return _lightened(super().get_params(ctx))


class LazyGroup(LightGroup):
    """The group of all commands; each is imported when it is asked for."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.commands = _Commands()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


class _Commands(MutableMapping[str, Any]):
    """The commands by name."""

    def __init__(self) -> None:
        self._ready: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._ready:
            import_module(f"rag.cli.{COMMANDS[name][0]}")
            self._ready[name] = get_command(BUILT[name])
        return self._ready[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._ready[name] = command

    def __delitem__(self, name: str) -> None:
        del self._ready[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _lightened(parameters: Sequence[Any]) -> list[Any]:
    for parameter in parameters:
        # Typer makes what converts a value when there is the first one, unless something is here.
        if getattr(parameter, "_runtime_param", "") is None:
            parameter._runtime_param = _Converter()  # noqa: SLF001  # see there
    return list(parameters)


class _Converter:
    """Stands in for typer's own; gives way to it for all but texts, numbers and words of a list."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of a parameter; raises what typer raises for one that cannot be right."""
        kind = param.type_descriptor.annotation
        if value is None and not param.multiple and param.nargs == 1:
            return None
        if kind is str and isinstance(value, str):
            return value
        if kind == list[str] and isinstance(value, (list, tuple)):
            return list(value)
        if kind is int and not param.type_descriptor.is_ranged and str(value).isdecimal():
            return int(value)
        if isinstance(kind, type) and issubclass(kind, StrEnum) and value in list(kind):
            return kind(value)
        param._runtime_param = None  # noqa: SLF001  # where typer looks for its own
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
