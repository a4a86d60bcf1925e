"""What results still hold that nothing asks for any more: text of notes that left their source.

After the next run a note that was taken out of a source is in no table that the study makes. What
remains is state (answers to earlier requests, models trained on earlier corpora), tables that no
target is made of any more, and what killed jobs left. Nobody can say which answer or model has a
patient's words, so all of it goes.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from palimpsest.completions.ledger_admin import DAMAGED
from palimpsest.runtime import atomic
from palimpsest.runtime.cache import Cache, kept_work
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_fields
from palimpsest.runtime.origins import WILDCARDS, Names
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.rows import Manifest
from palimpsest.runtime.schema import NO_CORPUS

APART = ("state", "logs", "benchmarks")  # rooms of the results without tables of the study
ROWS = 65_536
Declares = Callable[[Names], bool]


class Held(NamedTuple):
    """A place that holds what nothing asks for. place: without the endings of its files."""

    place: Path
    why: str

    def remove(self) -> None:
        """Remove its files and its folder."""
        for path in [self.place, *self.place.parent.glob(f"{self.place.name}.*")]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def manifests(results: Path) -> Iterator[tuple[Path, Manifest]]:
    """The manifests of a results folder that say of what they are, without those of state.

    Nor those of the results of another study, which may lie below, such as `results/mine`.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(results):
        folder = Path(place)
        folders[:] = [name for name in folders if not _is_apart(folder / name, results)]
        found += [folder / name for name in names if name.endswith(".json")]
    for path in sorted(found):
        try:
            manifest = read_fields(path)
        except UserError:
            continue  # none, such as a model's configuration
        if isinstance(manifest.get(WILDCARDS), dict):
            yield path, manifest


def _is_apart(folder: Path, results: Path) -> bool:
    """Whether a folder in the results has no tables of the study, or is a results folder itself."""
    if folder.parent == results and folder.name in APART:
        return True
    # Each results folder has one of these once a study ran there.
    return (folder / ".gitignore").exists() or (folder / "state").is_dir()


def undeclared(results: Path, declares: Declares) -> list[Held]:
    """What is of names that no study declares. declares: whether one does."""
    named = [(path, manifest[WILDCARDS]) for path, manifest in manifests(results)]
    named += [
        (path, {"annotation": path.stem}) for path in sorted(results.glob("annotation/*.csv"))
    ]
    return [
        Held(path.with_suffix(""), "no study declares it")
        for path, names in named
        if not declares(names)
    ]


def withdrawn(results: Path) -> list[Held]:
    """Tables with rows of notes that are not in the notes of their source, and what models of such
    tables gave: checkpoints, predictions and kept models.
    """
    found = []
    notes: dict[str, pa.Array | None] = {}
    for path, manifest in manifests(results):
        table = path.with_suffix(".parquet")
        sources = _sources(manifest)
        if sources and table.exists() and "note_id" in pq.read_schema(table).names:
            lacking = sum(_lacking(results, table, source, part, notes) for source, part in sources)
            if lacking:
                found.append(Held(path.with_suffix(""), f"{lacking:,} rows of notes that are gone"))
        elif "made_from" in manifest and not _is_current(results, manifest):
            found.append(Held(path.with_suffix(""), "made of other inputs than there are now"))
    return found


def unused_work(results: Path, gone: Iterable[Held]) -> list[Cache]:
    """Finished and unfinished trainings under state/ that no result was taken from.

    gone: what is removed of the results.
    """
    places = {held.place for held in gone}
    delivered: set[str | None] = set()
    for path, manifest in manifests(results):
        if path.with_suffix("") not in places:
            delivered |= {manifest.get("sha256"), manifest.get("predictions_sha256")}
            if "identity" in manifest:  # of a model
                delivered |= set(manifest["files"].values())
    kinds = [("training", "model.safetensors"), ("finetuning", "predictions.parquet")]
    return [
        work
        for kind, decisive in kinds
        for work in kept_work(results / "state" / kind)
        if work.working.exists() or not _is_delivered(work, decisive, delivered)
    ]


def left_over(results: Path, remove: bool) -> list[Path]:
    """What killed jobs and repairs left; it is removed, if that is asked for."""
    found = sorted(results.glob(f"state/ledger/*/*/*{DAMAGED}"))
    for path in found if remove else ():
        path.unlink()
    return found + atomic.sweep(results, dry_run=not remove)


def _is_delivered(work: Cache, decisive: str, delivered: set[str | None]) -> bool:
    """Whether a result has a finished file's content; one of damaged work is of no use."""
    try:
        return work.stored().get(decisive, "") in delivered
    except UserError:
        return False


def _sources(manifest: Manifest) -> list[tuple[str, int | None]]:
    """The sources that a table's notes are of; of a corpus, with the numbers of its parts."""
    names = manifest[WILDCARDS]
    if "corpus" in names and isinstance(manifest.get("parts"), list):
        return [(part["source"], number) for number, part in enumerate(manifest["parts"], start=1)]
    if "request_set" in names:
        return [(RequestSet.parse(names["request_set"]).name, None)]
    return [(names["source"], None)] if "source" in names else []


def _lacking(
    results: Path,
    table: Path,
    source: str,
    part: int | None,
    notes: dict[str, pa.Array | None],
) -> int:
    """Rows of a table, or of one part of it, whose notes a source lacks."""
    if source not in notes:
        place = results / "notes" / f"{source}.parquet"
        notes[source] = None
        if place.exists():
            ids = [batch["note_id"] for batch in read_batches(place, ["note_id"], ROWS)]
            notes[source] = pa.concat_arrays(ids)
    known = notes[source]
    if known is None:  # a dataset, or a source that no study declares
        return 0
    lacking = 0
    for batch in read_batches(table, ["note_id"] if part is None else ["note_id", "part"], ROWS):
        ids = (
            batch["note_id"]
            if part is None
            else batch["note_id"].filter(pc.equal(batch["part"], part))
        )
        lacking += len(ids) - (pc.sum(pc.is_in(ids, value_set=known)).as_py() or 0)
    return lacking


def _is_current(results: Path, manifest: Manifest) -> bool:
    """Whether a model, or what one predicted, was made of the inputs that are there now.

    An encoder as published holds no note of the study, so that it does not count.
    """
    made_from, names = manifest["made_from"], manifest[WILDCARDS]
    datasets = made_from.get("datasets", {}).items()
    used = [(f"datasets/{name}", "sha256", sha256) for name, sha256 in datasets]
    if "corpus" in made_from:
        used.append((f"corpora/{names['corpus']}", "sha256", made_from["corpus"]))
    if "encoder" in made_from and names["corpus"] != NO_CORPUS:
        checkpoint = "checkpoints/{model}/{corpus}/seed{seed}".format(**names)
        used.append((checkpoint, "identity", made_from["encoder"]))
    for place, field, value in used:
        path = results / f"{place}.json"
        if not path.exists() or read_fields(path).get(field) != value:
            return False
    return True
