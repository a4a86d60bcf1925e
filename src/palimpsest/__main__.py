"""The command `palimpsest`: what is not a step of the workflow.

`palimpsest check` says what is wrong with a study, before Snakemake reads it. `palimpsest ledger
list|verify|repair|export|prune` manages the completions in the ledgers of a results folder.
`palimpsest forget` clears it of what nothing asks for. `palimpsest annotation` compares a dataset
with an annotator's labels. `palimpsest tag` labels a user's own notes with a kept model.
`palimpsest export` writes a corpus as a folder for others. `palimpsest bundle` packs what studies
need where there is no network. Run them where Snakemake runs.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter

from palimpsest.completions import forget
from palimpsest.completions.errors import REPAIR
from palimpsest.completions.ledger import completion_key, llm_identity
from palimpsest.completions.ledger_admin import (
    DAMAGED,
    EXPORTED,
    LedgerSummary,
    export_tables,
    ledgers,
    prune,
    repair,
    summarize,
    verify,
)
from palimpsest.datasets.annotation import report
from palimpsest.notes.config import FolderSource, TableSource
from palimpsest.notes.read import read_notes, source_bytes
from palimpsest.runtime.atomic import atomic_folder, atomic_path
from palimpsest.runtime.cli import run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_manifest, sha256_file, table_writer
from palimpsest.runtime.progress import Progress
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.files import read_study, validated
from palimpsest.study.load import load_catalogue, load_study
from palimpsest.study.names import declares
from palimpsest.weights.identity import declared_identity

MADE_BY = {  # requests, by rules
    "rephrase": "rephrase_requests",
    "synthesize": "synthesis_requests",
    "label": "label_requests",
    "check": "check_requests",
    "write": "generate_requests",
}


def check_study(arguments: argparse.Namespace) -> None:
    """Say what is wrong with a study, or that nothing is."""
    load_study(read_study(arguments.study), [arguments.study], files_needed=True)
    print(f"{arguments.study}: no mistake found")


def bundle_project(arguments: argparse.Namespace) -> None:
    """Pack the project, the wheels of the lock and the weights of studies into one file."""
    # Imported only here: the other commands need neither pip nor a hub.
    from palimpsest.bundle.gather import write_bundle

    studies = arguments.study or [Path("config/config.yaml")]
    for line in write_bundle(arguments.file, Path(__file__).parents[2], studies):
        print(line)


def list_ledgers(arguments: argparse.Namespace) -> None:
    """Print the number of completions of each LLM and prompt."""
    _print_table(map(summarize, ledgers(arguments.results)), "MiB on disk")


def verify_ledgers(arguments: argparse.Namespace) -> None:
    """Check every ledger. Raises UserError when one is not sound."""
    broken = 0
    for path in ledgers(arguments.results):
        problems = verify(path)
        broken += bool(problems)
        for line in problems or [f"sound, {summarize(path).completions:,} completions"]:
            print(f"{path}: {line}")
    if broken:
        raise UserError(f"{broken} ledgers are not sound: have the disk checked; {REPAIR}")


def repair_ledgers(arguments: argparse.Namespace) -> None:
    """Replace the ledgers that are not sound by what is sound of them."""
    for path in ledgers(arguments.results):
        if verify(path):
            kept, broken = repair(path)
            print(
                f"{path}: {kept:,} completions kept, {broken:,} broken rows left out; the damaged "
                f"ledger is kept as {path.with_suffix(DAMAGED).name}"
            )


def export_ledgers(arguments: argparse.Namespace) -> None:
    """Write the completions of all ledgers, or of one LLM or prompt, to one file."""
    paths = ledgers(arguments.results)
    named = {"llm_name": arguments.llm, "prompt_name": arguments.prompt}
    for name, value in named.items():
        if value:
            there = {path: getattr(summarize(path), name) for path in paths}
            paths = [path for path in paths if there[path] == value]
            if not paths:
                raise UserError(f"no ledger is of '{value}'; there are {sorted({*there.values()})}")
    tables = (table for path in paths for table in export_tables(path))
    rows = 0
    if arguments.out.suffix == ".parquet":
        with table_writer(arguments.out, EXPORTED) as writer:
            for table in tables:
                writer.write(table)
            rows = writer.rows
    elif arguments.out.suffix == ".jsonl":
        with atomic_path(arguments.out) as temporary, temporary.open("w", encoding="utf-8") as out:
            for table in tables:
                frame = table.to_pandas()
                frame.to_json(out, orient="records", lines=True, force_ascii=False)
                rows += len(frame)
    else:
        raise UserError(f"{arguments.out}: expected a name that ends in .jsonl or .parquet")
    print(f"{arguments.out}: {rows:,} completions")


def prune_ledgers(arguments: argparse.Namespace) -> None:
    """Remove the completions of requests that none of the studies makes."""
    _prune(ledgers(arguments.results), _catalogues(arguments), arguments, arguments.dry_run)


def _prune(
    paths: list[Path], catalogues: list[Catalogue], arguments: argparse.Namespace, dry_run: bool
) -> int:
    """Prune ledgers, print what was or would be removed, and return how many completions."""
    llms: set[str] = set()
    requests: set[Path] = set()
    for catalogue in catalogues:
        llms |= _llms(catalogue, arguments.results)
        requests |= _requests(catalogue, arguments.results)
    removed = [prune(path, llms, sorted(requests), dry_run) for path in paths]
    _print_table([summary for summary in removed if summary.completions], "MiB freed")
    count = sum(summary.completions for summary in removed)
    print(f"{count:,} completions {'would be' if dry_run else 'were'} removed")
    return count


def _catalogues(arguments: argparse.Namespace) -> list[Catalogue]:
    """The current studies. Raises UserError when the results of one lie elsewhere."""
    found = []
    for study in arguments.study:
        catalogue = load_catalogue(read_study(study), str(study), Path("config"))
        if Path(catalogue.study.results) != arguments.results:
            raise UserError(
                f"{study}: its results are in '{catalogue.study.results}', and this is to clear "
                f"'{arguments.results}'; give --results, or leave the study out"
            )
        found.append(catalogue)
    return found


def forget_notes(arguments: argparse.Namespace) -> None:
    """Say what the results hold that the studies do not ask for, and remove it if that is asked."""
    results, remove, catalogues = arguments.results, arguments.remove, _catalogues(arguments)
    requests = {path.with_suffix("") for study in catalogues for path in _requests(study, results)}
    lacking = forget.withdrawn(results)
    if late := [held for held in lacking if held.place in requests]:
        raise UserError(
            f"{late[0].place}.parquet: {late[0].why}, and the study makes it: run `snakemake` "
            "first, and then this again"
        )
    gone = forget.undeclared(results, lambda names: any(declares(s, names) for s in catalogues))
    gone += lacking
    for held in gone:
        print(f"{held.place}: {held.why}")
        if remove:
            held.remove()
    unused = forget.unused_work(results, gone)
    for work in unused:
        print(f"{work.finished}: a training that no result is taken from")
        if remove and not work.drop():
            raise UserError(f"{work.working}: another process is at it; end it first")
    left = forget.left_over(results, remove)
    for path in left:
        print(f"{path}: left by a killed job or a repair")
    paths = sorted(results.glob("state/ledger/*/*/*.sqlite"))
    count = len(gone) + len(unused) + len(left) + _prune(paths, catalogues, arguments, not remove)
    if count and not remove:
        print("nothing was removed: add --remove; an undone edit then asks and trains anew")


def print_agreement(arguments: argparse.Namespace) -> None:
    """Print how far a dataset and a person's labels agree."""
    print(report(arguments.sheet, arguments.dataset))


