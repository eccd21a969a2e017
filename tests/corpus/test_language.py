"""English or not: articles, questions, keywords, names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.corpus.language import mostly_foreign

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.mark.parametrize(
    "text",
    [
        "¿Quién dirige REAlloys?",
        "Was ist der Preis von Neodym?",
        "Wer leitet REAlloys?",
        "Quel est le prix du néodyme ?",
        "Chi guida REAlloys?",
        "Quem lidera a REAlloys?",
        "Hoeveel kost neodymium?",
        "价格下限是多少",
        "Кто возглавляет REAlloys?",
        "Die Mine wurde im Frühjahr eröffnet, und das Erz ist für die Hütte nebenan bestimmt.",
        "La mine a été ouverte au printemps, et le minerai est vendu à la fonderie qui la jouxte.",
        "Gruvan öppnades i våras, och malmen säljs till smältverket som ligger alldeles intill.",
        "Kopalnię otwarto wiosną, a ruda jest sprzedawana do huty, która znajduje się obok.",
        "Maden ilkbaharda açıldı ve cevher hemen yanındaki izabe tesisine satılıyor.",
    ],
)
def test_foreign(text: str) -> None:
    assert mostly_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "price floor NdPr",
        "REAlloys",
        "Ursula von der Leyen",
        "Rio de la Plata",
        "San Juan de los Lagos mine",
        "Sur La Table",
        "Die Hard",
        "Who is Xi Jinping?",
        "What does “Was ist das” mean?",
        "Neodym Preis",
        "Is Lynas profitable?",
        "The mayor of Villa de la Paz said that el niño was to blame for what had come.",
    ],
)
def test_not_foreign(text: str) -> None:
    assert not mostly_foreign(text)


def test_the_seeds_are_recognised_as_english_without_a_model() -> None:
    code = (
        "import pathlib, sys; from rag.corpus.language import mostly_foreign\n"
        "texts = [path.read_text('utf-8') for path in pathlib.Path(sys.argv[1]).glob('*.txt')]\n"
        "assert texts and not any(map(mostly_foreign, texts))\n"
        "assert not mostly_foreign('Who runs REAlloys?') and 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, SEEDS], check=True)
