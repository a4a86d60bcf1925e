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


def head(encoder, dataset, **changes):
    """The head of a dataset, over an encoder."""
    from palimpsest.finetuning.heads import head_of

    return head_of(dataset.kind)(encoder, dataset, finetuning(**changes))


def sentences_dataset() -> DatasetTable:
    rows = labelled("train") + labelled("valid", 2) + labelled("test", 2)
    return table(rows, LABELS, "sentences")


def text_row(split: str, number: int, text: str, labels=(), second=None, marks=(), value=None):
    """An example of `runtime.labels.TEXT_EXAMPLES`."""
    named = {"example_id": f"{split}-{number}", "group": f"p{number}", "split": split}
    asked = {"second": second, "marks": list(marks), "labels": list(labels), "value": value}
    return {**named, "text": text, **asked}


def marked(text: str, *words: str) -> list[Row]:
    """The places of some words in a text."""
    starts = [text.index(word) for word in words]
    return [
        {"start": start, "end": start + len(word), "label": "problem"}
        for start, word in zip(starts, words, strict=True)
    ]


def of_kind(kind: str, answer: str, times: int = 6, **asked) -> DatasetTable:
    """Examples of which one word, or which of two is marked, decides the answer."""
    rows = []
    labels = [] if answer == "number" else ["yes", "no"]
    for split in SPLITS:
        for number in range(2 * times):
            held = number % 2
            text = "No dyspnea and stable pain." if held else "Treatment with aspirin and pain."
            given = {"labels": labels[held : held + 1], "value": float(held)}
            if answer == "several_labels":
                given["labels"] = labels[:held]
            if kind == "pairs":
                given |= {"second": text}
                text = "The patient was admitted."
            elif kind == "assertion":
                text = "No dyspnea and pain."
                given["marks"] = marked(text, "pain" if held else "dyspnea")
            elif kind == "relations":
                text = "Treatment with aspirin and pain."
                words = ("aspirin", "pain")
                given["marks"] = marked(text, *(words if held else reversed(words)))
            rows.append(text_row(split, number, text, **given))
    return table(rows, labels, kind, answer=answer, **asked)


EVERY = [
    (kind, answer)
    for kind, answers in ANSWERS.items()
    for answer in answers
    if kind != "spans"
    if kind != "sentences"
]  # of the kinds that share one schema
