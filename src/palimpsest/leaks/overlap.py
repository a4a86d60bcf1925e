"""Overlap: which texts of a test set stand, whole or in part, in what was trained on.

By 13-grams of words, as where test sets are looked for in the training data of language models
(Brown et al. 2020, arXiv 2005.14165). Memory holds the test set's hashes; what was trained on goes
through it in batches.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.runtime.overlap_tables import OVERLAPS, overlaps
from palimpsest.runtime.rows import Row
from palimpsest.text.shingles import Sought, Words, mixed

COLUMNS = [
    "judged", "trained_on", "n", "exact", "any_13gram", "mean_share", "overlapping",
    "overlapping_share",
]  # fmt: skip


class _Texts:
    """Hashes of some texts, or pairs of texts.

    digests: (texts,) of all words of each; 0 where there is none. shingles: of 13 words each.
    whose: the text of each shingle.
    """

    def __init__(self, texts: pa.Array, seconds: pa.Array | None) -> None:
        words = Words(texts)
        digests, counts = words.digests(), words.counts()
        self.shingles, self.whose = words.shingles()
        if seconds is not None:
            others = Words(seconds)
            paired = others.counts() > 0
            digests = np.where(paired, mixed(digests) ^ others.digests(), digests)
            counts = counts + others.counts()
            hashes, whose = others.shingles()
            self.shingles = np.concatenate([self.shingles, hashes])
            self.whose = np.concatenate([self.whose, whose])
        self.digests = np.where(counts > 0, digests, np.uint64(0))


class Overlap:
    """Looks for the texts of a test set in batches of others."""

    def __init__(self, ids: pa.Array, texts: pa.Array, seconds: pa.Array | None = None) -> None:
        """seconds: of pairs, the second texts; null where there is none."""
        self._ids, self._texts = ids, _Texts(texts, seconds)
        self._whole, self._parts = Sought(self._texts.digests), Sought(self._texts.shingles)

    def look_at(self, texts: pa.Array, seconds: pa.Array | None = None) -> None:
        """Look through some texts that were trained on."""
        found = _Texts(texts, seconds)
        self._whole.look_at(found.digests[found.digests > 0])
        self._parts.look_at(found.shingles)

    def table(self) -> pa.Table:
        """What was found, as OVERLAPS: a row for each text of the test set, in its order."""
        count, whose = len(self._ids), self._texts.whose
        total = np.bincount(whose, minlength=count)
        found = np.bincount(whose, self._parts.found(), minlength=count)
        shares = found / np.maximum(total, 1)
        columns = [self._ids, self._whole.found(), pa.array(shares, mask=total == 0)]
        return pa.table(dict(zip(OVERLAPS.names, columns, strict=True)), schema=OVERLAPS)


def describe(table: pa.Table) -> Row:
    """The numbers of an overlap: fields of its manifest.

    mean_share: over the texts of which any 13-gram was found; None where there is none.
    """
    any_found = table.filter(pc.greater(table["share"], 0))
    mean = pc.mean(any_found["share"]).as_py()
    return {
        "n": table.num_rows,
        "exact": pc.sum(table["exact"]).as_py() or 0,
        "any_13gram": any_found.num_rows,
        "mean_share": mean if mean is None else round(mean, 4),
        "overlapping": pc.sum(overlaps(table)).as_py() or 0,
    }
