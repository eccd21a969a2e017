"""Every rule of answering by its id, so that each can be switched off and its worth measured.

``python -m benchmarks.ablation`` answers question sets with one rule off at a time. A rule that gains
nothing on questions that it was not written for has no place here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

RULES: Final = {
    "publication": "what a question says of when articles were published is a filter",
    "distinct": "a passage with the words of an earlier one is not read",
    "span": "the reader's odds for the best span of a sentence weigh",
    "relevance": "the reader's odds for the whole passage weigh",
    "cosine": "the cosine of question and passage weighs",
    "coverage": "the share of the question's terms in the sentence weighs",
    "leaning": "a sentence that leans on the one before is weighed together with it",
    "same-words": "sentences of the same words are one choice",
    "list": "to a question for several things, a list is given whole, or its item",
    "passage": "why and how are answered by whole sentences",
    "sentences": "a whole-sentence answer takes the sentences that it leans on, or that lean on it",
    "kind": "who wants a name, when a time, how many a number",
    "own-words": "an answer holds more than the question's own words",
    "place": "a company is not where something is",
    "cell": "of a table row, the cell whose column is asked for",
    "whole-measure": "a number is given with what it counts or measures",
    "years": "a sentence that names only other years than the question counts little",
    "agent": "a sentence that tells the same of somebody else counts little",
    "act": "founded, born and died want a sentence that tells of it",
    "speaker": "what somebody said wants a sentence in which he speaks",
    "office": "who holds an office wants a sentence that names no other one",
    "confirm": "the answer's own sentence is asked whether it supports the answer",
    "consensus": "answers that say the same count together",
    "same-fact": "they do, and contradict each other, only where they are about the same",
    "near": "about the same: they share most of the question's words",
    "time": "about the same: not of different years, nor one of them a forecast",
    "kinds": "about the same: not import and export, adult and child",
    "another": "about the same: not somebody else's, whom only one of them names",
    "copies": "copies of one text count once",
    "publishers": "articles of one publisher count once",
    "disagreement": "answers that contradict each other are shown",
    "threshold": "an answer less probable than the threshold is not given",
}
"""What each rule does, in the order in which a question meets them."""

ALL: Final[Collection[str]] = frozenset(RULES)
