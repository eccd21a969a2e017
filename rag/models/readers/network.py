"""The reader's network in PyTorch: used for training and conversion, never to answer.

A BERT in the size of MiniLM-L6-H384 with five heads. One pass over ``[CLS] question [SEP] title [SEP]
passage [SEP]`` scores each span as an answer, "no answer", each token as a part of an answer and of a
sentence that answers, the relevance of the passage, and, if the question is a statement, its entailment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

VOCABULARY: Final = 30522
WIDTH: Final = 384
HEADS: Final = 12
LAYERS: Final = 6
POSITIONS: Final = 512
FILE: Final = "reader.safetensors"
WORDS: Final = "words.weight"
PAIR: Final = 64
"""Width of the vectors that score a span by its two ends."""
ENTAILMENTS: Final = ("supports", "contradicts", "leaves open")
"""The entailment classes, in the order of the network's scores."""
MARKS: Final = ("in an answer", "in a sentence that answers")
"""What each token is marked as, in the order of the network's scores."""


class Heads(nn.Module):
    """What is read off a transformer's output: spans, verdicts and marks. The teacher has them too."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ends = nn.Linear(width, 2 + 2 * PAIR)
        self.whole = nn.Linear(width, width)
        self.verdict = nn.Linear(width, 2)
        self.stance = nn.Linear(width, len(ENTAILMENTS))
        self.marks = nn.Linear(width, len(MARKS))

    def scores(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Spans, verdicts and marks of ``x`` (rows, columns, width); see ``ReaderNet.forward``."""
        single, left, right = self.ends(x).split([2, PAIR, PAIR], dim=-1)
        spans = left @ right.transpose(-1, -2) * PAIR**-0.5
        spans = spans + single[..., 0, None] + single[..., None, :, 1]
        first = torch.tanh(self.whole(x[:, 0]))
        verdicts = torch.cat([self.verdict(first), self.stance(first)], dim=-1)
        return spans, verdicts, self.marks(x)


class Layer(nn.Module):
    """One transformer layer, with the norm after each half, as in BERT."""

    def __init__(self, width: int = WIDTH, eps: float = 1e-12) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """``x`` (rows, columns, width); ``bias`` (rows, 1, 1, columns) is large and negative on padding."""
        rows, columns, width = x.shape
        split = self.qkv(x).view(rows, columns, 3, HEADS, width // HEADS)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        # Not the fused kernel: on CPUs its backward pass takes longer than all the rest.
        weights = ((q * (width // HEADS) ** -0.5) @ k.transpose(-1, -2) + bias).softmax(-1)
        mixed = (weights @ v).transpose(1, 2).reshape(rows, columns, width)
        x = self.norm1(x + self.out(mixed))
        y: Tensor = self.norm2(x + self.down(functional.gelu(self.up(x))))
        return y


class ReaderNet(Heads):
    """From token ids to spans, verdicts and marks, all as logits."""

    def __init__(self) -> None:
        super().__init__(WIDTH)
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Spans (rows, columns, columns), verdicts (rows, 5), marks (rows, columns, 2).

        Inputs are int64 (rows, columns). ``spans[r, i, j]`` scores the span from token i to token j.
        ``verdicts`` are the score of "no answer", comparable to those of spans, the relevance, and one for
        each of ``ENTAILMENTS``. ``marks`` has one score for each of ``MARKS``.
        """
        x = self.words(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device))
        x = self.norm(x + self.types(types))
        bias = ((1 - mask) * -10000.0)[:, None, None, :].to(x.dtype)
        for layer in self.layers:
            x = layer(x, bias)
        return self.scores(x.to(self.ends.weight.dtype))  # while all else trains in bf16


def load_net(reader: Path, words: Path) -> ReaderNet:
    """The trained network in fp32; its word embeddings come from the embedder's folder ``words``."""
    from safetensors.torch import load_file

    tensors = {name: t.float() for name, t in load_file(reader / FILE).items()}
    tensors[WORDS] = load_file(words / "model.safetensors")["embeddings.word_embeddings.weight"]
    net = ReaderNet()
    net.load_state_dict(tensors)
    return net.eval()


def save_net(net: ReaderNet, path: Path) -> None:
    """Write the weights in fp16, without the word embeddings, which are not trained."""
    from safetensors.torch import save_file

    tensors = {n: t.half().contiguous() for n, t in net.state_dict().items() if n != WORDS}
    save_file(tensors, path)


def from_bert(bert: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a BERT under this network's names, without those of the heads."""
    embeddings = {
        WORDS: "word_embeddings.weight",
        "positions.weight": "position_embeddings.weight",
        "types.weight": "token_type_embeddings.weight",
        "norm.weight": "LayerNorm.weight",
        "norm.bias": "LayerNorm.bias",
    }
    weights = {ours: bert[f"embeddings.{theirs}"] for ours, theirs in embeddings.items()}
    parts = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    attention = [f"attention.self.{name}" for name in ("query", "key", "value")]
    return weights | of_layers(bert, LAYERS, attention, parts)


def of_layers(
    theirs: Mapping[str, Tensor], layers: int, attention: Sequence[str], parts: Mapping[str, str]
) -> dict[str, Tensor]:
    """The weights of the layers of a BERT, or a model like it, under the names of ``Layer``.

    ``attention`` are its names of query, key and value, ``parts`` those of the other parts.
    """
    weights: dict[str, Tensor] = {}
    for layer in range(layers):
        ours, own = f"layers.{layer}", f"encoder.layer.{layer}"
        for kind in ("weight", "bias"):
            each = [theirs[f"{own}.{name}.{kind}"] for name in attention]
            weights[f"{ours}.qkv.{kind}"] = torch.cat(each)
            for name, part in parts.items():
                weights[f"{ours}.{name}.{kind}"] = theirs[f"{own}.{part}.{kind}"]
    return weights
