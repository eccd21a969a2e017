"""Noun phrases: where a text has them, their heads, whether they are plural or a time.

This is no parser: it knows only closed classes of words, capitals and the commonest verbs. That is enough
for questions, which are short and alike. An error makes a noun phrase a word too long or too short.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rag.english.lexicon import (
    AUXILIARIES,
    BE,
    CONJUNCTIONS,
    DEMONSTRATIVES,
    DETERMINERS,
    DO,
    HAVE,
    LINKS,
    MODALS,
    MONTHS,
    PARTS_OF_DAY,
    PERIODS,
    PLACE_AND_TIME,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
    SEASONS,
    WEEKDAYS,
    any_of,
    word_set,
)
from rag.english.verbs import NOUNS_TOO, VERBS, is_past, is_verb_form, third_person
from rag.english.words import Word, words

MEASURES: Final = word_set(
    "many much long old far large big tall high deep fast often heavy wide expensive soon"
)
"""What "how" asks the measure of."""
DEGREES: Final = MEASURES | word_set(
    "small strong likely rare good bad great early late close hot cold warm rich thick short quickly"
    " well"
)
"""What "how" asks the degree of."""
FUNCTION: Final = (
    AUXILIARIES
    | CONJUNCTIONS
    | LINKS
    | PLACE_AND_TIME
    | PREPOSITIONS
    | PRONOUNS
    | QUESTION_WORDS
    | word_set(
        "not never again ago already always away back currently else ever exactly just later next"
        " often only"
        " really soon there today together tomorrow tonight too twice usually yesterday last"
    )
)
"""Words outside noun phrases, besides determiners."""
_BEFORE_VERB: Final = word_set("not ever already still now also really")
_NO_ADVERBS: Final = word_set(
    "family assembly monopoly anomaly supply early daily weekly monthly yearly only fly july italy"
)
"""Words in -ly that can be part of a noun phrase."""
_TIME: Final = re.compile(
    r"^(?:(?:the|a|an|each|every|this|that|next|last|past|first|one) )*(?:\w+ )?"
    rf"(?:(?:second|minute|{any_of(PERIODS)})s?|centuries|weekend|time"
    rf"|{any_of((*PARTS_OF_DAY, *SEASONS, *WEEKDAYS, *MONTHS))}|[\d.,:]+)$",
    re.IGNORECASE,
)
_PLURALS: Final = word_set(
    "people children men women police staff media data criteria feet teeth mice"
)


def phrase_end(found: Sequence[Word], at: int, *, nominal: bool = False) -> int:
    """Where the noun phrase that begins at a word ends; the same index if none begins there.

    ``nominal``: only verbs in -ed or -ing can follow, as after a form of "be".

    >>> phrase_end(words("the capacity of the Mountain Pass mine grow"), 0)
    7
    """
    if at < len(found) and is_pronoun(found, at):
        return at + 1
    before = found[at - 1].low if at else ""
    nominal = nominal or before in BE
    first = begin = at = _after_determiner(found, at)
    while at < len(found):
        if found[at].low == "of" and at > begin:
            if at + 1 < len(found) and found[at + 1].low in PRONOUNS:
                at += 2
                continue
            after = _after_determiner(found, at + 1)
            if after == at + 1 and not _goes_on(found, after, after, nominal=nominal):
                break
            at = begin = after
        elif _goes_on(found, at, begin, nominal=nominal):
            at += 1
        else:
            break
    # "do" and modals need a verb: in "What did Ann Lee tweet" the last word must be it.
    wants_verb = before in DO | MODALS and at > first + 1 and found[at - 1].text.islower()
    return at - 1 if wants_verb and _lacks_verb(found, at) else at


def _lacks_verb(found: Sequence[Word], at: int) -> bool:
    while at < len(found) and found[at].low in _BEFORE_VERB:
        at += 1
    return at == len(found) or found[at].low in PREPOSITIONS | DETERMINERS


def is_pronoun(found: Sequence[Word], at: int) -> bool:
    """Whether a word stands for a noun phrase; "that" and "this" do if no noun follows.

    >>> [is_pronoun(words(t), 2) for t in ("when does that take effect", "when does that mine close")]
    [True, False]
    """
    if found[at].low not in DEMONSTRATIVES:
        return found[at].low in PRONOUNS or found[at].low == "there"
    after = found[at + 1] if at + 1 < len(found) else None
    if after is None or not after.text[0].isalnum() or after.low in FUNCTION | DETERMINERS:
        return True
    return not after.is_name and _goes_on_with_verb(found, at)


def _goes_on_with_verb(found: Sequence[Word], at: int) -> bool:
    """Whether the word after "that" is a verb or a predicate, not its noun."""
    before = found[at - 1].low if at else ""
    word, following = found[at + 1].low, found[at + 2].low if at + 2 < len(found) else ""
    if before in DO | MODALS:  # a verb must follow
        if word in VERBS:
            return word not in NOUNS_TOO or not is_verb_form(following)
        return not following or following in FUNCTION
    if before in BE | HAVE and is_past(word) and word not in NOUNS_TOO:
        return True
    if before in BE and not following:  # "why is that possible", but "where is that mine"
        return at < 2 or found[at - 2].low in {"why", "how"}
    stems = {word[:-1], word[:-2]} & (VERBS - NOUNS_TOO)
    return any(third_person(stem) == word for stem in stems)


def is_participle(found: Sequence[Word], at: int) -> bool:
    """Whether a word after an auxiliary continues the verb, so that no subject follows."""
    if at >= len(found) or found[at].is_name:
        return False
    word = found[at].low
    return word.endswith(("ed", "ing")) or (
        word not in NOUNS_TOO and (is_past(word) or word in VERBS)
    )


def noun_phrases(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of the noun phrases of a text, in order; none begins with a pronoun.

    >>> text = "Where does Lynas separate the ore of Mount Weld?"
    >>> [text[a:b] for a, b in noun_phrases(text)]
    ['Lynas', 'the ore of Mount Weld']
    """
    found = words(text)
    at = 0
    while at < len(found):
        word = found[at]
        if not _begins(found, at):
            at += 1
            continue
        end = phrase_end(found, at)
        if end > at + (word.low in DETERMINERS):
            yield word.start, found[end - 1].end
        is_subject = at > 0 and found[at - 1].low in DO | MODALS
        at = max(end, at + 1) + is_subject  # its verb


