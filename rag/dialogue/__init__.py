"""A question of a conversation → questions that stand on their own, the likeliest first."""

from rag.dialogue.followup import resolve
from rag.dialogue.mentions import Exchange

__all__ = ["Exchange", "resolve"]
