"""Reading notes at the size of MIMIC-III: against other readers, with one row in a hundred broken.

    python benchmarks/ingest.py --megabytes 1000 --rounds 3

Writes a NOTEEVENTS.csv in the layout of MIMIC-III into a temporary folder, knowing what was done to
each row. Then, in turn, each in a process of its own: scripts/notes/read_notes.py, which reads the
file and writes the discharge summaries that are no errors; and pandas, DuckDB and pyarrow.csv, told
to skip what they cannot read, which read it and apply the same filter, without writing. Times are
of whole processes. Then each gives all rows that are no errors, which are compared with the planted
ones: `kept` are given to the letter, `lost` are not, `joined` are rows with another row in their
text, `broken` are damaged rows given as good ones, `reported` are rows that the reader says it left
out. DuckDB is skipped where it is not installed.
"""

import argparse
import csv
import importlib.util
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "ROW_ID SUBJECT_ID HADM_ID CHARTDATE CHARTTIME STORETIME CATEGORY DESCRIPTION CGID ISERROR TEXT"
).split()
# Category, share of rows, lines of text.
CATEGORIES = [
    ("Discharge summary", 3, 150),
    ("Radiology", 25, 30),
    ("Nursing/other", 40, 24),
    ("Nursing", 20, 34),
    ("ECG", 12, 5),
]
KEPT = CATEGORIES[0][0]
BROKEN_SHARE = 0.01
ERROR_SHARE = 0.01
SPLITS = {"train": 0.8, "valid": 0.1, "test": 0.1}
# Another row within a text: a line that starts with three ids and a date.
JOINED = re.compile(r'\n\d+,\d+,\d*,"?2\d{3}-\d\d-\d\d')
# The others, as programs: the file, a category or `all`, where to write ids and texts of `all`, and
# the columns. The last line that they print is how many rows they say they left out.
OTHERS = {
    "pandas": """
import sys, pandas, pyarrow, pyarrow.parquet
table = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False, on_bad_lines="skip",
                        encoding_errors="replace")
notes = table[(table["ISERROR"] != "1") & (table["CATEGORY"] == sys.argv[2])]
if sys.argv[2] == "all":
    notes = table[table["ISERROR"] != "1"]
    notes = pyarrow.Table.from_pandas(notes[["ROW_ID", "TEXT"]])
    pyarrow.parquet.write_table(notes, sys.argv[3])
print("not told")
""",
    "duckdb": """
import sys, duckdb
database = duckdb.connect()
where = "" if sys.argv[2] == "all" else f" AND CATEGORY = '{sys.argv[2]}'"
# Columns are declared: with broken rows in the sample, it finds no dialect by itself. Its other
# ways of reading broken rows (strict_mode = false, null_padding = true) lose a third of the rows.
columns = dict.fromkeys(sys.argv[4].split(), "VARCHAR")
database.execute(
    "CREATE TABLE notes AS SELECT ROW_ID, TEXT FROM read_csv(?, header = true, delim = ',', "
    "quote = chr(34), escape = chr(34), auto_detect = false, columns = "
    f"{columns}, store_rejects = true) WHERE coalesce(ISERROR, '') <> '1'{where}", [sys.argv[1]]
)
if sys.argv[2] == "all":
    database.execute(f"COPY notes TO '{sys.argv[3]}' (FORMAT parquet)")
print(database.execute("SELECT count(DISTINCT byte_position) FROM reject_errors").fetchone()[0])
""",
    "pyarrow.csv": """
import sys, pyarrow, pyarrow.compute as pc, pyarrow.csv, pyarrow.parquet
skipped = 0
def skip(row):
    global skipped
    skipped += 1
    return "skip"
columns = ["ROW_ID", "CATEGORY", "ISERROR", "TEXT"]
table = pyarrow.csv.read_csv(
    sys.argv[1],
    read_options=pyarrow.csv.ReadOptions(block_size=64 << 20),
    parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
    convert_options=pyarrow.csv.ConvertOptions(
        include_columns=columns, column_types=dict.fromkeys(columns, pyarrow.binary())),
)
notes = table.filter(pc.not_equal(table["ISERROR"], b"1"))
if sys.argv[2] == "all":
    pyarrow.parquet.write_table(notes.select(["ROW_ID", "TEXT"]), sys.argv[3])
else:
    notes = notes.filter(pc.equal(notes["CATEGORY"], sys.argv[2].encode()))
print(skipped)
""",
}


