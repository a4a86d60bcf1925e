"""The dialect of a delimited file, as regular expressions over bytes."""

import re
from functools import cached_property

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
        self.overfull = re.compile(b"(?:%b%b){%d}" % (field, separator, columns))
        # Not possessive, which nothing after it makes a difference to: Python before 3.11.5 takes
        # a separator along whose field does not match.
        self.fields = re.compile(rb"%b(?:%b%b)*" % (field, separator, field))
        self.quoted = re.compile(QUOTED)
        self.blank = re.compile(rb"\n|\r\n|\r\Z")

    @cached_property
    def escaped_field(self) -> re.Pattern[bytes]:
        """One field whose quotes are escaped by backslashes, as Spark and MySQL write them."""
        separator = re.escape(self.delimiter)
        return re.compile(
            rb"(?:(?s:%b)(?=%b|\r?+(?:\n|\Z))|(?!\")[^%b\n]*+)" % (ESCAPED, separator, separator)
        )

    @cached_property
    def escaped(self) -> re.Pattern[bytes]:
        """A whole row of such fields, with its line end."""
        field, separator = self.escaped_field.pattern, re.escape(self.delimiter)
        parts = (field, separator, self.columns - 1, field)
        return re.compile(rb"(?:%b%b){%d}%b\r?+(?:\n|\Z)" % parts)

    def escaped_fields(self, content: bytearray, start: int, end: int) -> list[bytes]:
        """The fields of such a row, between two positions."""
        fields: list[bytes] = []
        while len(fields) < self.columns:
            field = self.escaped_field.match(content, start, end)
            assert field  # there is a row
            fields.append(field[0])
            start = field.end() + 1
        return fields
