"""Run one check on what is to be released. What it says is in the manifest of its findings.

--corpora, --datasets and --losses are tables; what each is of is in its manifest.
"""

import argparse
from pathlib import Path

from palimpsest.release import attributes, canaries, linkage, membership, rare_text
from palimpsest.release.check import Given, Released, run_check
from palimpsest.release.config import CheckSpec
from palimpsest.release.identifiers import check as identifiers
from palimpsest.release.inputs import named, what_was_read
from palimpsest.release.patients import read_patients
from palimpsest.release.verdict import release_digest
from palimpsest.runtime.atomic import temporary_folder
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_table
from palimpsest.runtime.fingerprint import Fingerprints

MODULES = (identifiers, rare_text, canaries, membership, linkage, attributes)  # they register


def main(arguments: argparse.Namespace) -> None:
    spec: CheckSpec = arguments.spec
    release = spec.release
    released = Released(
        named(arguments.corpora, "corpus", release.corpora, "--corpora"),
        named(arguments.datasets, "dataset", release.datasets, "--datasets"),
    )
    patients = read_patients(arguments.notes, spec.audited)
    with temporary_folder(arguments.out) as scratch:
        given = Given(
            spec, patients, arguments.notes, released, arguments.roster, arguments.losses,
            scratch,
        )  # fmt: skip
        result = run_check(arguments.check, given)
    source = Path(__file__).resolve().parents[2] / "src"
    write_table(
        arguments.out,
        result.table(),
        **result.fields(),
        check=arguments.check,
        stage=spec.stage,
        release=release_digest(release),
        read=what_was_read(arguments.notes, released, arguments.checkpoints),
        code=Fingerprints(source).of(Path(__file__).resolve()),
    )


if __name__ == "__main__":
    files = ("--notes", "--corpora*", "--datasets*", "--checkpoints*", "--losses*", "--roster*")
    options = parser(__doc__, *files, "--out", spec=CheckSpec)
    options.add_argument("--check", required=True, help="the name of the check")
    run(main, options)
