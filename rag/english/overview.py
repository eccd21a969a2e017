"""Questions for an overview: "what do the articles say about X", "summarise X", "tell me about X"."""

from __future__ import annotations

import re
from typing import Final

from rag.english.lexicon import COVERAGE, PRESS, QUESTION_WORDS, any_of
from rag.english.verbs import forms

_TEXTS: Final = any_of(
    PRESS
    | COVERAGE
    | frozenset("article articles documents headlines news report sources story texts".split())
)
_WHICH: Final = (
    r"(?:(?:all|any|both|different|latest|my|new|of|other|our|recent|the|these|this|those|three|two|various"
    r"|your) )*"
)
_THE_TEXTS: Final = rf"{_WHICH}{_TEXTS}"
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
    rf"(?:{_THE_TEXTS} {_ABOUT} )?(?P<topic>.+)",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(
    r"(?:,? (?:please|briefly|for (?:me|us)|in (?:brief|short|(?:a few|two|three|four|five|\d+)"
    r" (?:lines|sentences|words))))*$",
    re.IGNORECASE,
)
_NO_TOPIC: Final = re.compile(rf"(?:{_ASKING}|whether|if)\b|{_THE_TEXTS}$", re.IGNORECASE)


def topic(question: str) -> str | None:
    """What a question asks an overview of; None if it asks for something else.

    >>> topic("What do the articles say about the Kestrel Dam?"), topic("Please summarise the strike.")
    ('the Kestrel Dam', 'the strike')
    >>> topic("What did Ann Lee say about the dam?"), topic("Summarise why it broke")
    (None, None)
    """
    text = " ".join(question.split()).rstrip("?!. ")
    match = _REQUEST.match(text)
    if match is None:
        return None
    wanted = _ENDING.sub("", match["topic"]).strip()
    return None if not wanted or _NO_TOPIC.match(wanted) else wanted
