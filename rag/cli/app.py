"""The application: shared options, and the decorator that turns a function into a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.console import Console
from rag.cli.start import BUILT, LazyGroup, LightCommand, LightGroup

if TYPE_CHECKING:
    from rag.settings import LoadedSettings

console = Console()

FAILED, ABSTAINED = 1, 3
"""Exit codes for a failure and for "the articles don't say"."""


app = typer.Typer(
    name="rag",
    cls=LazyGroup,
    help="Ask a folder of articles a question; get the answer in their own words, with its source.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command_group(name: str, help_text: str) -> typer.Typer:
    """A new group of commands."""
    group = BUILT[name] = typer.Typer(
        name=name,
        cls=LightGroup,
        help=help_text,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    group.callback()(_nothing)
    return group


def _nothing() -> None:
    pass


VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Print more details.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only results and errors.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="On failure, show the traceback.")]


def command(
    name: str, group: typer.Typer | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command and add the options of all commands: --verbose, --quiet and --debug."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(verbose: bool, quiet: bool, debug: bool, **arguments: Any) -> None:
            console.verbose |= verbose  # the option may stand before the command or after it
            console.quiet |= quiet
            console.debug |= debug
            function(**arguments)

        own = inspect.signature(function, eval_str=True)
        shared = [
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation
            )
            for option, annotation in (
                ("verbose", VerboseOption),
                ("quiet", QuietOption),
                ("debug", DebugOption),
            )
        ]
        run.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined]  # read by inspect.signature
        own_app = group
        if own_app is None:
            own_app = BUILT[name] = typer.Typer(
                rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
            )
        own_app.command(name, cls=LightCommand)(run)
        return function

    return register


class ModeName(StrEnum):
    """The lists that a search uses."""

    hybrid = "hybrid"
    lexical = "lexical"
    dense = "dense"


class FusionName(StrEnum):
    """How to fuse two lists."""

    minmax = "minmax"
    rrf = "rrf"


IndexOption = Annotated[
    str | None, typer.Option("--index", metavar="DIR", help="Index folder.  [default: index]")
]
IndexesOption = Annotated[
    list[str] | None,
    typer.Option("--index", metavar="DIR", help="Index folder; repeat for more.  [default: index]"),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URI",
        help="Where the index is: local, or milvus+URL or milvus+FILE.db.  [default: local]",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModeOption = Annotated[
    ModeName | None,
    typer.Option("--mode", help="Search by words, meaning or both.  [default: hybrid]"),
]
FusionOption = Annotated[
    FusionName | None,
    typer.Option("--fusion", help="How to fuse both lists.  [default: minmax]"),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="DATE", help="Only articles from this ISO day, month or year on."
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE", help="Only articles up to the end of this day, month or year."
    ),
]
UndatedOption = Annotated[
    bool, typer.Option("--undated", help="With --since or --until, keep articles without a date.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Reference day for times like 'last week's articles'.  [default: today]",
    ),
]
PublisherOption = Annotated[
    str | None, typer.Option("--publisher", metavar="NAME", help="Only articles by this publisher.")
]
PathOption = Annotated[
    str | None,
    typer.Option("--path", metavar="GLOB", help="Only documents whose id matches, like '2025/*'."),
]
PassagesOption = Annotated[
    int | None, typer.Option("--passages", "-n", help="Passages to read.  [default: 8]")
]
ThresholdOption = Annotated[
    float | None,
    typer.Option("--min-confidence", metavar="0..1", help="Abstain below this confidence."),
]
BudgetOption = Annotated[
    int | None,
    typer.Option("--budget-ms", metavar="N", help="Stop reading passages after N milliseconds."),
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="MODEL",
        help="Let this model at RAG_LLM_BASE_URL write the answer, then check it.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="ID|DIR", help="Embedding model: a hub id or a folder."),
]
PrecisionOption = Annotated[
    str | None,
    typer.Option("--precision", metavar="auto|bf16|fp32", help="Precision of compiled models."),
]
ReaderOption = Annotated[
    str | None,
    typer.Option("--reader", metavar="ID|DIR", help="Reader model: a hub id or a folder."),
]
RerankOption = Annotated[
    bool | None,
    typer.Option("--rerank/--no-rerank", help="Rerank the first 20 passages with the reader."),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Show how each list ranked the passages.")
]


def settings(**options: Any) -> LoadedSettings:
    """The settings, overridden by command line options; prints warnings about unknown ones."""
    from rag.settings import load_settings

    loaded = load_settings().override(
        **{name: str(v) if isinstance(v, StrEnum) else v for name, v in options.items()}
    )
    for warning in loaded.warnings:
        console.warning(warning)
    return loaded


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        console.out(f"rag {version('article-rag')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[  # noqa: ARG001  # its callback prints it
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    console.begin(verbose, quiet, debug)
