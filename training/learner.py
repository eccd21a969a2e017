"""A network that learns: its exact weights, a copy that computes, the optimiser, a running mean."""

from collections.abc import Mapping, Sequence
from typing import Generic

import torch
from batches import Batch
from reader_loss import HEADS, Net, Word, losses, quick_copy
from torch import Tensor

from rag.models.readers.network import WORDS

WEIGHTS = {
    "choice": 1.0,
    "within": 0.5,
    "relevance": 0.5,
    "stance": 0.3,
    "marks": 0.5,
}
"""Of the losses against what is right."""
TAUGHT = {
    "taught": 1.0,
    "taught choice": 1.0,
    "taught relevance": 0.5,
    "taught stance": 0.3,
}
"""Of the losses against a teacher's word."""
BESIDE = 0.3
"""The share of what is right beside a teacher's word."""


class Learner(Generic[Net]):
    """Trains ``net`` on ``device`` at peak rates for its backbone and its heads."""

    def __init__(
        self, net: Net, device: torch.device, backbone: float, heads: float, *, fuse: bool = False
    ) -> None:
        """``fuse``: whether to compile the layers, which pays where launching kernels takes the time."""
        self.device = device
        self.net = net.to(device)
        # Words that training never shows would be left behind by those it moves.
        self.net.get_parameter(WORDS).requires_grad = False
        self.fast = quick_copy(self.net, device)
        if fuse:
            for layer in self.fast.get_submodule("layers").children():
                layer.compile(dynamic=True)
        named = {n: p for n, p in self.net.named_parameters() if p.requires_grad}
        self._exact: list[Tensor] = list(named.values())
        self._quick: list[Tensor] = [self.fast.get_parameter(name) for name in named]
        self.mean = {n: torch.zeros_like(p) for n, p in named.items()}
        self.meant = 0  # weights in the mean
        of_heads = [p for n, p in named.items() if n.startswith(HEADS)]
        others = [p for n, p in named.items() if not n.startswith(HEADS)]
        self.optimizer = torch.optim.AdamW(
            [{"params": of_heads, "peak": heads}, {"params": others, "peak": backbone}],
            weight_decay=0.01,
            fused=True,
        )

    def learn(
        self, batches: Sequence[Batch], rate: float, words: Sequence[Word] | None = None
    ) -> dict[str, Tensor]:
        """One step at a share of the rates. The losses, on the device."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * rate
        found = losses(self.fast, batches, words)
        total = _sum(found, WEIGHTS)
        if words:
            total = BESIDE * total + _sum(found, TAUGHT)
        total.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        for exact, quick in zip(self._exact, self._quick, strict=True):
            exact.grad = None if quick.grad is None else quick.grad.float()
            quick.grad = None
        torch.nn.utils.clip_grad_norm_(self._exact, 1.0)
        self.optimizer.step()
        self.refresh()
        return {name: one.detach() for name, one in found.items()}

    def refresh(self) -> None:
        """Bring the copy that computes up to date with the exact weights."""
        with torch.no_grad():
            torch._foreach_copy_(self._quick, self._exact)

    def remember(self) -> None:
        """Take the weights into the mean."""
        self.meant += 1
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.values()), self._exact, 1 / self.meant)

    def take_mean(self) -> None:
        """Put the mean in the place of the weights."""
        self.net.load_state_dict(self.mean, strict=False)
        self.refresh()


def _sum(found: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    return torch.stack([weight * found[name] for name, weight in weights.items()]).sum()
