"""What asking one LLM will cost, under each prompt: a row each."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
from pydantic import TypeAdapter

from palimpsest.completions.config import Llm
from palimpsest.completions.hardware import describe_machine
from palimpsest.completions.ledger import llm_identity
from palimpsest.completions.throughput import held, measured_rate, tokens_seen
from palimpsest.reports.plan import COLUMNS, Work, planned
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_batches, read_manifest, write_text
from palimpsest.runtime.progress import Progress
from palimpsest.study.files import read_recipe
from palimpsest.weights.identity import weights_identity

BLOCK = 8192  # requests that are held in memory
COUNTED = 1000  # requests of a set that the LLM's tokenizer counts; the others are taken alike


def work(arguments: argparse.Namespace, asked: dict[str, Any], llm: str, turns: Any) -> Work:
    """What one LLM is asked under one prompt, over all shards."""
    requests = answered = rooms = passage_tokens = 0
    counted = counted_requests = counted_passages = 0
    prompts = set()
    for shard, path in zip(asked["shards"], map(Path, asked["requests"]), strict=True):
        asked_with = read_manifest(path, "asked_with")["asked_with"]
        prompts.add(asked_with)
        columns = ["request_key", "passage_tokens", "max_tokens", "system", "user"]
        left = -(-COUNTED // len(asked["shards"])) if turns else 0
        for batch in read_batches(path, columns, BLOCK):
            requests += batch.num_rows
            rooms += pc.sum(batch["max_tokens"]).as_py() or 0
            passage_tokens += pc.sum(batch["passage_tokens"]).as_py() or 0
            answered += held(
                arguments.state,
                llm,
                asked_with,
                asked["source"],
                shard,
                batch["request_key"].to_pylist(),
            )
            for row in batch.slice(0, left).to_pylist():
                counted += len(turns.encode(row["system"], row["user"]))
                counted_requests += 1
                counted_passages += row["passage_tokens"]
            left = max(0, left - batch.num_rows)
    seen = [tokens_seen(arguments.state, llm, asked_with) for asked_with in sorted(prompts)]
    answers, seen_in, seen_out = map(sum, zip(*seen, strict=True))
    if counted_passages:
        tokens_in = passage_tokens * counted / counted_passages
    elif counted_requests:  # requests to write have no passages
        tokens_in = requests * counted / counted_requests
    elif answers:
        tokens_in = requests * seen_in / answers
    else:
        tokens_in = passage_tokens  # a server's tokenizer is not here; prompts come on top
    return Work(requests, answered, tokens_in, rooms, seen_in, seen_out, answers)


def main(arguments: argparse.Namespace) -> None:
    engine = read_recipe(arguments.llm_file, TypeAdapter(Llm)).engine
    weights = weights_identity(arguments.llm["weights"], arguments.weights_manifest)
    llm = llm_identity(arguments.llm, weights)
    turns = None
    if arguments.weights:
        from palimpsest.completions.chat_template import ChatTurns

        turns = ChatTurns(arguments.weights, arguments.llm["chat"])
    machine = describe_machine()
    rates = [measured_rate(arguments.state, llm, machine, scored) for scored in (False, True)]
    measured = [(rate.tokens_out, f"measured: {rate.machine}") if rate else None for rate in rates]
    progress = Progress(f"plan for {arguments.llm_file.stem}", len(arguments.sets), "prompts")
    rows = []
    for asked in arguments.sets:
        to_do = work(arguments, asked, llm, turns)
        scored = to_do.rooms == to_do.requests > 0  # one token each, which no declared rate is of
        row = planned(
            to_do,
            0 if scored else arguments.tokens_per_second,
            measured[scored],
            engine.gpus,
            engine.threads,
        )
        names = {"source": asked["source"], "prompt": asked["prompt"]}
        rows.append({"llm": arguments.llm_file.stem, **names, **row})
        progress.advance()
    progress.close()
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n", float_format="%.4g"))


if __name__ == "__main__":
    options = parser(__doc__, "--llm-file", "--state", "--out")
    options.add_argument("--llm", type=json_argument, required=True, help="identity, as declared")
    options.add_argument("--weights", type=Path, help="prepared folder; not for a server")
    options.add_argument("--weights-manifest", type=Path, help="its manifest; not for a server")
    options.add_argument(
        "--sets", type=json_argument, required=True, help="source, prompt, shards, requests of each"
    )
    options.add_argument(
        "--tokens-per-second", type=float, default=0, help="declared rate of answers; 0 for none"
    )
    run(main, options)
