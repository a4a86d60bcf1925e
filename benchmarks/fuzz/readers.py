"""Readers of files that users bring, against damaged and odd files.

    python benchmarks/fuzz/readers.py --rows 20000

For each reader, well-formed files are made of invented rows, damaged (`mutations.py`), and read as
the job reads them. Each file is read, rows rejected with a reason or not, or is a UserError. It is
a fault if there is a traceback, if a file takes more than two seconds of CPU, if rows in are not
kept + rejected, or if the mark that begins each word of each text is in a message, a log or a list
of rejected rows. Prints a line for each reader and each fault, and exits with 1 if there are any.
"""

import argparse
import contextlib
import gzip
import io
import random
import runpy
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from brought_files import DATASET_CASES, LABELS, MARK, NOTE_CASES, NOTES, Case, note_rows, saved
from mutations import mutated
from pydantic import TypeAdapter

from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.kinds import Dataset
from palimpsest.graph.datasets import unit_of
from palimpsest.notes.config import NotesSpec, Source
from palimpsest.notes.read import read_notes, source_bytes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.files import read_manifest
from palimpsest.runtime.schema import Splits

ROOT = Path(__file__).resolve().parents[2]
SECONDS, HANGS = 2.0, 60  # of CPU that a file may take; of the clock, after which it is stopped
SHARES = Splits(train=0.6, valid=0.2, test=0.2)
FOUND = "{} files, {} rows: {} kept, {} rejected, {} files refused; slowest {:.2f} s of CPU"


@dataclass
class Outcome:
    """What became of the files of a reader. faults: what, of which seed, with its message."""

    files: int = 0
    rows: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        rejected = self.rejected.total()
        return FOUND.format(self.files, self.rows, self.kept, rejected, self.refused, self.slowest)


Work = Callable[[Path, random.Random, bool], Path]  # folder, dice, damaged: the table


def notes(kind: str, case: Case) -> Work:
    """Reads the files of a source, as its job does."""

    def work(folder: Path, dice: random.Random, damaged: bool) -> Path:
        made = folder / "in"
        columns = {"columns": NOTES}
        if kind == "dataset":
            saved(made, dice, note_rows(dice, case.documents))
            _write(made, _contents(made), dice, damaged)
            declared = {"kind": "dataset", "path": str(made), **columns}
        else:
            _write(made, case.make(dice, case.documents), dice, damaged)
            paths = [str(path) for path in sorted(made.iterdir())]
            declared = {"kind": "table", "paths": paths, **columns}
        if kind == "folder":
            declared = {"kind": "folder", "paths": [str(made)], "category": "Letter"}
            declared["patient_id"] = dice.choice(["file", "folder", r"^p(\d+)/"])
        elif dice.random() < 0.1 and kind not in ("dataset", "parquet"):
            declared["encoding"] = dice.choice(["latin-1", "cp1252"])
        source = TypeAdapter(Source).validate_python({"name": "ward", **declared})
        spec = NotesSpec(source=source, splits=SHARES, seed=1)
        out = folder / "notes.parquet"
        source_bytes(source)
        write_notes(
            read_notes(source, False, lambda count: None), spec, out, folder / "rejects.csv"
        )
        return out

    return work


def labelled(case: Case) -> Work:
    """Collects a dataset of experts, as its job does."""
    program = runpy.run_path(str(ROOT / "scripts/datasets/collect_examples.py"))
    sentences = case.declared["kind"] == "sentences"
    splits = [""] if sentences else ["train", "valid", "test"]
    spec: dict[str, Any] = {
        "kind": "sentences", "labels": LABELS, "answer": "several_labels", "unit": "patient",
    }  # fmt: skip
    if not sentences:
        files = {split: split for split in splits}
        entry: Any = TypeAdapter(Dataset).validate_python(
            {"name": "gold", "made_by": "experts", "files": files, **case.declared}
        )
        spec = {"kind": entry.kind, "labels": entry.labels, "answer": entry.answer}
        spec |= {"unit": unit_of(entry), "reading": entry.reading(), "files": [1, 1, 1]}
        spec["none_label"] = getattr(entry, "none_label", None)
    collected = CollectSpec(made_by="experts", splits=SHARES, seed=1, **spec)

    def work(folder: Path, dice: random.Random, damaged: bool) -> Path:
        which = dice.choice(splits)
        for split in splits:
            files = case.make(dice, case.documents)
            _write(folder / "in" / split, files, dice, damaged and split == which)
        paths = [folder / "in" / split for split in splits]
        out = folder / "gold.parquet"
        arguments = {"notes": [], "files": paths, "out": out, "rejects": folder / "rejects.csv"}
        program["main"](SimpleNamespace(spec=collected, **arguments))
        return out

    return work


