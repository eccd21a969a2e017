"""What a text asks for as a whole: nothing, an overview, one article that it names, or a fact about it.

"Thanks" asks for nothing; "what do the articles say about X", "summarise X" and "tell me about X" ask for
an overview; "in the article about Houston car sales" chooses the article, and the sentence that answers
need not have these words.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from rag.english.lexicon import COVERAGE, PRESS, QUESTION_WORDS, any_of, word_set
from rag.english.verbs import SAYING, forms
from rag.english.words import lower_words, words

# ---------------------------------------------------------------- courtesies

COURTESIES: Final = word_set(
    "hi hello hey hiya greetings goodbye bye thanks thank thx cheers ok okay okey yes yeah yep yup no nope"
    " nah sure right alright fine great good nice cool perfect wonderful excellent interesting wow please"
    " sorry welcome got understood agreed exactly indeed lol hm hmm oh ah aha well so and but then now"
)
_BESIDE: Final = word_set(
    "you very much so a lot there morning afternoon evening night day all that's thats it i see got for the"
    " help that is was very really"
)
_MORE: Final = frozenset(
    "tell me more|can you tell me more|more|go on|anything else|what else|what else is there".split(
        "|"
    )
)
LONGEST: Final = 6
"""Most words of a courtesy; a longer text says something."""


def is_courtesy(text: str) -> bool:
    """Whether a text only greets, thanks, agrees or refuses.

    >>> [is_courtesy(text) for text in ("Hello!", "ok, thank you very much", "yes, the second one", "IT")]
    [True, True, False, False]
    """
    tokens = [word.low for word in words(text[:200]) if not word.is_mark]
    if not tokens or len(tokens) > LONGEST or len(text) > 200:
        return False
    return tokens[0] in COURTESIES and all(w in COURTESIES | _BESIDE for w in tokens)


def asks_for_more(text: str) -> bool:
    """Whether a text only asks for more of what was said: "Tell me more", "what else?".

    >>> asks_for_more("Tell me more."), asks_for_more("Tell me more about Lynas.")
    (True, False)
    """
    return text.strip(" ?!.\u2026").lower() in _MORE


# ---------------------------------------------------------------- overviews

_TEXTS: Final = (
    PRESS
    | COVERAGE
    | word_set("article articles documents headlines news report sources story texts")
)
_WHICH: Final = word_set(
    "all any both different latest my new of other our recent the these this those three two various your"
)
_ALL_TEXTS: Final = _TEXTS | _WHICH
_THE_TEXTS: Final = rf"(?:{any_of(_WHICH)} )*{any_of(_TEXTS)}"
_SAY: Final = rf"(?:{any_of(forms(('cover', 'report', 'say', 'tell', 'write')))}(?: me| us)?)"
_ABOUT: Final = r"(?:about|concerning|covering|of|on|regarding)"
_ASKING: Final = any_of(QUESTION_WORDS)
_SUMMARY: Final = "(?:brief|briefing|digest|outline|overview|recap|rundown|summary)"
_REQUESTS: Final = (
    rf"what (?:(?:do|does|did|have|has|had) )?{_THE_TEXTS} (?:have |had )?(?:to )?{_SAY}",
    r"what(?: is| are| was| has been|['’]s)(?: being)? (?:known|reported|said|written)",
    r"(?:what(?: is|['’]s) )?(?:the )?(?:latest|latest news|new|news|word)",
    rf"(?:(?:are|is) there )?{_THE_TEXTS}",
    rf"(?:(?:give|show|write) (?:me |us )?)?(?:(?:a|an|the) )?(?:(?!{_ASKING})\w+ )?{_SUMMARY}",
    r"(?:brief|tell) (?:me|us)(?: (?:a bit|all|everything|more|something))?",
    r"what (?:can you tell (?:me|us)|do (?:I|we|you) know)",
    rf"(?:compare|summari[sz]e|sum up) (?:what {_THE_TEXTS} {_SAY}|{_THE_TEXTS}(?: {_SAY})?)",
    rf"how do(?:es)? {_THE_TEXTS} (?:compare|cover|differ|disagree)",
)
_REQUEST: Final = re.compile(
    r"^\W*(?:(?:(?:can|could|will|would) you|I(?:['’]d| would) like|I want|please),? )*"
    rf"(?:(?:{'|'.join(_REQUESTS)}) {_ABOUT}|compare|discuss|outline|recap|summari[sz]e|sum up) "
    rf"(?:{_THE_TEXTS} {_ABOUT} )?(?P<topic>.+?)"
    r"(?:,? (?:please|briefly|for (?:me|us)|in (?:brief|short|(?:a few|two|three|four|five|\d+)"
    r" (?:lines|sentences|words))))*$",
    re.IGNORECASE,
)
_OPENS_CLAUSE: Final = QUESTION_WORDS | {"whether", "if"}


def overview_of(question: str) -> str | None:
    """What a question asks an overview of; None if it asks for something else.

    >>> overview_of("What do the articles say about the Kestrel Dam?"), overview_of("Summarise the strike.")
    ('the Kestrel Dam', 'the strike')
    >>> overview_of("What did Ann Lee say about the dam?"), overview_of("Summarise why it broke")
    (None, None)
    """
    text = " ".join(question.split()).rstrip("?!. ")
    match = _REQUEST.match(text)
    if match is None:
        return None
    topic = match["topic"]
    plain = lower_words(topic)
    is_texts = _ALL_TEXTS.issuperset(plain)
    return None if is_texts or plain[0] in _OPENS_CLAUSE else topic


# ---------------------------------------------------------------- the article asked about

_FIRM: Final = r"(?:according to|based on|going by|as per|per)"
_ARTICLE: Final = r"(?:(?:news )?(?:article|story|piece|item)|blog post)"
_REPORT: Final = r"(?:(?:news )?report|interview|review)"
_SOURCE: Final = (
    rf"(?:(?:{_FIRM}|in|from) (?:the|that|this|an?) (?:[\w&.’'-]+ ){{0,3}}?{_ARTICLE}"
    rf"|{_FIRM} (?:the|that|this|an?) (?:[\w&.’'-]+ ){{0,3}}?{_REPORT})"
    r" (?:about|on|regarding|concerning|covering)"
)
_CHOOSES: Final = re.compile(rf"(?:^\W*|,? ){_SOURCE} (?P<topic>[^,?]+)", re.IGNORECASE)


def split_topic(text: str) -> tuple[str, str]:
    """A question without the words that choose its article, and what that article is about, or "".

    >>> split_topic("In the article about Houston car sales, how many were sold?")
    ('how many were sold?', 'Houston car sales')
    >>> split_topic("How many were sold according to the Reuters report on car sales?")
    ('How many were sold?', 'car sales')
    """
    for match in _CHOOSES.finditer(text):
        before, behind = text[: match.start()], text[match.end() :]
        asks_before, asks_behind = (any(map(str.isalnum, part)) for part in (before, behind))
        if asks_behind and not asks_before and behind.startswith(","):
            return behind[1:].lstrip(), match["topic"].strip()
        if asks_before and not asks_behind:
            return before + "?" * ("?" in behind), match["topic"].strip()
    return text, ""


# ---------------------------------------------------------------- an article itself

Part = Literal["published", "author", "publisher", "title"]

_THE_ARTICLE: Final = (
    rf"(?:the|this|that|an?) (?P<before>(?:[\w-]+ ){{0,3}}?){_ARTICLE}"
    r"(?: (?:about|concerning|covering|on|regarding) (?P<about>.+?))?"
)
_PARTS: Final[tuple[tuple[Part, str], ...]] = (
    ("published", r"(?:when|on (?:what|which) (?:day|date)) was {} (?:published|written|posted|printed)"),
    ("published", r"when did {} (?:appear|come out)"),
    ("published", r"(?:what|which) (?:is|was) the (?:publication )?date of {}"),
    ("author", r"who wrote {}"),
    ("author", r"by whom was {} written"),
    ("author", r"who (?:is|was|are|were) the (?:author|journalist|reporter|writer)s? of {}"),
    ("publisher", r"(?:who|(?:what|which) (?:agency|magazine|newspaper|outlet|paper|site)) published {}"),
    ("publisher", r"who (?:is|was) the publisher of {}"),
    ("title", r"what (?:is|was) the (?:headline|title) of {}"),
)  # fmt: skip
_OF_PART: Final = tuple(
    (part, re.compile(pattern.format(_THE_ARTICLE), re.IGNORECASE)) for part, pattern in _PARTS
)


class OfArticle(NamedTuple):
    """What a question wants to know of an article itself, and what that article is about."""

    part: Part
    topic: str


def of_article(question: str) -> OfArticle | None:
    """What a question asks of an article itself; None if it asks for something else.

    >>> of_article("When was the article about the mine published?")
    OfArticle(part='published', topic='the mine')
    >>> of_article("When was the mine closed?")
    """
    text = " ".join(question.split()).rstrip("?!. ")
    for part, pattern in _OF_PART:
        if match := pattern.fullmatch(text):
            topic = f"{match['before']}{match['about'] or ''}".strip()
            return OfArticle(part, topic) if topic else None
    return None


# ---------------------------------------------------------------- what somebody said

_SAYS: Final = any_of(
    forms(("say", "think", "believe", "claim", "argue", "insist", "assert", "ask"))
)
_WHO_SAID: Final = re.compile(
    r"(?:(?:and|but) )?(?:who|which \w+)(?: else)? (?:(?:has|had|have) )?"
    rf"(?:(?P<says>{_SAYS})|{any_of(forms(SAYING))})"
    r"(?: (?:me|us|them|(?:the|a|an) \w+))?(?P<that> that| whether| if|,)? (?P<words>\S+ .+)",
    re.IGNORECASE,
)


class Reported(NamedTuple):
    """What somebody says or asks, in the words of the question that asks who."""

    words: str
    is_question: bool


def reported(question: str) -> Reported | None:
    """What a question reports when it asks who says it; None if it asks for something else.

    >>> reported("Who said that the mine must close by 2030?")
    Reported(words='the mine must close by 2030', is_question=False)
    >>> reported("Who reported the theft of the car?")
    """
    match = _WHO_SAID.fullmatch(" ".join(question.split()).rstrip("?!. "))
    if match is None or not (match["says"] or (match["that"] or "").strip()):
        return None
    return Reported(match["words"], (match["says"] or "").lower().startswith("ask"))
