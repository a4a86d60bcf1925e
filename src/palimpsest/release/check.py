"""What every check has in common: what it is given, what it says, and the registry.

A check never says that something passed. It says what it found, which tests it made and what these
could have found; the verdict (`verdict.py`) decides over all checks together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from palimpsest.release.config import CheckSpec
from palimpsest.release.patients import Patients
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_manifest
from palimpsest.runtime.rows import Manifest, Row

ROWS = 512
FINDINGS = pa.schema(
    [
        ("test", pa.string()),  # of the check that it counts for
        ("released", pa.string()),  # `corpus.NAME` or `dataset.NAME`; null of a checkpoint
        ("row", pa.int64()),  # of the table, from 0; null of a checkpoint
        ("patient_id", pa.string()),  # whose; null where it is of nobody in particular
        ("what", pa.string()),  # the kind of what was found; never its text
    ]
)
EXAMPLES = 3  # of each test, in the verdict


def counted(patients: int) -> str:
    """So many patients, in words."""
    return f"{patients:,} patient{'s' if patients != 1 else ''}"


@dataclass(frozen=True)
class Test:
    """One test. p: of chance alone; 0 where what was found is a fact and no inference.

    attainable: the smallest p that its margins allow, 1 where nothing could have been found.
    found: in words and numbers, what was seen. detects: the smallest leak that it finds, with a
    power of 0.8 or more. able: whether it would find any.
    """

    p: float
    attainable: float
    found: str
    detects: str
    numbers: Row = field(default_factory=dict)
    able: bool = True


@dataclass
class Result:
    """What a check says. lacking: why it cannot tell, each reason in a sentence; none where it can.

    tests: by name. told: numbers that are told and not judged. findings: rows of FINDINGS.
    units: of each group, how many patients it looked at.
    """

    tests: dict[str, Test] = field(default_factory=dict)
    told: Row = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)
    units: Row = field(default_factory=dict)
    findings: list[pa.Table] = field(default_factory=list)

    def table(self) -> pa.Table:
        return pa.concat_tables([FINDINGS.empty_table(), *self.findings])

    def fields(self) -> Manifest:
        """As fields of a manifest."""
        tests = {
            name: {
                "p": one.p,
                "attainable": one.attainable,
                "found": one.found,
                "detects": one.detects,
                "able": one.able,
                "numbers": one.numbers,
            }
            for name, one in self.tests.items()
        }
        return {
            "tests": tests, "told": self.told, "lacking": self.lacking, "units": self.units
        }  # fmt: skip

    def needs_control(self, patients: Patients, least: int) -> None:
        """Note the sizes of the groups, and that nothing can be told where one is too small."""
        self.units = {"exposed": patients.exposed_count, "control": patients.control_count}
        if patients.control_count < least:
            self.lacking.append(
                f"the control group has {patients.control_count} patients, expected {least} or "
                "more: raise `splits.audit`"
            )
        if not patients.exposed_count:
            self.lacking.append("no patient of the source is in the split `train`")


@dataclass(frozen=True)
class Documents:
    """Some released texts. first: the number of the first of them among all."""

    released: str
    first: int
    row: int  # of the first of them in its table
    note_ids: pa.Array
    texts: pa.Array


@dataclass
class Released:
    """The texts that are to be given away: tables of corpora and of written sentences."""

    corpora: dict[str, Path]
    datasets: dict[str, Path]

    def __post_init__(self) -> None:
        names = [f"corpus.{name}" for name in self.corpora]
        names += [f"dataset.{name}" for name in self.datasets]
        self.names = names
        self.paths = [*self.corpora.values(), *self.datasets.values()]
        counts = [read_manifest(path)["rows"] for path in self.paths]
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @property
    def count(self) -> int:
        return int(self.starts[-1])

    def batches(self, kind: str | None = None) -> Iterator[Documents]:
        """All texts, or those of the kind `corpus` or `dataset`."""
        for name, path, start in zip(self.names, self.paths, self.starts[:-1], strict=True):
            if kind and not name.startswith(f"{kind}."):
                continue
            row = 0
            for batch in read_batches(path, ["note_id", "text"], ROWS):
                yield Documents(
                    name, int(start) + row, row, batch["note_id"], batch["text"]
                )  # fmt: skip
                row += batch.num_rows

    def findings(
        self, test: str, documents: np.ndarray, patient_ids: list[str | None], what: list[str]
    ) -> pa.Table:
        """Rows of FINDINGS of documents by their numbers."""
        place = np.searchsorted(self.starts, documents, side="right") - 1
        return pa.table(
            {
                "test": pa.array([test] * len(documents), pa.string()),
                "released": pa.array([self.names[at] for at in place], pa.string()),
                "row": pa.array(documents - self.starts[place], pa.int64()),
                "patient_id": pa.array(patient_ids, pa.string()),
                "what": pa.array(what, pa.string()),
            },
            schema=FINDINGS,
        )


@dataclass(frozen=True)
class Given:
    """What a check is given.

    roster: files of a roster, where it is in files. losses: tables of notes' losses, of checkpoints
    and of what these are compared with. scratch: a folder for what does not fit into memory.
    """

    spec: CheckSpec
    patients: Patients
    notes: Path
    released: Released
    roster: list[Path]
    losses: list[Path]
    scratch: Path


Check = Callable[[Given], Result]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check under its name, which `release.config.CHECKS` has."""

    def registered(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return registered


def run_check(name: str, given: Given) -> Result:
    """Run a check. Raises UserError where there is none of that name."""
    if name not in CHECKS:
        raise UserError(f"no check is called '{name}'; there are {sorted(CHECKS)}")
    return CHECKS[name](given)
