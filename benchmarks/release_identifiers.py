"""Identifiers of the release check: ways to write them, and what rules find without a roster.

    python benchmarks/release_identifiers.py variants --people 300
    python benchmarks/release_identifiers.py detectors

`variants` writes identifiers of made-up people in ways of its own, and prints by kind how many of
them are found by a roster; last, documents in which all dates of a person were moved by one number
of days, against as many people whom nobody used. `detectors` holds what the rules find in generated
notes against their gold: recall and precision by label.
"""

import argparse
import random
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from release import CORPUS, PATIENTS, Trial, source

from palimpsest.release.check import Documents, Given, Released, Result
from palimpsest.release.config import CheckSpec
from palimpsest.release.identifiers.bench import Bench
from palimpsest.release.identifiers.roster import Roster
from palimpsest.release.identifiers.rules import found_by_rules
from palimpsest.release.identifiers.shifts import NAME, shifted_dates
from palimpsest.release.identifiers.sought import Search
from palimpsest.release.patients import Patients
from palimpsest.runtime.files import write_table
from synthetic_notes import PHI_LABELS

# Ways to write identifiers, by others than `variants.py`: what is looked for must hold them.
ABBREVIATED = {"Street": "St.", "Avenue": "Ave.", "Road": "Rd", "Drive": "Dr.", "Lane": "Ln"}
SPOKEN = "zero one two three four five six seven eight nine".split()


def accented(text: str) -> str:
    return text.translate(str.maketrans("aeioun", "áèîöüñ"))


def said_digits(text: str) -> str:
    return " ".join(SPOKEN[int(sign)] for sign in text if sign.isdigit())


def name_ways(given: str, surname: str) -> dict[str, str]:
    return {
        "caps": f"{given} {surname}".upper(),
        "diacritics": accented(f"{given} {surname}"),
        "punctuation": f"({given}-{surname})",
        "order": f"{surname}; {given}",
        "initials": f"{given[0]}. {surname}",
        "initial behind": f"{surname} {given[0]}.",
    }


def number_ways(digits: str) -> dict[str, str]:
    return {
        "whole": f"#{digits}",
        "spelled": said_digits(digits),
        "digit by digit": "-".join(digits),
        "groups of three": "/".join(digits[at : at + 3] for at in range(0, len(digits), 3)),
    }


def phone_ways(digits: str) -> dict[str, str]:
    area, middle, last = digits[:3], digits[3:6], digits[6:]
    return {
        "dots": f"{area}.{middle}.{last}",
        "brackets": f"({area}){middle}-{last}",
        "country": f"+1 {area} {middle} {last}",
        "whole": digits,
        "spelled": said_digits(digits),
    }


def date_ways(day: date) -> dict[str, str]:
    return {
        "iso": day.isoformat(),
        "american": f"{day:%m/%d/%Y}",
        "short": f"{day.month}/{day.day}/{day:%y}",
        "european": f"{day:%d.%m.%Y}",
        "month in words": f"{day:%B} {day.day}, {day.year}",
        "day first": f"{day.day} {day:%b} {day.year}",
        "military": f"{day:%d%b%Y}".upper(),
    }


def age_ways(age: int) -> dict[str, str]:
    words = "ninety" if age == 90 else f"ninety-{SPOKEN[age - 90]}"
    return {
        "hyphens": f"{age}-year-old", "letters": f"{age} y/o", "spelled": f"{words} year old",
        "sex": f"{age}F", "aged": f"aged {age}",
    }  # fmt: skip


def variants(arguments: argparse.Namespace) -> None:
    """The share of held-out ways to write identifiers that are found, by kind."""
    draws, roster = random.Random(5), Roster()
    wanted: list[tuple[str, str, int]] = []  # kind and way, text, whose
    people = [
        (word.split()[0], word.split()[-1])
        for note in source(PATIENTS, 1)
        for span in note["phi"]
        if span["label"] == "NAME"
        and "," not in (word := note["text"][span["start"] : span["end"]])
        and " " in word
    ]
    for patient in range(arguments.people):
        given, surname = draws.choice(people)
        digits = str(draws.randrange(10**6, 10**10))
        phone = f"{draws.randrange(201, 990)}{draws.randrange(10**6, 10**7)}"
        day = date(1930, 1, 1) + timedelta(draws.randrange(30_000))
        age = draws.randrange(90, 100)
        street, suffix = f"{draws.randrange(2, 2400)} {surname}", draws.choice([*ABBREVIATED])
        ways = {"name": name_ways(given, surname), "id": number_ways(digits)}
        ways |= {"phone": phone_ways(phone), "date": date_ways(day), "age": age_ways(age)}
        ways["address"] = {
            "short": f"{street} {ABBREVIATED[suffix]}", "caps": f"{street} {suffix}".upper(),
        }  # fmt: skip
        values = {"name": [given, surname], "id": [digits], "phone": [phone]}
        values |= {"date": [day.isoformat()], "age": [str(age)], "address": [f"{street} {suffix}"]}
        for kind, value in values.items():
            roster.add(kind, value, patient)
        wanted += [
            (f"{kind}, {way}", text, patient)
            for kind, told in ways.items()
            for way, text in told.items()
        ]
    values = {kind: sorted(listed) for kind, listed in sorted(roster.values.items())}
    owners = [roster.values[kind][value] for kind, listed in values.items() for value in listed]
    search = Search(values, 1)
    texts = pa.array([f"It was said that {text} was there." for _, text, _ in wanted])
    search.look_at(Documents("corpus.all", 0, 0, pa.nulls(len(texts), pa.string()), texts))
    hits = search.hits()
    found = np.zeros(len(wanted), bool)
    parts = [kind for kind, listed in values.items() for _ in listed]
    for document, value in zip(hits.documents.tolist(), hits.values.tolist(), strict=True):
        if wanted[document][2] in owners[value] and parts[value] != "name part":
            found[document] = True
    rows: dict[str, list[bool]] = {}
    for (name, _, _), hit in zip(wanted, found.tolist(), strict=True):
        rows.setdefault(name, []).append(hit)
    for name, marks in rows.items():
        print(f"{name}: {np.mean(marks):.3f} of {len(marks)}")
    shifted_variants(arguments.people)


