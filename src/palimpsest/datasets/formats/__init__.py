"""Formats of files with labelled spans: each is one module with a reader.

A reader is given a file and the labels, and yields sentences: text, tokens and spans, with offsets
in the text. It raises UserError naming file and line. A new format is a module, and its line here.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from palimpsest.datasets.formats.conll import read_conll
from palimpsest.runtime.rows import Row

FORMATS: dict[str, Callable[[Path, list[str]], Iterator[Row]]] = {"conll": read_conll}
