"""Random studies: each loads, or is refused with lines that name a file.

    python benchmarks/fuzz/random_studies.py --count 2000 --seed 1

The demo, the published study and the example are mutated as files: wrong types, missing and unknown
keys, keys twice, aliases and aliases of aliases, huge numbers, NaN, dates, odd characters, deep and
empty values, names that are paths, reserved or alike, several documents, tabs, cut files. Of some
studies a recipe is mutated instead. Every outcome that is no catalogue and no such message is
printed, and the exit status is then 1. The slowest study is printed with its CPU time.
"""

import argparse
import copy
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from palimpsest.graph import constraints
from palimpsest.runtime.errors import UserError
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

ROOT = Path(__file__).parents[2]
STUDIES = ("config.yaml", "paper.yaml", "examples/aci-bench.yaml")
RECIPES = ("llms", "models", "prompts", "taxonomies", "tasks")
NAMES = (
    "../up", "a/b", "/etc/passwd", "..", ".", "", " ", "a b", "none", "None", "NONE", "all",
    "README",
    "readme", "metrics", "Metrics", "splits", "state", "CON", "ä", "日本", "a\nb", "a\tb", "{x}",
    "$(id)",
    "`id`", "'", '"', "a" * 81, "a" * 300, "majority", "dictionary", "-x", "a.b", "000-of-001",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**32, 2**53, 2**63, 10**400, 1e308, float("nan"),
    float("inf"), -0.0, "", " ", "x", "1", "1e5", "0x10", "yes", "null", "~", [], {}, [[]], [{}],
    [None],
    {"": 1}, {"a": {"b": {"c": []}}}, [[[[[[]]]]]], "\ud800", "\0", "\x07", "\u202e", "\ufeff",
    "é" * 5000,
    "*" * 40, "[" * 40, "(a+)+$", "(" * 50, "(?=x)", "\\", "{passage}" * 3, "{x}", ["a"] * 2000,
    *NAMES,
)  # fmt: skip
LINES = (
    "\tx: 1", "x: [1", "x: {", "x: 'a", "- 1", "? [a, b]\n: 1", "1: x", "2024-02-30: x", "null: x",
    "x: 2024-02-30", "x: 2024-01-01", "x: 1:99:99", "x: !!int ''", "x: !!float ''",
    "x: !!bool maybe",
    "x: !!timestamp x", "x: !!binary é", "x: !!python/object:os.system x", "x: !!set {a}",
    "x: &a [*a]",
    "x: *nowhere", "<<: 3", "<<: {seed: 2}", "---\nseed: 1", "...\nx: 1", "%YAML 3.0\n---",
    "x: 0x" + "f" * 5000,
    "x: " + "9" * 5000, "x: \x07", "x: \x00", "seed: 1", "Seed: 1", "x: " + "[" * 3000,
    "x: " + "[" * 60 + "]" * 60,
    "? \n: \n", "x: |\n  a\n b", "'a\nb': 1", '"\\ud800": 1', 'results: "\\0"', "@x: 1",
    "seed: 1e3", "é: 1",
)  # fmt: skip
BOMB = "b0: &b0 [x, x]\n" + "".join(
    f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 40)
)
MERGED = "m0: &m0 {a: 1}\n" + "".join(
    f"m{n}: &m{n} {{a: *m{n - 1}, b: *m{n - 1}}}\n" for n in range(1, 40)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a parsed file."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in items:
        yield (*path, key)
        if isinstance(held, dict | list):
            yield from places(held, (*path, key))


def mutate(value: Any, drawn: random.Random) -> Any:
    """A parsed file with one thing changed."""
    value = copy.deepcopy(value)
    if not (known := list(places(value))):  # nothing is left to change
        return value
    *folders, last = drawn.choice(known)
    holder = value
    for key in folders:
        holder = holder[key]
    kind = drawn.randrange(8)
    if kind == 0:
        del holder[last]
    elif kind == 1 and isinstance(holder, dict):
        holder[drawn.choice((f"{last}x", str(last).upper(), 1, None, ("a",), "", "a\nb"))] = holder[
            last
        ]
    elif kind == 2 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[last]))
    elif kind == 3 and isinstance(holder[last], str):
        holder[last] = drawn.choice((holder[last].upper(), holder[last] + "x", *NAMES))
    elif kind == 4:
        other = drawn.choice(list(places(value)))
        found = value
        for key in other:
            found = found[key]
        holder[last] = copy.deepcopy(found)
    elif kind == 5 and isinstance(holder[last], int | float):
        holder[last] = holder[last] * drawn.choice((-1, 0, 10**6, 10**18, 0.5))
    else:
        holder[last] = copy.deepcopy(drawn.choice(VALUES))
    return value


