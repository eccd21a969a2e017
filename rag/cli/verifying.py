"""``rag verify``: checks saved answers against the current articles."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.app import FAILED, IndexesOption, JsonOption, StoreOption, command, console, settings
from rag.cli.console import place_text, safe_json
from rag.text.terminal import printable

if TYPE_CHECKING:
    from rag.records import Verification


@command("verify")
def verify_command(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="An answer saved as JSON, or several as JSON lines."),
    ],
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Check every citation of saved answers against the current articles.

    A citation is current if its file has the same bytes as when it was indexed and the quote is at its
    offsets, changed if the file differs, missing if there is no file. Exit code 1 unless all are current.

    Reads only files of the index's corpus; without an index, the files that the citations name.

    Examples: rag ask "Who runs REAlloys?" --save answer.json  ·  rag verify answer.json
    ·  rag ask --questions list.txt > answers.jsonl  ·  rag verify answers.jsonl --json
    """
    loaded = settings(store=store)
    from rag.asking.verify import verify

    verification = verify(file, index, settings=loaded.values)
    if verification.corpus is None and verification.citations:
        console.notice(
            f"no index in {(index or [loaded.values.index])[0]}: read the files that citations name"
        )
    if json:
        console.out(safe_json(verification.to_dict()))
    else:
        console.out(verification_text(verification))
    raise typer.Exit(0 if verification.ok else FAILED)


def verification_text(verification: Verification) -> str:
    """One line per citation (state, place, start of the quote), then how many are current."""
    if not verification.citations:
        return "nothing to check: no citations"
    lines = []
    for verified in verification.citations:
        citation, line = verified.citation, verified.now_line
        quote = textwrap.shorten(citation.quote, 60, placeholder=" …")
        moved = f" (now at line {line})" if line and verified.now_start != citation.start else ""
        where = place_text(citation.path, [(citation.line, citation.page)])
        lines.append(f"{citation.state:<7}  {where}  “{printable(quote)}”{moved}")
    current = sum(verified.citation.state == "current" for verified in verification.citations)
    where = f" in {printable(verification.corpus)}" if verification.corpus else ""
    total = len(verification.citations)
    lines.append(f"{current} of {total} citation{'s' * (total != 1)} current{where}")
    return "\n".join(lines)
