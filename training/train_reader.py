"""Train the reader.

    python training/reader_corpus.py WORK SET.json [SET.json ...]
    python training/train_reader.py WORK --minutes 60 --begin READER.safetensors [--stances SET.csv ...]
    python training/train_reader.py WORK --minutes 20 --decay [--stances SET.csv ...]

Needs the folder that ``reader_corpus.py`` fills. The schedule is warm-up, stable, decay: without
``--decay``, training goes on from ``WORK/stable.safetensors`` at a rate that stays as it is, and can do so
any number of times; with it, a branch of the last stable checkpoint is brought to an end, its rate falling
to 0, and ``WORK/reader.safetensors`` written. SIGTERM stops either, after a checkpoint. The backbone begins
as the default embedder's, or all of it as an earlier reader with ``--begin``. With ``--stances``, the head
that tells support from contradiction is trained too. With ``--steps`` the result follows from the seed;
with ``--minutes`` the schedule follows the clock instead, for machines that are shared.

``reader_loss.py`` says what is learned, ``reader_data.py`` from what.
"""

import argparse
import signal
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from batches import batches
from held_out import HeldOut, sampled
from learner import Learner
from reader_corpus import Corpus
from reader_data import Maker
from reader_loss import TOKENS
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from stance_data import made_stances, stance_pairs
from synonyms import Thesaurus
from tokenizers import Tokenizer
from torch import Tensor

from rag.models.readers.network import ReaderNet, from_bert, save_net
from rag.models.weights import locate_model

VISITS = 16  # groups of one step
BACKBONE_RATE, HEAD_RATE = 6e-5, 2e-4
WARM_UP = 100  # steps
CROPPED, CROPPED_LAST = 0.97, 0.75  # share of the groups that are cropped, stable and in decay
KEEP_EVERY = 300  # seconds between checkpoints
JUDGE_EVERY = 1800  # seconds between looks at what is held out
MEAN_FROM, MEAN_EVERY = 0.6, 10  # of the decay, and steps: the weights whose mean is taken
STANCES = 6  # published statements of one step


class Run(Learner[ReaderNet]):
    """A training run that goes on from its checkpoints."""

    def __init__(self, work: Path, seed: int, device: torch.device, begin: Path | None) -> None:
        torch.manual_seed(seed)
        self.work = work
        files = locate_model(None)
        self.tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
        net = ReaderNet()
        net.load_state_dict(from_bert(load_file(files.folder / "model.safetensors")), strict=False)
        if begin is not None:
            net.load_state_dict(load_file(begin), strict=False)
        super().__init__(net, device, BACKBONE_RATE, HEAD_RATE)
        self.step = 0
        self.begun = 0  # the step of the stable checkpoint that a decay branched off from
        self.progress = 0.0  # of the decay

    def save(self, name: str) -> None:
        """Write a checkpoint; an interrupted write leaves the last one."""
        tensors = {f"net.{name}": t for name, t in self.net.state_dict().items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": t for name, t in state.items()}
        if self.meant:
            tensors |= {f"mean.{name}": t for name, t in self.mean.items()}
        told = {"step": self.step, "begun": self.begun, "meant": self.meant}
        metadata = {n: str(v) for n, v in told.items()} | {"progress": str(self.progress)}
        aside = self.work / f"{name}.new"
        save_file({n: t.contiguous() for n, t in tensors.items()}, aside, metadata=metadata)
        aside.replace(self.work / f"{name}.safetensors")

    def resume(self, name: str) -> bool:
        """Go on from a checkpoint, if there is one."""
        path = self.work / f"{name}.safetensors"
        if not path.exists():
            return False
        state: dict[int, dict[str, Tensor]] = {}
        net: dict[str, Tensor] = {}
        with safe_open(path, "pt") as file:
            told = file.metadata()
            for key in file.keys():  # noqa: SIM118  # no mapping
                kind, _, rest = key.partition(".")
                if kind == "net":
                    net[rest] = file.get_tensor(key)
                elif kind == "mean":
                    self.mean[rest].copy_(file.get_tensor(key))
                else:
                    number, _, of = rest.partition(".")
                    state.setdefault(int(number), {})[of] = file.get_tensor(key)
        self.step, self.begun, self.meant = (int(told[n]) for n in ("step", "begun", "meant"))
        self.progress = float(told["progress"])
        self.net.load_state_dict(net)
        self.refresh()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        return True

    def branch(self) -> None:
        """Begin to decay from the stable checkpoint if there is one, or go on with what was begun so."""
        self.begun = self.step if self.resume("stable") else 0
        if self._decaying(self.begun):
            self.resume("decay")

    def _decaying(self, begun: int) -> bool:
        """Whether a decay from this step was begun and not brought to its end."""
        path = self.work / "decay.safetensors"
        if not path.exists():
            return False
        with safe_open(path, "pt") as file:
            told = file.metadata()
        return int(told["begun"]) == begun and float(told["progress"]) < 1


class Stop:
    """Whether SIGTERM came."""

    def __init__(self) -> None:
        self.come = False
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: object) -> None:
        self.come = True


