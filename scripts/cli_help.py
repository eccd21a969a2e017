"""Write docs/cli.md from the help of all commands; with --check, only fail if it is out of date."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
HEAD = """# The command line

The output of `--help` for `rag` and each of its commands. `make docs-cli` writes this page.
"""


def page() -> str:
    """The whole page."""
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    sections = [f"## {' '.join(words)}\n\n```text\n{help_of(words)}\n```\n" for words in commands()]
    return "\n".join([HEAD, *sections])


def commands() -> Iterator[list[str]]:
    """Every command as a list of words: ["rag"], ["rag", "index"], …, ["rag", "cache", "fill"]."""
    from typer.main import get_command

    from rag.cli.app import app

    yield ["rag"]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]  # a group
        yield ["rag", name]
        yield from (["rag", name, each] for each in getattr(command, "commands", ()))


def help_of(words: list[str]) -> str:
    """The output of a command with --help."""
    from rag.cli import run

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run([*words[1:], "--help"])
    return printed.getvalue().rstrip()


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    elif page() != PAGE.read_text(encoding="utf-8"):
        sys.exit(f"{PAGE} is out of date: run make docs-cli")
