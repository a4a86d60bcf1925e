"""Residue of LLMs: how much of it the screens notice, and how much of real notes they reject.

    python benchmarks/residue.py --texts "aci-bench/*.csv:note" "primock57/*.json:note"

Each text of a CSV column or a JSON key is cut at blank lines, and each piece stands once as if an
LLM had answered it to another passage (which lacks its characters and marks) and once to itself.
Sentences of clinicians about texts stand so, too, and other words for them, and with --patients
generated notes. Of the demo's screens those count that look for residue: `thinking`, `refusal`,
`chat_residue`, `repetition` as to loops, `unfinished`.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from glob import glob
from pathlib import Path

import yaml
from residue_cases import LOTS, PAIRS

from palimpsest.screens.length import Unfinished
from palimpsest.screens.overlap import Repetition
from palimpsest.screens.residue import ChatResidue, Refusal, Thinking
from palimpsest.screens.screen import Answer, first_reason
from synthetic_notes.notes import generate_notes

SCREENS = [
    Thinking(name="thinking"),
    Refusal(name="refusal"),
    ChatResidue(name="chat_residue"),
    Repetition(name="repetition", max_share=1),
    Unfinished(name="unfinished"),
]
CLEAN = yaml.safe_load(Path(__file__).with_name("residue_clean.yaml").read_text(encoding="utf-8"))
LEAST, MOST = 80, 6000  # characters of a piece


def reason(text: str, passage: str) -> str | None:
    text = text.strip()
    answer = Answer(system="", user=passage, passage=passage, said=text, text=text, truncated=False)
    return first_reason(answer, SCREENS)


def texts_of(path: Path, key: str) -> list[str]:
    """The texts of a CSV's column or a JSON's key."""
    if path.suffix == ".json":
        return [json.loads(path.read_text(encoding="utf-8"))[key]]
    csv.field_size_limit(1 << 30)
    with path.open(newline="", encoding="utf-8") as stream:
        return [row[key] for row in csv.DictReader(stream) if key in row]


def pieces(text: str) -> Iterator[str]:
    """A text cut at blank lines, short pieces joined and long ones cut."""
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


def rejected(name: str, answers: Iterable[Sequence[str]], show: bool) -> None:
    """Print how many of some clean answers are rejected; answers: with their passages."""
    counted: Counter[str] = Counter()
    total = 0
    for passage, text in answers:
        total += 1
        found = reason(text, passage)
        if found:
            counted[found] += 1
            if show:
                print(f"  {found}: {text[:2000]!r}")
    print(f"{name:60} {sum(counted.values()):4} of {total:5} {dict(counted)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--texts", nargs="*", default=[], help="FILE:COLUMN or FILE:KEY")
    options.add_argument("--patients", type=int, default=0, help="of whom notes are generated")
    options.add_argument("--show", action="store_true", help="print the pieces that are rejected")
    arguments = options.parse_args()
    clean = [good for passage, good in PAIRS if reason(good, passage)]
    print(f"rephrases without residue: {len(clean)} of {len(PAIRS)} rejected")
    for lot, families in LOTS.items():
        detected(families, lot)
    clean_texts = {"sentences about texts": CLEAN["sentences"]}
    for entry in arguments.texts:
        path, _, key = entry.rpartition(":")
        texts = [text for file in sorted(glob(path)) for text in texts_of(Path(file), key)]
        clean_texts[Path(path).name] = [piece for text in texts for piece in pieces(text)]
    if arguments.patients:
        notes = generate_notes(arguments.patients, 1, lambda _: "train")
        clean_texts["generated notes"] = [piece for note in notes for piece in pieces(note.text)]
    rejected("sentences about texts, in other words", CLEAN["reworded"], arguments.show)
    for name, texts in clean_texts.items():
        itself = [(text, text) for text in texts]
        rejected(f"{name}, to itself", itself, arguments.show)
        another = [(PAIRS[0][0], text) for text in texts]
        rejected(f"{name}, to another passage", another, arguments.show)
    sys.exit(bool(clean))


if __name__ == "__main__":
    main()
