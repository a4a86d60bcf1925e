"""How many planted errors the rules of fidelity find, and how often they find one where none is.

    python benchmarks/fidelity.py [--patients 400] [--least 300] [--notes PATH.csv:COLUMN ...]

Passages are told from generated facts, and again in other frames, words, units and forms: these
paraphrases are faithful by construction. Into others one error of one type is planted. Notes of
`--notes`, which are no part of the project, are edited by rules that keep what they say, and then
by one that does not (fidelity_edits.py).

With the frames, wordings and forms of `made` the rules were made. `drawn` and `held` have held-out
wordings, diseases, drugs, some of them invented, and forms; their frames were written at once and
dealt by chance: failures of `drawn` were looked at. Later lots have files of their own, each of
which says when it was looked at. Of notes, every second one is held out.

`found`: of the planted errors, those for which there is a finding that is no `kept`. `by type`: by
one of the planted type. Behind shares stand 95% intervals (Wilson). `unread`: with a fact of which
the rules cannot tell what became of it, which is no finding. Further patients are drawn until
there are `--least` errors of each type. `--show` prints failures.
"""

import argparse
import time
from collections import Counter, defaultdict
from itertools import count as numbers
from pathlib import Path
from random import Random

from fidelity_edits import edited_notes
from fidelity_errors import ERRORS, planted
from fidelity_statements import Renderer, passage_of, statements
from fidelity_words import LATER_LOTS, words_of

from palimpsest.facts.compare import findings
from palimpsest.facts.model import TYPES, UNFAITHFUL
from palimpsest.stats.agreement import wilson

LOTS = ("made", "drawn", "held", *LATER_LOTS)
ROUNDS, TOGETHER = 5, 40  # of the measure of speed: rounds, and pairs that are timed together
ORDER = [kind for kind in TYPES if kind in ERRORS]
Pair = tuple[str, str, str]  # type of the error or "", passage, rephrase


def generated(patients: int, lot: str, seed: int = 15, least: int = 0) -> list[Pair]:
    """Faithful pairs, and for each type one pair with an error, of so many patients.

    least: errors of each type; for those that are fewer, errors of more patients are told.
    """
    pairs: list[Pair] = []
    held = lot != "made"  # wordings, forms and drugs; `drawn` and `held` differ in frames
    words = words_of(lot)
    made: Counter[str] = Counter()
    for patient in numbers():
        wanted = [kind for kind in ERRORS if patient < patients or made[kind] < least]
        if not wanted:
            return pairs
        number = patient + 100_000 * LOTS.index(lot)
        told = statements(seed, number, held, words)
        rng = Random(f"{seed}-{number}")
        renderer = Renderer(rng, lot)
        parts = rng.sample(told, len(told))
        while parts:
            some, parts = parts[:4], parts[4:]
            passage = passage_of(some, renderer, False)
            faithful = passage_of(some, renderer, True)
            if patient < patients:
                pairs.append(("", passage, faithful))
            for kind in wanted:
                wrong = planted(kind, some, rng, words)
                if wrong is not None and rng.random() < 0.5:
                    pairs.append((kind, passage, passage_of(wrong, renderer, True)))
                    made[kind] += 1
    return pairs


def wrong(passage: str, rephrase: str) -> list[str]:
    """The types of the findings that are no `kept`."""
    return [one.type for one in findings(passage, rephrase) if one.status in UNFAITHFUL]


def shared(hits: int, n: int) -> str:
    """A share with its 95% interval."""
    low, high = wilson(hits, n)
    return f"{hits / n:.1%} ({low:.1%} to {high:.1%})"


