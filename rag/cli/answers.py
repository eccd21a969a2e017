"""Lays out answers and passages for people. All text from articles is escaped for the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rag.cli.console import one_line, place_text, styled, wrapped
from rag.text.markup import masked, shown
from rag.text.terminal import printable as safe
from rag.text.tokens import visible

if TYPE_CHECKING:
    from rag.records import Alternative, Answer, Citation, Filters, Passage


def answer_text(
    answer: Answer,
    *,
    explain: bool = False,
    streamed: bool = False,
    dates: str = "--since/--until",
) -> str:
    """An answer followed by its sources, or an abstention with its reason and the nearest passages.

    An answer by a language model is followed by a quote from each source; ``streamed`` says that its
    sentences have been shown already. ``dates`` names the way to override dates read from the question.
    """
    if answer.status == "abstained":
        lines = [f"The articles don't say: {safe(answer.reason or '')}."]
        if answer.passages:
            lines += ["", "Nearest passages:"]
            lines += [passage_text(n, p, lines=2) for n, p in enumerate(answer.passages[:3], 1)]
    elif answer.generated:
        # The confidence is that of the answer in the articles' words, not of what a model wrote from it.
        lines = ["" if streamed else safe(answer.answer or ""), ""]
        for citation in answer.citations:
            lines += [
                *source_lines([citation]),
                wrapped(f"“{shown(citation.quote)}”", "    ", None),
            ]
    else:
        several = len(answer.citations) > 1
        lines = [f"{styled(answer.verdict.capitalize(), 'bold')}."] if answer.verdict else []
        lines += [_marked(c) + f" [{c.n}]" * several for c in answer.citations]
        lines += [*_certainty(answer), ""]
        if answer.support > 1:
            known = all(citation.publisher for citation in answer.citations)
            lines += [
                f"{answer.support} {'independent publishers' if known else 'articles'} say so:"
            ]
        lines += source_lines(answer.citations)
        if answer.disagreement:
            lines += ["", "The articles differ, newest first:"]
            lines += [_alternative_text(other) for other in answer.disagreement]
    if answer.inferred:
        lines += ["", styled(_inferred(answer.inferred, answer.inferred_from, dates), "dim")]
    if explain:
        lines += ["", *_explained(answer)]
    return "\n".join(lines)


def _certainty(answer: Answer) -> list[str]:
    """How sure the answer is, in words and as a number."""
    said = (
        f"{answer.certainty[:1].upper()}{answer.certainty[1:]} (confidence {answer.confidence:.2f})"
    )
    return [styled(said, "dim")]


def _alternative_text(alternative: Alternative) -> str:
    """One of several different answers, followed by publisher, date, place and quote of each source."""
    lines = [f"  {styled(one_line(shown(alternative.answer)), 'bold')}"]
    for citation in alternative.citations:
        where = place_text(citation.path, [(citation.line, citation.page)])
        lines += [
            f"    {_described(citation)}",
            f"    {where}",
            wrapped(shown(citation.quote), "      ", None),
        ]
    return "\n".join(lines)


def _inferred(filters: Filters, wording: str, dates: str) -> str:
    """Which articles were read, because of which words in the question, and how to read others."""
    since, until = filters.since, filters.until
    days = f"of {since}" if since == until else f"from {since} to {until}"
    if not since or not until:
        days = f"since {since}" if since else f"until {until}"
    return (
        f"only articles {days} or without a date (from “{one_line(wording)}”);"
        f" change this with {dates}"
    )


def _explained(answer: Answer) -> list[str]:
    """The evidence for the answer and its alternatives, and the rank of each passage in each list."""
    lines = [f"confidence {answer.confidence:.3f} {_evidence(answer.evidence)}"]
    for other in answer.alternatives:
        first = other.citations[0]
        where = place_text(first.path, [(first.line, first.page)])
        lines.append(f"  {other.confidence:.3f} {one_line(shown(other.answer))} ({where})")
        lines.append(f"        {_evidence(other.evidence)}")
    lines += ["", f"Passages, {answer.read} of {len(answer.passages)} read:"]
    lines += [passage_text(n, p, lines=2, explain=True) for n, p in enumerate(answer.passages, 1)]
    return lines


def _evidence(evidence: Mapping[str, float]) -> str:
    """Log-odds with their signs: "span +3.1, cosine +2.2, none -4.3"."""
    terms = ", ".join(f"{name} {points:+.1f}" for name, points in evidence.items())
    return f"({terms})" if terms else ""


def _marked(citation: Citation) -> str:
    """The quote, with the answer in bold."""
    begin, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = masked(citation.quote)
    before, answer, after = (
        safe(re.sub(r"\s+", " ", visible(part)))
        for part in (quote[:begin], quote[begin:end], quote[end:])
    )
    marked = styled(answer, "bold")
    if marked == answer and len(answer) < len(quote):  # the terminal has no bold
        marked = f"⟦{answer}⟧"
    return (before + marked + after).strip()


def source_lines(citations: Sequence[Citation]) -> list[str]:
    """``[1] Title — Publisher, date`` and below it ``path:line``, or ``path, p. 3``.

    Consecutive citations of one article share these lines. A note says if the file has changed.
    """
    lines: list[str] = []
    for _, group in groupby(citations, key=lambda citation: citation.doc_id):
        first, *more = group
        numbers = "".join(f"[{citation.n}]" for citation in (first, *more))
        where = place_text(first.path, [(each.line, each.page) for each in (first, *more)])
        state = "" if first.state == "current" else f"  ({first.state} since it was indexed)"
        also = f"  (also {', '.join(map(one_line, first.copies))})" if first.copies else ""
        lines += [f"{numbers} {_described(first)}", f"    {where}{also}{state}"]
    return lines


def _described(source: Citation | Passage) -> str:
    publisher = one_line(source.publisher or "publisher unknown")
    return f"{one_line(source.title)} — {publisher}, {source.published or 'date unknown'}"


def passage_text(number: int, passage: Passage, *, lines: int | None, explain: bool = False) -> str:
    """A passage: its number, source, score and text.

    ``lines`` limits the lines of text; ``explain`` adds its rank and score in each list.
    """
    heading = f" › {one_line(passage.heading)}" if passage.heading else ""
    where = place_text(passage.path, [(passage.line, passage.page)])
    source = f"  in {one_line(passage.index)}" if passage.index else ""
    printed = [
        f"{number}. {_described(passage)}{heading}",
        f"   {where}{source}  score {passage.score:.3f}",
    ]
    if explain:
        printed += [
            f"   {name}: rank {c.rank}, score {c.score:.3f}, weight {c.weight:g}"
            for name, c in passage.contributions.items()
        ]
    printed.append(wrapped(shown(passage.text), "   ", lines))
    return "\n".join(printed)
