"""Graphs: networks converted once with OpenVINO, kept in the user's cache folder, run without PyTorch.

What the embedder and the reader have in common: a folder holds the graph, its tokenizer and a card that
says how faithful it is to the network it came from, at each precision. It is made aside and put in
place in one step, so another process finds all of it or nothing, and a damaged one is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import numpy as np

from rag.records import Precision

GRAPH: Final = "encoder.xml"
WEIGHTS: Final = "encoder.bin"
TOKENIZER: Final = "tokenizer.json"
CARD: Final = "card.json"
REFUSED: Final = "refused.txt"

_FORMAT: Final = 2  # raised when what is converted, or how it is kept, changes
_LIBRARIES: Final = ("openvino", "sentence-transformers", "torch", "transformers")
_CONVERTER: Final = "openvino.tools.ovc"
_HINTS: Final[dict[str, str]] = {"bf16": "bf16", "fp32": "f32"}  # our names: OpenVINO's

# Padded tokens of one inference: enough to keep two cores busy. More only adds padding, which costs
BATCH_TOKENS: Final = 1024

T = TypeVar("T")
Matrix = np.ndarray[Any, np.dtype[np.int64]]


class NotCompiled(Exception):  # no error to users: PyTorch serves instead
    """This model cannot be compiled, or not faithfully; the message says why."""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands beside a graph: all that is needed to use it without the model's own files."""

    facts: dict[str, Any]
    """What this kind of model needs to know."""
    faithful: dict[str, float]
    """By precision: the least likeness, up to 1, with the network it came from."""
    least: float
    """How much likeness is asked."""
    sizes: dict[str, int]

    def write(self, folder: Path) -> None:
        """Put the card into a folder."""
        (folder / CARD).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Card:
        """The card of a compiled model; raises ValueError or OSError if any of it is damaged."""
        try:
            card = cls(**json.loads((folder / CARD).read_text(encoding="utf-8")))
            right = all((folder / name).stat().st_size == size for name, size in card.sizes.items())
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error
        if not right:
            raise ValueError("a file has another size than when it was written")
        return card

    def chosen(self, core: Any, wanted: Precision) -> str:
        """The precision to run at: bf16 where the processor has it and it is faithful, else fp32."""
        able = {"fp32"} | (
            {"bf16"} if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else set()
        )
        usable = [
            p for p in ("bf16", "fp32") if p in able and self.faithful.get(p, 0) >= self.least
        ]
        if wanted == "auto" and usable:
            return usable[0]
        if wanted in usable:
            return wanted
        raise NotCompiled(f"no faithful {wanted} on this processor")


def open_graph(folder: Path, card: Card, precision: Precision) -> tuple[str, Any]:
    """The precision chosen, and the graph ready to be called."""
    core = openvino().Core()
    chosen = card.chosen(core, precision)
    hints = {
        "INFERENCE_PRECISION_HINT": _HINTS[chosen],
        "PERFORMANCE_HINT": "LATENCY",
        "CACHE_DIR": str(folder / "kernels"),
    }
    return chosen, core.compile_model(str(folder / GRAPH), "CPU", hints)


