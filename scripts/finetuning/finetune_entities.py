"""Fine-tune an encoder on an entity task, and tag the test sentences."""

import argparse

from palimpsest.runtime.cache import Cache
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_fields, read_manifest, read_table, write_table
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import digest


def fit(arguments: argparse.Namespace, store: Cache) -> None:
    """Fine-tune, tag and score, and keep the table in the store."""
    take_gpus(arguments.gpus)
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.finetuning.tagger import finetune, scored_sentences

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
    table, metrics = scored_sentences(test, predicted, valid_f1)
    target = store.working / "finished"
    write_table(target / arguments.out.name, table, metrics=metrics)
    store.finish(target)


def main(arguments: argparse.Namespace) -> None:
    task = arguments.task
    data = read_manifest(arguments.data)["sha256"]
    encoder = read_fields(arguments.checkpoint_manifest, "identity")["identity"]
    key = digest(
        [task["labels"], task["finetuning"], arguments.seed, data, encoder, arguments.code]
    )
    store = Cache(arguments.state, key)
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
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    options.add_argument("--code", required=True, help="fingerprint of the module that trains")
    run(main, options)
