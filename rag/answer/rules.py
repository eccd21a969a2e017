"""The rules of answering by id, so that each can be switched off and its worth measured.

``python -m benchmarks.ablation`` answers question sets with one rule off at a time. A rule that gains
nothing on questions it was not written for has no place here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

RULES: Final = {
    "publication": "what a question says about publication dates becomes a filter",
    "distinct": "a passage with the same words as an earlier one is not read",
    "span": "the reader's odds for the best span of a sentence count",
    "relevance": "the reader's odds for the whole passage count",
    "cosine": "the cosine of question and passage counts",
    "coverage": "the share of the question's terms in the sentence counts",
    "leaning": "a sentence that leans on the one before is judged together with it",
    "same-words": "sentences with the same words are one choice",
    "list": "a question for several things gets the whole list, or its item",
    "passage": "why and how get whole sentences",
    "together": "to why and how, other sentences of the article that are nearly as probable are added",
    "sentences": "whole sentences are given with those they lean on and those that lean on them",
    "choice": "a question that offers its answers is answered with one of them",
    "definition": "what or who something is needs a sentence that names it, and the words that say it",
    "enumeration": "a list within a sentence is quoted whole",
    "kind": "who asks for a name, when for a time, how many for a number",
    "parallel": "of facts about Annex II and Annex III in a sentence, the one that is asked for answers",
    "own-words": "an answer says more than the question's own words",
    "ruled-out": "what a sentence names with “not” or “rather than” is no answer",
    "cell": "a table row answers with the cell whose column the question names",
    "whole-measure": "a number is quoted with what it counts or measures",
    "years": "a sentence that names only other years than the question counts little",
    "beside": "a figure right after a name that the question does not mention counts little",
    "act": "founded, born and died need a sentence about that act",
    "denied": "what a sentence denies or takes back counts little",
    "corrected": "what a later correction contradicts counts little",
    "supposed": "what is true only under a condition counts little",
    "now": "asked how many there are, what is so now comes before what once was or will be",
    "amounts": "a sentence that measures only other amounts than the question counts little",
    "labels": "a sentence about rule 4(a) counts little where the question is about rule 4(b)",
    "contrasts": "asked about the minimum, a sentence about the maximum gives way to one about the minimum",
    "speaker": "what somebody said needs a sentence in which they speak",
    "office": "who holds an office needs a sentence that names no other office",
    "furniture": "datelines, bylines and credits are no answers, nor is what a layout left over",
    "turns": "a label answers who says something in a transcript, or when something was in a live report",
    "headlines": "titles and headings may answer where no sentence surely does",
    "names": "an answer from an article that never mentions a name of the question counts little",
    "article-years": "an answer from an article of another year than the question's counts little",
    "topic": "an answer from another article than the question asks about counts little",
    "confirm": "the reader says whether the answer's own sentence supports the answer",
    "unmentioned": "a yes from an article that lacks a word of the question counts less, unless it is sure",
    "verdict": "a sure yes or no is given with the sentence that decides",
    "consensus": "the probabilities of answers that say the same add up",
    "same-fact": "answers agree or contradict each other only if they are about the same fact",
    "near": "the same fact: both have most of the question's words",
    "time": "the same fact: the same year, and both forecasts or neither",
    "kinds": "the same fact: not imports and exports, nor adults and children",
    "another": "the same fact: not “a smaller fire” for the fire that is asked about",
    "copies": "copies of one text count once",
    "publishers": "articles of one publisher count once",
    "disagreement": "answers that contradict each other are shown",
    "threshold": "an answer less probable than the threshold is not given",
}
"""What each rule does, in the order in which a question meets them."""

ALL: Final[Collection[str]] = frozenset(RULES)
