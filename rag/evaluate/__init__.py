"""Measures the tool on published collections and on a user's own questions and articles."""

from rag.evaluate.answers import AnswersReport, CurvePoint, Judgement, evaluate_answers
from rag.evaluate.datasets import (
    Example,
    QuestionSet,
    RetrievalSet,
    SourceText,
    read_beir,
    read_questions,
)
from rag.evaluate.metrics import judge_ranking
from rag.evaluate.prepare import corpus_index, prepared_index, write_articles
from rag.evaluate.retrieval import (
    QueryResult,
    RetrievalReport,
    evaluate_retrieval,
    strictly_falling,
)

__all__ = [
    "AnswersReport",
    "CurvePoint",
    "Example",
    "Judgement",
    "QueryResult",
    "QuestionSet",
    "RetrievalReport",
    "RetrievalSet",
    "SourceText",
    "corpus_index",
    "evaluate_answers",
    "evaluate_retrieval",
    "judge_ranking",
    "prepared_index",
    "read_beir",
    "read_questions",
    "strictly_falling",
    "write_articles",
]
