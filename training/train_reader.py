"""Train the reader.

    python training/reader_corpus.py WORK SET.json [SET.json ...]
    python training/train_reader.py WORK --minutes 80 [--begin READER.safetensors] [--stances SET.csv ...]

Needs the folder that ``reader_corpus.py`` fills; keeps checkpoints there and resumes from the last one.
The backbone begins as the default embedder's, or all of it as an earlier reader with ``--begin``. With
``--stances``, the head that tells support from contradiction is trained too. With ``--steps`` the result
follows from the seed; with ``--minutes`` the schedule follows the clock instead, for machines that are
shared.
"""

import argparse
import copy
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby, islice
from pathlib import Path

import torch
from reader_corpus import Corpus
from reader_data import ANSWER, Maker, Pair
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from stance_data import made_stances, stance_pairs
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from rag.models.readers.network import ReaderNet, from_bert, save_net
from rag.models.weights import locate_model

VISITS = 16  # groups of one step
TOKENS = 2048  # padded tokens of one forward pass
BACKBONE_RATE, HEAD_RATE = 1.5e-4, 1e-3
WARM_UP = 0.04  # share of the schedule
KEEP_EVERY = 240  # seconds between checkpoints
STANCES = 12  # published statements of one step
STANCE_WEIGHT = 0.3
AGAIN = 0.6  # of the rates, for a reader that goes on from an earlier one
HEADS = ("ends", "whole", "verdict", "stance")


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of like length, padded, and what is to be learned from each."""

    ids: Tensor
    mask: Tensor
    types: Tensor
    answers: Tensor  # (rows, columns, columns) bool: pairs of tokens that are possible answers
    targets: tuple[Pair, ...]


def batches(pairs: list[Pair]) -> Iterator[Batch]:
    """The pairs in batches of at most ``TOKENS`` tokens, longest first."""
    rows: list[Pair] = []
    for pair in sorted(pairs, key=lambda pair: -len(pair.ids)):
        if rows and (len(rows) + 1) * len(rows[0].ids) > TOKENS:
            yield padded(rows)
            rows = []
        rows.append(pair)
    if rows:
        yield padded(rows)


def padded(pairs: list[Pair]) -> Batch:
    """Pairs, longest first, as tensors."""
    shape = (len(pairs), len(pairs[0].ids))
    ids, mask, types = (torch.zeros(shape, dtype=torch.int64) for _ in range(3))
    inside = torch.zeros(shape, dtype=torch.bool)
    for row, pair in enumerate(pairs):
        length = len(pair.ids)
        ids[row, :length] = torch.tensor(pair.ids)
        mask[row, :length] = 1
        types[row, pair.second : length] = 1
        inside[row, pair.passage : length - 1] = True
    near = torch.ones(shape[1], shape[1], dtype=torch.bool).triu().tril(ANSWER - 1)
    return Batch(ids, mask, types, inside[:, :, None] & inside[:, None, :] & near, tuple(pairs))


def losses(
    net: ReaderNet, pairs: list[Pair], device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Means of the losses of spans, relevance and stance over the pairs that teach them."""
    told: list[Tensor] = []
    judged: list[tuple[int, bool, Tensor]] = []
    stances: list[Tensor] = []
    labels: list[int] = []
    for batch in batches(pairs):
        ids, mask, types, answers = (
            t.to(device) for t in (batch.ids, batch.mask, batch.types, batch.answers)
        )
        spans, verdicts = net(ids, mask, types)
        spans, verdicts = spans.float(), verdicts.float()
        total = torch.logaddexp(
            spans.masked_fill(~answers, -1e4).flatten(1).logsumexp(1), verdicts[:, 0]
        )
        told.append(span_losses(spans, verdicts[:, 0], total, batch.targets))
        for row, pair in enumerate(batch.targets):
            if pair.relevant is not None:
                judged.append((pair.group, pair.relevant, verdicts[row, 1]))
            if pair.stance is not None:
                stances.append(verdicts[row, 2:])
                labels.append(pair.stance)
    stance = (
        functional.cross_entropy(torch.stack(stances), torch.tensor(labels, device=device))
        if labels
        else torch.zeros((), device=device)
    )
    return torch.cat(told).mean(), relevance_loss(judged), stance


