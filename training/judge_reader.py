"""Judge the reader, and fit what turns its scores into probabilities.

    python training/judge_reader.py reading SET.json             exact match and F1, given the paragraph
    python training/judge_reader.py calibrate SQUAD.json CLAPNQ.jsonl CLAPNQ.jsonl [--plot FILE.svg]

``reading`` and ``calibrate`` take sets in SQuAD's JSON form, with unanswerable questions for the latter;
CLAPNQ's lines are read as published. Calibration reads what the product finds: half of the articles
are fitted on, half are reported. Both take a seeded sample.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from reader_corpus import opened, read_squad
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag
from rag.evaluate import corpus_index
from rag.evaluate.datasets import document_name
from rag.evaluate.metrics import exact_match, f1
from rag.models.readers import trained as calibrated
from rag.models.readers.compiled import open_reader
from rag.models.readers.trained import TrainedReader, reading, spans_of
from rag.models.weights import locate_reader
from rag.records import Excerpt, Passage, Span

READ = 8  # passages, as `ask` reads

Floats = npt.NDArray[np.float64]


# ---------------------------------------------------------------- reading, given the paragraph


def judge_reading(reader: TrainedReader, path: Path, sample: int, seed: int) -> None:
    """Print exact match and F1 of each question's first span in its own paragraph."""
    paragraphs, questions = read_squad(path)
    asked = [q for q in questions if q.answers]
    random.Random(seed).shuffle(asked)  # noqa: S311  # a sample, not a secret
    asked = asked[:sample]
    for titled in (True, False):
        pairs = [
            (q.text, Excerpt(paragraphs[q.paragraph][1] * titled, None, paragraphs[q.paragraph][2]))
            for q in asked
        ]
        scores = []
        for question, pair, spans in zip(asked, pairs, read_all(reader, pairs), strict=True):
            given = pair[1].text[spans[0].start : spans[0].end] if spans else ""
            accepted = [text for text, _ in question.answers]
            scores.append((exact_match(given, accepted), f1(given, accepted)))
        exact, overlap = np.array(scores).mean(axis=0)
        print(
            f"{path.name}: {len(asked)} questions, titles {titled}: EM {exact:.3f} F1 {overlap:.3f}"
        )


def read_all(
    reader: TrainedReader, pairs: Sequence[tuple[str, Excerpt]]
) -> Iterator[tuple[Span, ...]]:
    """The spans of each pair, read together: far faster than one by one."""
    windows = reader.windows(pairs)
    found = iter(reader.findings([window for own in windows for window in own]))
    for (_, each), own in zip(pairs, windows, strict=True):
        yield reading(each.text, [(window, next(found)) for window in own]).spans


# ---------------------------------------------------------------- calibration


@dataclass(frozen=True)
class Case:
    """A question, what the product found for it, and which places there answer it."""

    question: str
    article: str
    answerable: bool
    passages: tuple[Passage, ...]
    right: tuple[tuple[str, int, int], ...]
    """Document, start and end of each accepted place."""
    texts: tuple[str, ...] = ()
    """Accepted answers: right wherever they stand."""


def squad_cases(path: Path, sample: int, seed: int) -> list[Case]:
    """Questions with answers, and without, asked of an index of all paragraphs of a set."""
    paragraphs, questions = read_squad(path)
    random.Random(seed).shuffle(questions)  # noqa: S311  # a sample, not a secret
    questions = questions[:sample]
    found = search(opened(paragraphs), [q.text for q in questions])
    return [
        Case(
            q.text,
            paragraphs[q.paragraph][1],
            bool(q.answers),
            near,
            tuple((document_name(q.paragraph), at, at + len(text)) for text, at in q.answers),
            tuple(text for text, _ in q.answers),
        )
        for q, near in zip(questions, found, strict=True)
    ]


