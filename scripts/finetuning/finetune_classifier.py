"""Fine-tune an encoder on labelled sets, and classify the test sentences of gold."""

import argparse
from pathlib import Path

from palimpsest.runtime.cache import Cache
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_fields, read_manifest, write_table
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import digest


def fit(arguments: argparse.Namespace, store: Cache) -> None:
    """Fine-tune, classify and score, and keep the table in the store."""
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.finetuning.data import of_split, read_set, training_phases

    gold, labels = arguments.gold, arguments.labels
    sets = {name: read_set(Path(path), labels) for name, path in arguments.sets.items()}
    phases, used = training_phases(sets, gold, arguments.phases, arguments.size)
    valid, test = (of_split(gold, sets[gold], split) for split in ("valid", "test"))
    take_gpus(arguments.gpus)
    from palimpsest.finetuning.classifier import finetune
    from palimpsest.scoring.sentences import scored_sentences

    scores, thresholds, valid_f1 = finetune(
        f"fine-tuning {arguments.out}",
        arguments.checkpoint,
        phases,
        valid,
        test,
        labels,
        arguments.finetuning,
        arguments.seed,
        arguments.threads,
    )
    table, metrics = scored_sentences(test, scores, thresholds, labels)
    target = store.working / "finished"
    write_table(
        target / arguments.out.name,
        table,
        metrics=[*metrics, {"metric": "valid_micro_f1", "value": valid_f1}],
        labels=labels,
        thresholds=thresholds.tolist(),
        sentences=used,
        gold_sentences=used.get(gold, 0),
    )
    store.finish(target)


def main(arguments: argparse.Namespace) -> None:
    sets = {name: read_manifest(Path(path))["sha256"] for name, path in arguments.sets.items()}
    encoder = read_fields(arguments.checkpoint_manifest, "identity")["identity"]
    made_of = [arguments.labels, arguments.phases, arguments.size, arguments.gold, sets, encoder]
    key = digest([*made_of, arguments.finetuning, arguments.seed, arguments.code])
    store = Cache(arguments.state, key)
    if not store.is_finished():
        with store.alone():
            if not store.is_finished():
                fit(arguments, store)
    store.deliver(arguments.out.parent)


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--checkpoint-manifest", "--state", "--out")
    options.add_argument("--sets", type=json_argument, required=True, help="paths by name")
    options.add_argument("--gold", required=True, help="the set whose valid and test are used")
    options.add_argument("--phases", type=json_argument, required=True, help="lists of parts")
    options.add_argument("--size", required=True, help="gold sentences to train on, or `all`")
    options.add_argument("--labels", type=json_argument, required=True, help="category names")
    options.add_argument("--finetuning", type=json_argument, required=True, help="as declared")
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    options.add_argument("--code", required=True, help="fingerprint of the module that trains")
    run(main, options)