def is_noun_phrase(text: str) -> bool:
    """Whether a text is a noun phrase and not a sentence, as far as the commonest verbs show.

    >>> is_noun_phrase("the lithium mine in Chile"), is_noun_phrase("China has led")
    (True, False)
    """
    found = words(text)
    at = phrase_end(found, 0, nominal=True)
    if at in (0, len(found)):
        return at > 0
    return found[at].low not in AUXILIARIES and not is_verb_form(found[at].low)


def core(text: str) -> str:
    """A noun phrase without its determiner.

    >>> core("the Polaris")
    'Polaris'
    """
    first, _, rest = text.partition(" ")
    return rest if first.lower() in DETERMINERS else text


def head(text: str) -> str:
    """The head of a noun phrase: its main noun.

    >>> head("the capacity of the mine"), head("Mountain Pass mine")
    ('capacity', 'mine')
    """
    kept: list[str] = []
    for word in words(text):
        if kept and word.low in PREPOSITIONS:
            break
        kept.append(word.text)
    return kept[-1] if kept else ""


def is_plural(text: str) -> bool:
    """Whether a noun phrase is plural by its form, or names several things.

    >>> is_plural("the children"), is_plural("Lynas"), is_plural("Mitsubishi and Mitsui")
    (True, False, True)
    """
    noun = head(text)
    if " and " in text or ", " in text:
        return True
    if noun[:1].isupper() or noun.lower() in _PLURALS:
        return noun.lower() in _PLURALS
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def is_time(text: str) -> bool:
    """Whether a noun phrase is a time or a bare number, to which no pronoun refers."""
    return bool(_TIME.match(text))


def _begins(found: Sequence[Word], at: int) -> bool:
    word = found[at]
    if word.low in FUNCTION or _is_adverb(word) or (at == 0 and word.low in VERBS):
        return False
    if word.low in DETERMINERS:
        return not is_pronoun(found, at)
    return word.is_name or (word.text[0].isalnum() and not _is_bare_verb(found, at))


def _is_adverb(word: Word) -> bool:
    return word.low.endswith("ly") and word.low not in _NO_ADVERBS


def _is_bare_verb(found: Sequence[Word], at: int) -> bool:
    """Whether a word in lower case without determiner is more likely a verb than a noun."""
    low = found[at].low
    before = found[at - 1].low if at else ""
    if low in DEGREES:
        return before == "how"
    if before in PREPOSITIONS and before != "to":
        return False
    return is_verb_form(low) and not (low in NOUNS_TOO and before in DEGREES)


def _after_determiner(found: Sequence[Word], at: int) -> int:
    return at + (at < len(found) and found[at].low in DETERMINERS)


def _goes_on(found: Sequence[Word], at: int, begin: int, *, nominal: bool) -> bool:
    """Whether a word continues the noun phrase that begins at ``begin``."""
    if at == len(found):
        return False
    word = found[at]
    if word.text in {"&", "-", "%"} or (word.low == "and" and at > begin and _joins(found, at)):
        return True
    if not word.text[0].isalnum() and word.text[0] not in "$€£":
        return False
    if word.is_name:
        return True
    if word.low in FUNCTION | DETERMINERS or _is_adverb(word):
        return False
    return not (at > begin and _is_verb(found, at, nominal=nominal))


def _joins(found: Sequence[Word], at: int) -> bool:
    """Whether an "and" joins two names."""
    return at + 1 < len(found) and found[at - 1].is_name and found[at + 1].is_name


def _is_verb(found: Sequence[Word], at: int, *, nominal: bool) -> bool:
    """Whether a word after a noun is likely to be the verb."""
    word = found[at].low
    if not is_verb_form(word):
        return False
    after = [w.low for w in found[at + 1 : at + 3]]
    # "the mine is", "toxic waste comes", "the crossing of": nouns, since a verb must still follow.
    unfinished = after == ["to", "be"] or (
        bool(after) and (after[0] in AUXILIARIES or after[0] == "of" or is_verb_form(after[0]))
    )
    noun = word.removesuffix("s") in NOUNS_TOO or word.endswith(("ing", "es"))
    return not (noun and (unfinished or (nominal and not word.endswith("ing"))))
