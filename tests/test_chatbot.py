"""The example in examples/ is run as a user would run it, and is as short as README says."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "chatbot.py"


def test_it_answers_with_a_source_and_admits_what_it_does_not_know(seeds_index):
    done = subprocess.run(
        [sys.executable, EXAMPLE, seeds_index],
        input="What price floor was agreed with MP Materials?\nHow do I bake sourdough bread?\n\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "$110/kg" in done.stdout
    assert "002_1a75634502ebca40.txt:7" in done.stdout
    assert "can't find that" in done.stdout


def test_it_understands_a_follow_up(seeds_index):
    done = subprocess.run(
        [sys.executable, EXAMPLE, seeds_index],
        input="Who runs REAlloys?\nWhich company does it want to merge with?\n\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "Leonard Sternheim" in done.stdout
    assert "Blackboxstocks" in done.stdout


def test_it_is_about_fifteen_lines():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert sum(1 for line in lines if line.strip()) <= 18
