"""The example in examples/ runs as a user would run it, and is short."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "chatbot.py"


def talk(index, *questions):
    """What it prints for these questions and an empty line."""
    done = subprocess.run(
        [sys.executable, EXAMPLE, index],
        input="\n".join([*questions, "", ""]),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout


def test_it_answers_with_a_source_follows_and_admits_what_it_does_not_know(seeds_index):
    out = talk(
        seeds_index,
        "What price floor was agreed with MP Materials?",
        "How do I bake sourdough bread?",
        "Who runs REAlloys?",
        "Which company does it want to merge with?",
    )
    assert "$110/kg" in out
    assert "002_1a75634502ebca40.txt:7" in out
    assert "can't find that" in out
    assert "Leonard Sternheim" in out
    assert "Blackboxstocks" in out


def test_it_is_about_fifteen_lines():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert sum(1 for line in lines if line.strip()) <= 18
