"""Spans: an encoder that gives each word of a sentence an IOB2 tag."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForTokenClassification, Trainer

from palimpsest.finetuning.heads.base import Encoded, Head, logits_of, padded
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.rows import Row
from palimpsest.stats.f1 import micro_f1, span_counts
from palimpsest.text.iob2 import OUTSIDE, tag_names, tagged_ranges, tags_of
from palimpsest.text.tokenizers import encode, encoder_marks

IGNORED = -100  # the label of a piece that is not scored, as torch has it


class _TokenTrainer(Trainer):
    """The model's own loss, the mean over labelled pieces; where examples differ, with weights."""

    def compute_loss(
        self, model: torch.nn.Module, inputs: dict[str, Any], *arguments: Any, **options: Any
    ) -> torch.Tensor:
        weights = inputs.pop("weights")
        if (weights == 1).all():
            return super().compute_loss(model, inputs, *arguments, **options)
        labels = inputs.pop("labels")
        logits = model(**inputs).logits.float()
        logits = logits.transpose(1, 2)
        losses = cross_entropy(logits, labels, ignore_index=IGNORED, reduction="none")
        return (losses * weights.unsqueeze(1)).sum() / (labels != IGNORED).sum()


class TokenHead(Head):
    """A linear layer over each token; a word's first piece alone is labelled and read."""

    trainer = _TokenTrainer

    def model(self) -> torch.nn.Module:
        return load_pretrained(
            AutoModelForTokenClassification,
            self.checkpoint,
            num_labels=len(tag_names(self.labels)),
            dtype=torch.float32,
        )

    def encode(self, examples: list[tuple[Row, float]]) -> list[Encoded]:
        """Words that do not fit into `max_tokens` are left out, and predicted as outside."""
        begin, end, mask = encoder_marks(self.tokenizer)
        marks = (self.tokenizer.token_to_id(name) for name in ("[UNK]", "<unk>"))
        unknown = next((mark for mark in marks if mark is not None), mask)
        ids_of = {tag: number for number, tag in enumerate(tag_names(self.labels))}
        encoded = []
        for row, weight in examples:
            words = [row["text"][token["start"] : token["end"]] for token in row["tokens"]]
            ids, labels = [begin], [IGNORED]
            tags = tags_of(row["tokens"], row["spans"])
            for pieces, tag in zip(encode(self.tokenizer, words), tags, strict=True):
                pieces = pieces or [unknown]  # BERT's tokenizer drops control characters
                if len(ids) + len(pieces) >= self.max_tokens:
                    break
                ids += pieces
                labels += [ids_of[tag], *[IGNORED] * (len(pieces) - 1)]
            labels.append(IGNORED)
            encoded.append({"input_ids": [*ids, end], "labels": labels, "weight": weight})
        return encoded

    def pad_labels(self, batch: list[Encoded]) -> torch.Tensor:
        """Tag ids, (rows, longest)."""
        return padded([row["labels"] for row in batch], IGNORED)

    def tags(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[list[tuple[str, float]]]:
        """The likeliest tag of each word of each example, and its probability."""
        names = tag_names(self.labels)
        tagged: list[list[tuple[str, float]]] = [[] for _ in encoded]
        for index, logits in logits_of(model, encoded):
            best = logits.argmax(-1).tolist()
            shares = logits.float().softmax(-1).amax(-1).tolist()
            labels = encoded[index]["labels"]
            given = [
                (names[best[place]], shares[place])
                for place, label in enumerate(labels)
                if label != IGNORED
            ]
            beyond = len(examples[index]["tokens"]) - len(given)
            tagged[index] = given + [(OUTSIDE, 1.0)] * beyond
        return tagged

    def quality(self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]) -> float:
        """Micro F1 of spans with equal ends and label."""
        gold = [set(tagged_ranges(tags_of(row["tokens"], row["spans"]))) for row in examples]
        found = [
            set(tagged_ranges([tag for tag, _ in tags]))
            for tags in self.tags(model, encoded, examples)
        ]
        return micro_f1(span_counts(gold, found, self.labels))

    def predict(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[Row]:
        """A row for each span; its score is the probability of its least likely tag."""
        rows = []
        for example, tags in zip(examples, self.tags(model, encoded, examples), strict=True):
            named, words = {key: example[key] for key in ("example_id", "split")}, example["tokens"]
            for first, behind, label in tagged_ranges([tag for tag, _ in tags]):
                start, end = words[first]["start"], words[behind - 1]["end"]
                score = min(share for _, share in tags[first:behind])
                rows.append({**named, "start": start, "end": end, "label": label, "score": score})
        return rows
