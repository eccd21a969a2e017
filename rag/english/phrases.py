"""Noun phrases: where a text has them, their heads, whether they are plural or a time.

This is no parser: it knows only closed classes of words, capitals and the commonest verbs. That is enough
for questions, which are short and alike. An error makes a noun phrase a word too long or too short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rag.english import lexicon
from rag.english.lexicon import word_set
from rag.english.verbs import NOUNS_TOO, VERBS, is_past, is_verb_form, third_person
from rag.english.words import Word, singular, words

MEASURES: Final = word_set(
    "many much long old far large big tall high deep fast often heavy wide expensive soon"
)
"""Words with which "how" asks for a measure."""
DEGREES: Final = MEASURES | word_set(
    "small strong likely rare good bad great early late close hot cold warm rich thick short quickly"
    " well"
)
"""Words with which "how" asks for a degree."""
OUTSIDE: Final = (lexicon.FUNCTION_WORDS - lexicon.DETERMINERS) | word_set(
    "again ago already always away back currently else ever exactly just later next"
    " often only"
    " really soon today together tomorrow tonight too twice usually yesterday last"
)
"""Words outside noun phrases, besides determiners."""
_BEFORE_VERB: Final = word_set("not ever already still now also really")
_NO_ADVERBS: Final = word_set(
    "family assembly monopoly anomaly supply early daily weekly monthly yearly only fly july italy"
)
"""Words in -ly that can be part of a noun phrase."""
_BEFORE_TIMES: Final = word_set("the a an each every this that next last past first one")
_TIMES: Final = lexicon.TIMES | word_set("second minute weekend time")
_PLURALS: Final = word_set(
    "people children men women police staff media data criteria feet teeth mice"
)


def phrase_end(tokens: Sequence[Word], at: int, *, nominal: bool = False) -> int:
    """Where the noun phrase that begins at a word ends; the same index if none begins there.

    ``nominal``: only verbs in -ed or -ing can follow, as after a form of "be".

    >>> phrase_end(words("the capacity of the Mountain Pass mine grow"), 0)
    7
    """
    if at < len(tokens) and is_pronoun(tokens, at):
        return at + 1
    before = tokens[at - 1].low if at else ""
    nominal = nominal or before in lexicon.BE
    first = begin = at = _after_determiner(tokens, at)
    while at < len(tokens):
        if tokens[at].low == "of" and at > begin:
            if at + 1 < len(tokens) and tokens[at + 1].low in lexicon.PRONOUNS:
                at += 2
                continue
            after = _after_determiner(tokens, at + 1)
            if after == at + 1 and not _goes_on(tokens, after, after, nominal=nominal):
                break
            at = begin = after
        elif _goes_on(tokens, at, begin, nominal=nominal):
            at += 1
        else:
            break
    # "do" and modals need a verb: in "What did Ann Lee tweet" the last word must be it.
    wants_verb = (
        before in lexicon.DO | lexicon.MODALS and at > first + 1 and tokens[at - 1].text.islower()
    )
    return at - 1 if wants_verb and _lacks_verb(tokens, at) else at


def _lacks_verb(tokens: Sequence[Word], at: int) -> bool:
    while at < len(tokens) and tokens[at].low in _BEFORE_VERB:
        at += 1
    return at == len(tokens) or tokens[at].low in lexicon.PREPOSITIONS | lexicon.DETERMINERS


def is_pronoun(tokens: Sequence[Word], at: int) -> bool:
    """Whether a word stands for a noun phrase; "that" and "this" do if no noun follows.

    >>> [is_pronoun(words(t), 2) for t in ("when does that take effect", "when does that mine close")]
    [True, False]
    """
    if tokens[at].low not in lexicon.DEMONSTRATIVES:
        return tokens[at].low in lexicon.PRONOUNS or tokens[at].low == "there"
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after is None or not after.text[0].isalnum() or after.low in OUTSIDE | lexicon.DETERMINERS:
        return True
    return not after.is_name and _goes_on_with_verb(tokens, at)


def _goes_on_with_verb(tokens: Sequence[Word], at: int) -> bool:
    """Whether the word after "that" is a verb or a predicate, not its noun."""
    before = tokens[at - 1].low if at else ""
    word, following = tokens[at + 1].low, tokens[at + 2].low if at + 2 < len(tokens) else ""
    if before in lexicon.DO | lexicon.MODALS:  # a verb must follow
        if word in VERBS:
            return word not in NOUNS_TOO or not is_verb_form(following)
        return not following or following in OUTSIDE
    if before in lexicon.BE | lexicon.HAVE and is_past(word) and word not in NOUNS_TOO:
        return True
    if before in lexicon.BE and not following:  # "why is that possible", but "where is that mine"
        return at < 2 or tokens[at - 2].low in {"why", "how"}
    stems = {word[:-1], word[:-2]} & (VERBS - NOUNS_TOO)
    return any(third_person(stem) == word for stem in stems)


def is_participle(tokens: Sequence[Word], at: int) -> bool:
    """Whether a word after an auxiliary continues the verb, so that no subject follows."""
    if at >= len(tokens) or tokens[at].is_name:
        return False
    word = tokens[at].low
    return word.endswith(("ed", "ing")) or (
        word not in NOUNS_TOO and (is_past(word) or word in VERBS)
    )


def noun_phrases(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of the noun phrases of a text, in order; none begins with a pronoun.

    >>> text = "Where does Lynas separate the ore of Mount Weld?"
    >>> [text[a:b] for a, b in noun_phrases(text)]
    ['Lynas', 'the ore of Mount Weld']
    """
    tokens = words(text)
    at = 0
    while at < len(tokens):
        word = tokens[at]
        if not _begins(tokens, at):
            at += 1
            continue
        end = phrase_end(tokens, at)
        if end > at + (word.low in lexicon.DETERMINERS):
            yield word.start, tokens[end - 1].end
        is_subject = at > 0 and tokens[at - 1].low in lexicon.DO | lexicon.MODALS
        at = max(end, at + 1) + is_subject  # its verb