def tag_notes(arguments: argparse.Namespace) -> None:
    """Label the notes of a file or a folder with a kept model."""
    # Imported only here: the other commands need no torch.
    from palimpsest.finetuning.kept import load_model
    from palimpsest.tagging.tag import tag

    source, model = _source_of(arguments), load_model(arguments.model)
    named = {"model_sha256": sha256_file(arguments.model / "model.safetensors")}
    progress = Progress(f"tagging {arguments.notes}", source_bytes(source), "bytes")
    with atomic_folder(arguments.out) as folder:
        parts = read_notes(source, False, progress.advance)
        done = tag(parts, model, arguments.threshold, folder, **named)
    account = done.account
    print(f"{arguments.out}: {account.kept:,} of {done.entered:,} notes tagged")
    print(f"labels: {dict(done.by_label.most_common()) or 'none'}")
    print(f"rejected: {dict(account.rejected) or 'none'}")


def export_corpus(arguments: argparse.Namespace) -> None:
    """Write a corpus as a folder that `datasets.load_dataset` opens."""
    # Imported only here: the other commands need no graph of jobs.
    from palimpsest.exports.write import CARD, DATA, write_export
    from palimpsest.graph import job_of
    from palimpsest.graph.places import RESULTS
    from palimpsest.release.verdict import demand_passed

    named = str(arguments.study)
    catalogue = load_catalogue(read_study(arguments.study), named, Path("config"))
    catalogue.corpus(arguments.corpus)  # raises UserError where the study declares none
    job = job_of("export_corpus", catalogue, {"corpus": arguments.corpus}.items())
    inputs = job.inputs(lambda path: Path(path.replace(RESULTS, catalogue.study.results)))
    read = inputs["corpus"], *inputs["completions"], *inputs["verdicts"]
    lacking = [path for path in read if not path.exists()]
    if lacking:
        raise UserError(
            f"{lacking[0]}: no such file, so there is nothing to export; run `snakemake "
            f"{lacking[0]}` first"
        )
    for verdict in inputs["verdicts"]:
        sha256 = read_manifest(inputs["corpus"])["sha256"]
        demand_passed(verdict, arguments.corpus, sha256)
    tables = inputs["corpus"], inputs["completions"]
    with atomic_folder(arguments.out) as folder:
        written = write_export(job.spec(), tables, completion_key, folder / DATA, folder / CARD)
    print(f"{arguments.out}: {written:,} documents")


