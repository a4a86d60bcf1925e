"""What contexts tell of notes: how often each part is found, whether it is right, and how fast.

    python benchmarks/contexts.py --patients 300 --tokenizer tokenizer.json \
        --texts "aci-bench/*.csv:note" "primock57/*.json:note" \
        --metadata "aci-bench/*_metadata.csv"

Ages and sexes of generated notes are held against their own lines of birth, sex and admission, of
which the rules for ages read none; those of --metadata (`encounter_id`, `patient_age`,
`patient_gender`) against what these files say. The last tables are of the screen `context_copied`:
shares of answers above some thresholds. Clean ones are the passage with two other sentences of the
same note, as of an LLM that adds what it guesses; copies are the passage with the context, or with
one sentence of it that has two content words of its own.
"""

import argparse
import csv
import glob
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.requests.config import ContextSpec
from palimpsest.requests.note_context import ContextTeller
from palimpsest.requests.note_facts import NoteFacts
from palimpsest.runtime.rows import Row
from palimpsest.screens.overlap import ContextCopied, content_words, told_sentences
from palimpsest.screens.screen import Answer
from palimpsest.text.ngrams import words
from palimpsest.text.sentences import sentences_of
from synthetic_notes import generate_notes

PARTS = ["section", "demographics", "dates", "problems", "before"]
FEMALE = {"female", "woman", "lady", "girl", "ms.", "mrs.", "miss", "f"}
MALE = {"male", "man", "gentleman", "boy", "mr.", "m"}
BORN = re.compile(r"Date of Birth: (.+?)\. Sex: ([MF])")
ADMITTED = re.compile(
    r"(?:Admission Date|Date of Admission|Admitted): ([^\n]+?)(?: Date of|, Dis|\n)"
)
LIMITS = (0.3, 0.4, 0.5, 0.6, 0.8)


def told(facts: NoteFacts, spans: list[tuple[int, int]]) -> str:
    return " ".join(" ".join(facts.text[slice(*span)].split()) for span in spans)


def sex_of(words: str) -> str:
    found = {word.strip(",;:").lower() for word in words.split()}
    found |= {word[-1].lower() for word in words.split() if re.fullmatch(r"\d+[MF]", word)}
    return "f" if found & FEMALE else "m" if found & MALE else ""


