"""Residue of LLMs: how much of it the screens notice, and how much of real notes they reject.

    python benchmarks/residue.py --texts "aci-bench/*.csv:note" "primock57/*.json:note"

Each text of a CSV column or a JSON key is cut at blank lines, and each piece stands once as if an
LLM had answered it to another passage (which lacks its characters and marks) and once to itself.
Of the demo's screens those count that look for residue: `thinking`, `refusal`, `chat_residue`,
`repetition` as to loops, `unfinished`.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from glob import glob
from pathlib import Path

from residue_cases import LOTS, PAIRS

from palimpsest.screens.length import Unfinished
from palimpsest.screens.overlap import Repetition
from palimpsest.screens.residue import ChatResidue, Refusal, Thinking
from palimpsest.screens.screen import Answer, first_reason

SCREENS = [
    Thinking(name="thinking"),
    Refusal(name="refusal"),
    ChatResidue(name="chat_residue"),
    Repetition(name="repetition", max_share=1),
    Unfinished(name="unfinished"),
]
LEAST, MOST = 80, 6000  # characters of a piece


def reason(text: str, passage: str) -> str | None:
    text = text.strip()
    answer = Answer(system="", user=passage, passage=passage, said=text, text=text, truncated=False)
    return first_reason(answer, SCREENS)


def pieces(path: Path, key: str) -> Iterator[str]:
    """The texts of a file, cut at blank lines, short ones joined and long ones cut."""
    if path.suffix == ".json":
        texts = [json.loads(path.read_text(encoding="utf-8"))[key]]
    else:
        csv.field_size_limit(1 << 30)
        with path.open(newline="", encoding="utf-8") as stream:
            texts = [row[key] for row in csv.DictReader(stream) if key in row]
    for text in texts:
        held = ""
        for part in text.replace("\r\n", "\n").split("\n\n"):
            held = f"{held}\n\n{part}".strip()
            if len(held) >= LEAST:
                yield from (held[at : at + MOST] for at in range(0, len(held), MOST))
                held = ""


def detected(families: dict[str, dict[str, str]], lot: str) -> None:
    for family, cases in families.items():
        found, missed = 0, []
        for name, template in cases.items():
            reasons = [reason(template.format(good), passage) for passage, good in PAIRS]
            found += sum(map(bool, reasons))
            missed += [name] if None in reasons else []
        total = len(cases) * len(PAIRS)
        told = f"missed: {', '.join(missed)}" if missed else ""
        print(f"{lot:6} {family:28} {found:4} of {total:4}  {told}")


def rejected(named: list[str], show: bool) -> None:
    for label, itself in (("another passage", False), ("itself", True)):
        for entry in named:
            path, _, key = entry.rpartition(":")
            counted: Counter[str] = Counter()
            total = 0
            for piece in [piece for file in glob(path) for piece in pieces(Path(file), key)]:
                total += 1
                found = reason(piece, piece if itself else PAIRS[0][0])
                if found:
                    counted[found] += 1
                    if show:
                        print(f"  {found}: {piece[:2000]!r}")
            wrong = sum(counted.values())
            print(f"{Path(path).name:42} to {label:15} {wrong:4} of {total:5} {dict(counted)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--texts", nargs="*", default=[], help="FILE:COLUMN or FILE:KEY")
    options.add_argument("--show", action="store_true", help="print the pieces that are rejected")
    arguments = options.parse_args()
    clean = [good for passage, good in PAIRS if reason(good, passage)]
    print(f"rephrases without residue: {len(clean)} of {len(PAIRS)} rejected")
    for lot, families in LOTS.items():
        detected(families, lot)
    rejected(arguments.texts, arguments.show)
    sys.exit(bool(clean))


if __name__ == "__main__":
    main()
