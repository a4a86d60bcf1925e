"""Folders of texts, one in each file: their folder is the label, or a folder has files of labels.

The Hallmarks of Cancer corpus has a folder of texts and one of labels with the same names (Baker et
al. 2016, doi 10.1093/bioinformatics/btv585).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from palimpsest.datasets.annotated import Document, Findings
from palimpsest.datasets.cells import NO_LABEL
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import read_exact
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

SEPARATORS = ["\n", ";", "|"]


def read_folders(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The texts of some files. One without a file of labels, or without text, is rejected."""
    reading = spec.reading
    assert reading
    beside = reading.label_folder
    labels = {path.stem: path for path in paths if path.parent.name == beside}
    texts: dict[str, Path] = {}
    for path in (path for path in paths if path.parent.name != beside):
        if beside and path.stem in texts:
            raise UserError(
                f"{path}: {texts[path.stem]} has the same name; expected one text of it"
            )
        texts[path.stem if beside else str(path)] = path
    for name in sorted(labels.keys() - texts.keys()) if beside else []:
        raise UserError(f"{labels[name]}: there is no text of this name among the files")
    for path in texts.values():
        text = read_exact(path, reading.encoding).strip()
        if not text or (beside and path.stem not in labels):
            reason = "empty_text" if not text else "without_labels"
            yield Rejected(path.name, None, None, reason)
            continue
        document = Document(path, str(path), text, path.stem, labels=[path.parent.name])
        if beside:
            content = read_exact(labels[path.stem], reading.encoding)
            document.place = str(labels[path.stem])
            document.labels = _labels(content, reading.separators or SEPARATORS)
        else:
            document.name = f"{path.parent.name}/{path.stem}"
        yield document


def _labels(content: str, separators: list[str]) -> list[str]:
    parts = re.split("|".join(map(re.escape, [*separators, "\n"])), content)
    found = [part.strip() for part in parts]
    return list(dict.fromkeys(part for part in found if part and part.casefold() not in NO_LABEL))
