"""Spans: an encoder that gives each word of a text an IOB2 tag."""

from collections.abc import Iterator
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForTokenClassification

from palimpsest.finetuning.heads.base import Encoded, Head, logits_of, padded
from palimpsest.finetuning.windows import best_windows, windows
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.rows import Row
from palimpsest.stats.f1 import micro_f1, span_counts
from palimpsest.text.iob2 import OUTSIDE, tag_names, tagged_ranges, tags_of
from palimpsest.text.tokenizers import encode_words, encoder_marks, of_words

IGNORED = -100  # the label of a piece that is not scored, as torch has it
Tags = list[tuple[str, float]]  # of the words of an example, with their probabilities


class TokenHead(Head):
    """A linear layer over each token; a word's first piece alone is labelled and read.

    A text that is longer than a window is read in several, and each of its words in the one where
    it has most context: no word is labelled twice, and none is left out.
    """

    rate = 1.0
    quality_name = "strict F1"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.words = of_words(self.tokenizer)
        names = ("[UNK]", "<unk>")
        known = (self.tokenizer.token_to_id(name) for name in names)
        mask = encoder_marks(self.tokenizer)[2]
        self.unknown = next((mark for mark in known if mark is not None), mask)

    def fresh_model(self) -> torch.nn.Module:
        names = dict(enumerate(tag_names(self.labels)))
        return load_pretrained(
            AutoModelForTokenClassification,
            self.checkpoint,
            id2label=names,
            label2id={name: number for number, name in names.items()},
            dtype=torch.float32,
        )

    def kept_model(self) -> torch.nn.Module:
        return load_pretrained(
            AutoModelForTokenClassification, self.checkpoint, dtype=torch.float32
        )

    def tensors(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        return model.state_dict()

    def encoder_of(self, model: Any) -> torch.nn.Module:
        return model.base_model

    def read(self, examples: list[Row]) -> list[Encoded]:
        """`read_here`: the words that are read in a window, and where their first pieces are."""
        texts = [
            [row["text"][token["start"] : token["end"]] for token in row["tokens"]]
            for row in examples
        ]
        encoded = []
        for number, pieces in enumerate(encode_words(self.words, texts)):
            # BERT's tokenizer drops control characters, which notes from old systems hold.
            pieces = [(ids or [self.unknown])[: self.room] for ids in pieces]
            lengths = list(map(len, pieces))
            found = windows(lengths, self.room, self.stride)
            best = best_windows(lengths, found)
            for window, (first, behind) in enumerate(found):
                ids = [*self.frame.begin]
                here = []
                for word in range(first, behind):
                    if best[word] == window:
                        here.append((word, len(ids)))
                    ids += pieces[word]
                ids += self.frame.end
                encoded.append({"example": number, "input_ids": ids, "read_here": here})
        return encoded

    def answer(self, encoded: list[Encoded], examples: list[tuple[Row, float]]) -> None:
        """Tag ids of first pieces; all other pieces are ignored."""
        ids_of = {tag: number for number, tag in enumerate(tag_names(self.labels))}
        tags = [
            [ids_of[tag] for tag in tags_of(row["tokens"], row["spans"])] for row, _ in examples
        ]
        for row in encoded:
            row["labels"] = [IGNORED] * len(row["input_ids"])
            for word, place in row["read_here"]:
                row["labels"][place] = tags[row["example"]][word]
            row["weight"] = examples[row["example"]][1]

    def pad_labels(self, batch: list[Encoded]) -> torch.Tensor:
        """Tag ids, (rows, longest)."""
        return padded([row["labels"] for row in batch], IGNORED)

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> Any:
        """Weighted cross-entropy, the mean over the labelled pieces of the batch."""
        losses = cross_entropy(
            logits.transpose(1, 2), labels, ignore_index=IGNORED, reduction="none"
        )
        return (losses * weights.unsqueeze(1)).sum() / (labels != IGNORED).sum().clamp(min=1)

    def tags(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[Tags]:
        """The likeliest tag of each word of each example, and its probability."""
        names = tag_names(self.labels)
        tagged: list[Tags] = [[(OUTSIDE, 1.0)] * len(row["tokens"]) for row in examples]
        for index, logits in logits_of(model, encoded):
            row = encoded[index]
            best = logits.argmax(-1).tolist()
            shares = logits.softmax(-1).amax(-1).tolist()
            for word, place in row["read_here"]:
                tagged[row["example"]][word] = (names[best[place]], shares[place])
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
    ) -> list[list[Row]]:
        """Each span; its score is the probability of its least likely tag."""
        tagged = self.tags(model, encoded, examples)
        return [
            list(_spans(row["tokens"], tags)) for row, tags in zip(examples, tagged, strict=True)
        ]


def _spans(words: list[Row], tags: Tags) -> Iterator[Row]:
    for first, behind, label in tagged_ranges([tag for tag, _ in tags]):
        score = min(share for _, share in tags[first:behind])
        ends = {"start": words[first]["start"], "end": words[behind - 1]["end"]}
        yield {**ends, "label": label, "score": score}
