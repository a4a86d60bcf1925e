"""Fine-tune an encoder on an entity task, and tag the test sentences."""

import argparse

import pyarrow as pa

from palimpsest.core.files import read_json, read_manifest, read_table, write_table
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


def main(arguments: argparse.Namespace) -> None:
    task, seed = arguments.task, arguments.seed
    data = read_manifest(arguments.data)["sha256"]
    encoder = read_json(arguments.checkpoint_manifest)["identity"]
    key = digest([task["labels"], task["finetuning"], seed, data, encoder, arguments.code])
    store = Store(arguments.state, key)
    if not store.is_finished():
        # Only here: an undone edit takes the finished work without loading torch.
        from palimpsest.tasks.finetune import entity_counts, finetune, strict_f1

        rows = read_table(arguments.data, ["split", "group", "tokens", "tags"]).to_pylist()
        predicted, valid_f1 = finetune(
            f"fine-tuning {arguments.out}",
            arguments.checkpoint,
            rows,
            task["labels"],
            task["finetuning"],
            seed,
            arguments.threads,
        )
        test = [row for row in rows if row["split"] == "test"]
        table = []
        for row, tags in zip(test, predicted, strict=True):
            counts = entity_counts([row["group"]], [row["tags"]], [tags])[row["group"]]
            numbers = dict(zip(("true_positives", "found", "gold"), counts.tolist(), strict=True))
            table.append({"group": row["group"], "predicted": tags, **numbers})
        f1 = strict_f1([row["tags"] for row in test], predicted)
        target = store.working / "finished"
        write_table(
            target / arguments.out.name,
            pa.Table.from_pylist(table, schema=SCHEMA),
            metrics=[
                {"metric": "strict_f1", "value": f1},
                {"metric": "valid_strict_f1", "value": valid_f1},
            ],
        )
        store.finish(target)
    store.deliver(arguments.out.parent)


if __name__ == "__main__":
    options = parser(__doc__, "--data", "--checkpoint", "--checkpoint-manifest", "--state", "--out")
    options.add_argument("--task", type=json_argument, required=True, help="labels and finetuning")
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--code", required=True, help="fingerprint of what trains")
    run(main, options)
