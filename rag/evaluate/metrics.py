"""What is right: answers against accepted answers, rankings against judgements, confidence against both.

Rankings are judged by ir-measures (pytrec_eval underneath), areas by scikit-learn.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

RANKING: Final = {
    "ndcg@10": "nDCG@10",
    "mrr@10": "RR@10",
    "map@100": "AP@100",
    "recall@10": "R@10",
    "recall@100": "R@100",
}
"""Our names of the measures, and those of ir-measures."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """An answer as SQuAD compares it: lower case, no punctuation, no articles, single spaces.

    >>> normalised("The $110/kg  floor.")
    '110kg floor'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(given: str, accepted: Sequence[str]) -> float:
    """1 if an accepted answer is the given one; where none is accepted, if none is given."""
    return float(normalised(given) in {normalised(answer) for answer in accepted or ("",)})


def f1(given: str, accepted: Sequence[str]) -> float:
    """The best harmonic mean of the precision and recall of words, as SQuAD's own script has it."""
    return max(_overlap(normalised(given), normalised(answer)) for answer in accepted or ("",))


def _overlap(given: str, accepted: str) -> float:
    left, right = given.split(), accepted.split()
    if not left or not right:
        return float(left == right)
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def holds(text: str, accepted: Sequence[str]) -> bool:
    """Whether an accepted answer stands in a text, no word or figure of it cut in two.

    >>> holds("It produced 2,017 tonnes.", ["17"]), holds("a floor of $110/kg", ["$110"])
    (False, True)
    """
    plain = normalised(text)
    return any(_stands_in(normalised(answer), plain) for answer in accepted)


def _stands_in(answer: str, text: str) -> bool:
    at = text.find(answer) if answer else -1
    while at >= 0:
        end = at + len(answer)
        if not (_goes_on(text, at) or _goes_on(text, end)):
            return True
        at = text.find(answer, at + 1)
    return False


def _goes_on(text: str, at: int) -> bool:
    """Whether a word or a figure runs across this place."""
    pair = text[at - 1 : at + 1] if at else ""
    return len(pair) == 2 and (pair.isalpha() or pair.isdecimal())


def judge_ranking(
    relevance: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The means over all judged queries, and each query's own values, by our names of the measures.

    Both mappings go from query id to document ids. Scores of one query must differ, since trec_eval
    orders equal ones by id. A query that the run lacks counts as 0.
    """
    import ir_measures

    measures = {ir_measures.parse_measure(theirs): ours for ours, theirs in RANKING.items()}
    found = ir_measures.calc(list(measures), _plain(relevance), _plain(run))
    by_query: dict[str, dict[str, float]] = {name: {} for name in relevance}
    for metric in found.per_query:
        by_query[metric.query_id][measures[metric.measure]] = metric.value
    means = {ours: float(found.aggregated[measure]) for measure, ours in measures.items()}
    return means, by_query


def _plain(nested: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: dict(inner) for key, inner in nested.items()}


def separation(confidences: Sequence[float], answerable: Sequence[bool]) -> float | None:
    """The area under the ROC curve of confidence; None where all or no questions are answerable."""
    if len(set(answerable)) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(answerable, confidences))
