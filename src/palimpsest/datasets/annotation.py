"""The human review of a labelled set: a table for an annotator, and what came back.

The table is CSV with a byte order mark, as spreadsheets know it: sentence_id, text, and for each
category `<category>`, 1 or 0 as the set has it, and `<category>?`, which is the annotator's.
"""

import csv
import io
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.labels import NONE
from palimpsest.stats.agreement import (
    CONFUSION,
    agreements,
    by_group,
    confusion,
    share,
    wilson,
    with_any,
)

PLACE = ["sentence_id", "text"]
ANSWERS = {
    **dict.fromkeys(("1", "1.0", "yes", "y", "true", "x"), True),
    **dict.fromkeys(("0", "0.0", "no", "n", "false"), False),
}
# A cell that begins so is a formula to a spreadsheet, and can send what stands in others elsewhere.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"
SEED = 0  # of the resamples
COLUMNS = ["category", "sentences", "agreement", "95% interval", "kappa", "95% interval"]


def sample(sentences: list[dict[str, Any]], names: list[str], size: int, seed: int) -> list[int]:
    """Places of the sentences to review: as many of each category and of none as there are.

    sentences: sentence_id and categories. The categories take turns; what one has no more of, the
    others fill. Order is that of a keyed hash throughout: a larger sample has the same and more,
    and does not show to the annotator which category a sentence was chosen for.
    """
    order = {
        at: keyed_hash(f"review-{seed}", sentence["sentence_id"])
        for at, sentence in enumerate(sentences)
    }
    waiting: dict[str, list[int]] = {name: [] for name in [*names, NONE]}
    for at in sorted(order, key=order.__getitem__, reverse=True):
        for name in sentences[at]["categories"] or [NONE]:
            waiting[name].append(at)
    chosen: set[int] = set()
    while len(chosen) < min(size, len(sentences)):
        for places in waiting.values():
            while places and places[-1] in chosen:
                places.pop()
            if places and len(chosen) < size:
                chosen.add(places.pop())
    return sorted(chosen, key=order.__getitem__)


def laid_out(sentences: list[dict[str, Any]], names: list[str]) -> str:
    """The table for the annotator. sentences: sentence_id, text and categories."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([*PLACE, *(cell for name in names for cell in (name, f"{name}?"))])
    for sentence in sentences:
        row = [guarded(sentence[name]) for name in PLACE]
        for name in names:
            row += [int(name in sentence["categories"]), ""]
        table.writerow(row)
    return f"\ufeff{out.getvalue()}"


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return GUARD + text if text.startswith((*FORMULA, GUARD)) else text


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made."""
    return cell.removeprefix(GUARD)


