"""The release check: how often it fails by chance, and what it finds of planted leaks.

    python benchmarks/release.py null --runs 200
    python benchmarks/release.py null --runs 100 --texts drawn --leaks names odd-13-words canary
    python benchmarks/release.py shifted --runs 100
    python benchmarks/release.py canaries

Everything is made of generated notes. A run deals the patients of one source to the splits anew,
and releases passages of other patients, of whom the source knows nothing. `--texts notes`:
discharge summaries and reports of the same generator, with other people's names in them; `reports`:
case reports, without; `drawn`: their words, one by one, so that nothing is the same by chance.
`null` counts the verdicts that fail although nothing leaked: `false` by a test, `untold` because a
check was not able to tell. With `--leaks` it then adds one leak at a time, and counts how often the
check whose it is fails, beside what the other checks said before: a thousandth of the patients'
names, in any document or in one of their own notes; thirteen words of one patient that nobody else
has in a row, those among them that hold many bits of their own, fifty words, or thirteen of four
patients in documents of their own notes; a canary.
"""

import argparse
import random
import re
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from palimpsest.release import attributes, canaries, linkage, membership, rare_text
from palimpsest.release.check import Given, Released, run_check
from palimpsest.release.config import CheckSpec, Release
from palimpsest.release.identifiers import check as identifiers
from palimpsest.release.identifiers.variants import read_date
from palimpsest.release.own_words import Run, bits_of
from palimpsest.release.patients import read_patients
from palimpsest.release.verdict import judged, read_results, release_digest
from palimpsest.runtime.canaries import canary
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.identity import keyed_share
from palimpsest.runtime.rows import Row
from palimpsest.text.shingles import Words
from synthetic_notes import generate_case_reports, generate_notes

