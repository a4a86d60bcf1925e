"""Fine-tune on NCBI-disease (Dogan et al. 2014), and score with palimpsest and with seqeval alone.

    PYTHONPATH=src python benchmarks/ncbi_disease.py --data DATA/ncbi-disease --weights WEIGHTS

DATA has train.tsv, devel.tsv and test.tsv: a token, a tab and its IOB2 tag a line. One line a seed:
strict F1 as the tables have it, and as seqeval computes it from the files' own tags; they must be
equal to 1e-6. The last line has the dictionary of the training entities.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from palimpsest.finetuning.config import Finetuning
from palimpsest.finetuning.run import finetune
from palimpsest.finetuning.trivial import predict_trivially
from palimpsest.runtime.dataset_tables import PREDICTIONS, DatasetTable
from palimpsest.runtime.rows import Row
from palimpsest.scoring.judged import judge
from palimpsest.scoring.metrics import metrics_of

FILES = {"train": "train.tsv", "valid": "devel.tsv", "test": "test.tsv"}
Sentence = tuple[list[str], list[str]]  # tokens and tags


def sentences(path: Path) -> list[Sentence]:
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        if lines := [line.split("\t") for line in block.splitlines() if line.strip()]:
            found.append(([line[0] for line in lines], [line[1] for line in lines]))
    return found


def example(split: str, number: int, sentence: Sentence) -> Row:
    """A row of `runtime.labels.SPAN_EXAMPLES`."""
    tokens, spans, at = [], [], 0
    for word, tag in zip(*sentence, strict=True):
        tokens.append({"start": at, "end": at + len(word)})
        if tag.startswith("B-"):
            spans.append({**tokens[-1], "label": tag[2:]})
        elif tag.startswith("I-"):
            spans[-1]["end"] = tokens[-1]["end"]
        at += len(word) + 1
    name = f"{split}-{number}"
    named = {"example_id": name, "group": name, "split": split, "text": " ".join(sentence[0])}
    return {**named, "tokens": tokens, "spans": spans}


def by_seqeval(gold: list[Sentence], examples: list[Row], predictions: list[Row]) -> float:
    """Strict F1 of the test files' own tags, and of tags written out from the predictions."""
    said = {row["example_id"]: ["O"] * len(row["tokens"]) for row in examples}
    places = {row["example_id"]: row["tokens"] for row in examples}
    for row in predictions:
        if row["example_id"] in said:
            inside = [
                place
                for place, token in enumerate(places[row["example_id"]])
                if row["start"] <= token["start"] and token["end"] <= row["end"]
            ]
            for place in inside:
                prefix = "B" if place == inside[0] else "I"
                said[row["example_id"]][place] = f"{prefix}-{row['label']}"
    return float(
        f1_score([tags for _, tags in gold], list(said.values()), mode="strict", scheme=IOB2)
    )


def by_ours(dataset: DatasetTable, predictions: list[Row]) -> float:
    judged, _ = judge(dataset, pa.Table.from_pylist(predictions, schema=PREDICTIONS))
    ones = np.ones((1, len(dataset.of_split("test"))))
    return float(metrics_of(dataset)["strict_f1"](judged["test"], ones)[0])


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--weights", type=Path, required=True, help="folder of an encoder")
    options.add_argument("--train", type=int, default=600, help="sentences")
    options.add_argument("--valid", type=int, default=200, help="sentences")
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--learning-rate", type=float, default=3e-4)
    options.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    options.add_argument("--threads", type=int, default=1)
    arguments = options.parse_args()
    files = {split: sentences(arguments.data / name) for split, name in FILES.items()}
    budget = {"train": arguments.train, "valid": arguments.valid, "test": len(files["test"])}
    rows = [
        example(split, number, sentence)
        for split, found in files.items()
        for number, sentence in enumerate(found[: budget[split]])
    ]
    asked = {"answer": "spans", "unit": "sentence"}
    dataset = DatasetTable("ncbi", "spans", ["Disease"], "", rows, **asked)
    test = dataset.of_split("test")
    recipe = Finetuning(
        epochs=arguments.epochs, batch_size=16, learning_rate=arguments.learning_rate
    )
    train = [(row, 1.0) for row in dataset.of_split("train")]
    print(f"{len(train)} train, {budget['valid']} valid, {len(test)} test sentences")
    print("run        palimpsest seqeval   difference")
    for name in [*map(str, arguments.seeds), "dictionary"]:
        if name == "dictionary":
            predictions = predict_trivially(name, dataset)
        else:
            run = finetune(
                f"seed {name}", arguments.weights, dataset, [train], recipe, int(name),
                arguments.threads,
            )  # fmt: skip
            predictions = run.predictions
        ours, theirs = by_ours(dataset, predictions), by_seqeval(files["test"], test, predictions)
        print(f"{name:<10} {ours:.6f}   {theirs:.6f}   {abs(ours - theirs):.1e}", flush=True)


if __name__ == "__main__":
    main()
