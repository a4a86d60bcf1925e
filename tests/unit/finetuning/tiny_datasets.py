"""Datasets of a few examples, as their tables hold them."""

from palimpsest.finetuning.config import Finetuning
from palimpsest.runtime.dataset_tables import ANSWERS, DatasetTable
from palimpsest.runtime.rows import Row

SPLITS = ("train", "valid", "test")
WORDS = {"problem": "pain", "treatment": "aspirin"}
LABELS = ["memory", "care"]
TEXTS = [
    (["memory"], "Treatment with aspirin."),
    (["care"], "No dyspnea today."),
    (["memory", "care"], "Aspirin, dyspnea."),
    ([], "Creatinine was stable."),
]


def finetuning(**changes) -> Finetuning:
    declared = {"epochs": 6, "batch_size": 4, "learning_rate": 0.005, "max_tokens": 16}
    return Finetuning(**declared | changes)


def table(
    rows: list[Row], labels: list[str], kind: str, name: str = "gold", **asked
) -> DatasetTable:
    """asked: fields of the manifest; the answer is the kind's first."""
    asked = {"answer": ANSWERS[kind][0], "unit": "patient"} | asked
    return DatasetTable(name, kind, labels, "0" * 64, rows, **asked)


def sentence(number: int, split="train", labels=(), text="Creatinine was 1.2.") -> Row:
    named = {"example_id": f"{split}-{number}", "group": f"p{number}", "text": text}
    return {**named, "split": split, "labels": list(labels)}


def labelled(split: str, times: int = 6) -> list[Row]:
    """Sentences of whose words one says each label."""
    return [
        sentence(4 * turn + number, split, labels, text)
        for turn in range(times)
        for number, (labels, text) in enumerate(TEXTS)
    ]


def tokens_of(words: list[str]) -> list[dict[str, int]]:
    """Where words stand in a text that joins them with blanks."""
    starts = [sum(len(word) + 1 for word in words[:index]) for index in range(len(words))]
    return [
        {"start": start, "end": start + len(word)}
        for start, word in zip(starts, words, strict=True)
    ]


def tagged(words: list[str], spans=(), split: str = "train", number: int = 0) -> Row:
    """An example of a spans dataset. spans: first word, the one behind the last, label."""
    tokens = tokens_of(words)
    return {
        "example_id": f"{split}-{number}",
        "group": f"n{number}",
        "split": split,
        "text": " ".join(words),
        "tokens": tokens,
        "spans": [
            {"start": tokens[first]["start"], "end": tokens[behind - 1]["end"], "label": label}
            for first, behind, label in spans
        ],
    }


def spans_dataset(times: int = 8) -> DatasetTable:
    """Sentences with one of two words, each of which is a span of a label."""
    rows = [
        tagged(["no", word, "."], [(1, 2, label)], split, 2 * turn + number)
        for split in SPLITS
        for turn in range(times)
        for number, (label, word) in enumerate(WORDS.items())
    ]
    return table(rows, list(WORDS), "spans", "entities")


def sentences_dataset() -> DatasetTable:
    rows = labelled("train") + labelled("valid", 2) + labelled("test", 2)
    return table(rows, LABELS, "sentences")
