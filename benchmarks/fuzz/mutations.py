"""What happens to files on their way: bytes flip, ends are cut, programs write them otherwise."""

import bz2
import gzip
import random
from collections.abc import Callable

import pyarrow as pa

TOKENS = [
    b'"', b'""', b'\\"', b"'", b",", b"\t", b";", b"|", b"||", b"\n", b"\r", b"\r\n", b"\n\n",
    b"\0",
    b"\xef\xbb\xbf", b"\xff", b"\xe9", b"\xc3", b"\\", b"{", b"}", b"[", b"]", b"<", b">", b"&",
    b"&#0;", b"<![CDATA[", b"]]>", b"-->", b"NaN", b"-Infinity", b"null", b"true", b"-1",
    b"1e400", b"9" * 30, b"9" * 5000, b"\\ud800", b"\\u0000", b"1.5", b" ", b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\x1f\x8b\x08", b"PK\x03\x04", b":", b"-", b"O", b"B-", b"I-x", b"T1", b"#", b"=", b"%", b"*",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"(" * 300, b"[" * 3000, b"<a>" * 3000,
]  # fmt: skip
ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig"]


def mutated(content: bytes, dice: random.Random) -> bytes:
    """Some content after one to four accidents."""
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        content = dice.choice(_ACCIDENTS)(content, dice)
    return content


def _place(content: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(content) + 1)
    return start, min(len(content), start + int(dice.expovariate(1 / 20)) + 1)


def _flip(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.choice([1, 1, 2, 8])):
        if changed:
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _replace(content: bytes, dice: random.Random) -> bytes:
    start, end = _place(content, dice)
    return content[:start] + bytes(dice.randrange(256) for _ in range(end - start)) + content[end:]


def _insert(content: bytes, dice: random.Random) -> bytes:
    start, _ = _place(content, dice)
    return content[:start] + dice.choice(TOKENS) + content[start:]


def _exchange(content: bytes, dice: random.Random) -> bytes:
    """A token instead of another one that stands there."""
    old, new = dice.choice(TOKENS), dice.choice(TOKENS)
    return content.replace(old, new, dice.choice([1, 2, -1]))[: 4 * len(content) + 9999]


def _delete(content: bytes, dice: random.Random) -> bytes:
    start, end = _place(content, dice)
    return content[:start] + content[end:]


def _repeat(content: bytes, dice: random.Random) -> bytes:
    start, end = _place(content, dice)
    return content[:end] + content[start:end] * dice.choice([1, 2, 50]) + content[end:]


def _move(content: bytes, dice: random.Random) -> bytes:
    start, end = _place(content, dice)
    rest = content[:start] + content[end:]
    at = dice.randrange(len(rest) + 1)
    return rest[:at] + content[start:end] + rest[at:]


def _cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content) + 1)]


def _behead(content: bytes, dice: random.Random) -> bytes:
    return content[dice.randrange(len(content) + 1) :]


def _without_a_line(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    del lines[dice.choice([0, dice.randrange(len(lines))])]
    return b"\n".join(lines)


def _joined(content: bytes, dice: random.Random) -> bytes:
    return content + dice.choice([b"", b"\xef\xbb\xbf"]) + content


def _other_ends(content: bytes, dice: random.Random) -> bytes:
    return content.replace(b"\n", dice.choice([b"\r", b"\r\n", b"\n\r", b"\x0b"]))


def _recoded(content: bytes, dice: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(dice.choice(ENCODINGS), "replace")


def _packed(content: bytes, dice: random.Random) -> bytes:
    pack: Callable[[bytes], bytes] = dice.choice(
        [gzip.compress, bz2.compress, lambda plain: pa.compress(plain, "zstd", asbytes=True)]
    )
    return pack(content)


_ACCIDENTS = [
    _flip, _flip, _flip, _replace, _insert, _insert, _insert, _exchange, _delete, _delete, _repeat,
    _move, _cut, _behead, _without_a_line, _joined, _other_ends, _recoded, _packed,
]  # fmt: skip