def measured(pairs: list[Pair]) -> dict[str, Counter[str]]:
    """By type of the error ("" of faithful ones): pairs, found, by type, and types of findings."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, passage, rephrase in pairs:
        found = findings(passage, rephrase)
        types = {one.type for one in found if one.status in UNFAITHFUL}
        count = counts[kind]
        count["unread"] += any(one.status == "unread" for one in found)
        count["pairs"] += 1
        count["found"] += bool(types)
        count["by type"] += kind in types
        count.update({f"as {one}": 1 for one in set(types)})
    return counts


def printed(title: str, counts: dict[str, Counter[str]]) -> None:
    faithful = counts[""]
    print(f"\n## {title}\n")
    n = faithful["pairs"]
    print(f"False alarms: {faithful['found']:,} of {n:,}, {shared(faithful['found'], n)}", end="")
    print("; " + ", ".join(f"{k[3:]} {v}" for k, v in faithful.items() if k.startswith("as ")))
    print(f"Unread in {faithful['unread']:,} of {n:,}, {shared(faithful['unread'], n)}")
    print("\n| planted | n | found | by its type | unread | besides its type |")
    print("|---" * 6 + "|")
    for kind in ORDER:
        count = counts[kind]
        if n := count["pairs"]:
            others = {k[3:]: v for k, v in count.items() if k.startswith("as ") and k[3:] != kind}
            also = ", ".join(
                f"{k} {v / n:.1%}" for k, v in sorted(others.items(), key=lambda i: -i[1])[:4]
            )
            named, unread = f"{count['by type'] / n:.1%}", count["unread"]
            print(f"| {kind} | {n} | {shared(count['found'], n)} | {named} | {unread} | {also} |")


def shown(pairs: list[Pair], kind: str, most: int) -> None:
    """Print pairs whose findings are not as they should be."""
    for planted_kind, passage, rephrase in pairs:
        types = wrong(passage, rephrase)
        failed = bool(types) if not planted_kind else planted_kind not in types
        if planted_kind == kind.replace("faithful", "") and failed and most:
            most -= 1
            found = [f for f in findings(passage, rephrase) if f.status in UNFAITHFUL]
            print(f"\n[{planted_kind or 'faithful'}]\n  P: {passage}\n  R: {rephrase}")
            for f in found:
                a = passage[f.passage_start : f.passage_end] if f.passage_start >= 0 else ""
                b = rephrase[f.start : f.end] if f.start >= 0 else ""
                print(f"    {f.type} {f.status}: {a!r} / {b!r}")


def swapped(pairs: list[Pair]) -> tuple[int, int, int]:
    """Rephrases held against another's passage: how many, found, found as another passage."""
    faithful = [(p, r) for kind, p, r in pairs if not kind]
    n = found = named = 0
    for at, (passage, _) in enumerate(faithful):
        other = faithful[(at + len(faithful) // 2) % len(faithful)][1]
        types = wrong(passage, other)
        n, found, named = n + 1, found + bool(types), named + ("passage" in types)
    return n, found, named


def speeds(texts: list[tuple[str, str]]) -> tuple[float, float]:
    """Pairs a second: on average, and by the fastest round of each few.

    The second is what the code takes where no neighbour slows the machine.
    """
    few = [texts[first : first + TOGETHER] for first in range(0, len(texts), TOGETHER)]
    spent: list[list[float]] = []
    for _ in range(ROUNDS):
        for place, pairs in enumerate(few):
            begin = time.process_time()
            for passage, rephrase in pairs:
                findings(passage, rephrase)
            if place == len(spent):
                spent.append([])
            spent[place].append(time.process_time() - begin)
    n = len(texts)
    return ROUNDS * n / sum(map(sum, spent)), n / sum(map(min, spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=400)
    parser.add_argument("--least", type=int, default=0)
    parser.add_argument("--lots", nargs="*", choices=LOTS, default=LOTS)
    parser.add_argument("--notes", nargs="*", default=[])
    parser.add_argument("--show", default="")
    parser.add_argument("--most", type=int, default=12)
    parser.add_argument("--half", default="made")
    options = parser.parse_args()
    halves = {
        f"Generated, {lot}": generated(options.patients, lot, least=options.least)
        for lot in options.lots
    }
    for which in options.notes:
        path, _, column = which.partition(":")
        for held, name in ((False, "made"), (True, "held")):
            halves[f"{Path(path).stem}, {name}"] = edited_notes(Path(path), column, held)
    if options.show:
        for title, pairs in halves.items():
            if options.half in title:
                shown(pairs, options.show, options.most)
        return
    for title, pairs in halves.items():
        printed(title, measured(pairs))
        n, found, named = swapped(pairs)
        print(f"\nSwapped: {found:,} of {n:,} found, {named:,} as another passage")
    texts = [(p, r) for pairs in halves.values() for _, p, r in pairs]
    mean, best = speeds(texts)
    size = sum(len(p) + len(r) for p, r in texts) / len(texts) / 2
    print(
        f"\n{mean:,.0f} passages/s on one core, of {size:.0f} characters on average; "
        f"{best:,.0f} by the fastest of {ROUNDS} rounds of each {TOGETHER}"
    )


if __name__ == "__main__":
    main()
