"""The prompt for a language model, and the check of its sentences against their sources."""

from rag.grounding.claims import Claim, claims
from rag.grounding.compare import Unsupported
from rag.grounding.prompt import messages
from rag.grounding.support import Checker, Supported

__all__ = ["Checker", "Claim", "Supported", "Unsupported", "claims", "messages"]