class Review:
    """An annotated table, read back and held against its set."""

    def __init__(self, path: Path, labelled: Path) -> None:
        """Raises UserError, with the row, where the table is not one of the set's."""
        self.path = path
        self.set = {
            row["sentence_id"]: row
            for row in read_table(labelled, [*PLACE, "categories", "group"]).to_pylist()
        }
        rows = self._rows()
        self.names = self._categories(rows[0], labelled)
        self.groups: list[str] = []
        self.unanswered = 0
        labels, answers, seen = [], [], {}
        for number, cells in enumerate(rows[1:], start=2):
            if not any(map(str.strip, cells)):
                continue  # spreadsheets leave empty rows behind
            if any(map(str.strip, cells[len(rows[0]) :])):
                raise self._error(number, f"{len(cells)} cells, expected {len(rows[0])}")
            # Excel leaves out empty cells at the end of some rows.
            row = dict(zip_longest(rows[0], cells[: len(rows[0])], fillvalue=""))
            sentence = self._sentence(number, row, labelled)
            if sentence["sentence_id"] in seen:
                earlier = seen[sentence["sentence_id"]]
                raise self._error(number, f"the sentence of row {earlier} once more")
            seen[sentence["sentence_id"]] = number
            label, answer = self._answers(number, row, sentence, labelled)
            if answer is None:
                self.unanswered += 1
                continue
            labels.append(label)
            answers.append(answer)
            self.groups.append(sentence["group"])
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

    def _categories(self, head: list[str], labelled: Path) -> list[str]:
        """The categories of a table's head, all of those that the set has among them."""
        names = [name.removesuffix("?") for name in head if name.endswith("?")]
        expected = [*PLACE, *(cell for name in names for cell in (name, f"{name}?"))]
        if not names or sorted(head) != sorted(expected):
            differ = sorted({*head} ^ {*expected}) or sorted(n for n in head if head.count(n) > 1)
            raise UserError(
                f"{self.path}: row 1: expected the columns sentence_id and text, and for each "
                f"category `<category>` and `<category>?`, each once; look at "
                f"{differ[:5] if names else 'the head'}"
            )
        used = {name for row in self.set.values() for name in row["categories"]}
        if missing := sorted(used - set(names)):
            raise UserError(f"{self.path}: row 1: no columns of {missing}, which {labelled} has")
        return names

    def _sentence(self, number: int, row: dict[str, str], labelled: Path) -> dict[str, Any]:
        sentence = self.set.get(unguarded(row["sentence_id"].strip()))
        if sentence is None:
            raise self._error(number, f"its sentence_id is not in {labelled}")
        found, text = " ".join(row["text"].split()), " ".join(sentence["text"].split())
        if text not in (found, unguarded(found)):
            raise self._error(
                number, f"its text is not that of sentence {sentence['sentence_id']} in {labelled}"
            )
        return sentence

    def _answers(
        self, number: int, row: dict[str, str], sentence: dict[str, Any], labelled: Path
    ) -> tuple[list[bool], list[bool] | None]:
        """What the set says of the categories, and the annotator, or None who said nothing.

        Who answers one category of a sentence has looked at all: what is blank is no.
        """
        label = [name in sentence["categories"] for name in self.names]
        answer = []
        for name, has in zip(self.names, label, strict=True):
            if ANSWERS.get(row[name].strip().lower()) is not has:
                raise self._error(
                    number, f"column '{name}' is not {int(has)}, as it is in {labelled}; another "
                    "version of the set was annotated, or the wrong column"
                )  # fmt: skip
            cell = row[f"{name}?"].strip().lower()
            if cell and cell not in ANSWERS:
                raise self._error(number, f"column '{name}?': expected 1, 0, yes, no, x or nothing")
            answer.append(ANSWERS.get(cell))
        if all(one is None for one in answer):
            return label, None
        return label, [bool(one) for one in answer]


def report(path: Path, labelled: Path) -> str:
    """How far the annotator of a review agrees with the set, as an aligned table.

    path: the annotated CSV. labelled: the set's table. fp counts sentences to which the set alone
    gives a category, fn those to which the annotator alone does. Intervals: Wilson's of the share
    of agreement, the bootstrap's over patients of kappa. The sample has as many sentences of
    each category, so the numbers are of the sample.
    Raises UserError where the two do not belong together, naming the row.
    """
    review = Review(path, labelled)
    lines = [f"{len(review.groups)} sentences annotated, {review.unanswered} not annotated"]
    if not review.groups:
        return "\n".join(lines)
    single = confusion(with_any(review.answers), with_any(review.labels))
    # `overall` counts each decision about a sentence and a category.
    counts = np.concatenate([single, single[:, :-1].sum(axis=1, keepdims=True)], axis=1)
    rows = [[*COLUMNS, *CONFUSION]]
    found = agreements(by_group(counts, review.groups), SEED)
    for name, total, one in zip(
        [*review.names, "any", "overall"], counts.sum(axis=0), found, strict=True
    ):
        low, high = wilson(int(total[0] + total[3]), int(total.sum()))
        rows.append(
            [
                name,
                str(len(review.groups)),
                f"{share(total):.3f}",
                f"{low:.3f}-{high:.3f}",
                _number(one["kappa"]),
                _span(one["kappa_low"], one["kappa_high"]),
                *(str(one[name]) for name in CONFUSION),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    lines.append("tp, fp, fn, tn: of the set, where the annotator is right")
    return "\n".join(lines)


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def _span(low: float, high: float) -> str:
    return "-" if np.isnan(low) else f"{low:.3f}-{high:.3f}"
