"""Measures of answers, rankings and confidence.

Rankings are measured by ir-measures (based on pytrec_eval), areas under the curve by scikit-learn.
"""

from __future__ import annotations

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
"""Our names for the measures → those of ir-measures."""

_ARTICLES = frozenset(("a", "an", "the"))
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """An answer in the form that SQuAD compares: lower case, no punctuation or articles, single spaces.

    >>> normalised("The $110/kg  floor.")
    '110kg floor'
    """
    words = text.lower().translate(_NO_PUNCTUATION).split()
    return " ".join(word for word in words if word not in _ARTICLES)


def exact_match(given: str, accepted: Sequence[str]) -> float:
    """1 if ``given`` is an accepted answer, or if no answer is accepted and ``given`` is empty; else 0."""
    return float(normalised(given) in {normalised(answer) for answer in accepted or ("",)})


def f1(given: str, accepted: Sequence[str]) -> float:
    """The best F1 of words over the accepted answers, as SQuAD's own script computes it."""
    return max(_overlap(normalised(given), normalised(answer)) for answer in accepted or ("",))


def _overlap(given: str, accepted: str) -> float:
    left, right = given.split(), accepted.split()
    if not left or not right:
        return float(left == right)
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def holds(text: str, accepted: Sequence[str]) -> bool:
    """Whether a text contains an accepted answer as whole words and numbers.

    >>> holds("It produced 2,017 tonnes.", ["17"]), holds("a floor of $110/kg", ["$110"])
    (False, True)
    >>> holds("Lindvik's harbour", ["Lindvik"]), holds("dockers union", ["dockers' union"])
    (True, True)
    """
    plain, apart = normalised(text), _apart(text)
    return any(
        _contains(plain, normalised(answer)) or _contains(apart, _apart(answer))
        for answer in accepted
    )


def _apart(text: str) -> str:
    """The normalised form in which an apostrophe ends a word: the name in "Lindvik's" is a whole word."""
    return normalised(text.replace("'", "’"))


def _contains(text: str, answer: str) -> bool:
    at = text.find(answer) if answer else -1
    while at >= 0:
        end = at + len(answer)
        if not (_splits_word(text, at) or _splits_word(text, end)):
            return True
        at = text.find(answer, at + 1)
    return False


def _splits_word(text: str, at: int) -> bool:
    """Whether offset ``at`` is inside a word or a number."""
    pair = text[at - 1 : at + 1] if at else ""
    return len(pair) == 2 and (pair.isalpha() or pair.isdecimal())


def judge_ranking(
    relevance: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The mean of each measure over all judged queries, and the values of each query.

    Both arguments map a query id to document ids. The scores of one query must all differ, because
    trec_eval sorts equal scores by id. A query that is missing from the run counts as 0.
    """
    import ir_measures

    measures = {ir_measures.parse_measure(theirs): ours for ours, theirs in RANKING.items()}
    result = ir_measures.calc(list(measures), _dicts(relevance), _dicts(run))
    by_query: dict[str, dict[str, float]] = {name: {} for name in relevance}
    for metric in result.per_query:
        by_query[metric.query_id][measures[metric.measure]] = metric.value
    means = {ours: float(result.aggregated[measure]) for measure, ours in measures.items()}
    return means, by_query


def _dicts(nested: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: dict(inner) for key, inner in nested.items()}


def separation(confidences: Sequence[float], answerable: Sequence[bool]) -> float | None:
    """The area under the ROC curve of confidence; None if all questions, or none, are answerable."""
    if len(set(answerable)) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(answerable, confidences))
