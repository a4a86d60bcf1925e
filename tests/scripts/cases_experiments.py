"""How the scripts of experiments are called, and what they read."""

from pathlib import Path

from cases import (
    FIGURE,
    FIGURE_OUT,
    MANIFEST,
    OUT,
    RENDERED_OUT,
    WRITE,
    Case,
    spec,
    tables,
    weights,
)
from tiny_inputs import FINETUNING, TEXT, table

from palimpsest.finetuning.config import KEPT_FILES
from palimpsest.runtime.dataset_tables import PREDICTIONS
from palimpsest.runtime.labels import SENTENCE_EXAMPLES, SPAN_EXAMPLES
from palimpsest.runtime.overlap_tables import OVERLAPS
from palimpsest.scoring.score import SCHEMA as SCORES
from palimpsest.stats.resampling import RESAMPLES

SYSTEMS = [
    {"experiment": "signs", "model": "bert", "corpus": "none", "mixture": mixture, "size": "all"}
    for mixture in ("gold", "silver")
]
RUN = {**SYSTEMS[0], "seed": "0", "run": "1"}
PHASES = [[{"dataset": "silver", "weight": 0.5}], [{"dataset": "gold", "weight": 1.0}]]
TAGGED = {"dataset": "tagged", "phases": [[{"dataset": "tagged"}]], "size": "all"}
SCORED = ["scores/gold.parquet", "scores/silver.parquet"]


def finetune(datasets: list[str], out: str = "out/a.parquet", **fields: object) -> list[str]:
    paths = [f"sets/{name}.parquet" for name in datasets]
    named = ["--encoder", "weights.json", "--datasets", *paths, "--state", "state"]
    recipe = {"finetuning": FINETUNING, "seed": 1, **fields}
    return [*named, "--threads", "1", "--out", out, *spec(recipe, **RUN)]


CASES = [
    Case(
        "finetuning/finetune",
        finetune(["gold", "silver"], dataset="gold", phases=PHASES, size="2"),
        {**tables("sets/gold", "sets/silver"), "weights.json": MANIFEST, **weights("weights")},
    ),
    Case("finetuning/finetune", finetune(["tagged"], **TAGGED), tables("sets/tagged")),
    Case(
        "finetuning/keep_model",
        finetune(["tagged"], out="out/a.json", **TAGGED),
        {**tables("sets/tagged"), "weights.json": MANIFEST, **weights("weights")},
        ("out/a.json", *(f"out/a/{name}" for name in KEPT_FILES)),
    ),
    *(
        Case(
            "finetuning/predict_trivially",
            ["--dataset", f"sets/{name}.parquet", *OUT, *spec({"predictor": predictor}, **RUN)],
            tables(f"sets/{name}"),
        )
        for name, predictor in (("gold", "majority"), ("tagged", "dictionary"))
    ),
    Case(
        "scoring/score",
        ["--dataset", "sets/gold.parquet", "--predictions", "predictions.parquet"]
        + ["--overlaps", "overlap/gold.parquet", *OUT, *spec({"seed": 1}, **SYSTEMS[0])],
        tables("sets/gold", "predictions", "overlap/gold"),
    ),
    Case(
        "reports/comparison_table",
        ["--scores", *SCORED, *WRITE]
        + spec({"baseline": {"mixture": "gold"}, "systems": SYSTEMS}, table="a"),
        tables("scores/silver"),
        RENDERED_OUT,
    ),
    Case(
        "reports/comparison_table",
        ["--scores", *SCORED, *WRITE]
        + spec({"baseline": {"mixture": "gold"}, "by": "label", "systems": SYSTEMS}, table="a"),
        {},
        RENDERED_OUT,
    ),
    Case(
        "reports/figure",
        ["--scores", *SCORED, *FIGURE]
        + spec({"kind": "learning_curve", "systems": SYSTEMS}, figure="a"),
        tables("scores/silver"),
        FIGURE_OUT,
    ),
]


def write(folder: Path) -> None:
    """Three datasets, and predictions and scores of both mixtures."""
    rows = [
        {"example_id": f"{split}{number}", "group": f"{split}{number}", "split": split}
        | {"text": TEXT, "labels": ["pain"] if number % 2 else [], "made_by": "experts"}
        for split in ("train", "valid", "test")
        for number in range(4)
    ]
    start = TEXT.index("chest")
    spans = [{"start": start, "end": start + 5, "label": "pain"}]
    tokens = [{"start": start, "end": start + 5}]
    tagged = [{**row, "tokens": tokens, "spans": spans} for row in rows]
    for name, kind, examples in (
        ("gold", "sentences", rows),
        ("silver", "sentences", rows[:4]),
        ("tagged", "spans", tagged),
    ):
        schema = SPAN_EXAMPLES if kind == "spans" else SENTENCE_EXAMPLES
        named = {"kind": kind, "labels": ["pain"], "wildcards": {"dataset": name}}
        named |= {"answer": "spans" if kind == "spans" else "several_labels"}
        named |= {"unit": "patient", "none_label": None}
        table(folder, f"sets/{name}", examples, schema, **named)
    predicted = [
        {"example_id": row["example_id"], "split": row["split"], "label": label, "score": 0.4}
        for row in rows
        for label in ("pain", "any")
        if row["split"] != "train"
    ]
    fields = {"kind": "sentences", "labels": ["pain"], "trained_on": {"gold": 4}, "wildcards": RUN}
    fields |= {"validated_on": 4, "dataset": "gold"}
    table(folder, "predictions", predicted, PREDICTIONS, **fields)
    overlaps = [{"example_id": f"test{number}", "exact": number == 0} for number in range(4)]
    table(folder, "overlap/gold", overlaps, OVERLAPS)
    for system in SYSTEMS:
        scores = [
            {"seed": 0, "run": 1, "split": "test", "label": label, "metric": metric}
            | {"positives": 2, "value": 0.5, "resampled": [0.5] * RESAMPLES, "without_overlap": 0.5}
            for label, metric in ((None, "micro_f1"), ("pain", "f1"))
        ]
        fields = {"dataset": "gold", "dataset_sha256": "a" * 64, "n": 4, "units": 4}
        fields |= {"metrics": ["micro_f1"], "trained_on": {system["mixture"]: 4}}
        fields |= {"unit": "patient", "validated_on": 4, "trivial": False, "overlapping": 0}
        table(folder, f"scores/{system['mixture']}", scores, SCORES, **fields, wildcards=system)