def batches(lengths: Matrix) -> Iterator[list[int]]:
    """Rows in batches of like length, longest first, so that little is spent on padding."""
    batch: list[int] = []
    for row in np.argsort(-lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * int(lengths[batch[0]]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def columns(rows: Sequence[tuple[Sequence[int], Sequence[int]]], pad: int) -> dict[str, Matrix]:
    """The inputs of a batch of (tokens, types), padded on the right: int64 (rows, width) each."""
    shape = (len(rows), max(len(ids) for ids, _ in rows))
    tokens = np.full(shape, pad, np.int64)
    mask, kinds = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (ids, types) in enumerate(rows):
        tokens[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
        kinds[row, : len(ids)] = types
    return {"input_ids": tokens, "attention_mask": mask, "token_type_ids": kinds}


# ---------------------------------------------------------------- converting, once for each model


def kept(folder: Path, ready: Callable[[], T], write: Callable[[Path], None]) -> T:
    """What ``ready`` opens in ``folder``, which ``write`` fills first if there is nothing sound.

    Raises NotCompiled if there can be none; that is remembered, so it is found out once. Raises OSError
    if it cannot be kept.
    """
    if (folder / REFUSED).exists():
        raise NotCompiled((folder / REFUSED).read_text(encoding="utf-8"))
    try:
        return ready()
    except NotCompiled:
        raise
    except Exception:  # noqa: BLE001  # not there, or damaged: the libraries below raise what they like
        shutil.rmtree(folder, ignore_errors=True)
    _make(folder, write)
    return ready()


def _make(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a model aside and put it in place in one step; another process may be first."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as name:
        aside = Path(name) / "model"
        aside.mkdir()
        try:
            write(aside)
        except NotCompiled as error:
            (aside / REFUSED).write_text(str(error), encoding="utf-8")
        with contextlib.suppress(OSError):
            aside.rename(folder)
    if (folder / REFUSED).exists():
        raise NotCompiled((folder / REFUSED).read_text(encoding="utf-8"))


def key(*parts: str | bytes) -> str:
    """Names everything a graph depends on: the given parts, and the libraries."""
    digest = hashlib.sha256(f"{_FORMAT}\n".encode())
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:20]


def example() -> dict[str, Any]:
    """Inputs to trace with: two rows of which one is padded, so that tracing sees the mask at work."""
    import torch

    ids = torch.ones((2, 16), dtype=torch.int64)
    mask = torch.tensor([[1] * 16, [1] * 9 + [0] * 7])
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}


def converted(network: Any, inputs: tuple[Any, ...]) -> Any:
    """The graph of a PyTorch module, traced on an example.

    Raises NotCompiled if it cannot be had, ImportError if OpenVINO is not whole.
    """
    import torch

    openvino()
    # From where it is defined: openvino itself swallows the error if this import fails, and then lacks
    # the name. Such a fault is the installation's, and no verdict on the model that would be remembered.
    from openvino.tools.ovc import convert_model

    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's; what matters is checked afterwards
            return convert_model(network.eval(), example_input=inputs)
    except Exception as error:  # whatever a stranger's model does when traced
        raise NotCompiled(f"it cannot be converted ({first_line(error)})") from error


def fill(
    folder: Path,
    graph: Any,
    tokenizer: Any,
    facts: dict[str, Any],
    least: float,
    likeness: Callable[[Precision], float],
) -> None:
    """Write graph, tokenizer and card, and measure how like its origin it is, at every precision.

    Raises NotCompiled if it is at none.
    """
    openvino().save_model(graph, folder / GRAPH, compress_to_fp16=False)
    tokenizer.save(str(folder / TOKENIZER))
    sizes = {name: (folder / name).stat().st_size for name in (GRAPH, WEIGHTS, TOKENIZER)}
    trusting = Card(facts, dict.fromkeys(_HINTS, 1.0), least, sizes)
    trusting.write(folder)
    found: dict[str, float] = {}
    for precision in get_args(Precision)[1:]:
        with contextlib.suppress(NotCompiled):  # this processor has no bf16
            found[precision] = round(likeness(precision), 7)
    replace(trusting, faithful=found).write(folder)
    # Made for this path; useless after the move.
    shutil.rmtree(folder / "kernels", ignore_errors=True)
    if max(found.values()) < least:
        raise NotCompiled(f"its graph differs from the network it was made of ({found})")


def first_line(error: Exception) -> str:
    """What an error says in its first line, or its name."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def openvino() -> Any:
    """OpenVINO, without the package by which it reports imports and conversions to its vendor.

    It runs the same where that package cannot be imported. Its converter takes as long to import as all the
    rest of it and is seldom needed: it is imported when ``openvino.convert_model`` is called.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: not to be had
    if "openvino" in sys.modules:
        return sys.modules["openvino"]
    sys.modules[_CONVERTER] = None  # type: ignore[assignment]  # the same; OpenVINO expects it
    try:
        import openvino as package
    finally:
        del sys.modules[_CONVERTER]
    package.convert_model = _convert_model
    return package


def _convert_model(*given: Any, **named: Any) -> Any:
    return import_module(_CONVERTER).convert_model(*given, **named)