def natural_cases(paths: Sequence[Path]) -> list[Case]:
    """CLAPNQ's questions, asked of an index of all its passages; a selected sentence is the answer."""
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    paragraphs = [
        (n, r["passages"][0]["title"], r["passages"][0]["text"]) for n, r in enumerate(rows)
    ]
    found = search(opened(paragraphs), [row["input"] for row in rows])
    cases = []
    for number, (row, near) in enumerate(zip(rows, found, strict=True)):
        text = row["passages"][0]["text"]
        chosen = [s for output in row["output"] for s in output["selected_sentences"] if s in text]
        right = [(document_name(number), text.index(s), text.index(s) + len(s)) for s in chosen]
        title = row["passages"][0]["title"]
        cases.append(Case(row["input"], title, bool(chosen), near, tuple(right)))
    return cases


def seeds_cases(questions: Path, folder: Path) -> list[Case]:
    """The project's own questions about its seeds."""
    rows = [json.loads(line) for line in questions.read_text("utf-8").splitlines()]
    index = corpus_index(folder, rag.Settings()).index
    found = search(rag.Retriever.open(index), [row["question"] for row in rows])
    return [
        Case(row["question"], "", bool(row["answers"]), near, (), tuple(row["answers"]))
        for row, near in zip(rows, found, strict=True)
    ]


def search(retriever: rag.Retriever, questions: Sequence[str]) -> list[tuple[Passage, ...]]:
    """What the product finds for each question."""
    return [tuple(retriever.search(question, READ)) for question in questions]


@dataclass(frozen=True)
class Choice:
    """A question's candidates: their features as in ``CALIBRATION``, and whether each is right."""

    article: str
    answerable: bool
    features: Floats
    right: npt.NDArray[np.bool_]


def choices(reader: TrainedReader, cases: Sequence[Case]) -> list[Choice]:
    """Read all passages of all cases: the first span of each passage is a candidate."""
    windows = reader.windows([(case.question, p.excerpt) for case in cases for p in case.passages])
    found = iter(reader.findings([window for own in windows for window in own]))
    each = iter(windows)
    made = []
    for case in cases:
        features, right = [], []
        for near in case.passages:
            own = [(window, next(found)) for window in next(each)]
            odds, relevance, spans = spans_of(near.text, own)
            if spans:
                start, end, _ = max(spans, key=lambda span: span[2])
                features.append((odds, relevance))
                right.append(is_right(case, near, start, end))
        shaped = np.array(features, np.float64).reshape(-1, 2)
        made.append(Choice(case.article, case.answerable, shaped, np.array(right, bool)))
    return made


def is_right(case: Case, near: Passage, start: int, end: int) -> bool:
    """Whether a span answers: F1 of a half with an accepted answer, or within an accepted place."""
    given = near.text[start:end]
    if case.texts:
        return f1(given, case.texts) >= 0.5
    begin = near.start
    return any(
        doc == near.doc_id and begin + start < e and s < begin + end for doc, s, e in case.right
    )


def fit(found: Sequence[Choice]) -> LogisticRegression:
    """The logistic by which the best candidate's probability is that it is right."""
    model = LogisticRegression(C=100)
    best = [choice.features[:, 0].argmax() if len(choice.features) else 0 for choice in found]
    for _ in range(5):
        pairs = [
            (c.features[b], c.right[b]) for c, b in zip(found, best, strict=True) if len(c.features)
        ]
        model.fit(np.array([f for f, _ in pairs]), np.array([r for _, r in pairs]))
        best = [
            model.decision_function(c.features).argmax() if len(c.features) else 0 for c in found
        ]
    return model


