"""Formats of files of experts: each is one module with a reader.

A reader is given the files of a split and what the dataset asks for, and yields documents, each
with its entities, relations or labels, and what is rejected. It raises UserError naming file and
line. What follows, splits and policies and examples, is the same for all formats. A new format is a
module, and its line here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from palimpsest.datasets.annotated import Document, Findings
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.formats.bioc import read_bioc
from palimpsest.datasets.formats.brat import read_brat
from palimpsest.datasets.formats.conll import read_conll
from palimpsest.datasets.formats.folders import read_folders
from palimpsest.datasets.formats.i2b2_2010 import read_i2b2_2010
from palimpsest.datasets.formats.i2b2_xml import read_i2b2_xml
from palimpsest.datasets.formats.negex import read_negex
from palimpsest.datasets.formats.pubtator import read_pubtator
from palimpsest.datasets.formats.tables import read_mednli, read_table, read_xml_rows
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.tables import ENDINGS as TABLES


@dataclass(frozen=True)
class Format:
    """How files of a format are read.

    kinds: of dataset that it serves. endings: of its files below a folder. unit: what a document
    is. options: keys of a dataset that only some formats have; needs: those that it must have.
    """

    read: Callable[[list[Path], CollectSpec, Findings], Iterator[Document | Rejected]]
    kinds: tuple[str, ...]
    endings: tuple[str, ...]
    unit: str = "document"
    options: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


ATTRIBUTES = frozenset({"attribute", "unmarked"})
ENTITIES = ("spans", "assertion", "relations")
CHECKED = frozenset({"mismatches"})
GAPS = CHECKED | {"discontinuous"}
COLUMNS = frozenset({"columns"})

FORMATS: dict[str, Format] = {
    "conll": Format(
        read_conll, ("spans",), (".conll", ".tsv", ".txt", ".iob", ".bio"), "sentence",
        frozenset({"scheme", "token_column", "tag_column"}),
    ),
    "i2b2-2010": Format(
        read_i2b2_2010, ENTITIES, (".txt", ".con", ".ast", ".rel"), options=CHECKED
    ),
    "i2b2-2012": Format(
        read_i2b2_xml, ("spans", "assertion"), (".xml",), options=CHECKED | ATTRIBUTES
    ),
    "i2b2-2014": Format(read_i2b2_xml, ("spans",), (".xml",), options=CHECKED),
    "brat": Format(read_brat, ENTITIES, (".txt", ".ann"), options=GAPS | ATTRIBUTES),
    "pubtator": Format(read_pubtator, ("spans",), (".txt", ".pubtator"), options=CHECKED),
    "bioc": Format(
        read_bioc, ENTITIES, (".xml", ".json", ".jsonl"), options=GAPS | ATTRIBUTES
    ),
    "mednli": Format(read_mednli, ("pairs",), (".jsonl",), "text"),
    "table": Format(
        read_table, ("documents", "pairs", "assertion"), TABLES, "example", COLUMNS, COLUMNS
    ),
    "xml": Format(read_xml_rows, ("documents", "pairs"), (".xml",), "example", COLUMNS, COLUMNS),
    "folders": Format(
        read_folders, ("documents",), (".txt",), options=frozenset({"label_folder", "separators"})
    ),
    "negex": Format(read_negex, ("assertion",), (".txt", ".tsv"), "sentence"),
}  # fmt: skip
OPTIONS = frozenset[str]().union(*(known.options for known in FORMATS.values()))


def formats_of(kind: str) -> tuple[str, ...]:
    """The names of the formats that serve a kind of dataset."""
    return tuple(name for name, known in FORMATS.items() if kind in known.kinds)