def shifted_variants(people: int) -> None:
    """The share of documents that are found whose dates were all moved, by the way to write them.

    Each person has three to eight dates, in a month or more, and one document; every fifth one has
    another's dates in it, and is counted apart.
    """
    draws, ways = random.Random(6), [*date_ways(date(2000, 1, 1))]
    asked, hit, wrong = Counter[str](), Counter[str](), 0
    for way in ways:
        roster, texts, foreign = Roster(), [], set[int]()
        for person in range(2 * people):
            first = date(1990, 1, 1) + timedelta(draws.randrange(9_000))
            days = [first, first + timedelta(draws.randrange(30, 900))]
            days += [
                first + timedelta(draws.randrange((days[1] - first).days))
                for _ in range(draws.randrange(1, 7))
            ]
            for day in days:
                roster.add("date", [day.isoformat()], person)
            if person % 5 == 0:
                foreign.add(person)
                days = [first + timedelta(draws.randrange(900)) for _ in days]
            move = timedelta(draws.choice((-1, 1)) * draws.randrange(1, 3650))
            told = [date_ways(day + move)[way] for day in days]
            texts.append(f"Seen on {', then on '.join(told)}. BP 120/80, pH 7.35, 12.5.3 mg.")
        used = np.arange(2 * people) < people
        ids = [f"{person:06}" for person in range(2 * people)]
        patients = Patients(ids, used.astype(np.int8), pa.array(ids), np.arange(2 * people))
        rows = [
            {"note_id": name, "text": text, "tokens": 1}
            for name, text in zip(ids, texts, strict=True)
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "corpus.parquet"
            table = pa.Table.from_pylist(rows, schema=CORPUS)
            write_table(path, table, wildcards={"corpus": "all"})
            spec = CheckSpec(
                release=Trial.release(), audited=True, canaries=0, seed=1, stage="given"
            )
            released, result = Released({"all": path}, {}), Result()
            given = Given(spec, patients, path, released, [], [], Path(folder))
            shifted_dates(Bench(patients, np.arange(2 * people), result, given), roster)
        found = {int(row["patient_id"]) for row in result.table().to_pylist()}
        mine = {*range(people)} - foreign
        asked[way], hit[way] = len(mine), len(found & mine)
        wrong += len(found & foreign)
        assert result.tests[NAME].p < 0.001, way
    for way in ways:
        print(f"dates shifted, {way}: {hit[way] / asked[way]:.3f} of {asked[way]}")
    print(f"others' dates taken for shifted ones: {wrong} of {len(ways) * people // 5}")


def detectors(arguments: argparse.Namespace) -> None:
    """The share of labelled identifiers that the rules overlap with, and of theirs that are."""
    labelled, hit, given, right = (Counter[str]() for _ in range(4))
    for note in source(PATIENTS, 1):
        found = list(found_by_rules(note["text"]))
        spans = [(one["label"], one["start"], one["end"]) for one in note["phi"]]
        for label, start, end in spans:
            labelled[label] += 1
            hit[label] += any(a < end and start < b for _, a, b in found)
        for label, start, end in found:
            given[label] += 1
            right[label] += any(a < end and start < b for _, a, b in spans)
    for label in PHI_LABELS:
        recall = hit[label] / labelled[label] if labelled[label] else float("nan")
        precision = right[label] / given[label] if given[label] else float("nan")
        print(
            f"{label}: recall {recall:.3f} of {labelled[label]:,}, precision {precision:.3f} of "
            f"{given[label]:,}"
        )


def main() -> None:
    formatter = argparse.RawTextHelpFormatter
    made = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    commands = made.add_subparsers(required=True)
    for function in (variants, detectors):
        command = commands.add_parser(function.__name__)
        command.set_defaults(action=function)
        command.add_argument("--people", type=int, default=300)
    arguments = made.parse_args()
    arguments.action(arguments)


if __name__ == "__main__":
    main()
