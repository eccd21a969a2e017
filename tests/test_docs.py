"""The documentation says what the program does."""

import inspect
import re
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest

import rag
from rag.cli.start import BUILT, COMMANDS
from scripts import cli_help

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_the_command_line_is_what_the_commands_print():
    assert cli_help.PAGE.read_text(encoding="utf-8") == cli_help.page(), "make docs-cli"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_has_the_first_line_of_each(name):
    module, line = COMMANDS[name]
    import_module(f"rag.cli.{module}")
    application = BUILT[name]
    first, *_ = application.registered_commands
    help_text = application.info.help if name in ("cache", "eval") else first.callback.__doc__
    assert line == inspect.cleandoc(help_text).splitlines()[0]


def test_the_api_page_has_every_public_name_once():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^::: rag\.(\w+)$", page, re.MULTILINE)) == rag.__all__


def test_the_settings_page_has_every_setting_with_its_default():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1])
    defaults = {name: getattr(rag.Settings(), name) for name in rag.Settings.__dataclass_fields__}
    assert example.keys() == defaults.keys()
    for name, value in defaults.items():
        assert value is None or example[name] == value


def test_the_version_is_one_and_has_its_entry_in_the_changelog():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(
        rf"^## {re.escape(project['version'])} — \d{{4}}-\d\d-\d\d$", changes, re.MULTILINE
    )
    assert metadata.metadata("article-rag")["Name"] == project["name"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_and_every_file_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b(?=[ `\n])", text):
        if f"`make {target}" in text or f"\nmake {target}" in text:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), link


def test_every_command_that_readme_shows_exists():
    for name in re.findall(
        r"^rag ([a-z]+)\b", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    ):
        assert name in COMMANDS
