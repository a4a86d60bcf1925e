"""Identities: what makes two objects, requests or orders the same.

Everything that decides whether something is rebuilt or asked again goes through `canonical_json`,
so that the order of keys in a YAML file or a dict never matters.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8 kept, no NaN.

    Raises ValueError for NaN or infinity, TypeError for values that JSON cannot hold.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(value: Any) -> str:
    """SHA-256 (64 hex digits) of the canonical JSON of a value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def keyed_hash(key: str, *parts: str) -> int:
    """A 64-bit hash of some strings under a key, the same on every machine.

    The parts are hashed with their lengths, so ("ab", "c") and ("a", "bc") differ.
    """
    return int.from_bytes(_hashed(_keyed(key), parts).digest(), "big")


def keyed_hashes(key: str, names: Iterable[str], numbers: Iterable[int]) -> bytes:
    """`keyed_hash` of each name with a number, in a row: 8 bytes each, the highest first.

    Fast where a name stands several times in a row, as a note's does for its passages.
    """
    base, before, digests = _keyed(key), None, []
    named = base
    for name, number in zip(names, numbers, strict=True):
        if name != before:
            named, before = _hashed(base.copy(), (name,)), name
        digests.append(_hashed(named.copy(), (str(number),)).digest())
    return b"".join(digests)


def _keyed(key: str) -> Any:
    return hashlib.blake2b(digest_size=8, key=hashlib.sha256(key.encode()).digest())


def _hashed(state: Any, parts: Iterable[str]) -> Any:
    for part in parts:
        data = part.encode()
        state.update(len(data).to_bytes(8, "big") + data)
    return state


def keyed_share(key: str, *parts: str) -> float:
    """`keyed_hash` as a number in [0, 1), for splitting by shares."""
    return (keyed_hash(key, *parts) >> 11) / 2**53
