"""What people answered on the page of a review: rates, and how far they and the rules agree."""

import csv
import io
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_text
from palimpsest.stats.agreement import (
    agreements,
    by_group,
    confusion,
    kappa_of_tables,
    share_interval,
)

COLUMNS = (
    "page", "item", "unit", "target", "type", "rules", "judge", "annotator", "verdict", "blind",
)  # fmt: skip
VERDICTS = ("faithful", "omission", "addition", "change")
WHOLE = "whole"
FOUND, NOTHING = "found", "nothing"  # by rules or by a judge, of a whole item


class Answer(NamedTuple):
    """One verdict.

    rules: what rules say of a finding; of a whole item FOUND, NOTHING or empty. judge: the same of
    a judge, of a whole item.
    """

    page: str
    item: str
    unit: str
    target: str
    type: str
    rules: str
    judge: str
    annotator: str
    verdict: str
    blind: bool


def is_answers(path: Path) -> bool:
    """Whether a file begins as one that a review saved."""
    head = read_text(path).lstrip("\ufeff").partition("\n")[0]
    return {"page", "item", "verdict"} <= {name.strip() for name in head.split(_mark(head))}


def _mark(head: str) -> str:
    return max(",;\t", key=head.count)  # spreadsheets write what their country uses


def read_answers(paths: Iterable[Path]) -> list[Answer]:
    """The answers of one page, from any number of files; what two files say alike counts once.

    Raises UserError, with file and row, where a file is no such file, is of another page, or says
    of one item something else than an earlier one by the same annotator.
    """
    found: dict[tuple[str, str, str], Answer] = {}
    page = None
    for path in paths:
        text = read_text(path).lstrip("\ufeff")
        mark = _mark(text.partition("\n")[0])
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark)
        if lacking := [name for name in COLUMNS if name not in (rows.fieldnames or [])]:
            raise UserError(f"{path}: no columns {lacking}; expected a file that a review saved")
        for number, row in enumerate(rows, start=2):
            if not any(row.get(name) for name in COLUMNS):
                continue  # spreadsheets leave empty rows behind
            values = {name: (row[name] or "").strip() for name in COLUMNS}
            if values["verdict"] not in VERDICTS:
                raise UserError(f"{path}: row {number}: a verdict is none of {', '.join(VERDICTS)}")
            page = page or values["page"]
            if values["page"] != page:
                raise UserError(f"{path}: row {number}: it is of another page than the rows before")
            answer = Answer(**{**values, "blind": values["blind"] in ("1", "true", "TRUE")})
            key = answer.annotator, answer.item, answer.target
            if key in found and found[key].verdict != answer.verdict:
                raise UserError(
                    f"{path}: row {number}: annotator '{answer.annotator}' says something else of "
                    f"item {answer.item} than before; leave the older file out"
                )
            found[key] = answer
    return list(found.values())


def report(paths: list[Path]) -> str:
    """Rates by people with 95% intervals over units, beside those of rules and of a judge."""
    answers = read_answers(paths)
    if not answers:
        return "no answers"
    whole = [answer for answer in answers if answer.target == WHOLE]
    lines = _rates(whole)
    lines += _agreement(whole)
    lines += _beside(whole, "rules")
    lines += _beside(whole, "judge")
    lines += _of_findings([answer for answer in answers if answer.target != WHOLE])
    return "\n".join(lines)


def _by_annotator(answers: list[Answer]) -> dict[str, dict[str, Answer]]:
    """Answers by annotator and item."""
    found: dict[str, dict[str, Answer]] = defaultdict(dict)
    for answer in answers:
        found[answer.annotator][answer.item] = answer
    return dict(sorted(found.items()))


def _rates(whole: list[Answer]) -> list[str]:
    lines = ["what people say of whole items (share, 95% interval over units)"]
    for name, said in _by_annotator(whole).items():
        units = len({answer.unit for answer in said.values()})
        blind = sum(answer.blind for answer in said.values())
        lines.append(f"{name}: {len(said)} items of {units} units, {blind} of them blind")
        for verdict in VERDICTS:
            hits = [answer.verdict == verdict for answer in said.values()]
            lines.append(f"  {verdict:10}{_share(hits, [a.unit for a in said.values()])}")
    return lines


