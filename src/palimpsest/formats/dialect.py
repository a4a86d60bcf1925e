"""The dialect of a delimited file, as regular expressions over bytes."""

import re

QUOTE, RETURN, NEWLINE = b'"'[0], b"\r"[0], b"\n"[0]
QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'
ESCAPED = rb'"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"'


class Dialect:
    """Rows of so many fields: quoted ones hold anything, with `""` for a quote; others hold
    neither the delimiter nor a line end, and do not start with a quote.

    Every expression is possessive: it never steps back, so its time is linear in what it reads.
    `\\Z` is the end of what may be looked at; it is for the caller to say whether a row ends there.

    field: one field. fields: as many as can be read. row: a whole row, a group a field, with its
    line end; an unquoted last field keeps the carriage return. overfull: the fields of a row and
    another delimiter. quoted: a quoted field, whatever follows it. blank: a line without content.
    escaped: a row whose quotes are escaped by backslashes, as Spark and MySQL write them.
    """

    def __init__(self, delimiter: str, columns: int) -> None:
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
            raise ValueError(f"not a delimiter: {delimiter!r}")
        self.columns = columns
        self.delimiter = delimiter.encode()
        separator = re.escape(self.delimiter)
        end = rb"\r?+(?:\n|\Z)"
        field = rb"(?:%b(?=%b|%b)|(?!\")[^%b\n]*+)" % (QUOTED, separator, end, separator)
        group = rb"(%b)" % field
        self.field = re.compile(field)
        self.row = re.compile(separator.join([group] * columns) + end)
        self.overfull = re.compile(separator.join([field] * columns) + separator)
        in_spark = rb"((?s:%b)(?=%b|%b)|(?!\")[^%b\n]*+)" % (ESCAPED, separator, end, separator)
        self.escaped = re.compile(separator.join([in_spark] * columns) + end)
        self.fields = re.compile(rb"%b(?:%b%b)*+" % (field, separator, field))
        self.quoted = re.compile(QUOTED)
        self.blank = re.compile(rb"\n|\r\n|\r\Z")