def report(name: str, found: Sequence[Choice], model: LogisticRegression) -> tuple[Floats, Floats]:
    """Print how well confidence tells answerable from not; the best candidates' scores and rights."""
    scores, rights = [], []
    for choice in found:
        if not len(choice.features):
            scores.append(0.0)
            rights.append(False)
            continue
        each = model.predict_proba(choice.features)[:, 1]
        scores.append(float(each.max()))
        rights.append(bool(choice.right[each.argmax()]))
    answerable = np.array([choice.answerable for choice in found])
    confidence, right = np.array(scores), np.array(rights)
    auc = roc_auc_score(answerable, confidence) if len(set(answerable)) > 1 else float("nan")
    print(
        f"{name}: {answerable.sum()} answerable, {(~answerable).sum()} not;"
        f" right {right[answerable].mean():.3f}; AUC {auc:.3f};"
        f" mean confidence {confidence.mean():.3f}, right {right.mean():.3f}"
    )
    for threshold in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5):
        declined = confidence < threshold
        answered = right[~declined].mean() if (~declined).any() else float("nan")
        print(
            f"  below {threshold:.2f}: {declined[answerable].mean():.3f} of the answerable declined,"
            f" {declined[~answerable].mean():.3f} of the others; of what is answered"
            f" {answered:.3f} right"
        )
    return confidence, right.astype(np.float64)


def reliability(confidence: Floats, right: Floats, plot: Path | None) -> None:
    """Print, and plot, how often answers of like confidence are right."""
    rows = []
    for low in np.arange(0, 1, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1 + 1e-9 * (low > 0.85))
        if inside.any():
            rows.append((confidence[inside].mean(), right[inside].mean(), int(inside.sum())))
    error = sum(abs(c - r) * n for c, r, n in rows) / len(confidence)
    print(f"reliability: expected calibration error {error:.3f}")
    for said, was, count in rows:
        print(f"  said {said:.2f}  right {was:.2f}  {'#' * round(40 * was):<40} {count}")
    if plot:
        dots = "".join(
            f'<circle cx="{40 + 300 * said:.0f}" cy="{340 - 300 * was:.0f}"'
            f' r="{2 + count**0.5 / 4:.1f}" fill="#369"/>'
            for said, was, count in rows
        )
        plot.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="380" font-size="12"'
            ' font-family="sans-serif"><path d="M40 40V340H340M40 340L340 40" fill="none"'
            f' stroke="#999"/>{dots}<text x="130" y="365">confidence</text>'
            '<text transform="rotate(-90 20 230)" x="20" y="230">share right</text></svg>\n',
            encoding="utf-8",
        )


def calibrate(
    reader: TrainedReader,
    squad: Path,
    natural: Sequence[Path],
    sample: int,
    seed: int,
    plot: Path | None,
) -> None:
    """Fit on half of the articles, report on the other half and on the seeds."""
    sets = {
        squad.name: choices(reader, squad_cases(squad, sample, seed)),
        "clapnq": choices(reader, natural_cases(natural)),
    }
    halves: dict[str, list[list[Choice]]] = {}
    for name, found in sets.items():
        articles = sorted({choice.article for choice in found})
        halves[name] = [[c for c in found if articles.index(c.article) % 2 == h] for h in (0, 1)]
    model = fit([choice for first, _ in halves.values() for choice in first])
    for name, value in zip(
        calibrated.CALIBRATION, [*model.coef_[0], model.intercept_[0]], strict=True
    ):
        print(f"{name:<10} {value:.3f}   (in the product: {calibrated.CALIBRATION[name]})")
    pooled = [report(f"{name}, other half", second, model) for name, (_, second) in halves.items()]
    confidence, right = (np.concatenate(each) for each in zip(*pooled, strict=True))
    reliability(confidence, right, plot)
    root = Path(__file__).parent.parent
    seeds = choices(reader, seeds_cases(root / "evaluation" / "seeds.jsonl", root / "seeds"))
    report("seeds", seeds, model)


def main() -> None:
    """Judge as asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", choices=("reading", "calibrate"))
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, default=1000, help="questions taken of each set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, help="reliability as SVG")
    arguments = parser.parse_args()
    reader = open_reader(locate_reader())
    if arguments.what == "reading":
        for path in arguments.data:
            judge_reading(reader, path, arguments.sample, arguments.seed)
    else:
        squad, *natural = arguments.data
        calibrate(reader, squad, natural, arguments.sample, arguments.seed, arguments.plot)


if __name__ == "__main__":
    main()
