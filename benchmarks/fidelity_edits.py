"""Notes edited by rules, for benchmarks/fidelity.py: faithfully, and then with an error of a type.

Edits look at the text alone, by patterns (palimpsest.facts.planting): they know nothing of the
rules that are measured. A passage is a few sentences of a note in a row. What is edited is what a
pattern finds; an error that finds nothing in a passage is not planted there.
"""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

from fidelity_statements import spelled

from palimpsest.facts import planting
from palimpsest.facts.planting import PATTERNS as SHARED

Edit = tuple[str, str | Callable[[re.Match[str]], str]]
LONGEST = 700  # characters of a passage
DRUGS = (
    "metformin lisinopril hydrochlorothiazide furosemide lasix ibuprofen tylenol prednisone "
    "amlodipine norvasc omeprazole albuterol metoprolol lipitor atorvastatin crestor "
    "synthroid levothyroxine gabapentin meloxicam naproxen tramadol oxycodone methotrexate "
    "celexa lexapro prozac zoloft losartan carvedilol bumex insulin"
).split()
OTHERS = "warfarin clonidine hydroxyzine digoxin lamotrigine ropinirole baclofen tacrolimus".split()
MORE = (
    "zidovudine entacapone mirabegron cinacalcet rufinamide vorapaxar lurasidone icatibant".split()
)
PROBLEMS = (
    "hypertension",
    "diabetes",
    "asthma",
    "depression",
    "arthritis",
    "pneumonia",
    "heart failure",
    "anxiety",
    "osteoporosis",
    "hypothyroidism",
    "GERD",
    "gout",
    "COPD",
    "anemia",
    "migraine",
)
# Faithful: with which the rules were made, and held out.
FAITHFUL: tuple[list[Edit], list[Edit]] = (
    [
        (r"\b(\d+) mg\b", r"\1 milligrams"),
        (r"\bonce a day\b|\bonce daily\b", "every day"),
        (r"\btwice a day\b|\btwice daily\b", "b.i.d."),
        (r"\b([Dd])enies\b", lambda m: "Does not report" if m[1] == "D" else "does not report"),
        (r"\bblood pressure\b", "BP"),
        (r"\bshortness of breath\b", "SOB"),
        (r"\b(\d+)-year-old\b", r"\1 y/o"),
        (r"\bhigh blood pressure\b|\bhypertension\b", "HTN"),
        (
            r"(?<![\d.])([2-9]|1\d) (days|weeks|months|years)\b",
            lambda m: f"{spelled(int(m[1]))} {m[2]}",
        ),
    ],
    [
        (r"\b(\d+) mg\b", lambda m: f"{int(m[1]) / 1000:g} g" if int(m[1]) >= 100 else f"{m[1]}mg"),
        (r"(?<!twice )(?<!once )(?<!times )\bdaily\b(?= *[,.])", "q.d."),
        (
            r"\b([Nn])o\b (?=(?:fever|chest|nausea|cough|swelling|edema))",
            lambda m: "Negative for " if m[1] == "N" else "negative for ",
        ),
        (r"\bchest pain\b", "pain in the chest"),
        (
            r"\b(\d+)-year-old\b",
            lambda m: f"{spelled(int(m[1]))}-year-old" if int(m[1]) < 100 else m[0],
        ),
        (r"\bdyspnea\b", "shortness of breath"),
        (r"\bdepression\b", "depressive disorder"),
        (r"(?<!to )(?<!-)(?<![\d.])\b([2-9]) weeks\b", lambda m: f"{int(m[1]) * 7} days"),
        (r"\bheart rate\b", "pulse"),
    ],
)


def _drug(found: re.Match[str], rng: Random, held: bool) -> str:
    new = rng.choice(MORE if held else OTHERS)
    return new.capitalize() if found[0][0].isupper() else new


# By the type of the error: where it is planted. Names are looked for by lists of our own: those
# that the package plants are the lexicon's, which is measured here.
PATTERNS = SHARED | {
    "medication": rf"(?i)\b(?:{'|'.join(DRUGS)})\b",
    "problem": rf"\b(?:{'|'.join(PROBLEMS)})\b",
}


def planted(text: str, kind: str, rng: Random, held: bool) -> str | None:
    """A text with one error of a type, or None where there is no place for it."""
    if kind in SHARED:
        return planting.by_pattern(text, kind, rng)
    others = [name for name in PROBLEMS if name not in text]
    errors: dict[str, Callable[[re.Match[str]], str]] = {
        "medication": lambda m: _drug(m, rng, held),
        "problem": lambda m: rng.choice(others),
    }
    return planting.edited(text, PATTERNS[kind], errors[kind], rng)


def faithful(text: str, rng: Random, held: bool) -> str:
    """A text in other words, its sentences in another order where they are of one line."""
    for pattern, new in FAITHFUL[held]:
        if rng.random() < 0.7:
            text = re.sub(pattern, new, text)
    lines = []
    for line in text.split("\n"):
        sentences = re.split(r"(?<=[.])\s+(?=[A-Z])", line)
        whole = all(len(sentence) > 25 for sentence in sentences) and not re.match(r"^[-•\d]", line)
        told = [s for s in sentences if re.match(r"(?:Ms|Mr|Mrs|Dr)\.$", s)]
        if whole and not told and not re.search(r"\b(?:this|it|he|she|they|that)\b", line, re.I):
            rng.shuffle(sentences)
        lines.append(" ".join(sentences))
    return "\n".join(lines)


def passages(note: str) -> list[str]:
    """Pieces of a note of a few lines."""
    found, piece = [], ""
    for line in note.split("\n"):
        if len(piece) + len(line) > LONGEST and piece.strip():
            found.append(piece.strip("\n"))
            piece = ""
        piece += line + "\n"
    return [*found, piece.strip("\n")] if piece.strip() else found


def edited_notes(path: Path, column: str, held: bool, seed: int = 15) -> list[tuple[str, str, str]]:
    """Pairs of half of the notes of a CSV file: type of the error or "", passage, rephrase."""
    with path.open(encoding="utf-8", newline="") as stream:
        notes = [row[column] for row in csv.DictReader(stream)]
    pairs = []
    for number, note in enumerate(notes):
        if (number % 2 == 1) != held:
            continue
        rng = Random(f"{seed}-{path.stem}-{number}")
        for passage in passages(note):
            pairs.append(("", passage, faithful(passage, rng, held)))
            for kind in PATTERNS:
                wrong = planted(passage, kind, rng, held)
                if wrong is not None:
                    pairs.append((kind, passage, faithful(wrong, rng, held)))
    return pairs
