"""Train a teacher on a GPU, have it read pairs, and train the reader on what it says of them.

    python training/distil_reader.py WORK MPNET --begin READER.safetensors --stances SET.csv ...
        --held-out SET.json ... --minutes 8 2.5 11

Needs the folder that ``reader_corpus.py`` fills, and a folder with MPNet-base's weights. The three parts of
``--minutes`` are those of the teacher's training, of its reading, and of the reader's training. A finished
teacher stands in ``WORK/teacher.safetensors`` and is not trained again. ``WORK/reader.safetensors`` is the
mean of the reader's last weights. All but a processor go on making pairs meanwhile.

``reader_loss.py`` says what is learned, ``reader_data.py`` from what.
"""

import argparse
import multiprocessing
import os
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path

import torch
from batches import Batch, batches
from held_out import HeldOut, sampled
from learner import Learner
from reader_corpus import Corpus
from reader_data import Maker
from reader_loss import Word, quick_copy, word_of
from safetensors.torch import load_file, save_file
from stance_data import made_stances, stance_pairs
from teacher import TeacherNet, from_mpnet
from tokenizers import Tokenizer
from torch import Tensor
from train_reader import Log

from rag.models.readers.network import WORDS, ReaderNet, save_net
from rag.models.weights import locate_model

VISITS = 80  # groups of one step
MISSES = 2.0  # passages without the answer found for a question
STANCES, MADE = 24, 8  # statements of one step
TOKENS = 32768  # of one forward pass
MULTIPLE = 16  # widths that the GPU's kernels like
TEACHER_RATE, TEACHER_HEAD_RATE = 5e-5, 2e-4
READER_RATE, READER_HEAD_RATE = 2e-4, 4e-4
WARM_UP = 0.03  # share of a schedule
MEAN_FROM, MEAN_EVERY = 0.9, 20  # of the schedule, and steps
SAY_EVERY, JUDGE_EVERY, KEEP_EVERY = 10, 120, 60  # seconds

Step = list[Batch]


class Supply:
    """Steps made by processes that run beside the training."""

    def __init__(self, maker: Maker, stances: Sequence[Path], seed: int, waiting: int) -> None:
        context = multiprocessing.get_context("fork")
        self._queue = context.Queue(waiting)
        number = max(1, (os.cpu_count() or 2) - 2)
        self._makers = [
            context.Process(target=self._make, args=(maker, stances, seed, n, number), daemon=True)
            for n in range(number)
        ]
        for process in self._makers:
            process.start()
        self._ready: queue.Queue[Step] = queue.Queue(8)

    def _make(self, maker: Maker, stances: Sequence[Path], seed: int, own: int, every: int) -> None:
        torch.set_num_threads(1)
        groups = maker.groups(seed, own, every)
        statements = stance_pairs(stances, maker.tokenizer, seed + own)
        step = 0
        while True:
            pairs = [pair for group in islice(groups, VISITS) for pair in group]
            pairs += islice(statements, STANCES)
            for _ in range(MADE):
                step += 1
                pairs += made_stances(maker, seed + own, step)
            made = [
                [getattr(batch, f.name).numpy() for f in fields(Batch)]
                for batch in batches(pairs, TOKENS, MULTIPLE)
            ]
            self._queue.put(made)

    def steps(self, device: torch.device) -> Iterator[Step]:
        """Steps on the device, without end."""
        stopped = False

        def bring() -> None:
            while not stopped:
                made = self._queue.get()
                self._ready.put(
                    [Batch(*(torch.from_numpy(a) for a in arrays)).to(device) for arrays in made]
                )

        thread = threading.Thread(target=bring, daemon=True)
        thread.start()
        try:
            while True:
                yield self._ready.get()
        finally:
            stopped = True

    def stop(self) -> None:
        """End the processes."""
        for process in self._makers:
            process.terminate()


def learn(
    learner: Learner[TeacherNet] | Learner[ReaderNet],
    steps: Iterator[tuple[Step, list[Word] | None]],
    minutes: float,
    keep: Callable[[], None],
    judge: Callable[[], str],
    log: Log,
) -> None:
    """Learn from the steps for so long: the rate rises, then falls to 0 by the clock."""
    begun = said = judged = kept = time.monotonic()
    pairs = 0
    noted: list[dict[str, torch.Tensor]] = []
    for count, (step, words) in enumerate(steps, 1):
        now = time.monotonic()
        share = (now - begun) / (60 * minutes)
        if share >= 1:
            break
        rate = min(share / WARM_UP, (1 - share) / (1 - WARM_UP))
        noted.append(learner.learn(step, max(rate, 1e-3), words))
        pairs += sum(len(batch.lengths) for batch in step)
        if share > MEAN_FROM and count % MEAN_EVERY == 0:
            learner.remember()
        if now - said > SAY_EVERY:
            said = now
            told = {
                name: torch.stack([one[name] for one in noted]).mean().item() for name in noted[0]
            }
            noted = []
            figures = " ".join(f"{name} {value:.3f}" for name, value in told.items())
            log.say(f"{share:.3f} step {count}, {pairs / (now - begun):.0f}/s: {figures}")
        if now - judged > JUDGE_EVERY:
            judged = now
            log.say(f"held out: {judge()}")
        if now - kept > KEEP_EVERY:
            kept = now
            keep()
    if learner.meant:
        log.say(f"last: {judge()}")
        learner.take_mean()
        log.say(f"mean: {judge()}")
    keep()


