"""Whether a text is English enough for the default models."""

from __future__ import annotations

import re

from rag.english import lexicon as english
from rag.text.lines import word_set

_SAMPLE = 20_000  # characters; a page or two decide

_ENGLISH = (
    english.ARTICLES
    | english.DEMONSTRATIVES
    | english.POSSESSIVES
    | english.AUXILIARIES
    | english.COMMON_PREPOSITIONS
    | english.QUESTION_WORDS
    | {"and", "been", "but", "it", "not", "or", "than"}
) - {"a", "am", "an", "can", "her", "in", "may", "was"}  # words of others too
# Function words that are no English word; a word may stand under several languages.
_FOREIGN = {
    "de": (
        "der das den dem des ein eine einer eines einem ist sind war wird werden wurde und oder "
        "nicht mit von vom zu zum zur auf aus bei für über nach durch auch sich als wie wer wem "
        "wen welche welcher welches warum wieviel wann wo ich wir ihr sie es im hat haben kann "
        "noch"
    ),
    "fr": (
        "le la les un une des du et est sont dans pour que qui quoi quel quelle quels quelles "
        "avec sur par pas ne plus ce cette ces il elle ils elles nous vous leur aux au été être "
        "où combien pourquoi comment quand dont mais ont sa son ses"
    ),
    "es": (
        "el la los las un una unos del de y es son en para por que qué quién quiénes cuál "
        "cuáles cómo cuándo dónde cuánto cuánta con su sus se lo más pero como fue ha han este "
        "esta entre"
    ),
    "it": (
        "il lo la gli le un uno una di del della dei delle e è sono per che chi cosa quale "
        "quali quanto come quando dove perché con su nel nella non più si ha hanno anche dal "
        "dalla alla"
    ),
    "pt": (
        "o os as um uma de do da dos das e é são em no na nos nas para por que quem qual quais "
        "como quando onde quanto com seu sua se mais mas não foi ao pelo pela também"
    ),
    "nl": (
        "het een van en zijn op te dat die wie wat waar waarom hoeveel welke hoe wanneer met "
        "voor niet ook aan bij naar door uit wordt worden werd heeft hebben er als maar"
    ),
}
# These stand in names too ("von der Leyen", "Rio de la Plata") and prove nothing alone.
_PARTICLES = word_set(
    "von vom van der den dem de la le les del di da do dos das du des el al zu zum zur ten ter y "
    "e o as os no na un en lo los las die il un una san des"
)
# A question may be three words long; its interrogative alone then tells.
_QUESTION_WORDS = 12
_ASKS = word_set(
    "wer wem wen warum wieviel welche welcher welches quién quiénes qué cuál cuáles cómo cuándo "
    "dónde cuánto quel quelle quels quelles combien pourquoi chi cosa perché quanto quale quali "
    "quem quais wie hoeveel waarom welke qui comment"
)
_WORD = re.compile(r"[^\W\d_]+")


def mostly_foreign(text: str) -> bool:
    """Whether an article or a question is mostly in a language other than English.

    True if most letters are not Latin, or if function words of German, French, Spanish, Italian,
    Portuguese or Dutch clearly outnumber the English ones. Keywords and names are never foreign:
    they have no function words.
    """
    sample = text[:_SAMPLE]
    letters = [character for character in sample if character.isalpha()]
    if sum(1 for letter in letters if not _is_latin(letter)) * 2 > len(letters):
        return True
    words = [word.lower() for word in _WORD.findall(sample)]
    english = sum(1 for word in words if word in _ENGLISH)
    return any(
        _is_written_in(words, frozenset(known.split()), english) for known in _FOREIGN.values()
    )


def _is_written_in(words: list[str], known: frozenset[str], english: int) -> bool:
    found = [word for word in words if word in known]
    telling = {word for word in found if word not in _PARTICLES}
    asks = len(words) <= _QUESTION_WORDS and any(word in _ASKS for word in telling)
    # One telling word and one particle may still be a name ("Sur La Table").
    proven = asks or len(telling) >= 2 or (bool(telling) and len(found) >= 3)
    # Running text has a third of function words; a tenth leaves room for tables and names.
    return proven and len(found) + asks > 2 * english and len(found) + asks >= 0.1 * len(words)


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" or "\uff21" <= letter <= "\uff5a"
