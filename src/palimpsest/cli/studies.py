"""What several commands need of studies: their files, and what of the ledgers they ask for."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from palimpsest.completions.ledger import llm_identity
from palimpsest.completions.ledger_admin import LedgerSummary, prune
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.files import read_study
from palimpsest.study.load import load_catalogue
from palimpsest.weights.identity import declared_identity

MADE_BY = {  # requests, by rules
    "rephrase": "rephrase_requests",
    "context": "rephrase_in_context",
    "synthesize": "synthesis_requests",
    "label": "label_requests",
    "check": "check_requests",
    "write": "generate_requests",
    "judge": "judge_requests",
}


def catalogue_of(study: Path) -> Catalogue:
    """A study with its recipes. Raises UserError naming what is wrong with it."""
    return load_catalogue(read_study(study), str(study), Path("config"))


def catalogues(arguments: argparse.Namespace) -> list[Catalogue]:
    """The current studies. Raises UserError when the results of one lie elsewhere."""
    found = []
    for study in arguments.study:
        catalogue = catalogue_of(study)
        if Path(catalogue.study.results) != arguments.results:
            raise UserError(
                f"{study}: its results are in '{catalogue.study.results}', and this is to clear "
                f"'{arguments.results}'; give --results, or leave the study out"
            )
        found.append(catalogue)
    return found


def prune_ledgers(paths: list[Path], studies: list[Catalogue], results: Path, dry_run: bool) -> int:
    """Prune ledgers, print what was or would be removed, and return how many completions."""
    llms: set[str] = set()
    asked: set[Path] = set()
    for catalogue in studies:
        llms |= _llms(catalogue, results)
        asked |= requests(catalogue, results)
    removed = [prune(path, llms, sorted(asked), dry_run) for path in paths]
    print_table([summary for summary in removed if summary.completions], "MiB freed")
    count = sum(summary.completions for summary in removed)
    print(f"{count:,} completions {'would be' if dry_run else 'were'} removed")
    return count


def _llms(catalogue: Catalogue, results: Path) -> set[str]:
    """Identities of the LLMs that a study asks."""
    found = set()
    for name in catalogue.asked_llms():
        llm = catalogue.llms[name]
        weights = declared_identity(llm.weights)
        if llm.engine.needs_weights:
            manifest = results / "weights" / f"{name}.json"
            weights = read_fields(manifest, "identity")["identity"]
        found.add(llm_identity(llm, weights))
    return found


def requests(catalogue: Catalogue, results: Path) -> set[Path]:
    """The tables of requests that a study makes, in all rounds.

    Raises UserError when one that it always makes is missing: its completions would be removed.
    """
    found: dict[Path, str] = {}  # with the rule that makes it
    further: set[Path] = set()
    for use in catalogue.uses():
        name = use.request_set
        rule = MADE_BY[use.kind] if use.context == NO_CONTEXT else MADE_BY["context"]
        for shard in catalogue.shards(use.name):
            found[results / "requests" / name / f"{shard}.parquet"] = rule
        further |= {*results.glob(f"requests/*/{name}.retry*/*.parquet")}  # by LLM, later rounds
    for path, rule in found.items():
        if not path.exists():
            raise UserError(
                f"{path}: no such table, so the study's requests are not known; run "
                f"`snakemake --until {rule}` first"
            )
    return {*found, *further}


def print_table(summaries: Iterable[LedgerSummary], size: str) -> None:
    """A line for each LLM and prompt, with sums over their ledgers."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for summary in summaries:
        llm, prompt = summary.llm_name or "unnamed", summary.prompt_name or "unnamed"
        group = sums.setdefault((llm, summary.llm[:8], prompt, summary.asked_with[:8]), [0] * 5)
        more = (1, summary.completions, summary.tokens_in, summary.tokens_out, summary.bytes)
        group[:] = [total + number for total, number in zip(group, more, strict=True)]
    heads = ("llm", "identity", "prompt", "identity", "ledgers", "completions")
    lines: list[tuple[str, ...]] = [(*heads, "tokens in", "tokens out", size)]
    for names, (*numbers, bytes_) in sorted(sums.items()):
        lines.append((*names, *(f"{number:,}" for number in numbers), f"{bytes_ / 2**20:,.1f}"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        left = [text.ljust(width) for text, width in zip(line[:4], widths[:4], strict=True)]
        right = [text.rjust(width) for text, width in zip(line[4:], widths[4:], strict=True)]
        print("  ".join(left + right).rstrip())