def _unclosed(row: list[str]) -> str:
    return ",".join(row)[:-1]


def _text_after(row: list[str]) -> str:
    half = len(row[-1]) // 2
    return ",".join([*row[:-1], row[-1][:half].rstrip('"') + '" sic ' + row[-1][half:].lstrip('"')])


# What is done to a row (its fields as they are written), by the reason that it should be given.
DAMAGES = {
    "unclosed_quote": _unclosed,
    "text_after_quote": _text_after,
    "too_few_fields": lambda row: ",".join(row[:4] + row[5:]),
    "too_many_fields": lambda row: ",".join([*row[:4], "", *row[4:]]),
    "nul_byte": lambda row: ",".join(row)[:-9] + '\0"',
    "invalid_utf8": lambda row: ",".join(row)[:-9] + '\udcff"',
}


@dataclass
class Planted:
    """What was written.

    damaged: by where a broken row starts, the reason why it should be rejected. good: digest of
    the text by ROW_ID, of the rows that are neither broken nor marked as errors. kept: those of
    them that are of the category KEPT. counts: of all rows.
    """

    damaged: dict[int, str] = field(default_factory=dict)
    good: dict[int, bytes] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=8).digest()


def write_events(path: Path, megabytes: int, seed: int) -> Planted:
    """Write the file. It is ASCII but for single bytes, so characters are bytes."""
    draw = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 11))) for _ in range(5000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    lines = []
    for _ in range(60_000):
        line = " ".join(draw.choices(words, weights, k=draw.randint(3, 14)))
        if draw.random() < 0.4:
            line = line.replace(" ", ", ", 1)
        if draw.random() < 0.01:
            line += ' ""sic""'
        lines.append(line)
    kinds, shares, lengths = zip(*CATEGORIES, strict=True)
    size_of = dict(zip(kinds, lengths, strict=True))
    planted, written, number = Planted(), 0, 0
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        written += stream.write(",".join(f'"{name}"' for name in NAMES) + "\n")
        while written < megabytes * 1_000_000:
            number += 1
            kind = draw.choices(kinds, shares)[0]
            length = size_of[kind]
            first = draw.randrange(len(lines) - 2 * length)
            text = "\n".join(lines[first : first + draw.randint(length // 2, 3 * length // 2)])
            error = draw.random() < ERROR_SHARE
            day = f"{draw.randint(2100, 2199)}-{draw.randint(10, 12)}-{draw.randint(10, 28)}"
            row = [
                str(number),
                str(draw.randint(3, 99_999)),
                str(draw.randint(100_000, 199_999)) if draw.random() < 0.9 else "",
                f'"{day}"',
                "" if kind == KEPT else f'"{day} 17:{draw.randint(10, 59)}:00"',
                "" if kind == KEPT else f'"{day} 18:{draw.randint(10, 59)}:00"',
                f'"{kind}"',
                '"Report"',
                "" if kind == KEPT else str(draw.randint(14_000, 21_000)),
                '"1"' if error else "",
                f'"Admission Date: [**{day}**]\n\n{text}\n"',
            ]
            if draw.random() < BROKEN_SHARE:
                reason = draw.choice(list(DAMAGES))
                line = DAMAGES[reason](row)
            else:
                reason = "kept" if kind == KEPT and not error else "filtered"
                reason = "error" if kind == KEPT and error else reason
                line = ",".join(row)
            if reason in DAMAGES:
                planted.damaged[written] = reason
            elif not error:
                planted.good[number] = _digest(row[-1][1:-1].replace('""', '"').encode())
            if reason == "kept":
                planted.kept.add(number)
            planted.counts[reason] += 1
            written += stream.write(line + "\n")
    return planted


def timed(command: list[str]) -> tuple[float, float, str]:
    """Run a program: seconds, peak memory in MiB, and the last line that it printed.

    Raises RuntimeError with that line when it fails.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        printed.seek(0)
        last = printed.read().strip().rpartition("\n")[2]
    if status:
        raise RuntimeError(last)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return seconds, usage.ru_maxrss / unit, last


def account(planted: Planted, out: Path, rejects: Path) -> list[str]:
    """What became of the rows, against what was done to them, as lines of a table."""
    manifest = json.loads(out.with_suffix(".json").read_text())["account"]
    notes = set(map(int, pq.read_table(out, columns=["note_id"])["note_id"].to_pylist()))
    with rejects.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["reason"] in DAMAGES]
    found = {int(row["byte"]): row["reason"] for row in rows}
    lines = [f"{'rows':24}{'written':>12}{'found':>12}{'otherwise':>12}"]
    for reason in ["kept", *DAMAGES]:
        wrote = {row for row, what in planted.damaged.items() if what == reason}
        seen = {row for row, what in found.items() if what == reason}
        if reason == "kept":
            wrote, seen = planted.kept, notes
        lines.append(f"{reason:24}{len(wrote):>12,}{len(seen):>12,}{len(wrote ^ seen):>12,}")
    lines.append(f"{'all':24}{planted.counts.total():>12,}{manifest['in']:>12,}")
    return [*lines, f"account: {manifest}"]


def against_truth(planted: Planted, table: Path, id_column: str, text_column: str) -> list[int]:
    """Rows kept, lost, joined and broken of what a reader gave."""
    kept, joined, broken = set(), 0, 0
    for batch in pq.ParquetFile(table).iter_batches(4096, columns=[id_column, text_column]):
        columns = [batch[name].cast(pa.binary()).to_pylist() for name in (id_column, text_column)]
        for name, text in zip(*columns, strict=True):
            number = int(name) if name and name.isdigit() else -1
            if planted.good.get(number) == _digest(text or b""):
                kept.add(number)
            elif JOINED.search((text or b"").decode(errors="replace")):
                joined += 1
            elif number not in planted.good:
                broken += 1
    return [len(kept), len(planted.good) - len(kept), joined, broken]


def ours(events: Path, out: Path, categories: list[str]) -> list[str]:
    source = {"name": "mimic3", "kind": "mimic3", "categories": categories}
    spec = json.dumps({"source": source, "splits": SPLITS, "seed": 1})
    program = [sys.executable, str(ROOT / "scripts/notes/read_notes.py"), "--spec", spec]
    rejects = str(out.with_suffix(".csv"))
    return [*program, "--files", str(events), "--out", str(out), "--rejects", rejects]


def main(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        events, out = folder / "NOTEEVENTS.csv", folder / "notes.parquet"
        rows = folder / "rows.parquet"
        planted = write_events(events, arguments.megabytes, seed=1)
        commands = {"palimpsest": ours(events, out, [KEPT])}
        for side, program in OTHERS.items():
            commands[side] = [
                *[sys.executable, "-c", program, str(events), KEPT],
                *[str(rows), " ".join(NAMES)],
            ]
            if importlib.util.find_spec(side) is None:
                print(f"{side}: skipped, not installed in this environment")
                del commands[side]
        runs, failures = {side: [] for side in commands}, {}
        for _ in range(arguments.rounds):
            for side, command in commands.items():
                try:
                    runs[side].append(timed(command))
                except RuntimeError as error:
                    failures[side] = str(error)
        accounted = account(planted, out, out.with_suffix(".csv"))
        size, total = events.stat().st_size, planted.counts.total()
        print(f"{size:,} bytes, {total:,} rows, medians of {arguments.rounds} rounds")
        print(f"{len(planted.damaged):,} broken, {len(planted.good):,} good and no errors\n")
        print(
            f"{'':12}{'seconds':>9}{'MB/s':>7}{'peak MiB':>10}{'kept':>10}{'lost':>8}"
            f"{'joined':>8}{'broken':>8}{'reported':>10}"
        )
        for side, command in commands.items():
            if side in failures:
                print(f"{side:12} failed: {failures[side]}")
                continue
            seconds = statistics.median(taken for taken, *_ in runs[side])
            peak = max(peak for _, peak, _ in runs[side])
            if side == "palimpsest":
                timed(ours(events, rows, [category for category, *_ in CATEGORIES]))
                counts = against_truth(planted, rows, "note_id", "text")
                rejected = json.loads(rows.with_suffix(".json").read_text())["account"]["rejected"]
                told = str(sum(rejected.get(reason, 0) for reason in DAMAGES))
            else:
                told = timed(["all" if word == KEPT else word for word in command])[2]
                counts = against_truth(planted, rows, "ROW_ID", "TEXT")
            print(
                f"{side:12}{seconds:>9.2f}{size / seconds / 1e6:>7.0f}{peak:>10,.0f}"
                f"{counts[0]:>10,}{counts[1]:>8,}{counts[2]:>8,}{counts[3]:>8,}{told:>10}"
            )
        print("\n" + "\n".join(accounted))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--megabytes", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, help="where to write; default: the temporary one")
    main(options.parse_args())
