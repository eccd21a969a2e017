"""English or not: articles, questions, keywords, names."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus.language import mostly_foreign


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
        "The mayor of Villa de la Paz said that el niño was to blame for what had come.",
    ],
)
def test_not_foreign(text: str) -> None:
    assert not mostly_foreign(text)


def test_the_seeds_are_english() -> None:
    for path in (Path(__file__).parents[2] / "seeds").glob("*.txt"):
        assert not mostly_foreign(path.read_text("utf-8"))