def _contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _write(folder: Path, files: dict[str, bytes], dice: random.Random, damaged: bool) -> None:
    chosen = dice.choice(sorted(files))
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        odd = name.endswith(".parquet") and dice.random() < 0.5  # its columns are odd already
        if damaged and name == chosen and not odd:
            if name.endswith(".gz") and dice.random() < 0.7:
                content = gzip.compress(mutated(gzip.decompress(content), dice))
            else:
                content = mutated(content, dice)
        (folder / name).write_bytes(content)


def run(work: Work, rows: int, case: Case, seed: int) -> Outcome:
    """What becomes of so many rows in files as those of a case; the first file is not damaged."""
    found, each = Outcome(), case.documents * case.lines
    for number in range(max(1, -(-rows // each))):
        with tempfile.TemporaryDirectory() as folder:
            damaged = number > 0 or not case.sound
            _once(work, Path(folder), seed + number, damaged, found)
        found.files, found.rows = found.files + 1, found.rows + each
    return found


def _once(work: Work, folder: Path, seed: int, damaged: bool, found: Outcome) -> None:
    said, message = io.StringIO(), ""
    started = time.process_time()
    try:
        with _stopped(HANGS), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            out = work(folder, random.Random(seed), damaged)
        account = read_manifest(out, "account")["account"]
        rejected = Counter(account["rejected"])
        found.kept, found.rejected = found.kept + account["kept"], found.rejected + rejected
        if account["in"] != account["kept"] + rejected.total():
            found.faults.append(f"seed {seed}: rows are lost: {account}")
    except AccountingError as error:
        found.faults.append(f"seed {seed}: {error}")
    except UserError as error:
        message = str(error)
        found.refused += 1
        if not damaged:
            found.faults.append(f"seed {seed}: a sound file is refused: {message}")
        if "\n" in message:
            found.faults.append(f"seed {seed}: more than a line: {message}")
    except Exception:
        found.faults.append(f"seed {seed}: {traceback.format_exc(limit=-4)}")
    seconds = time.process_time() - started
    found.slowest = max(found.slowest, seconds)
    if seconds > SECONDS:
        found.faults.append(f"seed {seed}: {seconds:.1f} s")
    listed = folder / "rejects.csv"
    told = message + said.getvalue() + (listed.read_text() if listed.exists() else "")
    if MARK.lower() in told.lower():
        place = told.lower().index(MARK.lower())
        found.faults.append(f"seed {seed}: text: ...{told[max(0, place - 200) : place + 60]}")


@contextlib.contextmanager
def _stopped(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"still at work after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def works() -> dict[str, tuple[Work, Case]]:
    """Every reader by name, with what its files are."""
    found = {f"notes {name}": (notes(name, case), case) for name, case in NOTE_CASES.items()}
    return found | {name: (labelled(case), case) for name, case in DATASET_CASES.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=20_000, help="of each reader")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", default="", help="readers whose name has this")
    given = options.parse_args()
    faults = 0
    for name, (work, case) in works().items():
        if given.only in name:
            found = run(work, given.rows, case, given.seed)
            print(f"{name}: {found}; {len(found.faults)} faults", flush=True)
            for fault in found.faults[:20]:
                print(f"    {fault}", flush=True)
            faults += len(found.faults)
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