def spoil(text: str, drawn: random.Random) -> str:
    """A file's text with one thing changed that no parsed value shows."""
    lines = text.splitlines(keepends=True)
    at = drawn.randrange(len(lines) + 1)
    kind = drawn.randrange(8)
    if kind == 0:
        return text[: drawn.randrange(len(text) + 1)]
    if kind == 1:
        return drawn.choice(("", "\n", "# x\n", "---\n", "null\n", "[]\n", "x\n", "\ufeff" + text))
    if kind == 2:
        return text + text
    if kind == 3:
        return drawn.choice((BOMB, MERGED)) + text
    if kind == 4 and lines:
        return "".join([*lines[:at], *lines[at - 1 : at], *lines[at:]])
    if kind == 5:
        return text.replace("  ", "\t", drawn.randrange(1, 4))
    return "".join([*lines[:at], drawn.choice(LINES) + "\n", *lines[at:]])


def random_text(path: Path, drawn: random.Random) -> str:
    """A mutated file."""
    text = path.read_text(encoding="utf-8")
    if drawn.random() < 0.35:
        return spoil(text, drawn)
    value = yaml.safe_load(text)
    for _ in range(drawn.choice((1, 1, 1, 2, 5))):
        value = mutate(value, drawn)
    try:
        return yaml.safe_dump(value, allow_unicode=drawn.random() < 0.5)
    except (yaml.YAMLError, TypeError):  # a key or value that has no YAML
        return spoil(text, drawn)


def load(study: Path, library: Path) -> None:
    """What Snakemake does with a study before the first job."""
    catalogue = load_catalogue(read_yaml(study), str(study), library)
    catalogue.missing_files()
    constraints(catalogue)
    for source in catalogue.study.sources:
        catalogue.shards(source.name)


def outcome(study: Path, library: Path) -> str:
    """`loads`, `refused`, or what went wrong."""
    try:
        load(study, library)
    except UserError as error:
        lines = str(error).splitlines()
        unnamed = [line for line in lines if ".yaml" not in line and "more mistakes" not in line]
        return f"a line names no file: {unnamed[0]!r}" if unnamed else "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return "loads"


def trial(number: int, seed: int, folder: Path) -> str:
    """The outcome of one random study, written into a folder that has a copy of the recipes."""
    drawn = random.Random(f"{seed}.{number}")
    library, study = folder / "config", folder / "study.yaml"
    origin = ROOT / "config" / drawn.choice(STUDIES)
    study.write_bytes(origin.read_bytes())
    changed = None
    if drawn.random() < 0.2:
        changed = drawn.choice(
            [path for kind in RECIPES for path in (library / kind).glob("*.yaml")]
        )
    kept = changed.read_bytes() if changed else b""
    text = random_text(changed or origin, drawn)
    (changed or study).write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        return outcome(study, library)
    finally:
        if changed:
            changed.write_bytes(kept)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    counted: Counter[str] = Counter()
    slowest = (0.0, 0)
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "config", Path(name) / "config")
        for number in range(arguments.count):
            begun = time.process_time()
            found = trial(number, arguments.seed, Path(name))
            slowest = max(slowest, (time.process_time() - begun, number))
            if found not in ("loads", "refused"):
                print(f"study {number}: {found}")
                found = "wrong"
            counted[found] += 1
    print(dict(sorted(counted.items())))
    print(f"slowest: study {slowest[1]}, {slowest[0]:.1f} s of CPU")
    sys.exit(bool(counted["wrong"]))


if __name__ == "__main__":
    main()
