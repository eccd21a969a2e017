"""What of a corpus is an entity of which kind, as ``label_entities.py`` wrote it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Entity = tuple[int, int, str]
"""Its place in a text, and its kind in spaCy's words: PERSON, ORG, GPE, DATE, CARDINAL, …"""


@dataclass(frozen=True)
class Labels:
    """Entities of paragraphs, by number; of questions, and kinds of answers, by paragraph and text."""

    paragraphs: tuple[tuple[Entity, ...], ...] = ()
    questions: dict[tuple[int, str], tuple[Entity, ...]] | None = None
    answers: dict[tuple[int, str], str] | None = None

    @classmethod
    def load(cls, path: Path, asked: list[tuple[int, str]]) -> "Labels":
        """What was written for these questions, each its paragraph and text; nothing if nothing was."""
        if not path.exists():
            return cls()
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        paragraphs = tuple(tuple((s, e, kind) for s, e, kind in some) for some in raw["paragraphs"])
        questions = (tuple((s, e, kind) for s, e, kind in some) for some in raw["questions"])
        return cls(
            paragraphs,
            dict(zip(asked, questions, strict=True)),
            dict(zip(asked, raw["answers"], strict=True)),
        )

    def of_paragraph(self, number: int) -> tuple[Entity, ...]:
        """The entities of a paragraph."""
        return self.paragraphs[number] if number < len(self.paragraphs) else ()

    def of_question(self, paragraph: int, text: str) -> tuple[Entity, ...]:
        """The entities of a question."""
        return (self.questions or {}).get((paragraph, text), ())

    def of_answer(self, paragraph: int, text: str) -> str:
        """The kind of a question's answer, or ""."""
        return (self.answers or {}).get((paragraph, text), "")
