"""Fine-tune an encoder to tag entities, and score it as seqeval does."""

from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2, Entities
from tokenizers import Tokenizer
from transformers import AutoModelForTokenClassification

from palimpsest.finetuning.training import fit, logits_of, padded, padded_inputs, start
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.text.tokenizers import encode, encoder_marks, load_tokenizer

SCHEMA = pa.schema(
    [
        ("group", pa.string()),  # the sentence's note
        ("predicted", pa.list_(pa.string())),
        ("true_positives", pa.int32()),
        ("found", pa.int32()),
        ("gold", pa.int32()),
    ]
)
IGNORED = -100  # the label of a piece that is not scored, as torch has it


def strict_f1(gold: list[list[str]], predicted: list[list[str]]) -> float:
    """Micro F1 of whole entities with equal borders and labels, under strict IOB2."""
    return float(f1_score(gold, predicted, mode="strict", scheme=IOB2, zero_division=0))


def tag_names(labels: list[str]) -> list[str]:
    """The IOB2 tags of some labels; a tag's place is its id."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def examples(
    rows: list[dict[str, Any]], tokenizer: Tokenizer, tags: list[str], max_tokens: int
) -> list[dict[str, list[int]]]:
    """Word pieces and labels of each sentence; a word's first piece alone is labelled.

    Words that do not fit into `max_tokens` are left out, and later scored as tagged `O`.
    """
    start, end, mask = encoder_marks(tokenizer)
    marks = (tokenizer.token_to_id(name) for name in ("[UNK]", "<unk>"))
    unknown = next((mark for mark in marks if mark is not None), mask)
    ids_of = {tag: at for at, tag in enumerate(tags)}
    made = []
    for row in rows:
        ids, labels = [start], [IGNORED]
        for piece, tag in zip(encode(tokenizer, row["tokens"]), row["tags"], strict=True):
            piece = piece or [unknown]  # BERT's tokenizer drops control characters
            if len(ids) + len(piece) >= max_tokens:
                break
            ids += piece
            labels += [ids_of[tag], *[IGNORED] * (len(piece) - 1)]
        made.append({"input_ids": [*ids, end], "labels": [*labels, IGNORED]})
    return made


def collate(batch: list[dict[str, list[int]]], padding: int) -> dict[str, torch.Tensor]:
    """A padded batch: input_ids, attention_mask and labels, each (sentences, longest)."""
    labels = padded([row["labels"] for row in batch], IGNORED)
    return {**padded_inputs(batch, padding), "labels": labels}


def predict(
    model: torch.nn.Module,
    encoded: list[dict[str, list[int]]],
    lengths: list[int],
    tags: list[str],
) -> list[list[str]]:
    """The tag of each word of each sentence. lengths: words of each sentence."""
    predicted: list[list[str]] = [[] for _ in encoded]
    for place, logits in logits_of(model, encoded):
        best = logits.argmax(-1).tolist()
        labels = encoded[place]["labels"]
        given = [tags[best[at]] for at, label in enumerate(labels) if label != IGNORED]
        predicted[place] = given + ["O"] * (lengths[place] - len(given))
    return predicted


def finetune(
    what: str,
    checkpoint: Path,
    rows: list[dict[str, Any]],
    labels: list[str],
    recipe: dict[str, Any],
    seed: int,
    threads: int,
) -> tuple[list[list[str]], float]:
    """Fine-tune on `train`, keep the epoch that is best on `valid`, tag `test`.

    recipe: identity of `study.tasks.Finetuning`. threads: CPU cores to use.
    Returns the tags of the test sentences and the best F1 on `valid`.
    """
    tags = tag_names(labels)
    tokenizer = load_tokenizer(checkpoint / "tokenizer.json")
    splits = {
        name: [row for row in rows if row["split"] == name] for name in ("train", "valid", "test")
    }
    encoded = {
        name: examples(part, tokenizer, tags, recipe["max_tokens"]) for name, part in splits.items()
    }
    lengths = {name: [len(row["tokens"]) for row in part] for name, part in splits.items()}
    gold = [row["tags"] for row in splits["valid"]]
    start(seed, threads)
    model = load_pretrained(
        AutoModelForTokenClassification, checkpoint, num_labels=len(tags), dtype=torch.float32
    )

    def score(current: torch.nn.Module) -> float:
        return strict_f1(gold, predict(current, encoded["valid"], lengths["valid"], tags))

    collator = partial(collate, padding=model.config.pad_token_id or 0)
    valid_f1 = fit(what, model, encoded["train"], collator, recipe, seed, score)
    return predict(model, encoded["test"], lengths["test"], tags), valid_f1


def entity_counts(gold: list[str], predicted: list[str]) -> tuple[int, int, int]:
    """True positives, predicted and gold entities of one sentence, as strict IOB2 has them."""
    true, found = _entities(gold), _entities(predicted)
    return len(true & found), len(found), len(true)


def scored_sentences(
    test: list[dict[str, Any]], predicted: list[list[str]], valid_f1: float
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The table of the test sentences with their counts, and the run's metrics."""
    rows = []
    for row, tags in zip(test, predicted, strict=True):
        true, found, gold = entity_counts(row["tags"], tags)
        counts = {"true_positives": true, "found": found, "gold": gold}
        rows.append({"group": row["group"], "predicted": tags, **counts})
    f1 = strict_f1([row["tags"] for row in test], predicted)
    metrics = [
        {"metric": "strict_f1", "value": f1},
        {"metric": "valid_strict_f1", "value": valid_f1},
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA), metrics


def _entities(tags: list[str]) -> set[tuple[str, int, int]]:
    return {(entity.tag, entity.start, entity.end) for entity in Entities([tags], IOB2).entities[0]}
