"""Copies of notes: how many are found, how many distinct notes are taken for copies, at which cost.

    python benchmarks/duplicates.py --patients 2000 --simulated 20000 1000000

Generates notes of so many patients, and adds copies of some in which no word, or 5%, 10% or 20% of
the words, are replaced, removed or joined by another. Then, in turn, each in a process of its own:
`find_copies`, and the libraries rensa and datasketch where they are installed, on the sets of words
and on 3-word shingles. `recall` is the share of the planted copies that are found as copies of
their notes; `merged` the share of the generated notes that are taken for copies of another
patient's. Then the same with simulated notes: random words and lines that many notes have, with
copies of one in twenty. The libraries are given at most 20,000 of these.
"""

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

EDITS = (0.0, 0.05, 0.1, 0.2)  # shares of a copy's words
COPIES = 500  # of each share
BATCH = 4096  # notes
MOST = 20_000  # simulated notes that the libraries are given
SPLITS = {"train": 0.7, "valid": 0.1, "test": 0.2}
Pairs = set[tuple[int, int]]


def edited(text: str, share: float, vocabulary: list[str], rng: random.Random) -> str:
    """A text in which a share of the words is replaced, removed or joined by another."""
    words = text.split(" ")
    for at in rng.sample(range(len(words)), round(share * len(words))):
        other = rng.choice(vocabulary)
        words[at] = rng.choice([other, "", f"{words[at]} {other}"])
    return " ".join(words)


def write_planted(path: Path, patients: int) -> None:
    """Generated notes and edited copies of some; `of` is the note that a row is a copy of."""
    from palimpsest.runtime.sampling import split_of
    from palimpsest.runtime.schema import Splits
    from synthetic_notes import generate_notes

    splits = Splits(**SPLITS)
    notes = list(generate_notes(patients, 1, lambda patient: split_of(patient, splits, 1), 0.02))
    rng, rows = random.Random(1), [(note.text, note.patient_id, -1, 0.0) for note in notes]
    vocabulary = " ".join(note.text for note in notes[:200]).split()
    for share in EDITS:
        for at in rng.sample(range(len(notes)), min(COPIES, len(notes))):
            rows.append((edited(notes[at].text, share, vocabulary, rng), "", at, share))
    columns = dict(
        zip(("text", "patient", "of", "share"), map(list, zip(*rows, strict=True)), strict=True)
    )
    pq.write_table(pa.table(columns), path)


def write_simulated(path: Path, notes: int) -> None:
    """Notes of 200 words: random words by Zipf's law, and half of them in lines that many have.

    Every twentieth is a copy of the note ten before it, with 5% of its words replaced.
    """
    rng = np.random.default_rng(1)
    vocabulary = np.array([f"w{number:x}" for number in range(50_000)])
    chances = 1 / np.arange(1, len(vocabulary) + 1)
    chances /= chances.sum()
    lines = rng.choice(len(vocabulary), (2_000, 10), p=chances)  # of templates
    types = {"text": pa.string(), "patient": pa.string(), "of": pa.int64(), "share": pa.float64()}
    schema = pa.schema(types)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for begin in range(0, notes, BATCH):
            count = min(BATCH, notes - begin)
            drawn = rng.choice(len(vocabulary), (count, 100), p=chances)
            shared = lines[rng.integers(0, len(lines), (count, 10))].reshape(count, 100)
            words = np.concatenate([drawn, shared], 1)
            of = np.full(count, -1)
            for at in range(10, count, 20):
                words[at], of[at] = words[at - 10], begin + at - 10
                words[at, rng.integers(0, 200, 10)] = rng.integers(0, len(vocabulary), 10)
            texts = [" ".join(row) for row in vocabulary[words].tolist()]
            patients = [str(begin + at) for at in range(count)]
            rows = {"text": texts, "patient": patients, "of": of, "share": np.full(count, 0.05)}
            writer.write_table(pa.table(rows, schema))


def texts_of(path: Path) -> Callable[[], Iterator[pa.Array]]:
    """The texts of a table in batches, as often as they are asked for."""

    def batches() -> Iterator[pa.Array]:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH, columns=["text"]):
                yield batch["text"]

    return batches


def by_palimpsest(path: Path, similarity: float, _: int) -> Pairs:
    from palimpsest.text.copies import find_copies

    copies = find_copies(texts_of(path), similarity)
    same = {(int(first), at) for at, first in enumerate(copies.first) if first != at}
    return same | {(one, other) for one, other in copies.pairs.tolist()}


