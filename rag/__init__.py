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
    from rag.asking.conversation import Conversation, Turn
    from rag.asking.markdown import markdown
    from rag.asking.retriever import Retriever
    from rag.asking.verify import verify
    from rag.errors import (
        Abandoned,
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
        StoreUnavailable,
        UsageError,
        WorkersUnavailable,
    )
    from rag.indexing.indexer import build
    from rag.indexing.integrity import check
    from rag.indexing.watch import watch
    from rag.protocols import Progress
    from rag.records import (
        Alternative,
        Answer,
        Block,
        BuildReport,
        CheckReport,
        Citation,
        Contribution,
        Copy,
        CopyGroup,
        Damage,
        Document,
        DocumentInfo,
        DocumentRanking,
        EmbedderInfo,
        Filters,
        IndexInfo,
        IndexStatus,
        Part,
        Passage,
        Root,
        SearchResult,
        Skipped,
        Staleness,
        Verification,
        VerifiedCitation,
    )
    from rag.settings import LoadedSettings, Settings, load_settings
    from rag.text.terminal import printable

_HOMES = {
    "rag.asking.conversation": "Conversation Turn",
    "rag.asking.markdown": "markdown",
    "rag.asking.retriever": "Retriever",
    "rag.asking.verify": "verify",
    "rag.errors": (
        "Abandoned AmbiguousDocument AnswerInvalid CorpusEmpty CorpusError CorpusNotFound "
        "DatasetInvalid DocumentError DocumentNotFound IndexCorrupt IndexLocked "
        "IndexMismatch IndexNotFound IndexNotWritten IndexingError InvalidArgument "
        "InvalidFilter InvalidSetting ModelError ModelNotFound ModelRefused RagError "
        "StoreUnavailable UsageError WorkersUnavailable"
    ),
    "rag.indexing.indexer": "build",
    "rag.indexing.integrity": "check",
    "rag.indexing.watch": "watch",
    "rag.protocols": "Progress",
    "rag.records": (
        "Alternative Answer Block BuildReport CheckReport Citation Contribution Copy CopyGroup Damage "
        "Document DocumentInfo DocumentRanking EmbedderInfo Filters IndexInfo IndexStatus "
        "Part Passage Root SearchResult Skipped Staleness Verification VerifiedCitation"
    ),
    "rag.settings": "LoadedSettings Settings load_settings",
    "rag.text.terminal": "printable",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Abandoned",
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
    "Copy",
    "CopyGroup",
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
    "Root",
    "SearchResult",
    "Settings",
    "Skipped",
    "Staleness",
    "StoreUnavailable",
    "Turn",
    "UsageError",
    "Verification",
    "VerifiedCitation",
    "WorkersUnavailable",
    "build",
    "check",
    "load_settings",
    "markdown",
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
