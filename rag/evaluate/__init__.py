"""Measures the tool on published collections and on a user's own questions and articles."""

from rag.evaluate.answers import (
    AnswersReport,
    CurvePoint,
    FunnelStep,
    evaluate_answers,
)
from rag.evaluate.datasets import (
    Example,
    QuestionSet,
    RetrievalSet,
    SourceText,
    read_beir,
    read_questions,
)
from rag.evaluate.judgement import Judgement
from rag.evaluate.metrics import judge_ranking
from rag.evaluate.prepare import corpus_index, prepared_index, write_articles
from rag.evaluate.retrieval import (
    QueryResult,
    RetrievalReport,
    evaluate_retrieval,
    strictly_falling,
)
from rag.evaluate.steps import Step

__all__ = [
    "AnswersReport",
    "CurvePoint",
    "Example",
    "FunnelStep",
    "Judgement",
    "QueryResult",
    "QuestionSet",
    "RetrievalReport",
    "RetrievalSet",
    "SourceText",
    "Step",
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