def is_noun_phrase(text: str) -> bool:
    """Whether a text is a noun phrase and not a sentence, as far as the commonest verbs show.

    >>> is_noun_phrase("the lithium mine in Chile"), is_noun_phrase("China has led")
    (True, False)
    """
    tokens = words(text)
    at = phrase_end(tokens, 0, nominal=True)
    if at in (0, len(tokens)):
        return at > 0
    return tokens[at].low not in lexicon.AUXILIARIES and not is_verb_form(tokens[at].low)


def core(text: str) -> str:
    """A noun phrase without its determiner.

    >>> core("the Polaris")
    'Polaris'
    """
    first, _, rest = text.partition(" ")
    return rest if first.lower() in lexicon.DETERMINERS else text


def head(text: str) -> str:
    """The head of a noun phrase: its main noun.

    >>> head("the capacity of the mine"), head("Mountain Pass mine")
    ('capacity', 'mine')
    """
    kept: list[str] = []
    for word in words(text):
        if kept and word.low in lexicon.PREPOSITIONS:
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
    words = text.lower().split()
    while words[1:] and words[0] in _BEFORE_TIMES:
        del words[0]
    last = words[-1] if words else "none"
    is_noun = singular(last) in _TIMES and last != "times"  # "five times"
    return len(words) < 3 and (is_noun or not last.strip("0123456789.,:"))


def _begins(tokens: Sequence[Word], at: int) -> bool:
    word = tokens[at]
    if word.low in OUTSIDE or _is_adverb(word) or (at == 0 and word.low in VERBS):
        return False
    if word.low in lexicon.DETERMINERS:
        return not is_pronoun(tokens, at)
    return word.is_name or (word.text[0].isalnum() and not _is_bare_verb(tokens, at))


def _is_adverb(word: Word) -> bool:
    return word.low.endswith("ly") and word.low not in _NO_ADVERBS


def _is_bare_verb(tokens: Sequence[Word], at: int) -> bool:
    """Whether a word in lower case without determiner is more likely a verb than a noun."""
    low = tokens[at].low
    before = tokens[at - 1].low if at else ""
    if low in DEGREES:
        return before == "how"
    if before in lexicon.PREPOSITIONS and before != "to":
        return False
    return is_verb_form(low) and not (low in NOUNS_TOO and before in DEGREES)


def _after_determiner(tokens: Sequence[Word], at: int) -> int:
    return at + (at < len(tokens) and tokens[at].low in lexicon.DETERMINERS)


def _goes_on(tokens: Sequence[Word], at: int, begin: int, *, nominal: bool) -> bool:
    """Whether a word continues the noun phrase that begins at ``begin``."""
    if at == len(tokens):
        return False
    word = tokens[at]
    if word.text in {"&", "-", "%"} or (word.low == "and" and at > begin and _joins(tokens, at)):
        return True
    if not word.text[0].isalnum() and word.text[0] not in "$€£":
        return False
    if word.is_name:
        return True
    if word.low in OUTSIDE | lexicon.DETERMINERS or _is_adverb(word):
        return False
    return not (at > begin and _is_verb(tokens, at, nominal=nominal))


def _joins(tokens: Sequence[Word], at: int) -> bool:
    """Whether an "and" joins two names."""
    return at + 1 < len(tokens) and tokens[at - 1].is_name and tokens[at + 1].is_name


def _is_verb(tokens: Sequence[Word], at: int, *, nominal: bool) -> bool:
    """Whether a word after a noun is likely to be the verb."""
    word = tokens[at].low
    if not is_verb_form(word):
        return False
    after = [w.low for w in tokens[at + 1 : at + 3]]
    # "the mine is", "toxic waste comes", "the crossing of": nouns, since a verb must still follow.
    unfinished = after == ["to", "be"] or (
        bool(after)
        and (after[0] in lexicon.AUXILIARIES or after[0] == "of" or is_verb_form(after[0]))
    )
    noun = word.removesuffix("s") in NOUNS_TOO or word.endswith(("ing", "es"))
    return not (noun and (unfinished or (nominal and not word.endswith("ing"))))
