"""The reader's teacher: MPNet-base (Song et al. 2020) under the same heads, in plain PyTorch.

Its vocabulary is BERT's, four numbers further on, so it reads the reader's own tokens and its shares of
spans can be taught token by token. The weights are those of ``all-mpnet-base-v2`` (Apache-2.0).
"""

import math
from collections.abc import Mapping

import torch
from reader_data import CLS, SEP
from torch import Tensor, nn
from torch.nn import functional

from rag.models.readers import network

VOCABULARY, WIDTH, HEADS, LAYERS, POSITIONS = 30527, 768, 12, 12, 514
SHIFT = 4  # from BERT's number of a token to MPNet's
BEGIN, PAD, END = 0, 1, 2
FIRST = 2  # the position of the first token
BUCKETS, FURTHEST = 32, 128  # of the distances of tokens
DROPOUT = 0.1


class Layer(network.Layer):
    """The reader's layer, wider, with the fused attention of GPUs and with dropout."""

    def __init__(self) -> None:
        super().__init__(WIDTH, eps=1e-5)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """``x`` (rows, columns, width); ``bias`` (rows, heads, columns, columns): distance and padding."""
        rows, columns, width = x.shape
        split = self.qkv(x).view(rows, columns, 3, HEADS, width // HEADS)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        mixed = self.out(mixed.transpose(1, 2).reshape(rows, columns, width))
        x = self.norm1(x + functional.dropout(mixed, DROPOUT, self.training))
        deep = self.down(functional.gelu(self.up(x)))
        y: Tensor = self.norm2(x + functional.dropout(deep, DROPOUT, self.training))
        return y


class TeacherNet(network.Heads):
    """Reads what ``ReaderNet`` reads, and scores the same."""

    def __init__(self) -> None:
        super().__init__(WIDTH)
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        nn.init.zeros_(self.types.weight)  # MPNet has none
        self.norm = nn.LayerNorm(WIDTH, eps=1e-5)
        self.distances = nn.Embedding(BUCKETS, HEADS)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As ``ReaderNet.forward``."""
        place = torch.arange(ids.shape[1], device=ids.device)
        own = torch.where(ids == CLS, BEGIN, torch.where(ids == SEP, END, ids + SHIFT))
        own = torch.where(mask.bool(), own, PAD)
        x = self.words(own) + self.positions(place + FIRST) + self.types(types)
        x = functional.dropout(self.norm(x), DROPOUT, self.training)
        apart = self.distances(buckets(place[None, :] - place[:, None])).permute(2, 0, 1)
        bias = (apart + ((1 - mask) * -10000.0)[:, None, None, :]).to(x.dtype)
        for layer in self.layers:
            x = layer(x, bias)
        return self.scores(x.to(self.ends.weight.dtype))


def buckets(apart: Tensor) -> Tensor:
    """The bucket of each distance: exact for near ones, by logarithm for far ones, by side."""
    side, near = BUCKETS // 2, BUCKETS // 4
    far = apart.abs().clamp(min=1).float()
    steps = torch.log(far / near) / math.log(FURTHEST / near) * (side - near)
    large = (near + steps.long()).clamp(max=side - 1)
    return (apart > 0) * side + torch.where(apart.abs() < near, apart.abs(), large)


def from_mpnet(mpnet: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """MPNet's weights under this network's names, without those of the heads."""
    embeddings = {
        "words.weight": "embeddings.word_embeddings.weight",
        "positions.weight": "embeddings.position_embeddings.weight",
        "norm.weight": "embeddings.LayerNorm.weight",
        "norm.bias": "embeddings.LayerNorm.bias",
        "distances.weight": "encoder.relative_attention_bias.weight",
    }
    weights = {ours: mpnet[theirs] for ours, theirs in embeddings.items()}
    parts = {
        "out": "attention.attn.o",
        "norm1": "attention.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    attention = [f"attention.attn.{name}" for name in "qkv"]
    return weights | network.of_layers(mpnet, LAYERS, attention, parts)
