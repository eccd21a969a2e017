"""A copy is recognized whatever stands around it; another report on the same matter is not a copy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.consensus import independent
from rag.text.copies import copies

REPORTS = Path(__file__).parent / "reports"
STORY, REPRINT, OTHER = (
    (REPORTS / name).read_text(encoding="utf-8")
    for name in ("fire-herald.txt", "fire-evening.txt", "fire-sentinel.txt")
)
PARAGRAPHS = STORY.split("\n\n")


@pytest.mark.parametrize(
    "copy",
    [
        REPRINT,
        "\n\n".join(["Another headline", *PARAGRAPHS[1:]]),
        "\n\n".join(PARAGRAPHS[1:3]),  # cut short
        "Subscribe now. About us. Read our terms.\n\n" * 5
        + STORY
        + "\n\nMore stories: a storm." * 9,
        STORY.upper().replace("\n\n", "\n"),
        STORY.replace("late on Monday", "on Monday night").replace("Forty", "Some 40"),
    ],
)
def test_a_copy_is_recognized_by_its_text(copy):
    assert copies([STORY, OTHER, copy]) == [0, 1, 0]
    assert copies([copy, STORY]) == [0, 0]


def test_reports_on_one_matter_are_not_copies():
    texts = [path.read_text(encoding="utf-8") for path in sorted(REPORTS.glob("*.txt"))]
    groups = copies(texts)
    assert len(set(groups)) == len(texts) - 2  # the fire and the bridge, each printed twice


def test_copies_of_a_copy_belong_together():
    half, rest = " ".join(f"w{n}" for n in range(40)), " ".join(f"v{n}" for n in range(40))
    assert copies([half, rest, f"{half} {rest}"]) == [0, 0, 0]


def test_the_numbers_do_not_depend_on_the_hash_seed():
    code = f"from rag.text.copies import copies; print(copies({[STORY, OTHER, REPRINT]!r}))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout.strip() == "[0, 1, 0]"


@given(st.lists(st.text("ab c", max_size=30), max_size=5))
def test_every_text_is_in_the_group_of_its_equals(texts):
    groups = copies(texts)
    assert all(group <= n for n, group in enumerate(groups))
    for one, group in zip(texts, groups, strict=True):
        for other, its in zip(texts, groups, strict=True):
            assert one != other or group == its


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["Post", "POST", "Echo", None]))))
def test_one_publisher_is_one_voice_and_so_are_copies(documents):
    same_text = [[text for text, _ in documents].index(text) for text, _ in documents]
    voices = independent(same_text, [publisher for _, publisher in documents])
    for (text, publisher), voice in zip(documents, voices, strict=True):
        for (its_text, its_publisher), its_voice in zip(documents, voices, strict=True):
            one = publisher and its_publisher and publisher.lower() == its_publisher.lower()
            if text == its_text or one:
                assert voice == its_voice
    alone = [
        n
        for n, (text, name) in enumerate(documents)
        if name is None and [t for t, _ in documents].count(text) == 1
    ]
    assert all(voices.count(voices[n]) == 1 for n in alone)
