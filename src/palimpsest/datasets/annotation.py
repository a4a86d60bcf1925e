"""Annotation: a sheet of a dataset's sentences for an annotator, and what came back.

The sheet is CSV with a byte order mark, as spreadsheets know it: example_id, text, and for each
category `<category>`, 1 or 0 as the dataset has it, and `<category>?`, which is the annotator's.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from itertools import zip_longest
from pathlib import Path

import numpy as np

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_rows
from palimpsest.runtime.labels import NONE
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import in_turn, sampling_key
from palimpsest.stats.agreement import (
    CONFUSION,
    MEASURES,
    agreements,
    by_group,
    confusion,
    share,
    share_interval,
    with_any,
)

PLACE = ["example_id", "text"]
ANSWERS = {
    **dict.fromkeys(("1", "1.0", "yes", "y", "true", "x"), True),
    **dict.fromkeys(("0", "0.0", "no", "n", "false"), False),
}
# A cell that begins so is a formula to a spreadsheet, and can send what stands in others elsewhere.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"
NAMED = re.compile(r"[a-z][a-z0-9_]*")  # what a category is called; else it may be text
SHOWN = 5  # rows that an error names
INTERVAL = "95% interval"


def sample(examples: list[Row], names: list[str], size: int, seed: int) -> list[Row]:
    """The examples to annotate: as many of each category and of none as there are.

    examples: example_id and labels. The categories take turns; what one has no more of, the
    others fill. A larger sample has the same and more, and the order does not show to the
    annotator which category an example was chosen for.
    """
    keys = [sampling_key("review", seed, example["example_id"]) for example in examples]
    order = sorted(range(len(examples)), key=keys.__getitem__)
    ranked: dict[str, list[int]] = {name: [] for name in [*names, NONE]}
    for index in order:
        for name in examples[index]["labels"] or [NONE]:
            ranked[name].append(index)
    chosen = {index for index, _ in in_turn(ranked, size)}
    return [examples[index] for index in order if index in chosen]


def sheet(examples: list[Row], names: list[str]) -> str:
    """The sheet for the annotator. examples: example_id, text and labels."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([*PLACE, *(cell for name in names for cell in (name, f"{name}?"))])
    for example in examples:
        cells = [guarded(example[name]) for name in PLACE]
        for name in names:
            cells += [str(int(name in example["labels"])), ""]
        table.writerow(cells)
    return f"\ufeff{out.getvalue()}"


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return GUARD + text if text.startswith((*FORMULA, GUARD)) else text


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made."""
    return cell.removeprefix(GUARD)


class Annotated:
    """An annotated sheet, read back and compared with its dataset."""

    def __init__(self, path: Path, dataset: Path) -> None:
        """Raises UserError, with the row, where the sheet is not one of the dataset's."""
        self.path, self.dataset = path, dataset
        examples = read_rows(dataset, [*PLACE, "labels", "group"])
        self.examples = {row["example_id"]: row for row in examples}
        rows = self._rows()
        self.names = self._categories(rows)
        self.unreadable: dict[str, list[int]] = defaultdict(list)  # rows, by column
        self.groups: list[str] = []
        self.unanswered = 0
        labels, answers = [], []
        seen: dict[str, int] = {}
        for number, cells in enumerate(rows[1:], start=2):
            if not any(map(str.strip, cells)):
                continue  # spreadsheets leave empty rows behind
            if any(map(str.strip, cells[len(rows[0]) :])):
                raise self._error(number, f"{len(cells)} cells, expected {len(rows[0])}")
            # Excel leaves out empty cells at the end of some rows.
            row = dict(zip_longest(rows[0], cells[: len(rows[0])], fillvalue=""))
            example = self._example(number, row)
            if example["example_id"] in seen:
                earlier = seen[example["example_id"]]
                raise self._error(number, f"the sentence of row {earlier} once more")
            seen[example["example_id"]] = number
            label, answer = self._answers(number, row, example)
            if answer is None:
                self.unanswered += 1
                continue
            labels.append(label)
            answers.append(answer)
            self.groups.append(example["group"])
        if self.unreadable:
            raise self._unreadable_error()
        shape = (len(labels), len(self.names))
        self.labels = np.array(labels, bool).reshape(shape)
        self.answers = np.array(answers, bool).reshape(shape)

    def _error(self, number: int, found: str) -> UserError:
        return UserError(f"{self.path}: row {number}: {found}")

    def _rows(self) -> list[list[str]]:
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise UserError(f"{self.path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UserError(
                f"{self.path}: byte {error.start} is not UTF-8; save it as 'CSV UTF-8'"
            ) from error
        head = text.split("\n", 1)[0]
        mark = max(",;\t", key=head.count)  # spreadsheets write what their country uses
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
        except csv.Error as error:
            raise UserError(f"{self.path}: expected CSV: {error}") from error
        return [[cell.strip() for cell in rows[0]], *rows[1:]] if rows else [[]]

    def _unreadable_error(self) -> UserError:
        """Names the columns with cells that are no answers, and how many; never what they hold."""
        found = []
        for column, rows in self.unreadable.items():
            shown = ", ".join(map(str, rows[:SHOWN])) + (", ..." if len(rows) > SHOWN else "")
            found.append(f"column '{column}': {len(rows)} (rows {shown})")
        return UserError(
            f"{self.path}: answers that are none of 1, 0, yes, no, x and nothing: "
            f"{'; '.join(found)}"
        )

    def _categories(self, rows: list[list[str]]) -> list[str]:
        """The categories of a sheet's head, which are those of the dataset."""
        head = rows[0]
        names = [name.removesuffix("?") for name in head if name.endswith("?")]
        expected = [*PLACE, *(cell for name in names for cell in (name, f"{name}?"))]
        known = read_manifest(self.dataset, "labels")["labels"]
        if not names or sorted(head) != sorted(expected):
            differ = sorted({*head} ^ {*expected}) or sorted(n for n in head if head.count(n) > 1)
            # Others may be text: a sheet that lost its head has a sentence there.
            told = [name for name in differ if name in PLACE or name.removesuffix("?") in known]
            raise self._error(
                1, "expected the columns example_id and text, and for each category `<category>` "
                f"and `<category>?`, each once; look at {told[:5] or 'the head'}"
            )  # fmt: skip
        used = Counter(name for row in self.examples.values() for name in row["labels"])
        if missing := {name: used[name] for name in known if name not in names}:
            raise self._error(
                1, f"no columns of categories that {self.dataset} has, with their sentences: "
                f"{missing}"
            )  # fmt: skip
        places = {name: head.index(f"{name}?") for name in names if name not in known}
        if unknown := {
            name if NAMED.fullmatch(name) else f"column {at + 1}": sum(
                bool("".join(row[at : at + 1]).strip()) for row in rows[1:]
            )
            for name, at in places.items()
        }:
            raise self._error(
                1, f"columns of categories that {self.dataset} does not have, with their answers: "
                f"{unknown}; it has {known}"
            )  # fmt: skip
        return names

    def _example(self, number: int, row: dict[str, str]) -> Row:
        example: Row | None = self.examples.get(unguarded(row["example_id"].strip()))
        if example is None:
            raise self._error(number, f"its example_id is not in {self.dataset}")
        found, text = " ".join(row["text"].split()), " ".join(example["text"].split())
        if text not in (found, unguarded(found)):
            name = example["example_id"]
            raise self._error(number, f"its text is not that of {name} in {self.dataset}")
        return example

    def _answers(
        self, number: int, row: dict[str, str], example: Row
    ) -> tuple[list[bool], list[bool] | None]:
        """What the dataset says of the categories, and the annotator, or None who said nothing.

        Who answers one category of a sentence has looked at all: what is blank is no.
        """
        label = [name in example["labels"] for name in self.names]
        answer = []
        for name, has in zip(self.names, label, strict=True):
            if ANSWERS.get(row[name].strip().lower()) is not has:
                raise self._error(
                    number, f"column '{name}' is not {int(has)}, as it is in {self.dataset}; "
                    "another version of the dataset was annotated, or the wrong column"
                )  # fmt: skip
            cell = row[f"{name}?"].strip().lower()
            if cell and cell not in ANSWERS:
                self.unreadable[f"{name}?"].append(number)
            answer.append(ANSWERS.get(cell))
        if all(cell is None for cell in answer):
            return label, None
        return label, [bool(cell) for cell in answer]


