"""The application: its options, and how a function becomes a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.console import Console

if TYPE_CHECKING:
    from rag.settings import LoadedSettings

console = Console()

FAILED, ABSTAINED = 1, 3
"""Exit codes: something went wrong; the articles don't say."""


app = typer.Typer(
    name="rag",
    help="Ask a folder of articles a question; get the answer in their own words, with its source.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


cache = typer.Typer(
    name="cache",
    help="What can be recomputed and is shared by all indexes: compiled models, evaluation sets.",
    no_args_is_help=True,
)
app.add_typer(cache)


VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say only what was asked for, and errors.")
]
DebugOption = Annotated[bool, typer.Option("--debug", help="On failure, show the traceback.")]


def command(
    name: str, group: typer.Typer = app
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command, with the options that every command has: how it talks, not what it does."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(verbose: bool, quiet: bool, debug: bool, **given: Any) -> None:
            console.verbose |= verbose  # said before the command, or after it
            console.quiet |= quiet
            console.debug |= debug
            function(**given)

        own = inspect.signature(function, eval_str=True)
        talk = [
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation
            )
            for option, annotation in (
                ("verbose", VerboseOption),
                ("quiet", QuietOption),
                ("debug", DebugOption),
            )
        ]
        run.__signature__ = own.replace(parameters=[*own.parameters.values(), *talk])  # type: ignore[attr-defined]  # read by inspect.signature
        group.command(name)(run)
        return function

    return register


class ModeName(StrEnum):
    """Which lists a search uses."""

    hybrid = "hybrid"
    lexical = "lexical"
    dense = "dense"


class FusionName(StrEnum):
    """How two lists become one."""

    minmax = "minmax"
    rrf = "rrf"


IndexOption = Annotated[
    str | None, typer.Option("--index", metavar="DIR", help="Index folder.  [default: index]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModeOption = Annotated[
    ModeName | None,
    typer.Option("--mode", help="Search by words, meaning or both.  [default: hybrid]"),
]
FusionOption = Annotated[
    FusionName | None,
    typer.Option("--fusion", help="How both lists become one.  [default: minmax]"),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only articles of this date or later.")
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="Only articles of this date or earlier."),
]
UndatedOption = Annotated[
    bool, typer.Option("--undated", help="With --since or --until, keep articles without a date.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Day from which times such as 'articles of last week' count.  [default: today]",
    ),
]
PublisherOption = Annotated[
    str | None, typer.Option("--publisher", metavar="NAME", help="Only articles of this publisher.")
]
PathOption = Annotated[
    str | None,
    typer.Option("--path", metavar="GLOB", help="Only documents whose id fits, as '2025/*'."),
]
PassagesOption = Annotated[
    int | None, typer.Option("--passages", "-n", help="Passages to read.  [default: 8]")
]
ThresholdOption = Annotated[
    float | None,
    typer.Option("--min-confidence", metavar="0..1", help="Below this, do not answer."),
]
BudgetOption = Annotated[
    int | None,
    typer.Option("--budget-ms", metavar="N", help="Read no further passage after N milliseconds."),
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="MODEL",
        help="Let this model at RAG_LLM_BASE_URL write the answer; it is checked.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="ID|DIR", help="Embedding model: a hub id or a folder."),
]
PrecisionOption = Annotated[
    str | None,
    typer.Option("--precision", metavar="auto|bf16|fp32", help="Of the compiled model."),
]
ReaderOption = Annotated[
    str | None,
    typer.Option("--reader", metavar="ID|DIR", help="Model that reads: a hub id or a folder."),
]
RerankOption = Annotated[
    bool | None,
    typer.Option("--rerank/--no-rerank", help="Let the reader weigh in on the first 20."),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Show how each list ranked what was found.")
]


def settings(**given: Any) -> LoadedSettings:
    """The settings in force, with the command line's on top; warns of what was ignored."""
    from rag.settings import load_settings

    loaded = load_settings().override(
        **{name: str(v) if isinstance(v, StrEnum) else v for name, v in given.items()}
    )
    for warning in loaded.warnings:
        console.warning(warning)
    return loaded


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        console.out(f"rag {version('article-rag')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[  # noqa: ARG001  # its callback does the work
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,  # its callback has done it
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    console.begin(verbose, quiet, debug)
