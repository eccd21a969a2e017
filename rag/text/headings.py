"""Tells whether a line looks like a heading or a title."""

from __future__ import annotations

from typing import Final

from rag.english.lexicon import SMALL
from rag.text.sentences import CLOSING, ends_sentence, sentence_spans

HEADING_WORDS: Final = 14
HEADING_CHARS: Final = 120


def word_count(text: str, limit: int = 400) -> int:
    """The number of words in the first ``limit`` characters of a text."""
    return len(text[:limit].split())


_IN_NAMES: Final = str.maketrans("", "", ".'\u2019-_&")


def may_be_name(text: str, most: int = 1) -> bool:
    """Whether a text is at most ``most`` words with no signs but those of names, the first with a capital.

    >>> may_be_name("O'Neill"), may_be_name("Ann Lee"), may_be_name("Ann van Lee", 3), may_be_name("it")
    (True, False, True, False)
    """
    words = text.split(" ")
    bare = all(word.translate(_IN_NAMES).isalnum() for word in words)
    return bare and len(words) <= most and text[0].isalpha() and not text[0].islower()


def is_title_case(text: str) -> bool:
    """Whether at least 80 % of the words start with a capital or a digit; small words don't count."""
    words = [w.strip("\"'“”\u2018\u2019()[]*_,:;?!\u2013—-") for w in text[:400].split()]
    words = [w for w in words if w and w.lower() not in SMALL]
    capitals = sum(1 for word in words if not word[0].islower())
    return bool(words) and capitals >= 0.8 * len(words)


def starts_with_capital(text: str) -> bool:
    """Whether a text starts with a capital, a digit, or a letter of a script without case.

    A first word like "iPhone" counts as capitalised.
    """
    word = text[:40].split(None, 1)[0] if text[:40].strip() else ""
    first = next((character for character in text[:40] if character.isalnum()), "")
    return bool(first) and (not first.islower() or word != word.lower())


def looks_like_heading(text: str) -> bool:
    """Whether a line that stands alone reads as a heading rather than as prose.

    A heading is short, starts with a capital and does not end like a sentence ("?" and ":" are
    allowed). Outside title case the limit is ten words, or four before a final ":", since a longer
    line with a colon introduces the text that follows.
    """
    if (
        len(text) > HEADING_CHARS
        or not starts_with_capital(text)
        or not any(map(str.isalpha, text))
    ):
        return False
    words = len(text.split())
    if words > HEADING_WORDS or text[-1] in ",;-\u2013—" or text.count("|") > 1:
        return False
    if ends_sentence(text) and text.rstrip(CLOSING)[-1] not in "?\uff1f":
        return False
    if words > 1 and text.rsplit(None, 1)[1].lower() in SMALL:
        return False  # "…went to form in Sheffield as": the sentence continues on the next line
    if not is_title_case(text) and (words > 10 or (text[-1] in ":\uff1a" and words > 4)):
        return False
    return len(sentence_spans(text)) == 1
