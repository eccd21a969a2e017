"""Compiled models: networks that OpenVINO converts once, and that then run without PyTorch.

Shared by the embedder and the reader. A folder in the user's cache holds the graph, its tokenizer and a
card with the fidelity to the original network at each precision. The folder is moved into place in one
step, so another process sees all of it or nothing. A damaged one is made again.
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

_FORMAT: Final = 2  # increase it when the conversion or the files change
_LIBRARIES: Final = ("openvino", "sentence-transformers", "torch", "transformers")
_CONVERTER: Final = "openvino.tools.ovc"
_HINTS: Final[dict[str, str]] = {"bf16": "bf16", "fp32": "f32"}  # our names to OpenVINO's

BATCH_TOKENS: Final = 1024
"""Tokens of one inference, with padding: enough to keep two cores busy. More only adds padding."""

T = TypeVar("T")
Matrix = np.ndarray[Any, np.dtype[np.int64]]


class NotCompiled(Exception):  # users never see it: PyTorch runs the model instead
    """The model cannot be compiled, or the result is not faithful; the message says why."""


@dataclass(frozen=True, slots=True)
class Card:
    """The metadata of a compiled model: all that is needed to use it without the original files."""

    facts: dict[str, Any]
    """Depends on the kind of model."""
    faithful: dict[str, float]
    """By precision: the fidelity to the original network, at most 1."""
    least: float
    """The fidelity that is required."""
    sizes: dict[str, int]
    """By file: its size in bytes."""

    def write(self, folder: Path) -> None:
        """Write the card into a folder."""
        (folder / CARD).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Card:
        """The card of a compiled model. Raises ValueError or OSError if the model is damaged."""
        try:
            card = cls(**json.loads((folder / CARD).read_text(encoding="utf-8")))
            right = all((folder / name).stat().st_size == size for name, size in card.sizes.items())
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error
        if not right:
            raise ValueError("a file has the wrong size")
        return card

    def choose_precision(self, core: Any, precision: Precision) -> str:
        """For "auto", bf16 if the processor has it and it is faithful, else fp32. Raises NotCompiled."""
        available = {"fp32"} | (
            {"bf16"} if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else set()
        )
        usable = [
            p for p in ("bf16", "fp32") if p in available and self.faithful.get(p, 0) >= self.least
        ]
        if precision == "auto" and usable:
            return usable[0]
        if precision in usable:
            return precision
        raise NotCompiled(f"no faithful {precision} on this processor")


def open_graph(folder: Path, card: Card, precision: Precision) -> tuple[str, Any]:
    """The precision in use, and the graph as a callable."""
    core = openvino().Core()
    choice = card.choose_precision(core, precision)
    hints = {
        "INFERENCE_PRECISION_HINT": _HINTS[choice],
        "PERFORMANCE_HINT": "LATENCY",
        "CACHE_DIR": str(folder / "kernels"),
    }
    return choice, core.compile_model(str(folder / GRAPH), "CPU", hints)


def batches(lengths: Matrix) -> Iterator[list[int]]:
    """Batches of rows with similar lengths, longest first, to save padding."""
    batch: list[int] = []
    for row in np.argsort(-lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * int(lengths[batch[0]]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def columns(rows: Sequence[tuple[Sequence[int], Sequence[int]]], pad: int) -> dict[str, Matrix]:
    """The inputs for rows of (tokens, types), padded on the right: int64 (rows, width) each."""
    shape = (len(rows), max(len(ids) for ids, _ in rows))
    tokens = np.full(shape, pad, np.int64)
    mask, kinds = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (ids, types) in enumerate(rows):
        tokens[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
        kinds[row, : len(ids)] = types
    return {"input_ids": tokens, "attention_mask": mask, "token_type_ids": kinds}


# ---------------------------------------------------------------- conversion, once per model


def open_or_make(folder: Path, load: Callable[[], T], write: Callable[[Path], None]) -> T:
    """Load a compiled model from ``folder``; if it is missing or damaged, ``write`` makes it first.

    Raises NotCompiled if the model cannot be compiled; a file records that, so no later call tries again.
    Raises OSError if the model cannot be saved.
    """
    if (folder / REFUSED).exists():
        raise NotCompiled((folder / REFUSED).read_text(encoding="utf-8"))
    try:
        return load()
    except NotCompiled:
        raise
    except Exception:  # noqa: BLE001  # missing or damaged: the libraries raise all kinds of errors
        shutil.rmtree(folder, ignore_errors=True)
    _make(folder, write)
    return load()


def _make(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a model to a temporary folder and move it into place; another process may be first."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as name:
        temporary = Path(name) / "model"
        temporary.mkdir()
        try:
            write(temporary)
        except NotCompiled as error:
            (temporary / REFUSED).write_text(str(error), encoding="utf-8")
        with contextlib.suppress(OSError):
            temporary.rename(folder)
    if (folder / REFUSED).exists():
        raise NotCompiled((folder / REFUSED).read_text(encoding="utf-8"))


def key(*parts: str | bytes) -> str:
    """A hash of everything a graph depends on: these parts, and the versions of the libraries."""
    digest = hashlib.sha256(f"{_FORMAT}\n".encode())
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:20]


def example() -> dict[str, Any]:
    """Inputs for tracing: two rows, one of them padded, so that the trace uses the mask."""
    import torch

    ids = torch.ones((2, 16), dtype=torch.int64)
    mask = torch.tensor([[1] * 16, [1] * 9 + [0] * 7])
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}


def convert(network: Any, inputs: tuple[Any, ...]) -> Any:
    """The graph of a PyTorch module, traced on example inputs.

    Raises NotCompiled if the conversion fails, ImportError if OpenVINO is incomplete.
    """
    import torch

    openvino()
    # Import from the defining module: openvino hides an ImportError here and then lacks the name. Such an
    # error is the installation's, and must not be recorded as one of the model.
    from openvino.tools.ovc import convert_model

    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # from the tracer; the result is checked afterwards
            return convert_model(network.eval(), example_input=inputs)
    except Exception as error:  # an unknown model may raise anything when traced
        raise NotCompiled(f"it cannot be converted ({first_line(error)})") from error


def fill(
    folder: Path,
    graph: Any,
    tokenizer: Any,
    facts: dict[str, Any],
    least: float,
    fidelity: Callable[[Precision], float],
) -> None:
    """Write graph, tokenizer and card, and measure the fidelity to the original at each precision.

    Raises NotCompiled if no precision reaches ``least``.
    """
    openvino().save_model(graph, folder / GRAPH, compress_to_fp16=False)
    tokenizer.save(str(folder / TOKENIZER))
    sizes = {name: (folder / name).stat().st_size for name in (GRAPH, WEIGHTS, TOKENIZER)}
    card = Card(facts, dict.fromkeys(_HINTS, 1.0), least, sizes)
    card.write(folder)  # for now, so that ``fidelity`` can open the model
    measured: dict[str, float] = {}
    for precision in get_args(Precision)[1:]:
        with contextlib.suppress(NotCompiled):  # this processor has no bf16
            measured[precision] = round(fidelity(precision), 7)
    replace(card, faithful=measured).write(folder)
    # These are tied to this path, and useless after the move.
    shutil.rmtree(folder / "kernels", ignore_errors=True)
    if max(measured.values()) < least:
        raise NotCompiled(f"its graph differs from the original network ({measured})")


def first_line(error: Exception) -> str:
    """The first line of an error's message, or the name of its class."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def openvino() -> Any:
    """OpenVINO, without the package that reports imports and conversions to its vendor.

    OpenVINO works the same without it. The converter takes as long to import as all the rest and is seldom
    needed, so it is imported only when ``openvino.convert_model`` is called.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: ImportError
    if "openvino" in sys.modules:
        return sys.modules["openvino"]
    sys.modules[_CONVERTER] = None  # type: ignore[assignment]  # OpenVINO handles the ImportError
    try:
        import openvino as package
    finally:
        del sys.modules[_CONVERTER]
    package.convert_model = _convert_model
    return package


def _convert_model(*args: Any, **kwargs: Any) -> Any:
    return import_module(_CONVERTER).convert_model(*args, **kwargs)
