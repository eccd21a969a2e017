"""The records that rooms hand to each other: documents, what is found, answers, indexes.

Start here. Everything is frozen, plain data; what users hold has ``to_dict()``, its JSON form.
"""

from __future__ import annotations

from rag.records.answer import (
    Alternative,
    Answer,
    Citation,
    Message,
    Part,
    Rejected,
)
from rag.records.base import (
    Fusion,
    Mode,
    Precision,
    Record,
    State,
    Status,
    Terms,
)
from rag.records.document import (
    Block,
    Chunk,
    Document,
    DocumentInfo,
    Skipped,
)
from rag.records.index import (
    BuildReport,
    CheckReport,
    Damage,
    EmbedderInfo,
    IndexStatus,
    Staleness,
    Verification,
    VerifiedCitation,
)
from rag.records.reading import Entailment, Excerpt, Reading, Span
from rag.records.search import (
    Contribution,
    DocumentRanking,
    Filters,
    Hits,
    IndexInfo,
    Passage,
    Scope,
    SearchResult,
)

__all__ = [
    "Alternative",
    "Answer",
    "Block",
    "BuildReport",
    "CheckReport",
    "Chunk",
    "Citation",
    "Contribution",
    "Damage",
    "Document",
    "DocumentInfo",
    "DocumentRanking",
    "EmbedderInfo",
    "Entailment",
    "Excerpt",
    "Filters",
    "Fusion",
    "Hits",
    "IndexInfo",
    "IndexStatus",
    "Message",
    "Mode",
    "Part",
    "Passage",
    "Precision",
    "Reading",
    "Record",
    "Rejected",
    "Scope",
    "SearchResult",
    "Skipped",
    "Span",
    "Staleness",
    "State",
    "Status",
    "Terms",
    "Verification",
    "VerifiedCitation",
]
