"""Everything this package raises on purpose.

Each error says what happened (``message``) and what to do about it (``fix``)::

    RagError
    ├── UsageError               an argument or setting that cannot be right (command line: exit 2)
    │   ├── InvalidArgument
    │   ├── InvalidFilter
    │   └── InvalidSetting
    ├── CorpusError
    │   ├── CorpusNotFound       no such folder, or none was named
    │   ├── CorpusEmpty          nothing in the folder could be indexed
    │   └── UnreadableFile       one file cannot be taken as an article; the build goes on
    ├── AnswerInvalid            a saved answer that cannot be read
    ├── DatasetInvalid           a question set or retrieval set that cannot be read
    ├── DocumentError
    │   ├── DocumentNotFound
    │   └── AmbiguousDocument    a prefix that fits several documents
    ├── ModelError
    │   ├── ModelNotFound
    │   ├── ModelRefused         found, but unsafe or not what it claims to be
    │   └── GenerationFailed     a language model that cannot be asked, or broke off
    └── IndexingError
        ├── IndexNotFound
        ├── IndexMismatch        built with another model, analyzer, chunker, corpus or format
        ├── IndexCorrupt         a file of the index is missing, truncated or altered
        ├── IndexLocked          another process is building it
        └── IndexNotWritten      the disk is full, or the folder cannot be written
"""

from __future__ import annotations


class RagError(Exception):
    """Base of all errors of this package.

    ``message`` says what happened, ``fix`` what the user can do about it ("" when there is nothing).
    """

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def to_dict(self) -> dict[str, str]:
        """The form printed under ``--json``: ``{"type", "message", "fix"}``."""
        return {"type": type(self).__name__, "message": self.message, "fix": self.fix}


class UsageError(RagError, ValueError):
    """An argument or setting that cannot be right."""


class InvalidArgument(UsageError):
    """A value outside what an argument accepts."""


class InvalidFilter(UsageError):
    """A filter that cannot be understood, such as a date that is none."""


class InvalidSetting(UsageError):
    """An unknown key or an impossible value in ``rag.toml`` or the environment."""


class CorpusError(RagError):
    """Something about the folder of articles."""


class CorpusNotFound(CorpusError):
    """The corpus folder does not exist, is no folder, or was not named."""


class CorpusEmpty(CorpusError):
    """Nothing in the corpus folder could be indexed."""


class UnreadableFile(CorpusError):
    """One file cannot be taken as an article; ``message`` is the reason, without the path."""


class AnswerInvalid(RagError):
    """A saved answer cannot be read, or is none; ``message`` names the file and the place in it."""


class DatasetInvalid(RagError):
    """A question set or retrieval set cannot be read; ``message`` names file and line."""


class DocumentError(RagError):
    """Something about one document of the index."""


class DocumentNotFound(DocumentError):
    """No document has this id, nor an id that begins with it."""


class AmbiguousDocument(DocumentError):
    """Several documents' ids begin with what was given."""


class ModelError(RagError):
    """Something about an embedding model."""


class ModelNotFound(ModelError):
    """The model is neither a folder, nor installed, nor to be had."""


class ModelRefused(ModelError):
    """The model's files are unsafe to load, or not the ones they should be."""


class GenerationFailed(ModelError):
    """The language model that was named cannot be asked, or its answer broke off."""


class IndexingError(RagError):
    """Something about the index folder."""


class IndexNotFound(IndexingError):
    """There is no index in the folder."""


class IndexMismatch(IndexingError):
    """The index was built with something other than what is asked of it now."""


class IndexCorrupt(IndexingError):
    """A file of the index is missing, truncated or altered."""


class IndexLocked(IndexingError):
    """Another process is building this index."""


class IndexNotWritten(IndexingError):
    """A file operation failed while the index was built; the old index is as it was."""
