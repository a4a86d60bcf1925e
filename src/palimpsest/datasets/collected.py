"""Documents of experts' files: each in one split, once, and with labels that the dataset knows."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from palimpsest.datasets.annotated import Document, Findings, shown, tellable
from palimpsest.datasets.cells import split_named
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import lines_of
from palimpsest.datasets.formats import FORMATS
from palimpsest.formats.ids import read_id
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.tables import ENDINGS, table_files
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.paths import text_files
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits
from palimpsest.text.patterns import find


class Collected:
    """The documents of some files with their splits, and what is found on the way.

    unit: what a group is, known when the first document was read. left_out: labels that the dataset
    leaves out. unknown: labels that it does not know. unknown_splits: what a column says instead of
    a split.
    """

    def __init__(self, spec: CollectSpec) -> None:
        assert spec.reading
        self.spec, self.reading = spec, spec.reading
        self.findings = Findings()
        self.unit: str | None = None
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self._texts_of = ("", "")  # of the document at hand
        self.unknown_splits: Counter[str] = Counter()
        self._unknown_place = ""
        self._groups: dict[str, tuple[str, str]] = {}  # group -> split, place
        self._texts: set[str] = set()  # digests of named documents
        self._names: set[str] = set()  # of all documents
        self._ids: Counter[str] = Counter()

    def documents(self, paths: list[Path]) -> Iterator[tuple[Document, Row] | Rejected]:
        """Each document with what all of its examples have, or why it is rejected.

        Raises UserError where a file is not as it should be, or a file or group is of two splits.
        """
        known, rest = FORMATS[self.reading.format], iter(paths)
        groups = [list(islice(rest, count)) for count in self.spec.files]
        lists = [path for group in groups[1:] for path in group] if len(groups) == 4 else []
        membership = self._membership(lists) if lists else None
        given = SPLITS if len(groups) == 3 else (None,)
        taken: set[Path] = set()
        for split, group in zip(given, groups, strict=False):
            facts = Findings(self.findings.ignored)
            files = expanded(group, known.endings)
            if group and not files:
                raise UserError(
                    f"{group[0]}: no file with one of the endings {list(known.endings)}"
                )
            if both := sorted(taken.intersection(files)):
                raise UserError(f"{both[0]} is of two splits, expected of one: {len(both)} files")
            taken.update(files)
            for found in known.read(files, self.spec, facts):
                rejected = isinstance(found, Rejected)
                yield found if rejected else self._placed(found, split, membership)
            for name, fact in facts.facts.items():
                self.findings.facts.setdefault(name, {})[split or "all"] = fact
        if membership:
            self.findings.facts["listed_and_absent"] = len(membership.keys() - self._names)

    def _placed(
        self, document: Document, split: str | None, membership: dict[str, str] | None
    ) -> tuple[Document, Row] | Rejected:
        """A document with its group and split, or why it is rejected."""

        def rejected(reason: str) -> Rejected:
            row = re.search(r"(\d+)$", document.place.removeprefix(str(document.path)))
            return Rejected(document.path.name, int(row[1]) if row else None, None, reason)

        self._texts_of = (document.text, document.second or "")
        if not document.text.strip():
            return rejected("empty_text")
        if reason := untellable(document.text, document.second or "", document.name):
            return rejected(reason)
        if self.spec.answer == "one_label" and document.labels:
            label = self.label_of(document.labels[0], document.place)
            if label is None:
                return rejected("label_left_out")
            document.labels = [label]
        content = digest(document.text)[:16]
        name = document.name or content
        self._names.add(name)
        unit, group = self._group(document, name)
        if group is None:
            return rejected("missing_patient_id")
        if self.unit not in (None, unit):
            raise UserError(f"{document.place}: a {unit}, where others name a {self.unit}")
        self.unit = unit
        if membership is not None:
            split = membership.get(name)
            if split is None:
                return rejected("not_listed")
        elif document.split is not None:  # a column has it, if only an empty cell
            split = split_named(document.split)
            if split is None:
                self.unknown_splits[tellable(document.split, *self._texts_of)] += 1
                return rejected("unknown_split")
        elif split is None:
            assert self.spec.splits
            split = split_of(group, self.spec.splits, self.spec.seed)
        elif split == "train" and self.spec.valid_share:
            share = self.spec.valid_share
            shares = Splits(train=1 - share, valid=share, test=0)
            split = split_of(group, shares, self.spec.seed)
        if document.name:
            if content in self._texts:
                return rejected("duplicate_document")
            self._texts.add(content)
        earlier, place = self._groups.setdefault(group, (split, document.place))
        if earlier != split and unit in ("patient", "note"):
            raise UserError(
                f"{document.place}: the {unit} is of {split}, and of {earlier} at {place}; "
                "expected one split: what trains is no evidence"
            )
        # Of its content, so that a row more or less changes no other example's id or split.
        pair = [document.text, document.second]
        known_as = name if document.second is None else digest(pair)[:16]
        # Names may repeat in official splits that number their files, such as 1.txt.
        stem = "" if earlier == split else f"{split}/"
        named = {"split": split, "made_by": self.spec.made_by}
        named["example_id"] = self._unique(stem + known_as)
        named["group"] = group if unit in ("patient", "note") else stem + name
        named["note_id"] = document.note or document.name or None
        return document, named

    def _unique(self, name: str) -> str:
        """An id that no other example has: the second of a name is `name-2`."""
        self._ids[name] += 1
        return name if self._ids[name] == 1 else f"{name}-{self._ids[name]}"

    def _group(self, document: Document, name: str) -> tuple[str, str | None]:
        """What the group of a document is, and its id, or None where it should have one."""
        if document.patient:
            return "patient", document.patient
        if self.reading.patient:
            found = find(self.reading.patient, document.name or document.path.stem)
            return "patient", read_id(found, document.place) or None
        if document.note:
            return "note", document.note
        return document.unit, name

    def label_of(self, label: str, place: str) -> str | None:
        """What the dataset calls a label of a file; None where it has none of it, which is counted.

        One that is not known is an error, when all is read: `check`.
        """
        if label in self.reading.leave_out:
            self.left_out[label] += 1
            return None
        name = self.reading.rename.get(label, label)
        if name in self.spec.labels:
            return name
        self.unknown[tellable(label, *self._texts_of)] += 1
        self._unknown_place = self._unknown_place or place
        return None

    def check(self) -> None:
        """Raise UserError, naming the first place, if there are labels that are not known."""
        if self.unknown:
            raise UserError(
                f"{self._unknown_place}: unknown labels {shown(self.unknown)}; expected some of "
                f"{self.spec.labels}; name others under `rename` or `leave_out`"
            )

    def _membership(self, lists: list[Path]) -> dict[str, str]:
        """The split of each document that a list names."""
        found: dict[str, str] = {}
        for split, path in zip(SPLITS, lists, strict=True):
            for place, line in lines_of(path, self.reading.encoding):
                name = line.strip()
                if name and found.setdefault(name, split) != split:
                    raise UserError(f"{place}: the document is also listed as {found[name]}")
        return found


def untellable(*texts: str) -> str | None:
    """The reason why no table can hold some texts, or nothing."""
    whole = "".join(texts)
    if "\0" in whole:
        return "nul_byte"
    try:
        whole.encode()
    except UnicodeEncodeError:  # an escape of JSON, or a file's name
        return "lone_surrogate"
    return None


def expanded(paths: Iterable[Path], endings: tuple[str, ...]) -> list[Path]:
    """Files, with those below folders that have one of some endings."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and endings == ENDINGS:  # which other programs lay out as folders, too
            found += map(Path, table_files([str(path)]))
        else:
            found += text_files(str(path), endings) if path.is_dir() else [path]
    return list(dict.fromkeys(found))
