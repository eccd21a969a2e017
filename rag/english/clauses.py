"""The parts of an English question: what is asked for, auxiliary, subject, the rest; noun phrases in it.

There is no parser behind this, only closed classes of words, capitals and the commonest verbs. That is
enough for questions, which are short and built alike, and where it errs a word too many or too few stands
in a noun phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

AUXILIARIES: Final = frozenset(
    """
    is are was were am be do does did has have had will would can could may might shall should must
    """.split()
)
BE: Final = frozenset("is are was were".split())
WH: Final = frozenset("who whom whose what which when where why how".split())
PREPOSITIONS: Final = frozenset(
    """
    about above across after against among around as at before behind below beside between beyond by
    during for from in inside into near of off on onto outside over per since than through to toward
    towards under until up upon via with within without
    """.split()
)
DETERMINERS: Final = frozenset(
    "the a an this that these those its their his her our my your some any no all each every both another"
    " such".split()
)
PRONOUNS: Final = frozenset(
    "i you he she it we they me him us them himself herself itself themselves there anyone anything someone"
    " something everyone everything nobody nothing".split()
)
DEGREES: Final = frozenset(
    "many much long old far large big tall high deep fast often heavy wide expensive soon small strong"
    " likely rare good bad great early late close hot cold warm rich thick short quickly well".split()
)
_FUNCTION: Final = (
    AUXILIARIES
    | WH
    | PREPOSITIONS
    | PRONOUNS
    | frozenset(
        """
        and or but nor so if because while although though unless whether not also again ago already
        always away back currently else ever exactly here how however instead just later never next
        now often once only out really soon still then therefore thus today together tomorrow
        tonight too twice usually yet yesterday last
        """.split()
    )
)
# Verbs that a question often goes on with after its subject; words that are nouns more often are left out.
_VERBS: Final = frozenset(
    """
    accept achieve acquire act add adopt affect agree aim allow announce answer appear apply appoint
    approve argue arrive ask attend avoid beat become begin believe belong blame borrow break bring
    build burn buy call carry cause change charge choose claim close collect combine come compare
    compete complain complete confirm consider consist contain continue contribute control cost
    cover create criticise criticize cut decide declare decline defeat deliver demand deny depend
    describe design destroy develop die differ discover discuss dominate draw drive drop earn eat
    employ enable end enter establish estimate expand expect explain export extend face fail fall
    feel fight fill find finish fit fix flow fly follow form found gain generate get give go govern
    grow handle happen hate hear help hire hold hope import improve include increase intend
    introduce invent invest involve join keep kill know lack land launch lay lead learn leave let
    lie like live look lose love maintain make manage manufacture mean measure meet mention mine
    move need notice number obtain occur offer open operate oppose order own pay perform pick
    pioneer plan play possess prefer prepare prevent process produce promise promote propose protect
    provide publish pull push put raise reach read receive recommend record recover reduce refer
    refine reject release rely remain remove replace report represent require resign result return
    reveal rise run say see seek seem sell send separate serve set share show sign sing sit solve
    speak spend stand start state stay stop store study succeed suffer suggest supply support
    suspect take talk teach tell test think threaten trade train transport travel treat try turn
    understand use visit vote wait walk want warn waste watch wear weigh win wish work write
    """.split()
)
_IRREGULAR: Final = frozenset(
    """
    became began broke came chose drew drove fell flew gave grew knew ran rose saw spoke stole took
    went wore wrote begun born bought brought built caught chosen cut done drawn driven eaten fallen
    fed felt fought found frozen given gone grown held hidden hit kept known laid led left lent lost
    made meant met paid put read risen run seen sent set shown shut sold spent spoken stolen struck
    taken taught thought told torn understood woken won worn written
    """.split()
)
_EITHER: Final = frozenset(  # of these verbs, as much nouns: what follows decides
    """
    answer call cause change claim contract cost cover demand drop end fall fight fix flow hold hope
    increase land launch lead measure mine need number offer order pay plan play produce process
    raise reach record release report result return rise run share show stand start state stay stop
    store study supply support test trade transport travel use visit vote wait walk waste watch work
    """.split()
)
_ADVERB: Final = re.compile(
    r"^(?!(?:fami|assemb|monopo|anoma|supp|ear|dai|week|month|year|on|fl|Ju|Ita)ly$).*ly$"
)
_TOKEN: Final = re.compile(r"\d[\d.,]*\d|\w(?:[\w’'&./-]*\w)?|[$€£C]{1,3}\$?\d[\d.,]*|%|[^\w\s]")
_SHORT: Final = re.compile(r"\b(who|what|where|when|why|how|that|there)['’]s\b", re.IGNORECASE)


class Word(NamedTuple):
    """A word of a text and where it stands."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """In lower case, as the closed classes have it."""
        return self.text.lower()

    @property
    def is_name(self) -> bool:
        """Whether a capital or a figure is in it; the first word of a question may have one anyway."""
        return any(c.isupper() or c.isdecimal() for c in self.text)


class Clause(NamedTuple):
    """A question taken apart; what it does not have is ""."""

    preposition: str
    """Before what is asked for: "With" of "With which company …"."""
    asked: str
    """"which company", "who", "how many tons of ore"; "" of a question for yes or no."""
    auxiliary: str
    subject: str
    """"" if what is asked for is the subject: "Who runs …"."""
    rest: str

    @property
    def noun(self) -> str:
        """The noun of what is asked for: "company", "tons of ore"; "" of who, when, how."""
        return re.sub(
            rf"^(?:how (?:{'|'.join(DEGREES)})|what|which|whose)\s*",
            "",
            self.asked,
            flags=re.IGNORECASE,
        ).removeprefix(self.asked if self.asked.lower() in WH else "\0")


def words(text: str) -> list[Word]:
    """The words and marks of a text.

    >>> [word.text for word in words("Does the U.S. mine 45,000 t?")]
    ['Does', 'the', 'U.S', '.', 'mine', '45,000', 't', '?']
    """
    return [Word(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def plain(question: str) -> str:
    """A question on one line, its short forms written out, without the mark at its end.

    >>> plain("Who's  the owner?")
    'Who is the owner'
    """
    text = " ".join(question.split()).rstrip("?!. ")
    return _SHORT.sub(r"\1 is", text)


def clause(question: str) -> Clause:
    """Take a question apart.

    >>> tuple(clause("With which company is REAlloys pursuing a merger?"))
    ('With', 'which company', 'is', 'REAlloys', 'pursuing a merger')
    >>> tuple(clause("Who runs REAlloys?"))
    ('', 'Who', '', '', 'runs REAlloys')
    """
    text = plain(question)
    found = words(text)
    at = 0
    if len(found) > 1 and found[0].low in PREPOSITIONS and found[1].low in WH:
        at = 1
    preposition = found[0].text if at else ""
    if not found or found[at].low not in WH:
        if found and found[0].low in AUXILIARIES:
            end = phrase_end(found, 1, nominal=found[0].low in BE)
            return Clause("", "", found[0].text, _cut(text, found, 1, end), _cut(text, found, end))
        return Clause("", "", "", "", text)
    begin, at = at, at + 1
    if found[begin].low == "how" and at < len(found) and found[at].low in DEGREES:
        at += 1
    whats = found[begin].low in ("what", "which", "whose") or at - begin == 2
    if whats and not is_participle(found, at):
        at = phrase_end(found, at)
    asked = _cut(text, found, begin, at)
    if at == len(found) or found[at].low not in AUXILIARIES:
        return Clause(preposition, asked, "", "", _cut(text, found, at))
    subject = at + 1
    end = subject
    if not is_participle(found, subject):
        end = phrase_end(found, subject, nominal=found[at].low in BE)
    return Clause(
        preposition, asked, found[at].text, _cut(text, found, subject, end), _cut(text, found, end)
    )


def is_participle(found: Sequence[Word], at: int) -> bool:
    """Whether a word after an auxiliary goes on with the verb, so that no subject stands there."""
    if at >= len(found) or found[at].is_name:
        return False
    word = found[at].low
    return word in _IRREGULAR or word in _VERBS - _EITHER or word.endswith(("ed", "ing"))


def phrase_end(found: Sequence[Word], at: int, *, nominal: bool = False) -> int:
    """Where the noun phrase that begins at a word ends; the same place if none does.

    ``nominal``: a form of "be" came before, so that no other verb follows but in -ed or -ing.

    >>> phrase_end(words("the capacity of the Mountain Pass mine grow"), 0)
    7
    """
    if at < len(found) and found[at].low in PRONOUNS:
        return at + 1
    begin = at = _after_determiner(found, at)
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
    return at


def _after_determiner(found: Sequence[Word], at: int) -> int:
    return at + (at < len(found) and found[at].low in DETERMINERS)


def _goes_on(found: Sequence[Word], at: int, begin: int, *, nominal: bool) -> bool:
    """Whether a word belongs to the noun phrase that is being read."""
    if at == len(found):
        return False
    word = found[at]
    if word.text in {"&", "-", "%"} or (word.low == "and" and at > begin and _joins(found, at)):
        return True
    if not word.text[0].isalnum() and word.text[0] not in "$€£":
        return False
    if word.is_name:
        return True
    if word.low in _FUNCTION | DETERMINERS or _ADVERB.search(word.low):
        return False
    return not (at > begin and _is_verb(found, at, nominal=nominal))


def _joins(found: Sequence[Word], at: int) -> bool:
    """Whether "and" stands between two names."""
    return at + 1 < len(found) and found[at - 1].is_name and found[at + 1].is_name


def _is_verb(found: Sequence[Word], at: int, *, nominal: bool) -> bool:
    """Whether a word that follows a noun is likely to be the verb."""
    word = found[at].low
    after = found[at + 1 : at + 3]
    if is_verb_form(word):
        # "the mine is", "toxic waste comes", "the crossing of": a noun, since the verb is yet to come.
        follows = bool(after) and (
            after[0].low in AUXILIARIES or after[0].low == "of" or is_verb_form(after[0].low)
        )
        unfinished = follows or [w.low for w in after] == ["to", "be"]
        noun = word.removesuffix("s") in _EITHER or word.endswith(("ing", "es"))
        return not (noun and (unfinished or (nominal and not word.endswith("ing"))))
    return False


def is_verb_form(word: str) -> bool:
    """Whether a word in lower case may be a form of a verb."""
    stems = (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y")
    return (
        any(stem in _VERBS for stem in stems)
        or word in _IRREGULAR
        or word.endswith(("ed", "ing"))
        or (word.endswith(("ise", "ize")) and len(word) > 7)
    )


def noun_phrases(text: str) -> Iterator[tuple[int, int]]:
    """Where the noun phrases of a text stand, in order; none begins with a pronoun.

    >>> text = "Where does Lynas separate the ore of Mount Weld?"
    >>> [text[a:b] for a, b in noun_phrases(text)]
    ['Lynas', 'the ore of Mount Weld']
    """
    found = words(text)
    at, nominal = 0, False
    while at < len(found):
        word = found[at]
        if word.low in AUXILIARIES:
            nominal = word.low in BE
        starts = (
            word.is_name
            or word.low in DETERMINERS
            or (word.text[0].isalnum() and not _is_verb_form(word, at, found))
        )
        if (
            word.low in _FUNCTION
            or _ADVERB.search(word.text)
            or not starts
            or (at == 0 and word.low in _VERBS)
        ):
            at += 1
            continue
        end = phrase_end(found, at, nominal=nominal)
        if end > at + (word.low in DETERMINERS):
            yield found[at].start, found[end - 1].end
        at = max(end, at + 1)


def _is_verb_form(word: Word, at: int, found: Sequence[Word]) -> bool:
    """Whether a bare lowercase word that could begin a noun phrase is rather the verb."""
    low = word.low
    before = found[at - 1].low if at else ""
    if low in DEGREES:
        return before == "how"
    if before in PREPOSITIONS and before != "to":
        return False
    return is_verb_form(low) and not (low in _EITHER and before in DEGREES)


def _cut(text: str, found: Sequence[Word], begin: int, end: int | None = None) -> str:
    """The text from one word up to another."""
    end = len(found) if end is None else end
    return text[found[begin].start : found[end - 1].end] if begin < end else ""
