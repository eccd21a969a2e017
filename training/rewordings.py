"""Questions as people type them who remember a story vaguely: in other words, misspelt, with its title."""

import random
import re

from synonyms import Thesaurus

from rag.english.lexicon import ARTICLES, BE, DO

_LEFT_OUT = ARTICLES | BE | DO
LEAST = 6  # letters of a word that may be misspelt
EXCHANGED = 0.9
"""The share of the words with synonyms that are exchanged."""
_WORD = re.compile(r"[^\W\d_]+")
_LOWER = re.compile(r"\b[a-z]{3,}\b")
_FRAMES = (
    "in the article about {title}, {question}",
    "the article about {title}: {question}",
    "i read something on {title}, {question}",
    "{question} it was in a story about {title}",
    "{title} {question}",
)
_ASIDES = (
    "do you remember {question}",
    "i read that somewhere, {question}",
    "can you tell me {question}",
    "what was it again, {question}",
    "i think there was a story, {question}",
    "does anyone know {question}",
    "{question} i can't remember",
)
_LETTERS = "abcdefghiklmnoprstuy"


def as_typed(
    question: str, title: str, rng: random.Random, thesaurus: Thesaurus | None = None
) -> str:
    """A question in other words, by one or more of these changes; the facts it names stay.

    >>> as_typed("When was the Ellmoor mill founded?", "", random.Random(3))
    'When was the Ellmoor mill foundd'
    """
    text = question.strip()
    if thesaurus and rng.random() < 0.6:
        text = in_synonyms(text, rng, thesaurus)
    if rng.random() < 0.5:
        text = text.rstrip("?. ")
    if rng.random() < 0.5:
        text = text.lower()
    if rng.random() < 0.45:
        text = misspelt(text, rng)
    if rng.random() < 0.25:
        text = _shortened(text, rng)
    if rng.random() < 0.35:
        text = text[:1].lower() + text[1:]
        frame = rng.choice(_FRAMES) if title and rng.random() < 0.6 else rng.choice(_ASIDES)
        shown = title.lower() if text.islower() else title
        text = frame.format(title=re.sub(r"\s*\([^)]*\)", "", shown), question=text)
    return text


def in_synonyms(text: str, rng: random.Random, thesaurus: Thesaurus) -> str:
    """Some words exchanged for synonyms; words in capitals, which are of names, stay."""

    def other(match: re.Match[str]) -> str:
        synonyms = thesaurus.others(match[0]) if rng.random() < EXCHANGED else None
        return rng.choice(synonyms) if synonyms else match[0]

    return _LOWER.sub(other, text)


def misspelt(text: str, rng: random.Random) -> str:
    """One long word with one letter left out, doubled, exchanged or swapped with the next."""
    long = [match for match in _WORD.finditer(text) if len(match[0]) >= LEAST]
    if not long:
        return text
    match = rng.choice(long)
    word, at = match[0], rng.randrange(1, len(match[0]) - 1)
    edited = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + rng.choice(_LETTERS) + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return text[: match.start()] + edited + text[match.end() :]


def _shortened(text: str, rng: random.Random) -> str:
    """Without some of the articles and auxiliaries; the first two words stay."""
    words = text.split()
    kept = [w for w in words[2:] if w.lower() not in _LEFT_OUT or rng.random() < 0.4]
    return " ".join((*words[:2], *kept))