def _source_of(arguments: argparse.Namespace) -> TableSource | FolderSource:
    """A user's notes as a source: a folder of text files, or one table."""
    named = {"name": "notes", "paths": [str(arguments.notes)], "category": "note"}
    named |= {"encoding": arguments.encoding}
    if arguments.notes.is_dir():
        kind, more = FolderSource, {"kind": "folder", "patient_id": "file"}
    else:
        columns = {"text": arguments.text_column, "note_id": arguments.id_column}
        # Patients matter to splits alone.
        kind, more = TableSource, {
            "kind": "table", "columns": {**columns, "patient_id": arguments.id_column}
        }  # fmt: skip
    return validated(TypeAdapter(kind), {**named, **more}, str(arguments.notes))


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


def _requests(catalogue: Catalogue, results: Path) -> set[Path]:
    """The tables of requests that a study makes, in all rounds.

    Raises UserError when one that it always makes is missing: its completions would be removed.
    """
    found: dict[Path, str] = {}  # with the rule that makes it
    further: set[Path] = set()
    for use in catalogue.uses():
        name = f"{use.name}.{use.prompt}"
        for shard in catalogue.shards(use.name):
            found[results / "requests" / name / f"{shard}.parquet"] = MADE_BY[use.kind]
        further |= {*results.glob(f"requests/*/{name}.*/*.parquet")}  # by LLM, of later rounds
    for path, rule in found.items():
        if not path.exists():
            raise UserError(
                f"{path}: no such table, so the study's requests are not known; run "
                f"`snakemake --until {rule}` first"
            )
    return {*found, *further}


def _print_table(summaries: Iterable[LedgerSummary], size: str) -> None:
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