def _agreement(whole: list[Answer]) -> list[str]:
    """Of each two annotators."""
    by_annotator = _by_annotator(whole)
    names = list(by_annotator)
    lines = []
    for first, second in (
        (one, other) for at, one in enumerate(names) for other in names[at + 1 :]
    ):
        both = [item for item in by_annotator[first] if item in by_annotator[second]]
        if not both:
            lines.append(f"{first} and {second}: no item in common")
            continue
        pairs = [(by_annotator[first][item], by_annotator[second][item]) for item in both]
        units = [one.unit for one, _ in pairs]
        tables = np.zeros((len(pairs), len(VERDICTS), len(VERDICTS)), int)
        for at, (one, other) in enumerate(pairs):
            tables[at, VERDICTS.index(one.verdict), VERDICTS.index(other.verdict)] = 1
        same = [one.verdict == other.verdict for one, other in pairs]
        lines.append(f"{first} and {second}: {len(both)} items in common")
        lines.append(f"  {'agreement':22}{_share(same, units)}")
        grouped = by_group(tables, units)
        lines.append(f"  {'kappa of verdicts':22}{_shown(*kappa_of_tables(grouped))}")
        halves = np.stack([grouped[:, :1].sum(axis=1), grouped[:, 1:].sum(axis=1)], axis=1)
        halves = np.stack([halves[:, :, 0], halves[:, :, 1:].sum(axis=2)], axis=2)
        lines.append(f"  {'kappa of faithful':22}{_shown(*kappa_of_tables(halves))}")
    return lines


def _beside(whole: list[Answer], by: str) -> list[str]:
    """How well rules, or a judge, find the items that a person says are not faithful."""
    lines = []
    for name, said in _by_annotator(whole).items():
        judged = [answer for answer in said.values() if getattr(answer, by) in (FOUND, NOTHING)]
        if not judged:
            continue
        people = np.array([[answer.verdict != "faithful"] for answer in judged])
        others = np.array([[getattr(answer, by) == FOUND] for answer in judged])
        units = [answer.unit for answer in judged]
        (found,) = agreements(by_group(confusion(people, others), units))
        lines.append(f"{by} beside {name}: which of {len(judged)} items are not faithful")
        lines.append(f"  {'by ' + by:12}{_share([bool(one) for one in others[:, 0]], units)}")
        lines.append(f"  {'by ' + name:12}{_share([bool(one) for one in people[:, 0]], units)}")
        for measure in ("kappa", "precision", "recall"):
            numbers = [found[f"{measure}{end}"] for end in ("", "_low", "_high")]
            lines.append(f"  {measure:12}{_shown(*numbers)}")
    return lines


def _of_findings(findings: list[Answer]) -> list[str]:
    """Of each type of finding, how many a person confirms: the precision of the rules."""
    if not findings:
        return []
    lines = ["findings of rules that people confirm (share, 95% interval over units)"]
    for (annotator, kind, status), count in sorted(
        Counter((one.annotator, one.type, one.rules) for one in findings).items()
    ):
        listed = [
            one
            for one in findings
            if (one.annotator, one.type, one.rules) == (annotator, kind, status)
        ]
        hits = [one.verdict != "faithful" for one in listed]
        shown = _share(hits, [one.unit for one in listed])
        lines.append(f"  {annotator}: {kind} {status}: {shown} of {count}")
    return lines


def _share(hits: list[bool], units: list[str]) -> str:
    """A share with its interval over units."""
    grouped = by_group(np.array(hits, dtype=int), units)
    trials = by_group(np.ones(len(hits), dtype=int), units)
    return _shown(float(np.mean(hits)), *share_interval(grouped, trials))


def _shown(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "undefined"
    return f"{value:.3f}" + ("" if math.isnan(low) else f" ({low:.3f}-{high:.3f})")
