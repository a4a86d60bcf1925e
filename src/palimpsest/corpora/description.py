"""What some documents amount to: size, diversity, and how much they copy from their passages."""

from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.runtime.rows import Row
from palimpsest.text.shingles import Words

SKETCH = 1 << 19  # n-grams that are counted one by one; of more, the lowest hashes tell how many
SIZES = (1, 2, 3)
ROWS = 2_048  # texts whose n-grams are hashed at once
NGRAMS = ("ngrams", "copied_ngrams")  # of 8 words, and those that stand in the passage


class Distinct:
    """Counts different hashes, up to a size exactly.

    Above it keeps the lowest ones and estimates by their spread (Bar-Yossef et al. 2002), with a
    standard error of 1 / sqrt(size): 0.14% here.
    size: None for an exact count of any number.
    """

    def __init__(self, size: int | None = SKETCH) -> None:
        self._size = size
        self._held, self._new = np.zeros(0, np.uint64), [np.zeros(0, np.uint64)]

    def add(self, hashes: np.ndarray) -> None:
        """Count some 64-bit hashes."""
        if self._size is not None and len(self._held) == self._size:
            hashes = hashes[hashes < self._held[-1]]
        self._new.append(hashes)
        if sum(map(len, self._new)) > max(len(self._held), SKETCH):
            self._merge()

    def include(self, other: "Distinct") -> None:
        """Count what another of the same size has counted."""
        other._merge()
        self.add(other._held)

    def _merge(self) -> None:
        ordered = np.sort(np.concatenate([self._held, *self._new]))  # np.unique is much slower
        first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
        self._held = ordered[first][: self._size]
        self._new = []

    def count(self) -> int:
        """How many there were."""
        self._merge()
        if len(self._held) != self._size:
            return len(self._held)
        return round((self._size - 1) / (int(self._held[-1]) / 2**64))


class Description:
    """The numbers of some documents, which arrive in batches.

    distinct-n is the number of different n-grams of words over all n-grams (Li et al. 2016). Words
    are runs of letters and digits, without case.
    """

    def __init__(self) -> None:
        self._sums = dict.fromkeys(("documents", "tokens", "bytes", "once", *NGRAMS), 0)
        self._notes = Distinct(None)
        self._ngrams = {size: Distinct() for size in SIZES}
        self._all = dict.fromkeys(SIZES, 0)

    def add(self, rows: pa.Table) -> None:
        """rows: note_id, text, tokens, repeat and NGRAMS, which are null where nothing is known."""
        counted = {
            "documents": rows.num_rows,
            "tokens": pc.sum(rows["tokens"]).as_py(),
            "bytes": pc.sum(pc.binary_length(rows["text"])).as_py(),
            "once": pc.sum(pc.equal(rows["repeat"], 0)).as_py(),
            **{name: pc.sum(rows[name]).as_py() for name in NGRAMS},
        }
        for name, count in counted.items():
            self._sums[name] += count or 0
        notes = pc.unique(rows["note_id"]).to_pylist()
        digests = b"".join(blake2b(note.encode(), digest_size=8).digest() for note in notes)
        self._notes.add(np.frombuffer(digests, np.uint64))
        for begin in range(0, rows.num_rows, ROWS):
            words = Words(rows["text"].slice(begin, ROWS).combine_chunks())
            for size in SIZES:
                hashes, _ = words.shingles(size)
                self._all[size] += len(hashes)
                self._ngrams[size].add(hashes)

    def include(self, other: "Description") -> None:
        """Describe the documents of another besides: a corpus is described by its parts."""
        for name, count in other._sums.items():
            self._sums[name] += count
        self._notes.include(other._notes)
        for size, ngrams in other._ngrams.items():
            self._all[size] += other._all[size]
            self._ngrams[size].include(ngrams)

    def fields(self) -> Row:
        """The numbers, as fields of a manifest; mean_repeats: times that a document stands
        there. copied_8grams: share of the rephrases' 8-grams of words that stand in their passages.
        """
        sums = self._sums
        return {
            "notes": self._notes.count(),
            **{name: sums[name] for name in ("documents", "tokens", "bytes")},
            "mean_tokens": _share(sums["tokens"], sums["documents"], 1),
            "mean_repeats": _share(sums["documents"], sums["once"], 3),
            **{
                f"distinct_{size}": _share(self._ngrams[size].count(), self._all[size], 4) or 0.0
                for size in SIZES
            },
            "copied_8grams": _share(sums["copied_ngrams"], sums["ngrams"], 4),
        }


def _share(part: int, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None