def span_losses(spans: Tensor, null: Tensor, total: Tensor, pairs: Sequence[Pair]) -> Tensor:
    """For each pair that teaches spans: how improbable what should be found is."""
    rows = [row for row, pair in enumerate(pairs) if pair.spans is not None]
    wanted = [
        (row, i, j, weight)
        for row, pair in enumerate(pairs)
        for (i, j), weight in (pair.spans or {}).items()
    ]
    found = torch.zeros_like(null)
    none = torch.tensor([pair.spans == {} for pair in pairs], device=null.device)
    if wanted:  # one look-up: each would have a backward pass as large as ``spans``
        row, i, j = torch.tensor([w[:3] for w in wanted], device=null.device).T
        weights = torch.tensor([w[3] for w in wanted], device=null.device)
        found = found.index_add(0, row, spans[row, i, j] * weights)
    return (total - torch.where(none, null, found))[rows]


def relevance_loss(judged: list[tuple[int, bool, Tensor]]) -> Tensor:
    """Each passage against its label, and the right passage against the others of its group."""
    logits = torch.stack([logit for _, _, logit in judged])
    labels = torch.tensor([relevant for _, relevant, _ in judged], device=logits.device)
    loss = 0.5 * functional.binary_cross_entropy_with_logits(logits, labels.float())
    chosen = []
    for _, members in groupby(sorted(judged, key=lambda j: (j[0], not j[1])), key=lambda j: j[0]):
        group = torch.stack([logit for _, _, logit in members])
        if len(group) > 1:
            chosen.append(group.logsumexp(0) - group[0])
    return loss + torch.stack(chosen).mean() if chosen else loss


