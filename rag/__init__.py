"""Semantic search and question answering over a folder of articles, every answer cited.

>>> import rag
>>> report = rag.build("seeds", "index")  # doctest: +SKIP
>>> with rag.Retriever.open("index") as retriever:  # doctest: +SKIP
...     print(retriever.ask("Who runs REAlloys?").answer)

Names are imported when they are first used, so ``import rag`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.conversation import Conversation, Turn
    from rag.errors import (
        AmbiguousDocument,
        AnswerInvalid,
        CorpusEmpty,
        CorpusError,
        CorpusNotFound,
        DatasetInvalid,
        DocumentError,
        DocumentNotFound,
        IndexCorrupt,
        IndexingError,
        IndexLocked,
        IndexMismatch,
        IndexNotFound,
        IndexNotWritten,
        InvalidArgument,
        InvalidFilter,
        InvalidSetting,
        ModelError,
        ModelNotFound,
        ModelRefused,
        RagError,
        UsageError,
    )
    from rag.escaping import printable
    from rag.indexer import build
    from rag.integrity import check
    from rag.protocols import Progress
    from rag.reports import (
        BuildReport,
        CheckReport,
        Damage,
        IndexStatus,
        Staleness,
        Verification,
        VerifiedCitation,
    )
    from rag.retriever import Retriever
    from rag.settings import LoadedSettings, Settings, load_settings
    from rag.types import (
        Alternative,
        Answer,
        Block,
        Citation,
        Contribution,
        Document,
        DocumentInfo,
        DocumentRanking,
        EmbedderInfo,
        Filters,
        IndexInfo,
        Part,
        Passage,
        SearchResult,
        Skipped,
    )
    from rag.verifying import verify
    from rag.watching import watch

_HOMES = {
    "rag.conversation": "Conversation Turn",
    "rag.errors": (
        "AmbiguousDocument AnswerInvalid CorpusEmpty CorpusError CorpusNotFound DatasetInvalid"
        " DocumentError DocumentNotFound IndexCorrupt IndexLocked IndexMismatch IndexNotFound"
        " IndexNotWritten IndexingError InvalidArgument InvalidFilter InvalidSetting ModelError"
        " ModelNotFound ModelRefused RagError UsageError"
    ),
    "rag.indexer": "build",
    "rag.integrity": "check",
    "rag.reports": (
        "BuildReport CheckReport Damage IndexStatus Staleness Verification VerifiedCitation"
    ),
    "rag.retriever": "Retriever",
    "rag.escaping": "printable",
    "rag.protocols": "Progress",
    "rag.settings": "LoadedSettings Settings load_settings",
    "rag.types": (
        "Alternative Answer Block Citation Contribution Document DocumentInfo DocumentRanking"
        " EmbedderInfo Filters IndexInfo Part Passage SearchResult Skipped"
    ),
    "rag.verifying": "verify",
    "rag.watching": "watch",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Alternative",
    "AmbiguousDocument",
    "Answer",
    "AnswerInvalid",
    "Block",
    "BuildReport",
    "CheckReport",
    "Citation",
    "Contribution",
    "Conversation",
    "CorpusEmpty",
    "CorpusError",
    "CorpusNotFound",
    "Damage",
    "DatasetInvalid",
    "Document",
    "DocumentError",
    "DocumentInfo",
    "DocumentNotFound",
    "DocumentRanking",
    "EmbedderInfo",
    "Filters",
    "IndexCorrupt",
    "IndexInfo",
    "IndexLocked",
    "IndexMismatch",
    "IndexNotFound",
    "IndexNotWritten",
    "IndexStatus",
    "IndexingError",
    "InvalidArgument",
    "InvalidFilter",
    "InvalidSetting",
    "LoadedSettings",
    "ModelError",
    "ModelNotFound",
    "ModelRefused",
    "Part",
    "Passage",
    "Progress",
    "RagError",
    "Retriever",
    "SearchResult",
    "Settings",
    "Skipped",
    "Staleness",
    "Turn",
    "UsageError",
    "Verification",
    "VerifiedCitation",
    "build",
    "check",
    "load_settings",
    "printable",
    "verify",
    "watch",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
