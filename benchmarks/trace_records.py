"""How long `palimpsest trace` takes, and how much memory, by the number of records.

python benchmarks/trace_records.py [RECORDS]: writes a corpus of so many rephrases (1,000,000), its
notes, requests, completions and rephrases, in 16 shards, to a temporary folder; then runs the
command, a new process each, for records by row, by request and by place. Prints one table.
"""

import hashlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.runtime.files import table_writer
from palimpsest.runtime.shards import shard_name, shard_of

RECORDS, SHARDS, AT_ONCE, TIMES = 1_000_000, 16, 4_096, 5
WORDS = " ".join(f"word{number % 97}" for number in range(120))  # a text of usual length
PLACE = [("note_id", pa.string()), ("start", pa.int64()), ("end", pa.int64())]
KEY = ("request_key", pa.string())
CORPUS = [("part", pa.int32()), ("repeat", pa.int32()), *PLACE, KEY, ("text", pa.string())]
CORPUS += [("tokens", pa.int32()), ("cut", pa.bool_())]
REQUESTS = [KEY, *PLACE, ("passage", pa.string()), ("passage_tokens", pa.int32())]
REQUESTS += [("section", pa.string()), ("max_tokens", pa.int32()), ("constraint", pa.string())]
COMPLETIONS = [KEY, *PLACE, ("text", pa.string()), ("failure", pa.string())]
COMPLETIONS += [("finish_reason", pa.string()), ("tokens_in", pa.int32())]
COMPLETIONS += [("tokens_out", pa.int32()), ("seed", pa.int64()), ("engine", pa.string())]
COMPLETIONS += [("engine_version", pa.string())]
REPHRASES = [KEY, *PLACE, ("text", pa.string()), ("tokens", pa.int32())]
REPHRASES += [("length_ratio", pa.float64())]
NOTES = [("note_id", pa.string()), ("split", pa.string()), ("source_file", pa.string())]
NOTES += [("source_row", pa.int64()), ("text", pa.string())]


def columns_of(numbers: list[int]) -> dict[str, pa.Array]:
    """Everything that a table has of some records; a note has 20 of them."""
    rows = len(numbers)
    same = {"passage": WORDS, "tokens": 120, "cut": False, "part": 1, "finish_reason": "stop"}
    same |= {"tokens_in": 200, "tokens_out": 130, "engine": "vllm", "engine_version": "0"}
    same |= {"passage_tokens": 118, "length_ratio": 1.0, "max_tokens": 200, "repeat": 0}
    same |= {"split": "train", "source_file": "notes.csv", "section": "Course"}
    made = {name: pa.repeat(value, rows) for name, value in same.items()}
    start = pa.array([number % 20 * 700 for number in numbers])
    notes = [number // 20 for number in numbers]
    return made | {
        "request_key": pa.array(map(key_of, numbers)),
        "note_id": pa.array([f"note-{note}" for note in notes]),
        "source_row": pa.array([note + 1 for note in notes]),
        "start": start,
        "end": pc.add(start, 700),
        "text": pa.array([f"{number} {WORDS}" for number in numbers]),
        "seed": pa.array(numbers),
        **{name: pa.nulls(rows, pa.string()) for name in ("failure", "constraint")},
    }


def key_of(number: int) -> str:
    """A key as those of requests."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def write(results: Path, records: int) -> None:
    """The results of a study, as far as the command reads them."""
    shards: list[list[int]] = [[] for _ in range(SHARDS)]
    for number in range(records):
        shards[shard_of(f"note-{number // 20}", SHARDS)].append(number)
    part = {"kind": "rephrases", "source": "notes", "llm": "large", "prompt": "medical"}
    # A corpus is in sampling order: as if drawn, so that neighbours are of other notes.
    order = sorted(range(records), key=lambda number: number * 2_654_435_761 % 2**32)
    fill(results / "corpora/mixed.parquet", CORPUS, order, parts=[part])
    fill(results / "notes/notes.parquet", NOTES, list(range(0, records, 20)))
    asked = {"asked_with": "p" * 64, "llm": "l" * 64, "asked_of": {"weights": "hub at revision"}}
    for index, numbers in enumerate(shards):
        shard = shard_name(index, SHARDS)
        named = {"wildcards": {"llm": "large", "request_set": "notes.medical", "shard": shard}}
        fill(results / f"requests/notes.medical/{shard}.parquet", REQUESTS, numbers)
        place = f"large/notes.medical/{shard}.parquet"
        fill(results / "completions" / place, COMPLETIONS, numbers, **named, **asked)
        fill(results / "rephrases" / place, REPHRASES, numbers)


def fill(path: Path, columns: list, numbers: list[int], **fields: object) -> None:
    """A table of some records."""
    with table_writer(path, pa.schema(columns)) as table:
        for start in range(0, len(numbers), AT_ONCE):
            made = columns_of(numbers[start : start + AT_ONCE])
            table.write(pa.table({name: made[name] for name, _ in columns}))
        table.fields |= fields


def timed(results: Path, which: str) -> tuple[float, float]:
    """Wall-clock and processor seconds of one run of the command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "palimpsest", "trace", f"mixed:{which}"]
    subprocess.run([*command, "--results", results], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, used


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        write(results, records)
        size = sum(path.stat().st_size for path in results.rglob("*.parquet")) / 2**20
        print(f"{records:,} records, {SHARDS} shards, {size:,.0f} MiB of tables")
        print(f"{'by':12}{'seconds: least':>16}{'median':>8}{'processor':>11}{'peak MiB':>10}")
        last = records - 1
        asked = {
            "row": str(records // 2),
            "request_key": key_of(last),
            "place": f"note-{last // 20}:{last % 20 * 700}-{last % 20 * 700 + 700}",
        }
        for kind, which in asked.items():
            runs = [timed(results, which) for _ in range(TIMES)]
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of any so far
            wall = [seconds for seconds, _ in runs]
            used = min(seconds for _, seconds in runs)
            print(
                f"{kind:12}{min(wall):16.2f}{statistics.median(wall):8.2f}{used:11.2f}{peak:10.0f}"
            )


if __name__ == "__main__":
    main()
