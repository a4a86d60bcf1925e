"""What declarations of files have in common."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _encoding(name: str) -> str:
    # Here, because it loads Arrow, and most studies declare no encoding.
    from palimpsest.formats.encodings import codec_of

    codec_of(name)
    return name


Encoding = Annotated[
    str,
    AfterValidator(_encoding),
    Field(description="Of text files; `latin-1` and `cp1252` are common in older exports."),
]
