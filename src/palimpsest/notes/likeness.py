"""Notes that say the same: whose patients go to one split, and how many are alike across splits.

Collections of notes repeat a text under several ids, so that what is tested would be what was
trained on (Lee et al. 2022, arXiv 2107.06499).
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.labels import NOTE_SPLITS, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import split_at
from palimpsest.runtime.schema import Splits
from palimpsest.text.shingles import Words, sketches

LEAST_WORDS = 20  # shorter notes say the same of many patients, such as "No complaints."
KEYS, ROWS = 4, 4  # of a sketch: finds 99% of the pairs of Jaccard index 0.9, and 3% of 0.3

BATCH = 256  # notes


@dataclass(frozen=True)
class Groups:
    """Patients who have an identical note with another one, directly or over others.

    moved: patients who are in another split than the one that they were dealt, by their shares.
    groups, patients, largest: how many groups and patients in them, and in the largest one.
    """

    moved: dict[float, str] = field(default_factory=dict)
    groups: int = 0
    patients: int = 0
    largest: int = 0


class Likeness:
    """What is known of a source's notes to find those that are alike: 48 bytes of each.

    A patient is known by the share at which the hash of the id stands (`sampling.split_share`). Two
    patients with one share have one split anyway.
    """

    def __init__(self) -> None:
        self._shares: list[np.ndarray] = []
        self._digests: list[np.ndarray] = []  # 0 for a short note
        self._keys: list[np.ndarray] = []  # (notes, KEYS), 0 for a short note

    def add(self, shares: np.ndarray, texts: pa.Array) -> None:
        """Look at some notes. shares: (notes,) of their patients."""
        self._shares.append(shares)
        for start in range(0, len(texts), BATCH):  # what is computed of few stays in the cache
            words = Words(texts.slice(start, BATCH))
            counts = words.counts()
            enough = counts >= LEAST_WORDS
            keys = sketches(*words.shingles(), len(counts), KEYS, ROWS)
            self._digests.append(np.where(enough, words.digests(), np.uint64(0)))
            self._keys.append(np.where(enough[:, None], keys, np.uint64(0)))

    def groups(self, shares: Splits, seed: int) -> Groups:
        """Who is put together. A group goes where its patient with the lowest keyed hash is dealt.

        So a note that is like no other changes no split.
        """
        digests, patients = np.concatenate(self._digests), np.concatenate(self._shares)
        order = np.flatnonzero(digests)
        order = order[np.lexsort((patients[order], digests[order]))]
        digests, patients = digests[order], patients[order]
        joined = np.flatnonzero((digests[1:] == digests[:-1]) & (patients[1:] != patients[:-1]))
        if not len(joined):
            return Groups()
        from scipy.sparse import coo_array  # only here: most sources have no identical notes
        from scipy.sparse.csgraph import connected_components

        pairs = np.stack([patients[joined], patients[joined + 1]])
        known, numbers = np.unique(pairs, return_inverse=True)
        ends = numbers.reshape(pairs.shape)
        links = coo_array((np.ones(len(joined), bool), (ends[0], ends[1])), (len(known),) * 2)
        count, group_of = connected_components(links, directed=False)
        hashes = [keyed_hash(f"split-group-{seed}", repr(share)) for share in known.tolist()]
        by_group = np.lexsort((np.array(hashes, np.uint64), group_of))
        leaders = by_group[np.searchsorted(group_of[by_group], np.arange(count))]
        moved = {}
        for share, leader in zip(known.tolist(), known[leaders[group_of]].tolist(), strict=True):
            split = split_at(leader, shares)
            if split != split_at(share, shares):
                moved[share] = split
        return Groups(moved, count, len(known), int(np.bincount(group_of).max()))

    def splits(self, shares: Splits, groups: Groups) -> np.ndarray:
        """The split of each note, as its place in NOTE_SPLITS."""
        patients, numbers = np.unique(np.concatenate(self._shares), return_inverse=True)
        dealt = [groups.moved.get(one) or split_at(one, shares) for one in patients.tolist()]
        return np.array([NOTE_SPLITS.index(split) for split in dealt], np.int8)[numbers]

    def alike(self, splits: np.ndarray) -> dict[str, Row]:
        """By held-out split: its notes with an identical and a nearly identical one in train.

        splits: of each note, from `splits`.
        """
        digests, keys = np.concatenate(self._digests), np.concatenate(self._keys)
        train = splits == NOTE_SPLITS.index("train")
        identical = np.isin(digests, np.unique(digests[train & (digests > 0)]))
        near = np.zeros(len(digests), bool)
        for column in keys.T:
            near |= np.isin(column, np.unique(column[train & (column > 0)]))
        return {
            name: {
                "identical": int((identical & (splits == number)).sum()),
                "nearly_identical": int((near & ~identical & (splits == number)).sum()),
            }
            for number, name in enumerate(NOTE_SPLITS)
            if name != "train" and (name in SPLITS or (splits == number).any())
        }
