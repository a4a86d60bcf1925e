"""How the scripts of classifiers and of what is shown of them are called, and what they read."""

from pathlib import Path

from cases import MANIFEST, OUT, TABLE, TABLE_OUT, WRITE, Case, option
from tiny_inputs import FINETUNING, TEXT, table, write_folder

from palimpsest.runtime.files import write_json
from palimpsest.runtime.labels import LABELLED
from palimpsest.scoring.sentences import SCHEMA as CLASSIFIED

SETS = {"gold": "sets/gold.parquet", "silver": "sets/silver.parquet"}
PHASES = [[{"set": "silver", "weight": 0.5}], [{"set": "gold", "weight": 1.0}]]
SHOWN = {"classification": "signs", "combinations": ["gold", "silver"], "seeds": [1]}
TABLED = option("table", SHOWN | {"baseline": "gold", "labels": ["pain"]})
FOLDER = ["--classified", "classified"]
RUN = "classified/signs/silver/goldall/run1"


def damaged(*tables: str) -> dict[str, list[str]]:
    """Damages of some tables and of their manifests."""
    return {f"{name}.parquet": TABLE for name in tables} | {
        f"{name}.json": MANIFEST for name in tables
    }


CASES = [
    Case(
        "finetuning/finetune_classifier",
        "--checkpoint bert-weights --checkpoint-manifest bert-weights.json --state state".split()
        + [*option("sets", SETS), "--gold", "gold", *option("phases", PHASES), "--size", "2"]
        + [*option("labels", ["pain"]), *option("finetuning", FINETUNING)]
        + ["--seed", "1", "--threads", "1", "--code", "c", *OUT],
        {
            **damaged("sets/gold", "sets/silver"),
            "bert-weights.json": MANIFEST,
            "bert-weights/model.safetensors": TABLE,
            "bert-weights/config.json": MANIFEST,
            "bert-weights/tokenizer.json": MANIFEST,
        },
    ),
    Case(
        "reports/combination_table",
        [*FOLDER, *TABLED, "--seed", "1", *WRITE],
        damaged(RUN),
        TABLE_OUT,
    ),
    Case(
        "reports/category_table",
        [*FOLDER, *TABLED, "--seed", "1", *WRITE],
        damaged(RUN),
        TABLE_OUT,
    ),
    Case(
        "reports/scarcity_figure",
        [*FOLDER, *option("figure", SHOWN | {"sizes": [2]})]
        + ["--out", "out/a.svg", "--metrics", "out/a.metrics.csv"],
        {f"{RUN}.json": MANIFEST, "classified/signs/gold/gold2/run1.json": MANIFEST},
        ("out/a.svg", "out/a.metrics.csv"),
    ),
]


def write(folder: Path) -> None:
    """Two labelled sets, an encoder, and runs of both combinations."""
    from transformers import AutoConfig, AutoModel

    rows = [
        {
            "sentence_id": f"{split}{at}",
            "text": TEXT,
            "categories": ["pain"] if at % 2 else [],
            "group": f"{split}{at}",
            "split": split,
        }
        for split in ("train", "valid", "test")
        for at in range(4)
    ]
    table(folder, "sets/gold", rows, LABELLED)
    table(folder, "sets/silver", rows[:4], LABELLED)
    weights = folder / "bert-weights"
    write_folder(weights, (folder / "tokenizer.json").read_text(encoding="utf-8"))
    AutoModel.from_config(AutoConfig.from_pretrained(weights)).save_pretrained(weights)
    write_json(folder / "bert-weights.json", {"identity": "b" * 64, "files": {}})
    decided = {"predicted": ["pain"], "any_predicted": True, "scores": [0.9, 0.9]}
    classified = [
        {"group": row["group"], "sentence_id": row["sentence_id"], "gold": row["categories"]}
        for row in rows
        if row["split"] == "test"
    ]
    metrics = [{"metric": "micro_f1", "value": 0.5}]
    for combination, size, gold in (("gold", "all", 4), ("gold", 2, 2), ("silver", "all", 0)):
        table(
            folder,
            f"classified/signs/{combination}/gold{size}/run1",
            [row | decided for row in classified],
            CLASSIFIED,
            metrics=metrics,
            sentences={combination: gold or 4},
            gold_sentences=gold,
        )
