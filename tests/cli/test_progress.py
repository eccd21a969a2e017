"""Progress is shown in files and passages with the time left, on a terminal only."""

import io

import pytest
from rich.console import Console

from rag.cli.progress import bars, lines


@pytest.fixture
def terminal():
    return Console(
        file=io.StringIO(), force_terminal=True, width=100, height=20, legacy_windows=False
    )


def shown(terminal):
    return terminal.file.getvalue()


def test_a_bar_counts_files_and_passages_and_says_what_is_left(terminal):
    with bars(terminal) as report:
        report("read", 0, 2_000)
        report("read", 1_500, 2_000)
        report("embed", 0, 3_000)
        report("embed", 1_024, 3_000)
    assert "reading" in shown(terminal)
    assert "1,500 of 2,000 files" in shown(terminal)
    assert "embedding" in shown(terminal)
    assert "1,024 of about 4,000 passages" in shown(terminal)
    assert "left" in shown(terminal)


def test_the_number_of_passages_is_exact_when_all_files_are_read(terminal):
    with bars(terminal) as report:
        report("read", 2_000, 2_000)
        report("embed", 4_000, 4_100)
    assert "4,000 of 4,100 passages" in shown(terminal)
    assert "about" not in shown(terminal)


def test_elsewhere_there_is_a_line_for_each_long_stage():
    told = []
    report = lines(told.append)
    for stage, total in (("check files", 20), ("read", 5_000), ("load model", 1), ("embed", 128)):
        for done in (0, 0, total):
            report(stage, done, total)
    report("embed", 0, 0)
    assert told == ["reading 5000 files", "loading the model", "embedding passages"]
