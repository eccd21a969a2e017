"""What a line looks like: a heading, a title, prose."""

from __future__ import annotations

from typing import Final

from rag.english.titles import SMALL
from rag.text.sentences import CLOSING, ends_sentence, sentence_spans

HEADING_WORDS: Final = 14
HEADING_CHARS: Final = 120


def word_count(text: str, limit: int = 400) -> int:
    """Words of a text; of a long one only ``limit`` characters are looked at."""
    return len(text[:limit].split())


def is_title_case(text: str) -> bool:
    """Whether nearly all words but the small ones begin with a capital or a figure."""
    words = [w.strip("\"'“”\u2018\u2019()[]*_,:;?!\u2013—-") for w in text[:400].split()]
    words = [w for w in words if w and w.lower() not in SMALL]
    capitals = sum(1 for word in words if not word[0].islower())
    return bool(words) and capitals >= 0.8 * len(words)


def opens_high(text: str) -> bool:
    """Whether a text begins with a capital, a figure, or a letter of a script without case.

    A first word like "iPhone" counts as capitalised.
    """
    word = text[:40].split(None, 1)[0] if text[:40].strip() else ""
    first = next((character for character in text[:40] if character.isalnum()), "")
    return bool(first) and (not first.islower() or word != word.lower())


def looks_like_heading(text: str) -> bool:
    """Whether a line of its own reads as a heading rather than as prose.

    Short, opens with a capital, does not end a sentence ("?" and ":" may end it). Outside title
    case the bar is lower (ten words), and a line that ends in ":" introduces what follows.
    """
    if len(text) > HEADING_CHARS or not opens_high(text) or not any(map(str.isalpha, text)):
        return False
    words = len(text.split())
    if words > HEADING_WORDS or text[-1] in ",;-\u2013—" or text.count("|") > 1:
        return False
    if ends_sentence(text) and text.rstrip(CLOSING)[-1] not in "?\uff1f":
        return False
    if words > 1 and text.rsplit(None, 1)[1].lower() in SMALL:
        return False  # "…went to form in Sheffield as": the line was broken
    if not is_title_case(text) and (words > 10 or (text[-1] in ":\uff1a" and words > 4)):
        return False
    return len(sentence_spans(text)) == 1
