"""Everything this package raises on purpose.

Each error says what happened (``message``) and what to do about it (``fix``)::

    RagError
    ├── UsageError               an argument or setting that cannot be right (command line: exit 2)
    │   ├── InvalidArgument
    │   ├── InvalidFilter
    │   └── InvalidSetting
    ├── CorpusError
    │   ├── CorpusNotFound       the folder does not exist, or none was named
    │   ├── CorpusEmpty          nothing in the folder can be indexed
    │   └── UnreadableFile       one file is not a readable article; the build goes on
    │       └── OutOfReach       the file exists, but cannot be read now
    ├── OutOfResources           too many open files, or no memory left
    ├── Abandoned                whoever asked no longer wants the answer
    ├── AnswerInvalid            a saved answer that cannot be read
    ├── DatasetInvalid           a question set or retrieval set that cannot be read
    ├── DocumentError
    │   ├── DocumentNotFound
    │   └── AmbiguousDocument    a prefix that several documents share
    ├── ModelError
    │   ├── ModelNotFound
    │   ├── ModelRefused         the model is unsafe, or not what it claims to be
    │   └── GenerationFailed     a language model that cannot be reached, or that broke off
    └── IndexingError
        ├── IndexNotFound
        ├── IndexMismatch        another model, analyzer, chunker, corpus or format
        ├── IndexCorrupt         a file of the index is missing, truncated or altered
        ├── IndexLocked          another process is building it
        ├── IndexNotWritten      the disk is full, or the folder cannot be written
        ├── StoreUnavailable     the server of an index cannot be reached, or refuses
        └── WorkersUnavailable   the workers that embed cannot be reached, refuse, or do not answer
"""

from __future__ import annotations


class RagError(Exception):
    """The base of all errors of this package.

    ``message`` says what happened, ``fix`` what the user can do about it ("" if nothing).
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
    """A value that an argument does not accept."""


class InvalidFilter(UsageError):
    """A filter that cannot be understood, such as "2024-13-01" for a date."""


class InvalidSetting(UsageError):
    """An unknown key or an impossible value in ``rag.toml`` or the environment."""


class OutOfResources(RagError):
    """The system has no file descriptors or no memory left for this process."""


class Abandoned(RagError):
    """The caller of a search or a question said that it no longer wants the result."""


_NO_MEMORY = (
    "bad_alloc",
    "annot allocate memory",
    "ailed to map segment",
    "an't alloc",
    "ailed to alloc",
)


def lacks_memory(error: Exception) -> bool:
    """Whether a library failed for want of memory, whatever error it raised."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY)


class CorpusError(RagError):
    """Something about the folder of articles."""


class CorpusNotFound(CorpusError):
    """The corpus folder does not exist, is not a folder, or was not named."""


class CorpusEmpty(CorpusError):
    """Nothing in the corpus folder can be indexed."""


class UnreadableFile(CorpusError):
    """One file is not a readable article; ``message`` is the reason, without the path."""


class OutOfReach(UnreadableFile):
    """A file that is there and cannot be read now: no permission, a share that does not answer."""


class AnswerInvalid(RagError):
    """A file is not a saved answer; ``message`` names the file and the place in it."""


class DatasetInvalid(RagError):
    """A question set or retrieval set cannot be read; ``message`` names file and line."""


class DocumentError(RagError):
    """Something about one document of the index."""


class DocumentNotFound(DocumentError):
    """No document has this id, or an id that begins with it."""


class AmbiguousDocument(DocumentError):
    """The ids of several documents begin with this prefix."""


class ModelError(RagError):
    """Something about a model: an embedder, a reader or a language model."""


class ModelNotFound(ModelError):
    """The model is not a folder, not installed, and cannot be downloaded."""


class ModelRefused(ModelError):
    """The model's files are unsafe to load, or not what they claim to be."""


class GenerationFailed(ModelError):
    """The language model cannot be reached, or its reply broke off."""


class IndexingError(RagError):
    """Something about the index folder."""


class IndexNotFound(IndexingError):
    """There is no index in the folder."""


class IndexMismatch(IndexingError):
    """The index was built with other settings, or from another corpus, than this command uses."""


class IndexCorrupt(IndexingError):
    """A file of the index is missing, truncated or altered."""


class IndexLocked(IndexingError):
    """Another process is building this index."""


class IndexNotWritten(IndexingError):
    """A file operation failed during a build; the old index is unchanged."""


class StoreUnavailable(IndexingError):
    """The server that holds an index cannot be reached, refuses, or does not do what it is asked."""


class WorkersUnavailable(IndexingError):
    """The workers that embed cannot be reached, refuse (another version or model), or do not answer."""
