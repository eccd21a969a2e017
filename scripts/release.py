"""Build wheel and sdist into dist/, and test the wheel in an empty environment outside this folder.

Nothing is published. pip installs the wheel with its dependencies, as for a user.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
PAGE = ROOT / "rag" / "serve" / "page"
ARTICLE = (
    "Old harbour reopens after storm\n\nHarbour Gazette\n3 May 2024\n\n"
    "The old harbour of Lindvik reopened on Friday. Repairs cost 4.2 million kroner.\n"
)


def build_package(version: str) -> tuple[Path, Path]:
    """Build a wheel and an sdist, and check their contents."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", DIST, ROOT, quiet=True)
    [wheel], [sdist] = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    if version not in wheel.name or version not in sdist.name:
        sys.exit(f"{wheel.name}, {sdist.name}: not version {version}")
    inside = set(zipfile.ZipFile(wheel).namelist())
    page = (path for kind in ("assets", "templates") for path in (PAGE / kind).iterdir())
    required = {"rag/py.typed", "rag/mcp/greeting.json", "rag/models/weights/reader.safetensors"}
    required |= {path.relative_to(ROOT).as_posix() for path in page}
    if missing := required - inside:
        sys.exit(f"{wheel.name} lacks {missing}")
    roots = {name.split("/")[0] for name in inside}
    if roots != {"rag", f"article_rag-{version}.dist-info"}:
        sys.exit(f"{wheel.name} should contain only the package, not {roots}")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    if (
        missing := {"pyproject.toml", "README.md", "LICENSE", "Makefile", "tests/conftest.py"}
        - names
    ):
        sys.exit(f"{sdist.name} lacks {missing}")
    return wheel, sdist


def try_wheel(wheel: Path, version: str) -> None:
    """Install the wheel into an empty environment and use it from an empty folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        python, rag = (str(folder / "venv" / "bin" / tool) for tool in ("python", "rag"))
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
        (folder / "articles").mkdir()
        (folder / "articles" / "harbour.txt").write_text(ARTICLE, encoding="utf-8")
        inside = partial(run, cwd=folder, XDG_CACHE_HOME=str(folder / "cache"))
        expect("Commands:", inside(rag, "--help"))
        expect(f"rag {version}", inside(rag, "--version"))
        expect("indexed 1 article", inside(rag, "index", "articles"))
        expect("4.2 million kroner", inside(rag, "ask", "How much did the repairs cost?"))
        expect("harbour.txt", inside(python, "-c", USE))
        expect("served: page, style, script, answer", inside(python, "-c", SERVE))


USE = """
import rag
with rag.Retriever.open() as retriever:
    print(rag.__file__, [passage.doc_id for passage in retriever.search("harbour")])
"""
SERVE = """
import json, re, subprocess, sys
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen
rag = Path(sys.executable).with_name("rag")
with subprocess.Popen([rag, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
    try:
        address = server.stdout.readline().strip()
        page = urlopen(f"{address}/").read().decode()
        assert "What would you like to know?" in page, page
        for kind in ("css", "js", "svg"):
            [asset] = set(re.findall(rf'"(/assets/[^"]+\\.{kind}[^"]*)"', page))
            assert urlopen(address + asset).read(), asset
        query = urlencode({"q": "How much did the repairs cost?"})
        assert "4.2 million kroner" in urlopen(f"{address}/?{query}").read().decode()
        question = json.dumps({"question": "What did the repairs cost?"}).encode()
        ask = Request(f"{address}/v1/ask", question, {"Content-Type": "application/json"})
        assert json.load(urlopen(ask))["answer"] == "4.2 million kroner"
        print("served: page, style, script, answer")
    finally:
        server.terminate()
"""


def run(*command: str | Path, cwd: Path = ROOT, quiet: bool = False, **more: str) -> str:
    """Run a command outside this folder's import path and return its output; exit if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    print("$", *(str(word) if "\n" not in str(word) else "…" for word in command), flush=True)
    done = subprocess.run(  # noqa: S603  # commands written above
        [str(word) for word in command],
        cwd=cwd,
        env=environment | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nfailed with {done.returncode}")
    return done.stdout


def expect(part: str, printed: str) -> None:
    """Exit with a failure unless ``printed`` contains ``part``."""
    if part not in printed:
        sys.exit(f"{printed}\nshould contain {part!r}")


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = build_package(project["version"])
    try_wheel(packages[0], project["version"])
    print("ready:", *packages)
    if "urls" not in project:
        print("before publishing, put the project's addresses into project.urls in pyproject.toml")
