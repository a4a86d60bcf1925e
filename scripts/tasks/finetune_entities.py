"""Fine-tune an encoder on an entity task, and tag the test sentences."""

import argparse

import pyarrow as pa

from palimpsest.core.files import read_fields, read_manifest, read_table, write_table
from palimpsest.core.identity import digest
from palimpsest.core.program import json_argument, parser, run
from palimpsest.core.store import Store

SCHEMA = pa.schema(
    [
        ("group", pa.string()),  # the sentence's note
        ("predicted", pa.list_(pa.string())),
        ("true_positives", pa.int32()),
        ("found", pa.int32()),
        ("gold", pa.int32()),
    ]
)


def fit(arguments: argparse.Namespace, store: Store) -> None:
    """Fine-tune, tag and score, and keep the table in the store."""
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.tasks.finetune import entity_counts, finetune, strict_f1

    rows = read_table(arguments.data, ["split", "group", "tokens", "tags"]).to_pylist()
    predicted, valid_f1 = finetune(
        f"fine-tuning {arguments.out}",
        arguments.checkpoint,
        rows,
        arguments.task["labels"],
        arguments.task["finetuning"],
        arguments.seed,
        arguments.threads,
    )
    test = [row for row in rows if row["split"] == "test"]
    table = []
    for row, tags in zip(test, predicted, strict=True):
        true, found, gold = entity_counts(row["tags"], tags)
        numbers = {"true_positives": true, "found": found, "gold": gold}
        table.append({"group": row["group"], "predicted": tags, **numbers})
    target = store.working / "finished"
    write_table(
        target / arguments.out.name,
        pa.Table.from_pylist(table, schema=SCHEMA),
        metrics=[
            {"metric": "strict_f1", "value": strict_f1([row["tags"] for row in test], predicted)},
            {"metric": "valid_strict_f1", "value": valid_f1},
        ],
    )
    store.finish(target)


def main(arguments: argparse.Namespace) -> None:
    task = arguments.task
    data = read_manifest(arguments.data)["sha256"]
    encoder = read_fields(arguments.checkpoint_manifest, "identity")["identity"]
    key = digest(
        [task["labels"], task["finetuning"], arguments.seed, data, encoder, arguments.code]
    )
    store = Store(arguments.state, key)
    if not store.is_finished():
        with store.alone():
            if not store.is_finished():
                fit(arguments, store)
    store.deliver(arguments.out.parent)


if __name__ == "__main__":
    options = parser(__doc__, "--data", "--checkpoint", "--checkpoint-manifest", "--state", "--out")
    options.add_argument("--task", type=json_argument, required=True, help="labels and finetuning")
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--code", required=True, help="fingerprint of what trains")
    run(main, options)