def token_sets(path: Path, size: int) -> Iterator[list[int]]:
    """The shingles of each text as hashes, as the libraries are given them."""
    from palimpsest.text.shingles import Words

    for batch in texts_of(path)():
        words = Words(batch)
        hashes, whose = words.shingles(size)
        ends = np.searchsorted(whose, np.arange(len(batch) + 1)).tolist()
        for begin, end in zip(ends, ends[1:], strict=False):
            yield np.unique(hashes[begin:end]).tolist()


def by_rensa(path: Path, similarity: float, size: int) -> Pairs:
    import rensa

    digests = rensa.RMinHash.digest_matrix_from_token_hash_sets
    matrix = digests(list(token_sets(path, size)), 128, 1)
    rows = np.array(matrix.to_rows())
    found: Pairs = set()
    for band in range(32):  # its index tells flags or keys of one query; bands as it would cut them
        part = np.ascontiguousarray(rows[:, band * 4 : band * 4 + 4]).view("V32").ravel()
        order = np.argsort(part, kind="stable")
        for begin, end in _runs(part[order]):
            members = sorted(order[begin:end].tolist())
            found |= {(a, b) for at, a in enumerate(members) for b in members[at + 1 : at + 65]}
    return {(a, b) for a, b in found if (rows[a] == rows[b]).mean() >= similarity}


def _runs(ordered: np.ndarray) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    for begin, end in zip([0, *edges.tolist()], [*edges.tolist(), len(ordered)], strict=True):
        if end - begin > 1:
            yield begin, end


def by_datasketch(path: Path, similarity: float, size: int) -> Pairs:
    from datasketch import MinHash, MinHashLSH

    index, sketches, found = MinHashLSH(params=(32, 4), num_perm=128), [], set()
    for at, hashes in enumerate(token_sets(path, size)):
        sketch = MinHash(128, seed=1, hashfunc=lambda value: value & 0xFFFFFFFF)
        sketch.update_batch(hashes)
        found |= {
            (other, at) for other in index.query(sketch)
            if sketches[other].jaccard(sketch) >= similarity
        }  # fmt: skip
        index.insert(at, sketch)
        sketches.append(sketch)
    return found


METHODS = {"palimpsest": by_palimpsest, "rensa": by_rensa, "datasketch": by_datasketch}


def measure(method: str, path: Path, similarity: float, size: int) -> None:
    """Print what a method finds of the planted copies, as JSON."""
    table = pq.read_table(path, columns=["patient", "of", "share"])
    patients, of, shares = (np.array(column.to_pylist()) for column in table.columns)
    start = time.perf_counter()
    pairs = METHODS[method](path, similarity, size)
    seconds = time.perf_counter() - start
    row = {"notes": len(of), "seconds": round(seconds, 1), "peak_mib": peak()}
    for share in np.unique(shares[of >= 0]).tolist():
        planted = [(int(of[at]), at) for at in np.flatnonzero((of >= 0) & (shares == share))]
        row[f"recall_{share:.0%}"] = round(np.mean([pair in pairs for pair in planted]), 4)
    merged = {
        at for pair in pairs if max(of[list(pair)]) < 0 and len(set(patients[list(pair)])) > 1
        for at in pair
    }  # fmt: skip
    print(json.dumps(row | {"merged": round(len(merged) / int((of < 0).sum()), 5)}))


def peak() -> int:
    """The most memory that this process had, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


def in_process(*arguments: object) -> dict[str, object]:
    """What this program prints when it is called with some arguments."""
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return row


def main(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        libraries = [name for name in ("rensa", "datasketch") if importlib.util.find_spec(name)]
        print("; ".join(f"{name} {version(name)}" for name in libraries) or "no library")

        def show(method: str, similarity: float, size: int) -> None:
            row = in_process("--method", method, "--path", path, "--at", similarity, "--size", size)
            named = {"method": method, "similarity": similarity, "words": size}
            print(json.dumps(named | row), flush=True)

        path = Path(folder) / "notes.parquet"
        if arguments.patients:
            write_planted(path, arguments.patients)
            for similarity in (0.7, 0.75, 0.8, 0.85, 0.9):
                show("palimpsest", similarity, 1)
            for library in libraries:
                show(library, 0.8, 1)
                show(library, 0.5, 3)
        for count in arguments.simulated:
            write_simulated(path, count)
            show("palimpsest", 0.8, 1)
            for library in libraries if count <= MOST else []:
                show(library, 0.8, 1)
                show(library, 0.5, 3)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--patients", type=int, default=2000)
    options.add_argument("--simulated", type=int, nargs="*", default=[], help="notes")
    for name in ("--method", "--path", "--size", "--at"):
        options.add_argument(name, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.method:
        measure(given.method, Path(given.path), float(given.at), int(given.size))
    else:
        main(given)
