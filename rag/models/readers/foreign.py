"""Third-party readers, run by transformers and sentence-transformers. They import PyTorch."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from rag.errors import ModelRefused
from rag.models.embedders.sentence_transformer import quiet_transformers
from rag.models.graph import first_line
from rag.models.readers.trained import OVERLAP, Findings, Window, findings_of, reading
from rag.models.weights import ModelFiles
from rag.protocols import Reader
from rag.records import Excerpt, Reading

UNCALIBRATED: Final = {"odds": 1.0, "relevance": 0.0, "bias": 0.0}
"""Leaves the model's own probabilities as they are."""

_MAX_TOKENS: Final = 384  # of a window, unless the model allows fewer
_MAX_QUESTION: Final = 512  # characters


def load_foreign(files: ModelFiles) -> Reader:
    """Load an extractive question answering model or a cross-encoder. Raises ModelRefused for others."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # transformers would ask the hub to convert pickled weights in the background.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    try:
        config = json.loads((files.folder / "config.json").read_text(encoding="utf-8"))
        kinds = " ".join(config.get("architectures") or [])
        with quiet_transformers():
            if "ForQuestionAnswering" in kinds:
                return QuestionAnsweringReader(files)
            if "ForSequenceClassification" in kinds:
                return CrossEncoderReader(files)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise ModelRefused(f"{files.id}: cannot be loaded: {first_line(error)}") from error
    raise ModelRefused(
        f"{files.id}: neither a question answering model nor a cross-encoder ({kinds or 'unknown'})",
        fix="choose a model that finds answers in a text, or one that scores a text for a question",
    )


class QuestionAnsweringReader:
    """A ``Reader`` on a Hugging Face extractive question answering model."""

    def __init__(self, files: ModelFiles) -> None:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.id = files.id
        own: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        self._tokenizer = AutoTokenizer.from_pretrained(files.folder, use_fast=True, **own)
        self._model = AutoModelForQuestionAnswering.from_pretrained(
            files.folder, use_safetensors=True, **own
        ).eval()
        self._max_tokens = min(self._tokenizer.model_max_length, _MAX_TOKENS)
        self._lock = threading.Lock()

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """One reading per excerpt; the relevance is the probability of its best span."""
        return [self._reading(question, excerpt.text) for excerpt in excerpts]

    def _reading(self, question: str, text: str) -> Reading:
        import torch

        with self._lock, torch.inference_mode():
            encoded = self._tokenizer(
                question[:_MAX_QUESTION],
                text,
                truncation="only_second",
                max_length=self._max_tokens,
                stride=OVERLAP,
                padding=True,
                return_overflowing_tokens=True,
                return_offsets_mapping=True,
                return_tensors="pt",
            )
            offsets = encoded.pop("offset_mapping").tolist()
            encoded.pop("overflow_to_sample_mapping")
            outputs = self._model(**encoded)
        begins, ends = outputs.start_logits.numpy(), outputs.end_logits.numpy()
        windows = [
            _window(encoded.encodings[row], offsets[row], begins[row], ends[row])
            for row in range(len(offsets))
        ]
        spans = reading(text, windows, UNCALIBRATED).spans
        return Reading(max((span.score for span in spans), default=0.0), spans)


def _window(
    encoding: Any, offsets: list[list[int]], begins: Any, ends: Any
) -> tuple[Window, Findings]:
    """One window, and the model's findings in it."""
    own = [n for n, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
    first, last = (own[0], own[-1] + 1) if own else (0, 0)
    words = encoding.word_ids[first:last]
    changes = [a != b for a, b in zip([None, *words], [*words, None], strict=True)]
    window = Window(
        ids=list(encoding.ids),
        types=list(encoding.type_ids),
        begin=first,
        offsets=[(start, end) for start, end in offsets[first:last]],
        words=list(pairwise(changes)),
        cells=[0] * len(words),
    )
    scores = begins[:, None] + ends[None, :]
    return window, findings_of(window, scores, np.array([begins[0] + ends[0], 0.0], np.float32))


class CrossEncoderReader:
    """A ``Reader`` that gives only relevance: a sentence-transformers cross-encoder."""

    def __init__(self, files: ModelFiles) -> None:
        from sentence_transformers import CrossEncoder

        self.id = files.id
        self._model = CrossEncoder(
            str(files.folder),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        self._lock = threading.Lock()

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """One reading per excerpt, without spans."""
        import torch

        if not excerpts:
            return []
        texts = [" ".join(filter(None, (e.title, e.heading, e.text))) for e in excerpts]
        with self._lock:
            scores = self._model.predict(
                [(question, text) for text in texts],
                activation_fn=torch.nn.Sigmoid(),
                show_progress_bar=False,
            )
        return [
            Reading(float(score), ()) for score in np.asarray(scores).reshape(len(texts), -1)[:, -1]
        ]
