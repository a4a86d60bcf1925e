"""Formats of files with labelled spans: each is one module with a reader.

A reader is given the files of a split and the labels, and yields sentences: text, tokens and spans,
with offsets in the text; `datasets.standoff` cuts a text into them. It raises UserError naming file
and line. A new format is a module, and its line here.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from palimpsest.datasets.formats.conll import read_conll
from palimpsest.runtime.rows import Row

FORMATS: dict[str, Callable[[list[Path], list[str]], Iterator[Row]]] = {"conll": read_conll}