class Run:
    """A training run: network, its copy in bf16 that computes, optimiser, and how far it has come."""

    def __init__(self, work: Path, seed: int, device: torch.device, begin: Path | None) -> None:
        torch.manual_seed(seed)
        self.work, self.device = work, device
        files = locate_model(None)
        self.tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
        self.net = ReaderNet()
        self.net.load_state_dict(
            from_bert(load_file(files.folder / "model.safetensors")), strict=False
        )
        if begin is not None:
            self.net.load_state_dict(load_file(begin), strict=False)
        # Words that training never shows would be left behind by those it moves.
        self.net.words.weight.requires_grad = False
        self.net.to(device)
        self.fast = copy.deepcopy(self.net)
        for name, part in self.fast.named_children():
            part.to(torch.float32 if name in HEADS else torch.bfloat16)
        named = {n: p for n, p in self.net.named_parameters() if p.requires_grad}
        self.twins = [(p, self.fast.get_parameter(n)) for n, p in named.items()]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for n, p in named.items() if n.startswith(HEADS)], "peak": HEAD_RATE},
                {
                    "params": [p for n, p in named.items() if not n.startswith(HEADS)],
                    "peak": BACKBONE_RATE,
                },
            ],
            weight_decay=0.01,
            fused=True,
        )
        self.rates = AGAIN if begin is not None else 1.0
        self.step, self.seconds = 0, 0.0

    def learn(self, pairs: list[Pair], progress: float) -> tuple[float, float, float]:
        """One step; ``progress`` 0..1 sets the rate. The losses."""
        rate = min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self.rates * max(rate, 0.0)
        spans, relevance, stance = losses(self.fast, pairs, self.device)
        (spans + 0.5 * relevance + STANCE_WEIGHT * stance).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        for exact, quick in self.twins:
            exact.grad = None if quick.grad is None else quick.grad.float()
            quick.grad = None
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.refresh()
        self.step += 1
        return float(spans.detach()), float(relevance.detach()), float(stance.detach())

    def refresh(self) -> None:
        """Bring the copy that computes up to date with the exact weights."""
        with torch.no_grad():
            for exact, quick in self.twins:
                quick.copy_(exact)

    def save(self) -> None:
        """Write a checkpoint; an interrupted write leaves the last one."""
        tensors = {f"net.{name}": t for name, t in self.net.state_dict().items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": t for name, t in state.items()}
        aside = self.work / "checkpoint.new"
        progress = {"step": str(self.step), "seconds": str(self.seconds)}
        save_file({n: t.contiguous() for n, t in tensors.items()}, aside, metadata=progress)
        aside.replace(self.work / "checkpoint.safetensors")

    def resume(self) -> None:
        """Go on from the last checkpoint, if there is one."""
        path = self.work / "checkpoint.safetensors"
        if not path.exists():
            return
        state: dict[int, dict[str, Tensor]] = {}
        net: dict[str, Tensor] = {}
        with safe_open(path, "pt") as file:
            self.step = int(file.metadata()["step"])
            self.seconds = float(file.metadata()["seconds"])
            for name in file.keys():  # noqa: SIM118  # no mapping
                kind, _, rest = name.partition(".")
                if kind == "net":
                    net[rest] = file.get_tensor(name)
                else:
                    number, _, field = rest.partition(".")
                    state.setdefault(int(number), {})[field] = file.get_tensor(name)
        self.net.load_state_dict(net)
        self.refresh()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def train(
    run: Run, corpus: Corpus, stances: list[Path], seed: int, steps: int | None, minutes: float
) -> None:
    """Learn until the schedule ends."""
    maker = Maker(corpus, run.tokenizer)
    endless = (group for epoch in count() for group in maker.groups(seed, epoch))
    groups = islice(endless, run.step * VISITS, None)
    statements = islice(stance_pairs(stances, run.tokenizer, seed), run.step * STANCES, None)
    begun = kept = time.monotonic() - run.seconds
    pairs_done, smooth = 0, [math.nan] * 3
    while True:
        run.seconds = time.monotonic() - begun
        progress = run.step / steps if steps else run.seconds / (60 * minutes)
        if progress >= 1:
            break
        visits = list(islice(groups, VISITS))
        pairs = [pair for group in visits for pair in group]
        if stances:
            pairs += [*islice(statements, STANCES), *made_stances(maker, seed, run.step)]
        found = run.learn(pairs, max(progress, 1e-4))
        pairs_done += len(pairs)
        smooth = [
            f if math.isnan(s) else 0.98 * s + 0.02 * f for s, f in zip(smooth, found, strict=True)
        ]
        if run.step % 50 == 0:
            spent = time.monotonic() - begun
            print(
                f"step {run.step} {progress:.3f} {spent:.0f} s, span {smooth[0]:.3f}"
                f" relevance {smooth[1]:.3f} stance {smooth[2]:.3f}, {pairs_done} pairs here",
                flush=True,
            )
        if time.monotonic() - kept > KEEP_EVERY:
            kept = time.monotonic()
            run.save()
    run.save()


def main() -> None:
    """Train, from the last checkpoint if there is one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder of corpus.json and of the checkpoints")
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--steps", type=int, help="in place of --minutes")
    parser.add_argument("--begin", type=Path, help="an earlier reader to go on from")
    parser.add_argument("--stances", type=Path, nargs="+", default=[], help="entailment sets, CSV")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    run = Run(arguments.work, arguments.seed, device, arguments.begin)
    run.resume()
    train(
        run,
        Corpus.load(arguments.work / "corpus.json"),
        arguments.stances,
        arguments.seed,
        arguments.steps,
        arguments.minutes,
    )
    save_net(run.net, arguments.work / "reader.safetensors")


if __name__ == "__main__":
    main()