class Log:
    """What is said on standard output and in ``WORK/log.txt``: mean losses, and what is held out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: list[dict[str, float]] = []

    def note(self, losses: dict[str, float]) -> None:
        """Take in the losses of a step."""
        self._noted.append(losses)

    def losses(self) -> str:
        """The means of the losses noted since they were last told."""
        noted, self._noted = self._noted, []
        return " ".join(f"{n} {sum(one[n] for one in noted) / len(noted):.3f}" for n in noted[0])

    def say(self, line: str) -> None:
        """Print a line, and keep it."""
        line = f"{time.strftime('%H:%M:%S')} {line}"
        print(line, flush=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long to go on, in steps or else in minutes, and whether the rate falls to 0 meanwhile."""

    steps: int | None
    minutes: float
    decay: bool
    stances: tuple[Path, ...]
    seed: int
    peak: float = 1.0
    """Share of the rates at most: less, to change a reader that is good already."""


def train(run: Run, maker: Maker, held_out: HeldOut, schedule: Schedule, log: Log) -> bool:
    """Learn until the schedule ends; whether it did, and was not stopped."""
    seed, name = schedule.seed, "decay" if schedule.decay else "stable"
    groups = maker.groups(seed, run.step * VISITS)
    statements = stance_pairs(schedule.stances, run.tokenizer, seed, run.step * STANCES)
    stop, before, begun = Stop(), run.progress, time.monotonic()
    kept = judged = begun
    pairs_done = steps_done = 0
    while not stop.come:
        now = time.monotonic()
        share = (
            steps_done / schedule.steps
            if schedule.steps
            else (now - begun) / (60 * schedule.minutes)
        )
        run.progress = before + share
        if run.progress >= 1:
            break
        visits = list(islice(groups, VISITS))
        pairs = [pair for group in visits for pair in group]
        if schedule.stances:
            pairs += [*islice(statements, STANCES), *made_stances(maker, seed, run.step)]
        warm = min(1.0, (run.step + 1) / WARM_UP)
        rate = schedule.peak * warm * (1 - run.progress if schedule.decay else 1)
        step = [batch.to(run.device) for batch in batches(pairs, TOKENS)]
        log.note({name: one.item() for name, one in run.learn(step, rate).items()})
        run.step += 1
        pairs_done += len(pairs)
        steps_done += 1
        if schedule.decay and run.progress > MEAN_FROM and run.step % MEAN_EVERY == 0:
            run.remember()
        if run.step % 50 == 0:
            speed = pairs_done / (time.monotonic() - begun)
            log.say(f"{name} {run.step} {run.progress:.3f} {speed:.1f}/s: {log.losses()}")
        if now - kept > KEEP_EVERY:
            kept = now
            run.save(name)
        if now - judged > JUDGE_EVERY:
            judged = now
            log.say(f"held out, step {run.step}: {held_out.told(run.fast, run.device)}")
    if not schedule.decay:
        run.progress = 0.0
    run.save(name)
    return not stop.come


def finish(run: Run, held_out: HeldOut, log: Log) -> None:
    """Write the last weights or the mean of the last, whichever does better on what is held out."""
    save_net(run.net, run.work / "reader-last.safetensors")
    found = {"last": held_out.measured(run.fast, run.device)}
    if run.meant:
        run.take_mean()
        save_net(run.net, run.work / "reader-mean.safetensors")
        found["mean"] = held_out.measured(run.fast, run.device)
    for name, measured in found.items():
        log.say(f"{name}: {measured}")
    best = max(found, key=lambda name: found[name].f1 + found[name].chosen)
    (run.work / "reader.safetensors").write_bytes(
        (run.work / f"reader-{best}.safetensors").read_bytes()
    )


def main() -> None:
    """Train, from the last checkpoint if there is one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder of corpus.json and of the checkpoints")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, help="in place of --minutes")
    parser.add_argument("--decay", action="store_true", help="bring a branch to its end")
    parser.add_argument("--begin", type=Path, help="an earlier reader to go on from")
    parser.add_argument("--stances", type=Path, nargs="+", default=[], help="entailment sets, CSV")
    parser.add_argument("--held-out", type=Path, nargs="+", default=[], help="sets to choose by")
    parser.add_argument("--thesaurus", type=Path, help="folder of WordNet's database files")
    parser.add_argument("--peak", type=float, default=1.0, help="share of the rates at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    log = Log(arguments.work / "log.txt")
    run = Run(arguments.work, arguments.seed, torch.device(arguments.device), arguments.begin)
    corpus, kept = Corpus.load(arguments.work / "corpus.json").parted()
    corpus, more = corpus.beside(arguments.held_out)
    thesaurus = Thesaurus(arguments.thesaurus) if arguments.thesaurus else None
    cropped = CROPPED_LAST if arguments.decay else CROPPED
    maker = Maker(corpus, run.tokenizer, cropped, thesaurus=thesaurus)
    held_out = HeldOut(maker, (*sampled(kept), *more))
    if arguments.decay:
        run.branch()
    else:
        run.resume("stable")
    log.say(f"from step {run.step}")
    schedule = Schedule(
        arguments.steps,
        arguments.minutes,
        arguments.decay,
        tuple(arguments.stances),
        arguments.seed,
        arguments.peak,
    )
    if train(run, maker, held_out, schedule, log) and arguments.decay:
        finish(run, held_out, log)


if __name__ == "__main__":
    main()
