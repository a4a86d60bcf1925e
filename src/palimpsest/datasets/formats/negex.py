"""NegEx: number, concept, sentence and `Negated` or `Affirmed`, separated by tabs.

Values are as they stand: a quote is a quote. A first line with another fourth column is a header
(Chapman et al. 2001, doi 10.1006/jbin.2001.1029).
"""

from collections.abc import Iterator
from pathlib import Path

from palimpsest.datasets.annotated import Document, Findings
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import lines_of
from palimpsest.datasets.formats.tables import located
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

COLUMNS = 4


def read_negex(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The sentences of some files, each with its concept marked where it first stands."""
    assert spec.reading
    known = {*spec.labels, *spec.reading.rename, *spec.reading.leave_out}
    for path in paths:
        for number, (place, line) in enumerate(lines_of(path, spec.reading.encoding), start=1):
            cells = [cell.strip() for cell in line.split("\t")]
            if not line.strip() or (
                number == 1 and len(cells) == COLUMNS and cells[3] not in known
            ):
                continue
            if len(cells) != COLUMNS:
                raise UserError(
                    f"{place}: {len(cells)} columns, expected number, concept, sentence and label, "
                    "separated by tabs"
                )
            document = Document(path, place, cells[2], labels=[cells[3]], unit="sentence")
            found = located(document, cells[1])
            yield Rejected(path.name, number, None, found) if isinstance(found, str) else found
