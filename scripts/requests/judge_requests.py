"""Build the requests that ask a judge about a sample of rephrases, and about known pairs.

--findings, --rephrases, --requests: manifests of the first shards of each set of them.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from palimpsest.facts.planting import KINDS
from palimpsest.requests.config import JudgeSpec
from palimpsest.requests.judge import (
    FAITHFUL,
    JUDGE_REQUESTS,
    PLANTED,
    REPHRASED,
    Sample,
    Series,
    judge_requests,
    known_pairs,
    pair_of,
)
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_schema, table_writer
from palimpsest.runtime.identity import digest
from palimpsest.runtime.origins import of_another
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_tables

FINDING = ["request_key", "note_id", "start", "end", "patient_id", "findings"]
OF_ANY = dict.fromkeys(("judge", "prompt", "context", "round"))
ASKED = ["request_key", "passage", "passage_tokens", "section"]


def tables(first: Path) -> Iterator[Path]:
    """The tables of a set: of any prompt, context and round, which are not those of the judge."""
    for table in shard_tables(first):
        of_another(table, **OF_ANY)
        yield table


def series_of(first: Path) -> Series:
    of_another(first, **OF_ANY)
    names = read_manifest(first, "wildcards")["wildcards"]
    asked = RequestSet.parse(names["request_set"])
    return names["llm"], asked.prompt, asked.context


def passages_of(requests: list[Path], keys: set[str]) -> dict[str, Row]:
    """What was asked, by request key: a passage with its tokens, header and context."""
    found = {}
    for first in requests:
        for table in tables(first):
            columns = ASKED + (["context"] if "context" in read_schema(table).names else [])
            for row in read_rows(table, columns):
                if (key := row.pop("request_key")) in keys:
                    found[key] = row
    return found


def texts_of(rephrases: list[Path], keys: dict[Series, set[str]]) -> dict[tuple[Series, str], str]:
    found = {}
    for first in rephrases:
        series = series_of(first)
        for table in tables(first):
            for row in read_rows(table, ["request_key", "text"]):
                if row["request_key"] in keys.get(series, ()):
                    found[series, row["request_key"]] = row["text"]
    return found


def main(arguments: argparse.Namespace) -> None:
    spec: JudgeSpec = arguments.spec
    sample = Sample(spec)
    for first in arguments.findings:
        series = series_of(first)
        for table in tables(first):
            for row in read_rows(table, FINDING):
                sample.offer(series, row)
    judged, places = sample.drawn(), sample.passages()
    wanted: dict[Series, set[str]] = {}
    for series, key, *_ in judged:
        wanted.setdefault(series, set()).add(key)
    asked = passages_of(arguments.requests, {one[1] for one in (*judged, *places)})
    texts = texts_of(arguments.rephrases, wanted)
    try:
        pairs = [pair_of(one, asked[one[1]], texts[one[:2]]) for one in judged]
        passages = [pair_of(one, asked[one[1]], "") for one in places]
    except KeyError as error:
        raise UserError(
            f"{arguments.findings[0]}: no request or rephrase is of {error}; delete it to rebuild "
            "it"
        ) from error
    pairs += known_pairs(passages, spec)
    made = Counter(pair["planted"] or pair["origin"] for pair in pairs)
    lacking = {kind: spec.planted - made[kind] for kind in KINDS}
    account = Account()
    account.keep(len(pairs))
    account.reject("no_place", sum(lacking.values()))
    account.reject("no_passage", spec.faithful - made[FAITHFUL])
    with table_writer(arguments.out, JUDGE_REQUESTS) as table:
        table.write_rows(judge_requests(pairs, spec.prompt, spec.max_tokens))
        entered = len(judged) + spec.faithful + spec.planted * len(KINDS)
        table.fields |= {
            "account": account.close(entered, "requests: pairs to judge"),
            "pairs": {REPHRASED: len(judged), FAITHFUL: made[FAITHFUL]}
            | {PLANTED: {kind: made[kind] for kind in KINDS}},
            "asked_with": digest(spec.prompt.identity()),
            "tokens": sum(pair["passage_tokens"] for pair in pairs),
        }


if __name__ == "__main__":
    files = ("--findings+", "--rephrases+", "--requests+", "--out")
    run(main, parser(__doc__, *files, spec=JudgeSpec))
