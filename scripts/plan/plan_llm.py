"""What an LLM's completions will cost, under each prompt: a row each.

--requests are the manifests of each set's first shard. --weights is the manifest of the LLM's
weights, which are not here where it is a server's.
"""

import argparse
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
from pydantic import TypeAdapter

from palimpsest.completions.chat_template import ChatTurns
from palimpsest.completions.config import Llm, PlanSpec
from palimpsest.completions.hardware import describe_hardware
from palimpsest.completions.ledger import given_weights, llm_identity
from palimpsest.completions.throughput import (
    count_completed,
    measured_loading,
    measured_throughput,
    token_counts,
)
from palimpsest.reports.plan import COLUMNS, Work, planned
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_fields, read_manifest, write_text
from palimpsest.runtime.kept_objects import fetch_below
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.shards import shard_tables
from palimpsest.study.files import read_recipe

BLOCK = 8192  # requests that are held in memory
COUNTED = 1000  # requests of a set whose tokens the LLM's tokenizer counts; the rest are like them


def asked_of(manifest: Path) -> RequestSet:
    """Of what the requests are that a manifest is of. Raises UserError when it does not say it."""
    found = RequestSet.of_wildcards(read_fields(manifest, "wildcards")["wildcards"])
    if found is None:
        raise UserError(f"{manifest}: not of requests: expected the wildcard 'prompt'")
    return found


def work(state: Path, llm: str, source: str, tables: list[Path], turns: ChatTurns | None) -> Work:
    """What one LLM is to complete under one prompt, over all shards.

    llm: its identity. turns: count tokens; None for a server's LLM, whose tokenizer is not here.
    """
    requests = completed = rooms = passage_tokens = 0
    counted = counted_requests = counted_passages = 0
    prompts = set()
    for path in tables:
        asked_with = read_manifest(path, "asked_with")["asked_with"]
        prompts.add(asked_with)
        columns = ["request_key", "passage_tokens", "max_tokens", "system", "user"]
        left = -(-COUNTED // len(tables))
        for batch in read_batches(path, columns, BLOCK):
            requests += batch.num_rows
            rooms += pc.sum(batch["max_tokens"]).as_py() or 0
            passage_tokens += pc.sum(batch["passage_tokens"]).as_py() or 0
            keys = batch["request_key"].to_pylist()
            completed += count_completed(state, llm, asked_with, source, path.stem, keys)
            if turns:
                rows = batch.slice(0, left).to_pylist()
                counted += sum(len(turns.encode(row["system"], row["user"])) for row in rows)
                counted_passages += sum(row["passage_tokens"] for row in rows)
                counted_requests += len(rows)
                left -= len(rows)
    seen = [token_counts(state, llm, asked_with) for asked_with in sorted(prompts)]
    completions, seen_in, seen_out = map(sum, zip(*seen, strict=True))
    if counted_passages:
        tokens_in = passage_tokens * counted / counted_passages
    elif counted_requests:  # requests to write have no passages
        tokens_in = requests * counted / counted_requests
    elif completions:
        tokens_in = requests * seen_in / completions
    else:
        tokens_in = passage_tokens  # a server's tokenizer is not here; prompts come on top
    known = (seen_in, seen_out, completions)
    return Work(requests, completed, tokens_in, rooms, *known, shards=len(tables))


def main(arguments: argparse.Namespace) -> None:
    spec, state = arguments.spec, arguments.state
    engine = read_recipe(arguments.llm, TypeAdapter(Llm)).engine
    weights, folder = given_weights(spec, arguments.weights)
    llm = llm_identity(spec.llm, weights)
    fetch_below(state / llm[:16], ".sqlite")
    turns = ChatTurns(folder, spec.llm.chat) if folder else None
    hardware = describe_hardware()
    loading = measured_loading(state, llm, hardware)
    measured = [measured_throughput(state, llm, hardware, scored) for scored in (False, True)]
    progress = Progress(f"plan for {spec.llm_name}", len(arguments.requests), "prompts")
    rows = []
    for first in arguments.requests:
        asked = asked_of(first)
        to_do = work(state, llm, asked.name, shard_tables(first), turns)
        scored = to_do.rooms == to_do.requests > 0  # one token each, which no declared rate is of
        rate = 0 if scored else arguments.tokens_per_second
        found = measured[scored]
        known = (found.tokens_out, f"measured: {found.hardware}") if found else None
        row = planned(to_do, rate, known, engine.gpus, engine.threads, loading)
        named = {"source": asked.name, "prompt": asked.prompt, "context": asked.context}
        rows.append({"llm": spec.llm_name, **named, **row})
        progress.advance()
    progress.close()
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n", float_format="%.4g"))


if __name__ == "__main__":
    files = ("--requests*", "--llm", "--weights*", "--state", "--out")
    options = parser(__doc__, *files, spec=PlanSpec)
    options.add_argument(
        "--tokens-per-second", type=float, default=0, help="declared throughput; 0 for none"
    )
    run(main, options)