def read_all(
    teacher: TeacherNet, steps: Iterator[Step], minutes: float, log: Log
) -> list[tuple[Step, list[Word]]]:
    """The teacher's word on as many steps as it reads in this time."""
    told: list[tuple[Step, list[Word]]] = []
    begun = time.monotonic()
    with torch.no_grad():  # not inference_mode: these are kept for a backward pass
        for step in steps:
            told.append((step, [word_of(teacher, batch) for batch in step]))
            if len(told) % 20 == 0:
                torch.cuda.synchronize()  # so that the clock below tells the truth
            if time.monotonic() - begun > 60 * minutes:
                break
    pairs = sum(len(batch.lengths) for step, _ in told for batch in step)
    log.say(f"read {len(told)} steps, {pairs} pairs")
    return told


def shuffled(told: list[tuple[Step, list[Word]]], seed: int) -> Iterator[tuple[Step, list[Word]]]:
    """The steps in a new order each pass, without end."""
    rng = random.Random(seed)  # noqa: S311  # an order, not a secret
    while True:
        rng.shuffle(told)
        yield from told


def grown(
    arguments: argparse.Namespace, steps: Iterator[Step], held_out: HeldOut, log: Log
) -> TeacherNet:
    """The teacher as it computes: the one that ``WORK`` holds, or else trained now."""
    device, done = torch.device(arguments.device), arguments.work / "teacher.safetensors"
    net = TeacherNet()
    if done.exists():
        net.load_state_dict({n: t.float() for n, t in load_file(done).items()})
        return quick_copy(net, device).to(device).eval()
    weights = load_file(arguments.teacher / "model.safetensors")
    net.load_state_dict(from_mpnet({n: t.float() for n, t in weights.items()}), strict=False)
    learner = Learner(net, device, TEACHER_RATE, TEACHER_HEAD_RATE, fuse=arguments.fuse)

    def judged() -> str:
        learner.fast.eval()
        told = held_out.told(learner.fast, device)
        learner.fast.train()
        return told

    endless = ((step, None) for step in steps)
    learn(learner, endless, arguments.minutes[0], lambda: None, judged, log)
    save_file({n: t.bfloat16() for n, t in learner.net.state_dict().items()}, done)
    return learner.fast.eval()


def taught(
    arguments: argparse.Namespace,
    told: list[tuple[Step, list[Word]]],
    words: Tensor,
    held_out: HeldOut,
    log: Log,
) -> None:
    """Train the reader on the teacher's word, and write it."""
    device = torch.device(arguments.device)
    net = ReaderNet()
    net.load_state_dict({**load_file(arguments.begin), WORDS: words}, strict=False)
    reader = Learner(net, device, READER_RATE, READER_HEAD_RATE, fuse=arguments.fuse)
    learn(
        reader,
        shuffled(told, arguments.seed),
        arguments.minutes[2],
        lambda: save_net(reader.net, arguments.work / "reader.safetensors"),
        lambda: held_out.told(reader.fast, device),
        log,
    )


def main() -> None:
    """Train teacher and reader."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("work", type=Path, help="folder of corpus.json and of the results")
    parser.add_argument("teacher", type=Path, help="folder of MPNet-base's model.safetensors")
    parser.add_argument("--begin", type=Path, required=True, help="a reader to go on from")
    parser.add_argument("--minutes", type=float, nargs=3, default=(8, 2.5, 11))
    parser.add_argument("--stances", type=Path, nargs="+", default=[], help="entailment sets, CSV")
    parser.add_argument("--held-out", type=Path, nargs="+", default=[], help="sets to judge by")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--fuse", action="store_true", help="compile the layers")
    arguments = parser.parse_args()
    log, seed = Log(arguments.work / "log.txt"), arguments.seed
    torch.manual_seed(seed)
    files = locate_model(None)
    corpus, kept = Corpus.load(arguments.work / "corpus.json").parted()
    corpus, more = corpus.beside(arguments.held_out)
    tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
    maker = Maker(corpus, tokenizer, misses=MISSES)
    maker.read_all()
    supply = Supply(maker, arguments.stances, seed, waiting=4000)
    held_out = HeldOut(maker, (*sampled(kept), *more))
    log.say(f"{len(corpus.questions)} questions, {len(kept)} held out")
    steps = supply.steps(torch.device(arguments.device))
    teacher = grown(arguments, steps, held_out, log)
    told = read_all(teacher, steps, arguments.minutes[1], log)
    supply.stop()
    words = load_file(files.folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    taught(arguments, told, words, held_out, log)


if __name__ == "__main__":
    main()