MODULES = (attributes, canaries, linkage, membership, rare_text, identifiers)
PATIENTS, CANARIES = 300, 20
DEAL = {"test": 0.1, "audit": 0.4}
PASSAGE = 120  # words
ODD, CANDIDATES = 90, 500  # bits of words that are planted, and among how many these are sought
WORD = re.compile(r"[^\W_]+")
NOTES = pa.schema(
    [
        ("note_id", pa.string()), ("patient_id", pa.string()), ("split", pa.string()),
        ("text", pa.string()),
        ("phi", pa.list_(pa.struct(
            [("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]
        ))),
    ]
)  # fmt: skip
READ = {"notes": "", "released": {"corpus.all": ""}}  # results of a trial are of that trial
CORPUS = pa.schema([("note_id", pa.string()), ("text", pa.string()), ("tokens", pa.int32())])


@cache
def source(patients: int, seed: int) -> list[Row]:
    """Notes of patients whose wordings are those of training patients, whatever split they get.

    They are kept in the folder for temporary files, since writing them takes a minute.
    """
    kept = Path(tempfile.gettempdir()) / "release-benchmark" / f"notes-{patients}-{seed}.parquet"
    if not kept.exists():
        rows = [
            {
                "note_id": note.note_id,
                "patient_id": note.patient_id,
                "split": "train",
                "text": note.text,
                "phi": [{"start": s.start, "end": s.end, "label": s.label} for s in note.phi],
            }
            for note in generate_notes(patients, seed, lambda _: "train", 0.02)
        ]
        kept.parent.mkdir(exist_ok=True)
        write_table(kept, pa.Table.from_pylist(rows, schema=NOTES))
    return read_table(kept, NOTES.names).to_pylist()


@cache
def pool(texts: str) -> list[str]:
    """Passages of other patients."""
    if texts == "drawn":
        draws, said = random.Random(4), [text.split(" ") for text in pool("reports")]
        return [
            " ".join(draws.choice(draws.choice(said)) for _ in range(PASSAGE)) for _ in range(600)
        ]
    if texts == "notes":
        notes = [note["text"] for note in source(600, 2)]
    else:
        notes = [note.text for note in generate_case_reports(800, 3, lambda _: "train")]
    made = []
    for text in notes:
        words = text.split(" ")
        made += [" ".join(words[at : at + PASSAGE]) for at in range(0, len(words), PASSAGE)]
    return made


def dealt(patient: str, seed: int) -> str:
    """The split of a patient in one run."""
    share = keyed_share(f"deal-{seed}", patient)
    if share < DEAL["test"]:
        return "test"
    return "audit" if share < DEAL["test"] + DEAL["audit"] else "train"


class Trial:
    """One source, dealt anew, and one corpus, in a folder of their own."""

    def __init__(self, folder: Path, seed: int, texts: str, documents: int, patients: int) -> None:
        self.folder, self.seed, self.rng = folder, seed, random.Random(seed)
        self.notes = [
            {**note, "split": dealt(note["patient_id"], seed)} for note in source(patients, 1)
        ]
        self.canaries = [canary("ward", seed, number) for number in range(CANARIES)]
        self.trained = [note for note in self.notes if note["split"] == "train"]
        chosen = self.rng.sample(pool(texts), min(documents, len(pool(texts))))
        self.documents = [
            {"note_id": self.rng.choice(self.trained)["note_id"], "text": text, "tokens": 1}
            for text in chosen
        ]

    @staticmethod
    def release(**more: object) -> Release:
        fields: Row = {
            "name": "shared", "source": "ward", "corpora": ["all"], "roster": {"by": "gold"},
            "attributes": [{"name": "alcohol", "words": ["alcohol", "etoh"]}],
            "without": {"linkage": "it is told and never judged"},
        }  # fmt: skip
        return Release.model_validate(fields | more)

    def write(self) -> None:
        planted = [
            {"note_id": one.note_id, "patient_id": one.patient_id, "split": "train",
             "text": one.text, "phi": []}
            for one in self.canaries
        ]  # fmt: skip
        table = pa.Table.from_pylist(self.notes + planted, schema=NOTES)
        write_table(self.folder / "notes.parquet", table, wildcards={"source": "ward"})
        table = pa.Table.from_pylist(self.documents, schema=CORPUS)
        write_table(self.folder / "corpus.parquet", table, wildcards={"corpus": "all"})

    def given(self, planted: int = CANARIES) -> Given:
        """What the checks are given, written to the folder."""
        self.write()
        spec = CheckSpec(
            release=self.release(), audited=True, canaries=planted, seed=self.seed, stage="given"
        )
        notes, corpus = self.folder / "notes.parquet", self.folder / "corpus.parquet"
        released = Released({"all": corpus}, {})
        return Given(spec, read_patients(notes, True), notes, released, [], [], self.folder)

    def results(self, checks: list[str] | None = None, planted: int = CANARIES) -> dict[str, Path]:
        """Run the checks; where the results of each lie."""
        given, paths = self.given(planted), {}
        release = given.spec.release
        for name in checks or release.checks():
            result = run_check(name, given)
            paths[name] = self.folder / f"{name}.parquet"
            write_table(
                paths[name], result.table(), **result.fields(), check=name, stage="given",
                release=release_digest(release), read=READ, code="",
            )  # fmt: skip
        return paths


def judge(paths: dict[str, Path]) -> Row:
    """What the verdict says of some results."""
    return judged(Trial.release(), read_results(list(paths.values())), READ, "given")


def failed_tests(said: Row) -> list[str]:
    return [
        f"{entry['check']}: {test['name']}"
        for entry in said["checks"]
        for test in entry["tests"]
        if test["failed"]
    ]


def _passages(arguments: argparse.Namespace, folder: Path, seed: int) -> Trial:
    return Trial(folder, seed, arguments.texts, arguments.documents, arguments.patients)


def null(arguments: argparse.Namespace) -> None:
    """Verdicts on releases that know nothing of the patients, and each leak planted in them."""
    false = untold = 0
    tests, reasons, found = Counter[str](), Counter[str](), Counter[str]()
    began = time.process_time()
    for seed in range(arguments.first, arguments.first + arguments.runs):
        with tempfile.TemporaryDirectory() as folder:
            paths = _passages(arguments, Path(folder), seed).results()
            said = judge(paths)
            bad = failed_tests(said)
            for name in arguments.leaks:
                plant, check = LEAKS[name]
                with tempfile.TemporaryDirectory() as other:
                    made = _passages(arguments, Path(other), seed)
                    plant(made)
                    planted = judge({**paths, **made.results([check])})
                found[name] += any(one.startswith(f"{check}:") for one in failed_tests(planted))
        false += bool(bad)
        tests.update(bad)
        lacking = [
            f"{entry['check']}: {reason[:60]}"
            for entry in said["checks"]
            for reason in entry["reasons"]
        ]
        untold += bool(lacking)
        reasons.update(lacking)
        if arguments.verbose:
            print(seed, bad, lacking, dict(found), flush=True)
    seconds = time.process_time() - began
    print(
        f"{arguments.texts}: {arguments.runs} runs from {arguments.first} on, {false} false, "
        f"{untold} untold, {seconds / arguments.runs:.1f} s of CPU each"
    )
    for name, count in (tests + reasons).most_common():
        print(f"  {count} {name}")
    for name, count in found.items():
        print(f"  {name}: found in {count} of {arguments.runs}")


def _name_of(trial: Trial, note: Row) -> str | None:
    """A whole name in a note that is the patient's: the first one."""
    for span in note["phi"]:
        text = note["text"][span["start"] : span["end"]]
        if span["label"] == "NAME" and len(text.replace(",", " ").split()) > 1:
            return text
    return None


def plant_names(own: bool) -> Callable[[Trial], None]:
    """A thousandth of the patients' names, in documents of their own notes or anywhere."""

    def plant(made: Trial) -> None:
        patients = sorted({note["patient_id"] for note in made.trained})
        for patient in made.rng.sample(patients, max(1, round(len(patients) / 1000))):
            note = next(one for one in made.trained if one["patient_id"] == patient)
            document = made.rng.choice(made.documents)
            if own:
                document["note_id"] = note["note_id"]
            words = document["text"].split(" ")
            words.insert(made.rng.randrange(len(words)), _name_of(made, note) or "")
            document["text"] = " ".join(words)

    return plant


def plant_words(length: int, own: bool = False, patients: int = 1) -> Callable[[Trial], None]:
    """So many words of each of some patients, the first 13 of which nobody else has in a row."""

    def plant(made: Trial) -> None:
        alone = _of_one_patient(made.notes)
        drawn = _drawn(made, length, alone)
        for at in made.rng.sample(range(len(made.documents)), patients):
            note, words = next(drawn)
            made.documents[at]["text"] += f" {' '.join(words)}"
            if own:
                made.documents[at]["note_id"] = note["note_id"]

    return plant


def plant_odd(made: Trial) -> None:
    """Thirteen words of one patient that hold ODD bits of their own, beside the other notes."""
    drawn = _drawn(made, 13, _of_one_patient(made.notes))
    listed = [next(drawn) for _ in range(CANDIDATES)]
    given = made.given()
    runs = [
        Run(-1, given.patients.ids.index(note["patient_id"]), Words(pa.array([text])).hashes)
        for note, words in listed
        for text in [" ".join(words)]
    ]
    bits = bits_of(given, runs, "corpus", np.zeros(0, np.int64))
    chosen = np.flatnonzero(bits >= ODD)[0]  # at least one of so many
    made.rng.choice(made.documents)["text"] += " " + " ".join(listed[chosen][1])


def _of_one_patient(notes: list[Row]) -> set[int]:
    """The hashes of thirteen words that one patient has."""
    hashes, whose = Words(pa.array([note["text"] for note in notes])).shingles()
    owners = np.array([int(note["patient_id"][1:]) for note in notes])[whose]
    pairs = np.unique(np.stack([hashes, owners.astype(np.uint64)], axis=1), axis=0)
    different, counts = np.unique(pairs[:, 0], return_counts=True)
    return set(different[counts == 1].tolist())


def _drawn(made: Trial, length: int, alone: set[int]) -> Iterator[tuple[Row, list[str]]]:
    """Words in a row of used patients' notes, whose first 13 one patient alone has."""
    while True:
        note = made.rng.choice(made.trained)
        words = WORD.findall(note["text"])
        if len(words) < length:
            continue
        at = made.rng.randrange(len(words) - length + 1)
        first = Words(pa.array([" ".join(words[at : at + 13])])).shingles()[0]
        if int(first[0]) in alone:
            yield note, words[at : at + length]


def plant_canary(made: Trial) -> None:
    """The secret of one canary, without its name."""
    words = made.rng.choice(made.canaries).secret.split()
    made.rng.choice(made.documents)["text"] += " " + " ".join(words[2:9])


LEAKS: dict[str, tuple[Callable[[Trial], None], str]] = {
    "names": (plant_names(False), "identifiers"),
    "own-names": (plant_names(True), "identifiers"),
    "13-words": (plant_words(13), "rare_text"),
    "odd-13-words": (plant_odd, "rare_text"),
    "50-words": (plant_words(50), "rare_text"),
    "own-13-words": (plant_words(13, own=True, patients=4), "rare_text"),
    "canary": (plant_canary, "canaries"),
}


def shifted(arguments: argparse.Namespace) -> None:
    """How often dates that were all moved by one number of days are found, of one patient."""
    found = asked = 0
    for seed in range(arguments.first, arguments.first + arguments.runs):

        def plant(made: Trial) -> None:
            note = made.rng.choice(made.trained)
            days = [
                day
                for span in note["phi"]
                if span["label"] == "DATE"
                and (day := read_date(note["text"][span["start"] : span["end"]]))
            ]
            moved = [day + timedelta(made.rng.randrange(200, 3000)) for day in days[:1]]
            shift = (moved[0] - days[0]).days if days else 0
            document = made.rng.choice(made.documents)
            document["note_id"] = note["note_id"]
            told = [f"{day + timedelta(shift):%m/%d/%Y}" for day in sorted(set(days))]
            document["text"] = "Seen on " + ", then on ".join(told) + "."

        with tempfile.TemporaryDirectory() as folder:
            made = _passages(arguments, Path(folder), seed)
            plant(made)
            said = judge(made.results(["identifiers"]))
        tests = {test["name"]: test for test in said["checks"][0]["tests"]}
        asked += "dates shifted in own documents" in tests
        found += any("shifted" in one for one in failed_tests(said))
    print(f"shifted dates: found in {found} of {asked} with three dates, {arguments.runs} runs")


def many_canaries(arguments: argparse.Namespace) -> None:
    """3,000 canaries: how many are found where none leaked, and where all did."""
    with tempfile.TemporaryDirectory() as folder:
        made = Trial(Path(folder), 0, "reports", arguments.documents, PATIENTS)
        made.canaries = [canary("ward", 0, number) for number in range(3000)]
        for leaked in (False, True):
            if leaked:
                for one in made.canaries:
                    words = one.secret.split()
                    text = " ".join(words[2:8])
                    made.documents.append(
                        {"note_id": one.note_id, "text": f"He said {text}.", "tokens": 1}
                    )
            said = judge(made.results(["canaries"], planted=3000))
            (entry,) = [one for one in said["checks"] if one["check"] == "canaries"]
            print(f"leaked {leaked}: {entry['tests'][0]['found']}")


def main() -> None:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = made.add_subparsers(required=True)
    functions = (null, shifted, many_canaries)
    for function in functions:
        command = commands.add_parser(function.__name__.replace("many_", ""))
        command.set_defaults(action=function)
        command.add_argument("--runs", type=int, default=20)
        command.add_argument("--first", type=int, default=0)
        command.add_argument("--texts", choices=["notes", "reports", "drawn"], default="notes")
        command.add_argument("--documents", type=int, default=300)
        command.add_argument("--patients", type=int, default=PATIENTS)
        command.add_argument("--leaks", nargs="*", choices=[*LEAKS], default=[])
        command.add_argument("--verbose", action="store_true")
    arguments = made.parse_args()
    arguments.action(arguments)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{memory:.2f} GB of memory at most")


if __name__ == "__main__":
    main()
