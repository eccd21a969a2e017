"""The house keeps its shape: imports go down the floors, never sideways between rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from rag.models import load_reader

PACKAGE = Path(rag.__file__).parent
FLOORS = (
    ("errors", "records", "files"),
    ("protocols", "settings"),
    ("english",),
    ("text",),
    ("formats",),
    ("corpus",),
    ("models", "stores", "search", "answer", "grounding", "dialogue"),
    ("indexing",),
    ("asking",),
    ("evaluate", "serve"),
    ("mcp", "integrations"),
    ("cli",),
    ("__main__",),
)
"""From the ground up; a room knows those below it."""
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(module):
    return module.split(".")[1] if "." in module else "rag"


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            if node.module == "rag":
                yield from (f"rag.{alias.name}" for alias in node.names)
            else:
                yield node.module


def allowed(here, there):
    return (
        there in (here, "rag")
        or FLOOR_OF[there] < FLOOR_OF[here]
        or FLOOR_OF[there] == FLOOR_OF[here] == 0  # a record may raise an error
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path):
    relative = path.relative_to(PACKAGE).with_suffix("")
    if relative.name == "__init__" and len(relative.parts) == 1:
        return  # the public names come from every floor, lazily
    here = relative.parts[0]
    assert here in FLOOR_OF, f"{here} has no floor: give it one here and in ARCHITECTURE.md"
    for module in imports_of(path):
        if module.split(".")[0] == "rag":
            assert allowed(here, room_of(module)), f"{here} must not import {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_unpickles_or_runs_foreign_code(path):
    source = path.read_text(encoding="utf-8")
    for forbidden in ("import pickle", "allow_pickle=True", "trust_remote_code=True", "shell=True"):
        assert forbidden not in source


def test_only_the_console_prints():
    printing = {
        path.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    }
    assert printing == {"console.py"}


def test_public_names_are_sorted_and_all_there():
    assert rag.__all__ == sorted(rag.__all__)
    assert all(getattr(rag, name) is not None for name in rag.__all__)


def test_no_module_takes_the_place_of_a_public_name():
    # `import rag.NAME` anywhere would leave the module where the name was.
    assert not set(rag.__all__) & {path.stem for path in PACKAGE.glob("*.py")}
    assert not set(rag.__all__) & {path.name for path in PACKAGE.iterdir() if path.is_dir()}


def test_public_names_are_the_same_for_type_checkers_and_at_run_time():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    declared = {a.name for node in guarded.body for a in getattr(node, "names", [])}
    assert declared == set(rag.__all__)


def loaded_by(statement):
    """Names of the modules in a fresh interpreter after a statement."""
    code = f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


TORCH = {"torch", "transformers", "sentence_transformers"}
MILVUS = {"pymilvus", "milvus_lite", "grpc"}
HEAVY = TORCH | {
    "numpy",
    "faiss",
    "openvino",
    "tokenizers",
    "rich",
    "yaml",
    "prompt_toolkit",
    "ray",
    "pydantic",
    *MILVUS,
}


@pytest.mark.parametrize(
    ("statement", "spared"),
    [
        ("import rag", HEAVY | {"rag.records", "typer"}),
        ("from rag.cli import run; run(['--help'])", HEAVY),
        ("from rag.cli import run; run(['ask', '--help'])", HEAVY),
        # Asking looks whether the index is stale, and reads no article.
        (
            "import rag; rag.Retriever",
            HEAVY - {"numpy"} | {"rag.corpus.load", "rag.corpus.workers"},
        ),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement, spared):
    assert not loaded_by(statement) & spared


@pytest.mark.parametrize("arguments", [["index", "--dry-run"], ["status"]])
def test_building_an_index_knows_nothing_of_answers(seeds_index, arguments):
    command = [*arguments, "--index", str(seeds_index)]
    loaded = loaded_by(f"from rag.cli import run; run({command!r})")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("rag.")}
    assert {"stores", "indexing"} <= rooms
    assert "ray" not in loaded
    assert not rooms & {"answer", "dialogue", "grounding", "asking", "search"}


@pytest.mark.parametrize("where", ["given", "by itself"])
def test_options_are_read_without_pydantic(seeds_index, monkeypatch, where):
    options = ["--mode", "lexical", "-n", "3", "--since", "2025-10-01"]
    if where == "given":
        options += ["--index", str(seeds_index)]
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    assert "pydantic" not in loaded_by(f"from rag.cli import run; run({['search', *options, 'x']})")


def test_a_lexical_search_needs_neither_torch_nor_faiss(seeds_index):
    statement = (
        f"import rag; rag.Retriever.open({str(seeds_index)!r}).search('magnets', mode='lexical')"
    )
    assert not loaded_by(statement) & {*TORCH, *MILVUS, "faiss", "openvino"}


def test_a_search_loads_nothing_of_answering(seeds_index):
    command = ["search", "Who runs REAlloys?", "--index", str(seeds_index)]
    loaded = loaded_by(f"from rag.cli import run; run({command!r})")
    assert "rag.search" in loaded
    rooms = {name.split(".")[1] for name in loaded if name.startswith("rag.")}
    assert not rooms & {"answer", "dialogue", "grounding"}


def test_help_loads_no_records():
    loaded = loaded_by("from rag.cli import run; run(['--help'])")
    assert not {name for name in loaded if name.startswith(("rag.records", "numpy", "pydantic"))}


def test_once_the_models_are_compiled_a_question_needs_neither_torch_nor_faiss(seeds_index):
    load_reader()
    statement = f"import rag; rag.Retriever.open({str(seeds_index)!r}).ask('Who runs REAlloys?')"
    loaded = loaded_by(statement)
    assert "openvino" in loaded
    late = {
        *TORCH,
        *MILVUS,
        "faiss",
        "openvino_telemetry.main",
        "openvino.tools.ovc",
        "importlib.metadata",
    }
    assert not loaded & late