def read_texts(patterns: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Collection, id and text of notes."""
    csv.field_size_limit(10**9)
    for pattern in patterns:
        files, _, field = pattern.rpartition(":")
        for path in sorted(glob.glob(files)):
            name = Path(path).parent.name
            if path.endswith(".json"):
                yield name, path, json.loads(Path(path).read_text(encoding="utf-8"))[field]
                continue
            with open(path, newline="", encoding="utf-8") as stream:
                for row in csv.DictReader(stream):
                    if row.get(field):
                        yield name, row["encounter_id"], row[field]


def gold_of(patterns: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Age and first letter of the sex by note, as metadata say them."""
    gold = {}
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            with open(path, newline="", encoding="utf-8") as stream:
                for row in csv.DictReader(stream):
                    age = row["patient_age"].split(".")[0]
                    gold[row["encounter_id"]] = (age, row["patient_gender"].strip()[:1])
    return gold


def generated_gold(text: str) -> tuple[str, str] | None:
    """The same of a generated discharge summary, by its own header."""
    born, admitted = BORN.search(text), ADMITTED.search(text)
    if not born or not admitted:
        return None
    first, last = (pd.to_datetime(one, format="mixed") for one in (born[1], admitted[1]))
    if first > last:  # a year of two digits
        first -= pd.DateOffset(years=100)
    years = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    return str(years), born[2].lower()


def count_parts(notes: list[tuple[str, str, str]], gold: dict[str, tuple[str, str]]) -> None:
    counts: dict[str, Counter[str]] = {}
    for name, key, text in notes:
        facts, found = NoteFacts(text), counts.setdefault(name, Counter())
        found["notes"] += 1
        for part in ("demographics", "dates", "problems"):
            found[part] += bool(getattr(facts, part))
        said = told(facts, facts.demographics)
        expected = gold.get(key)
        if name.startswith("generated") and (own := generated_gold(text)):
            expected = own
        if expected and any(map(str.isdigit, said)) and expected[0]:
            found["ages"] += 1
            found["ages right"] += expected[0] in re.findall(r"\d+", said)
        if expected and (sex := sex_of(said)) and expected[1]:
            found["sexes"] += 1
            found["sexes right"] += sex == expected[1]
    columns = ["notes", "demographics", "dates", "problems", "ages", "ages right", "sexes"]
    shown = pd.DataFrame(counts).T.reindex(columns=[*columns, "sexes right"])
    print(shown.fillna(0).astype(int).to_string())


def passages_of(cutter: PassageCutter, text: str) -> list[Row]:
    return [
        {"start": one.start, "end": one.end, "text": text[one.start : one.end]}
        for one in cutter.stretches([text])[0]
        if not one.reason
    ]


def share(passage: str, context: str, text: str) -> float:
    return ContextCopied.measure(
        Answer(system="", user="", passage=passage, said=text, text=text, truncated=False,
               context=context)
    )  # fmt: skip


def other_sentences(text: str, passage: str, context: str) -> list[str]:
    """Sentences of a note that stand neither in its passage nor in the context."""
    found = [" ".join(text[start:end].split()) for start, end in sentences_of(text)]
    return [one for one in found if one not in " ".join(passage.split()) and one not in context]


def measure_copies(
    cutter: PassageCutter, notes: list[tuple[str, str, str]], spec: ContextSpec
) -> None:
    """Time, and what the screen says of clean answers and of copies."""
    teller = ContextTeller(spec, cutter.counter.tokenizer)
    cut = [(text, passages_of(cutter, text)) for _, _, text in notes]
    begun, asked = time.perf_counter(), []
    for text, passages in cut:
        facts = NoteFacts(text)
        asked += [(one["text"], teller.tell(facts, "Note", one).text, text) for one in passages]
    seconds = time.perf_counter() - begun
    with_context = [
        (passage, context, other_sentences(text, passage, context))
        for passage, context, text in asked
        if context
    ]
    tokenizer = cutter.counter.tokenizer
    tokens = [len(tokenizer.encode(context).ids) for _, context, _ in with_context]
    print(
        f"\n{', '.join(spec.parts)}: {len(asked):,} passages, {len(asked) / seconds:,.0f} a s; "
        f"{len(with_context):,} with a context, of {sum(tokens) / max(1, len(tokens)):.0f} tokens"
    )
    kinds: dict[str, list[float]] = {"clean": [], "with the context": [], "with a sentence": []}
    for passage, context, others in with_context:
        guessed = random.sample(others, min(2, len(others)))
        kinds["clean"].append(share(passage, context, " ".join([passage, *guessed])))
        kinds["with the context"].append(share(passage, context, f"{context}\n{passage}"))
        for sentence in told_sentences(context):
            own = content_words(words(sentence)) - content_words(words(passage))
            if len(own) > 1:
                copied = share(passage, context, f"{passage} {sentence}")
                kinds["with a sentence"].append(copied)
                break
    rows = {
        kind: {f"> {limit}": sum(one > limit for one in shares) / len(shares) for limit in LIMITS}
        for kind, shares in kinds.items()
    }
    print(pd.DataFrame(rows).T.map("{:.1%}".format).to_string())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--patients", type=int, default=300, help="of generated notes")
    options.add_argument("--texts", nargs="*", default=[], help="PATTERN:FIELD of other notes")
    options.add_argument("--metadata", nargs="*", default=[], help="ages and sexes of these")
    options.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    arguments = options.parse_args()
    notes = [
        (f"generated {note.category}", note.note_id, note.text)
        for note in generate_notes(arguments.patients, 7, lambda _: "train")
    ]
    notes += read_texts(arguments.texts)
    count_parts(notes, gold_of(arguments.metadata))
    cutter = PassageCutter(arguments.tokenizer, PassagesSpec())
    random.seed(0)
    for parts in (["demographics", "dates"], PARTS):
        measure_copies(cutter, notes, ContextSpec(parts=parts, max_tokens=150))


if __name__ == "__main__":
    main()
