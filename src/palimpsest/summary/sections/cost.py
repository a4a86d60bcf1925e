"""What the answers of LLMs cost: requests and tokens, by LLM and prompt."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.files import read_fields
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_tables
from palimpsest.summary.content import File, Part, Section, Table, Words


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    """The manifest of the first shard of each set of completions; the others lie beside it."""
    for llm, request_set, shards in shown_sets(catalogue):
        yield f"completions/{llm}/{request_set}/{shards[0]}.json", f"{request_set} by {llm}"


def shown_sets(catalogue: Any) -> Iterator[tuple[str, str, list[str]]]:
    """What LLMs are asked, with its shards; not for datasets and judges that are left out."""
    study = catalogue.study
    made = {entry.name for entry in [*catalogue.llm_datasets(), *study.judges]}
    for llm in catalogue.asked_llms():
        for request_set, placed in catalogue.request_sets(llm).items():
            if placed not in made or placed not in study.report.without:
                yield llm, request_set, catalogue.shards(placed)


def draw(files: list[File], facts: Row) -> list[Part]:
    if not files:
        return []
    rows: list[list[int]] = []
    engines: set[str] = set()
    for file in files:
        counts = [0, 0, 0, 0]
        for table in shard_tables(file.path):
            manifest = read_fields(table.with_suffix(".json"), "account", "tokens_in", "tokens_out")
            account = manifest["account"]
            failed = sum(account.get("failed", {}).values())
            more = account["in"], failed, manifest["tokens_in"], manifest["tokens_out"]
            counts = [one + other for one, other in zip(counts, more, strict=True)]
            engines |= set(manifest.get("engines", {}))
        rows.append(counts)
    head = ["asked", "requests", "failed", "tokens read", "tokens written"]
    names = [file.title for file in files]
    if len(rows) > 1:
        names, rows = [*names, "all"], [*rows, [sum(counts) for counts in zip(*rows, strict=True)]]
    shown = [[name, *map("{:,}".format, counts)] for name, counts in zip(names, rows, strict=True)]
    told = "Engines: " + ", ".join(sorted(engines)) + ". " if engines else ""
    return [
        Table("What LLMs were asked, over all shards", head, shown, {1, 2, 3, 4}).trimmed(),
        Words(
            [
                f"{told}Tokens are the LLM's own. What stood in the ledger from an earlier run was "
                "not paid for again. How long it took is not here: in the results "
                "folder, benchmarks/complete_requests has a file of seconds for each job."
            ]
        ),
    ]


SECTION = Section("cost", "Cost", inputs, draw)