def report(path: Path, dataset: Path) -> str:
    """How far an annotator agrees with a dataset, as an aligned table.

    path: the annotated CSV. dataset: its table. fp counts sentences to which the dataset alone
    gives a category, fn those to which the annotator alone does. Intervals are over units:
    patients, or sentences that an LLM wrote. The sample has as many sentences of each category, so
    the numbers are of the sample.
    Raises UserError where the two do not belong together, naming the row.
    """
    annotated = Annotated(path, dataset)
    units = len(set(annotated.groups))
    lines = [
        f"{len(annotated.groups)} sentences annotated ({units} units), "
        f"{annotated.unanswered} not annotated"
    ]
    if not annotated.groups:
        return "\n".join(lines)
    single = confusion(with_any(annotated.answers), with_any(annotated.labels))
    # `overall` counts each pair of a sentence and a category.
    counts = np.concatenate([single, single[:, :-1].sum(axis=1, keepdims=True)], axis=1)
    grouped = by_group(counts, annotated.groups)
    measures = [cell for name in ("agreement", *MEASURES) for cell in (name, INTERVAL)]
    rows = [["category", "sentences", *measures, *CONFUSION]]
    for at, (name, agreement) in enumerate(
        zip([*annotated.names, "any", "overall"], agreements(grouped), strict=True)
    ):
        category = grouped[:, at]
        numbers = [float(share(category.sum(axis=0)))]
        numbers += share_interval(category[:, 0] + category[:, 3], category.sum(axis=1))
        for measure in MEASURES:
            numbers += [agreement[f"{measure}{end}"] for end in ("", "_low", "_high")]
        shown = [
            cell
            for first in range(0, len(numbers), 3)
            for cell in (_shown(numbers[first]), _shown(*numbers[first + 1 : first + 3]))
        ]
        counted = [str(agreement[outcome]) for outcome in CONFUSION]
        rows.append([name, str(len(annotated.groups)), *shown, *counted])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for title, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([title.ljust(widths[0]), *cells]))
    lines.append("tp, fp, fn, tn: of the dataset, where the annotator is right")
    return "\n".join(lines)


def _shown(*numbers: float) -> str:
    return "-" if np.isnan(numbers[0]) else "-".join(f"{number:.3f}" for number in numbers)
