"""What a language model is told, and which of its sentences their sources say."""

from rag.writing.claims import Claim, claims
from rag.writing.compare import Unsupported
from rag.writing.prompt import messages
from rag.writing.support import Checker, Supported

__all__ = ["Checker", "Claim", "Supported", "Unsupported", "claims", "messages"]
