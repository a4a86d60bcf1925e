"""Stretches of words that stand in the notes of few patients and in released texts.

Corpora of any size: of their shingles one bit each is held, of the notes' only those whose bit is
set, on disk in parts, and each part is counted alone. Hashes of 64 bits are compared, so that of
10**9 against 10**9 shingles one pair in 20 such corpora is the same by chance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.release.check import Given
from palimpsest.release.patients import note_batches
from palimpsest.text.finding import Sequences, distinct
from palimpsest.text.shingles import BASE, Words, mixed

PARTS = 32  # on disk, by hash
_BITS = 32  # of a hash that the first look goes by: 2**32 bits are 512 MiB
_END = r"[.!?;:\n]+"  # of a short sentence
SHORT = (5, 12)  # words of a short sentence; longer ones have 13 in a row
Hashes = Callable[[pa.Array], tuple[np.ndarray, np.ndarray]]  # texts -> hashes, text of each


def shingles(size: int) -> Hashes:
    """Stretches of so many words."""
    return lambda texts: Words(texts).shingles(size)


def short_sentences(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Whole sentences and lines of few words."""
    pieces = pc.split_pattern_regex(pc.fill_null(texts, ""), _END)
    whose = pc.list_parent_indices(pieces).to_numpy(False)
    words = Words(pieces.flatten())
    counts = words.counts()
    fitting = np.flatnonzero((counts >= SHORT[0]) & (counts <= SHORT[1]))
    if not len(fitting):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    sums = np.zeros(len(fitting), np.uint64)
    firsts, lengths = words.firsts[:-1][fitting], counts[fitting]
    for at in range(SHORT[1]):
        inside = at < lengths
        sums[inside] = sums[inside] * BASE + words.hashes[firsts[inside] + at]
    return mixed(sums), whose[fitting].astype(np.int64)


class Seen:
    """Which hashes were seen, by one bit each; others may share it."""

    def __init__(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._bits = np.zeros(1 << (bits - 3), np.uint8)

    def add(self, hashes: np.ndarray) -> None:
        at = hashes >> self._shift
        # of two hashes in one byte the last assignment alone would stay
        np.bitwise_or.at(self._bits, (at >> np.uint64(3)).astype(np.int64), self._mask(at))

    def has(self, hashes: np.ndarray) -> np.ndarray:
        at = hashes >> self._shift
        held = self._bits[(at >> np.uint64(3)).astype(np.int64)]
        return np.asarray((held & self._mask(at)) > 0)

    @staticmethod
    def _mask(at: np.ndarray) -> np.ndarray:
        mask: np.ndarray = np.uint8(1) << (at & np.uint64(7)).astype(np.uint8)
        return mask


@dataclass(frozen=True)
class Rare:
    """What is rare in the notes and stands in released texts.

    hashes, owners: of each, once for each patient who has it.
    """

    hashes: np.ndarray
    owners: np.ndarray


def bits_for(entries: int) -> int:
    """Bits of the first look for so many hashes: at least 16 places for each, at most 2**32."""
    return int(np.clip(entries.bit_length() + 4, 20, _BITS))


def find_rare(given: Given, hashes_of: Hashes, kind: str | None, few: int) -> Rare:
    """The rare stretches of the notes that stand in texts of a kind, `corpus` or `dataset`.

    few: rare is what fewer patients have, over all notes of the source.
    """
    total = sum(
        int(pc.sum(pc.binary_length(documents.texts)).as_py() or 0)
        for documents in given.released.batches(kind)
    )
    seen = Seen(bits_for(max(total // 6, 1)))  # a word has six letters or so
    for documents in given.released.batches(kind):
        seen.add(hashes_of(documents.texts)[0])
    with TemporaryDirectory(prefix="rare-", dir=given.scratch) as folder:
        _spill(given, hashes_of, seen, Path(folder))
        del seen
        found = [_few(part, few) for part in _parts(Path(folder))]
    hashes, owners = (np.concatenate(column) for column in zip(*found, strict=True))
    return Rare(hashes, owners)


def _spill(given: Given, hashes_of: Hashes, seen: Seen, folder: Path) -> None:
    """Write what was seen of the notes to disk, with the patient of each, by hash."""
    shift = np.uint64(64 - PARTS.bit_length() + 1)
    files = [(folder / f"{part}").open("wb") for part in range(PARTS)]
    try:
        for batch in note_batches(given.notes, "text"):
            owners = given.patients.of_notes(batch["note_id"])
            hashes, whose = hashes_of(batch["text"])
            kept = seen.has(hashes)
            pairs = np.stack([hashes[kept], owners[whose[kept]].astype(np.uint64)], axis=1)
            pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
            edges = np.searchsorted(pairs[:, 0] >> shift, np.arange(PARTS + 1))
            for part, file in enumerate(files):
                pairs[edges[part] : edges[part + 1]].tofile(file)
    finally:
        for file in files:
            file.close()


def _parts(folder: Path) -> Iterator[np.ndarray]:
    for part in range(PARTS):
        yield np.fromfile(folder / f"{part}", np.uint64).reshape(-1, 2)


def _few(pairs: np.ndarray, few: int) -> tuple[np.ndarray, np.ndarray]:
    """The hashes of a part that few patients have, each with its patients."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs = pairs[order]
    new = np.ones(len(pairs), bool)
    new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    pairs = pairs[new]
    starts = np.flatnonzero(np.diff(pairs[:, 0], prepend=~pairs[:1, 0]))
    lengths = np.diff(np.append(starts, len(pairs)))
    kept = np.repeat(lengths < few, lengths)
    return pairs[kept, 0], pairs[kept, 1].astype(np.int64)


@dataclass(frozen=True)
class Found:
    """Where rare stretches stand. standing: their hashes, sorted, once for each patient: `whose`.

    documents, owners: each document with each patient of whom something rare stands in it, once.
    documents_of: whose note each document was made of; -1 where it names none, or is not asked.
    """

    standing: np.ndarray
    whose: np.ndarray
    documents: np.ndarray
    owners: np.ndarray
    documents_of: np.ndarray


def look(given: Given, hashes_of: Hashes, kind: str | None) -> Found:
    """Find the rare stretches of all patients in the texts of a kind, `corpus` or `dataset`."""
    patients, count = given.patients, len(given.patients.ids)
    rare = find_rare(given, hashes_of, kind, given.spec.release.rare_text.patients)
    # the exact look: another hash may have had the bit
    entries = np.arange(len(rare.hashes))
    sought = Sequences(rare.hashes, np.ones(len(entries), np.int64), entries)
    stands = np.zeros(len(entries), bool)
    documents_of = np.full(given.released.count, -1, np.int64)
    pairs = [np.zeros(0, np.int64)]
    for batch in given.released.batches(kind):
        owned = patients.of_notes(batch.note_ids)
        documents_of[batch.first : batch.first + len(owned)] = owned
        hashes, whose = hashes_of(batch.texts)
        places, found = sought.find(1, hashes)
        stands[found] = True
        pairs.append(distinct((whose[places] + batch.first) * count + rare.owners[found]))
    every = np.concatenate(pairs)
    hashes, whose = rare.hashes[stands], rare.owners[stands]
    order = np.argsort(hashes, kind="stable")
    return Found(hashes[order], whose[order], every // count, every % count, documents_of)
