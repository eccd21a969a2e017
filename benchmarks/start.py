"""Cold starts of the command line, beside the import of sentence-transformers."""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import rag
from benchmarks.measure import OURS, ROOT, Options, Row, Section, in_turn, median, process, section
from rag.models.weights import locate_model

IMPORT: Final = "import sentence-transformers"
EMBED: Final = "…, load the model and embed the question"

_QUESTION: Final = "What price floor was agreed with MP Materials?"
_FIRST_EMBEDDING: Final = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device="cpu").encode(sys.argv[2])
"""


def cold(options: Options) -> Section:
    """Whole processes from start to exit, with their files in the system's cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rag.build(ROOT / "seeds", folder / "index")
        tool = (sys.executable, "-m", "rag")
        model = str(locate_model(None).folder)
        commands = {
            "rag --help": (*tool, "--help"),
            "rag search": (*tool, "search", "-q", _QUESTION, "--index", "index"),
            "rag ask": (*tool, "ask", "-q", _QUESTION, "--index", "index"),
            IMPORT: (sys.executable, "-c", "import sentence_transformers"),
            EMBED: (sys.executable, "-c", _FIRST_EMBEDDING, model, _QUESTION),
        }
        worked: dict[str, list[float]] = {name: [] for name in commands}
        calls = {
            name: _counted(process(*command), worked[name]) for name, command in commands.items()
        }
        times = in_turn(calls, [folder], options.rounds)
    elapsed = {name: median(spent) for name, spent in times.items()}
    processor = {name: median(spent[1:]) for name, spent in worked.items()}
    return section(
        "cold",
        "Cold start",
        "Whole processes on an index of the seeds, from start to exit, the models compiled before;"
        " beside them a process that imports sentence-transformers and does nothing else, and one that"
        " goes on to load the model and embed the question. In turn, medians. The processor's time is"
        " that of all cores.",
        [
            Row(f"{what}{of}", "s", {OURS: spent[what]} | {side: spent[side] for side in sides})
            for of, spent in (("", elapsed), (", processor", processor))
            for what, sides in (
                ("rag --help", (IMPORT,)),
                ("rag search", (IMPORT, EMBED)),
                ("rag ask", (IMPORT, EMBED)),
            )
        ],
        ("openvino", "torch", "transformers", "sentence-transformers"),
    )


def _counted(call: Callable[[Path], object], worked: list[float]) -> Callable[[Path], object]:
    """A call that also records the processor time of the process that it starts."""

    def run(folder: Path) -> None:
        before = _children()
        call(folder)
        worked.append(_children() - before)

    return run


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