def arguments_parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(prog="palimpsest", description="Tools beside the workflow.")
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    purpose = "say what is wrong with a study, before Snakemake reads it"
    checking = commands.add_parser("check", help=purpose, description=f"{purpose.capitalize()}.")
    checking.set_defaults(action=check_study)
    checking.add_argument("study", type=Path, help="the study's file")
    purpose = "compare a dataset with an annotator's labels"
    annotation = commands.add_parser(
        "annotation", help=purpose, description=f"{purpose.capitalize()}."
    )
    annotation.set_defaults(action=print_agreement)
    annotation.add_argument(
        "sheet", type=Path, help="an annotated copy of results/annotation/<dataset>.csv"
    )
    annotation.add_argument(
        "--dataset", type=Path, required=True, help="results/datasets/<dataset>.parquet"
    )
    purpose = "say, or remove, what is left of notes that were taken out and of earlier requests"
    forgetting = commands.add_parser("forget", help=purpose, description=f"{purpose.capitalize()}.")
    forgetting.set_defaults(action=forget_notes)
    _add_studies(forgetting)
    forgetting.add_argument("--remove", action="store_true", help="remove it; else it is said only")
    purpose = "label your own notes with a kept model"
    tagging = commands.add_parser("tag", help=purpose, description=f"{purpose.capitalize()}.")
    tagging.set_defaults(action=tag_notes)
    tagging.add_argument(
        "notes", type=Path, help="a .csv, .tsv, .jsonl, .json or .parquet file, or a folder of .txt"
    )
    tagging.add_argument(
        "--model", type=Path, required=True, help="the folder of a run, below results/models"
    )
    tagging.add_argument("--out", type=Path, required=True, help="a folder, which is made")
    tagging.add_argument("--text-column", default="text", help="of a table; default: text")
    tagging.add_argument("--id-column", default="note_id", help="of a table; default: note_id")
    tagging.add_argument("--encoding", default="utf-8", help="of text files; default: utf-8")
    tagging.add_argument(
        "--threshold", type=float, default=0.5,
        help="probability from which on one of several labels holds; default: 0.5",
    )  # fmt: skip
    purpose = "write a corpus as a folder that `datasets.load_dataset` opens, with a card"
    exporting = commands.add_parser("export", help=purpose, description=f"{purpose.capitalize()}.")
    exporting.set_defaults(action=export_corpus)
    exporting.add_argument("corpus", help="a corpus of the study")
    exporting.add_argument(
        "--study", type=Path, default=Path("config/config.yaml"),
        help="the study; default: config/config.yaml",
    )  # fmt: skip
    exporting.add_argument("--out", type=Path, required=True, help="a folder, which is made")
    purpose = "pack what studies need where there is no network"
    bundling = commands.add_parser("bundle", help=purpose, description=f"{purpose.capitalize()}.")
    bundling.set_defaults(action=bundle_project)
    bundling.add_argument("file", type=Path, help="the tar that is written")
    bundling.add_argument(
        "--study", type=Path, action="append",
        help="a study whose weights are packed, within the project; repeatable; default: the demo",
    )  # fmt: skip
    ledger = commands.add_parser(
        "ledger", help="manage stored completions", description="Manage stored completions."
    )
    actions = ledger.add_subparsers(required=True, metavar="list|verify|repair|export|prune")
    described = {
        "list": (list_ledgers, "print the number of completions by LLM and prompt"),
        "verify": (verify_ledgers, "check that the ledgers are intact"),
        "repair": (repair_ledgers, "keep what is sound of damaged ledgers"),
        "export": (export_ledgers, "write the completions, which contain note text, to one file"),
        "prune": (prune_ledgers, "remove the completions of requests that no current study makes"),
    }
    parsers = {}
    for name, (action, text) in described.items():
        parsers[name] = actions.add_parser(name, help=text, description=text)
        parsers[name].set_defaults(action=action)
        if name != "prune":
            _add_results(parsers[name])
    parsers["export"].add_argument("--out", type=Path, required=True, help=".jsonl or .parquet")
    parsers["export"].add_argument("--llm", help="only this LLM, by its file's name")
    parsers["export"].add_argument("--prompt", help="only this prompt, by its file's name")
    _add_studies(parsers["prune"])
    parsers["prune"].add_argument("--dry-run", action="store_true", help="count, remove nothing")
    return made


def _add_results(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--results", type=Path, default=Path("results"), help="results folder; default: results"
    )


def _add_studies(made: argparse.ArgumentParser) -> None:
    _add_results(made)
    made.add_argument(
        "--study", type=Path, action="append", required=True, help="a current study; repeatable"
    )


def main() -> None:
    """Run the command."""
    run(lambda arguments: arguments.action(arguments), arguments_parser())


if __name__ == "__main__":
    main()
