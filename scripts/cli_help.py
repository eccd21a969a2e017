"""Write docs/cli.md from the commands' own help; with --check only say whether it is as it should be."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
HEAD = """# The command line

What `--help` prints, of `rag` and of each of its commands. `make docs-cli` writes this page.
"""


def page() -> str:
    """The whole page."""
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    sections = [f"## {' '.join(words)}\n\n```text\n{help_of(words)}\n```\n" for words in commands()]
    return "\n".join([HEAD, *sections])


def commands() -> Iterator[list[str]]:
    """Every command as its words: ["rag"], ["rag", "index"], …, ["rag", "cache", "fill"]."""
    from typer.main import get_command

    from rag.cli.app import app

    yield ["rag"]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]  # a group
        yield ["rag", name]
        yield from (["rag", name, each] for each in getattr(command, "commands", ()))


def help_of(words: list[str]) -> str:
    """What a command prints with --help."""
    from rag.cli import run

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run([*words[1:], "--help"])
    return printed.getvalue().rstrip()


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    elif page() != PAGE.read_text(encoding="utf-8"):
        sys.exit(f"{PAGE} is not what the commands print: make docs-cli")
