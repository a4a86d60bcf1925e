# What all rules share: the study, and what makes a job's output what it is.
#
# Rules have two params that decide whether they run again: the identity of what they are asked for
# (canonical JSON, so that the layout of a YAML file does not count) and `code`, the fingerprint of
# their script and of the project modules that it imports.
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.fingerprint import code_fingerprint
from palimpsest.runtime.identity import canonical_json
from palimpsest.study.catalogue import ONE_SHARD
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue, prompt_uses
from palimpsest.pretraining.config import Decoder
from palimpsest.runtime.schema import NO_CORPUS

NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"

try:
    for path in workflow.configfiles:
        read_yaml(Path(path))  # Snakemake's own parser passes over a key that stands twice
    CATALOGUE = load_catalogue(config, ", ".join(map(str, workflow.configfiles)), Path("config"))
except UserError as error:
    raise WorkflowError(str(error))
STUDY = CATALOGUE.study

missing = CATALOGUE.missing_files()
if missing and workflow.is_main_process:
    lines = "\n".join(f"  {line}" for line in missing)
    if not workflow.output_settings.dryrun:
        raise WorkflowError(f"The study names data files that are not there:\n{lines}")
    print(
        f"These data files are not there, so only planning is possible:\n{lines}", file=sys.stderr
    )


def named(kind, entries):
    """A wildcard's constraint: the name of one of some entries; if there are none, of no file."""
    names = [getattr(entry, "name", entry) for entry in entries]
    return "|".join(names) or f"no-{kind}"


PROMPTS = prompt_uses(STUDY)
CONSTRAINTS = {
    "source": NAME,
    "prompt": NAME,
    "llm": NAME,
    "weights": NAME,
    "corpus": NAME,
    "model": NAME,
    "task": NAME,
    "evaluation": NAME,
    "request_set": rf"{NAME}\.{NAME}(\.again[1-9])?",
    "round": r"[1-9]",
    "shard": r"\d+-of-\d+",
    "seed": r"\d+",
    "run": r"\d+",
    "gold": named("gold-set", STUDY.gold),
    "silver": named("silver-set", STUDY.silver),
    "bronze": named("bronze-set", STUDY.bronze),
    "asked_set": named("asked-set", CATALOGUE.asked_sets()),
    "classification": named("classification", STUDY.classifications),
    "combination": NAME,
    "size": r"all|\d+",
}

# Every job finds the package without an installation (in conda environments too), and gets the
# terminal as a second descriptor, for progress lines; its own output goes to its log.
shell.prefix(
    f"set -euo pipefail; export PYTHONPATH={str(ROOT / 'src')!r}; "
    f"export PALIMPSEST_NETWORK={int(STUDY.network)}; "
    "exec 3>&2; export PALIMPSEST_PROGRESS_FD=3; "
)


def shown(where, kind):
    """A wildcard's constraint: the tables or figures of a kind."""
    return named(kind, [entry for entry in getattr(STUDY, where) if entry.kind == kind])


def identity(value):
    """A value's canonical JSON, as a function so that Snakemake leaves its braces alone."""
    text = canonical_json(value)
    return lambda wildcards: text


def code_of(script):
    """The fingerprint of a script and of the project modules that it imports."""
    try:
        return code_fingerprint(ROOT / script, ROOT / "src")
    except UserError as error:
        raise WorkflowError(str(error))


def declared(thing, **options):
    """What a declared object is, without the tuning of its engine."""
    return thing.model_dump(mode="json", exclude={"engine"} | options.pop("exclude", set()))


def of_table(name, path):
    """Inputs of a job that reads a table: the manifest decides, the table is only read."""
    return {f"{name}_manifest": path.removesuffix(".parquet") + ".json", name: ancient(path)}


def tables(folder, source):
    """The shards of a source's tables below a folder."""
    return [f"{folder}/{shard}.parquet" for shard in CATALOGUE.shards(source)]


def manifests(paths):
    """The manifests of some tables: small, so that Snakemake compares them by content."""
    return [path.removesuffix(".parquet") + ".json" for path in paths]
