"""Documents that a corpus does not take: copies of others in it, and what tests are made of.

Both are looked for among all documents of the corpus's parts, whatever its budgets, so that a
larger budget takes the same documents and then more. Memory holds some 150 bytes of each document.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Matching
from palimpsest.text.copies import Copies, find_copies, keep_distinct
from palimpsest.text.shingles import WORDS, Sought, Words

# Words in a row of what is judged and has fewer than `WORDS`; what is shorter is not sought.
SHORT = 8
COMMON = 10  # what stands in more documents is common wording (Brown et al. 2020, appendix C)
REASONS = ("contaminated", "duplicate", "near_duplicate")  # as the manifest names them
BATCH = 256  # documents: what is computed of few stays in the cache
# Gives the texts of a part's documents anew, in batches.
Texts = Callable[[], Iterable[pa.Array]]


class Judged:
    """What scores and tests are made of: stretches of words that no document may have.

    texts: how many were given. too_short: those that have too few words to be looked for.
    """

    def __init__(self, texts: Iterable[pa.Array]) -> None:
        """texts: of the evaluations' notes and of the datasets' examples, in batches."""
        long, short = [], []
        self.texts = self.too_short = 0
        for batch in texts:
            words = Words(batch)
            counts = words.counts()
            long.append(words.shingles(WORDS)[0])
            hashes, whose = words.shingles(SHORT)
            short.append(hashes[counts[whose] < WORDS])
            self.texts += len(counts)
            self.too_short += int(np.count_nonzero(counts < SHORT))
        none = np.zeros(0, np.uint64)
        self._sought = [
            (size, Sought(np.concatenate([none, *hashes])))
            for size, hashes in ((WORDS, long), (SHORT, short))
        ]

    def contaminated(self, texts: Texts) -> np.ndarray:
        """Which of some documents have a stretch of what is judged that is no common wording."""
        times = [np.zeros(sought.different, np.int64) for _, sought in self._sought]
        for found in self._found(texts):
            for counts, (_, numbers) in zip(times, found, strict=True):
                np.add.at(counts, numbers, 1)
        marked = []
        for found in self._found(texts):
            here = np.zeros(self._last, bool)
            for counts, (documents, numbers) in zip(times, found, strict=True):
                here[documents[counts[numbers] <= COMMON]] = True
            marked.append(here)
        return np.concatenate([np.zeros(0, bool), *marked])

    def _found(self, texts: Texts) -> Iterator[list[tuple[np.ndarray, np.ndarray]]]:
        """For some documents at a time, and each size: where what is found, each once."""
        for batch in texts():
            for start in range(0, len(batch), BATCH):
                words = Words(batch.slice(start, BATCH))
                self._last = len(words.counts())
                found = []
                for size, sought in self._sought:
                    hashes, whose = words.shingles(size)
                    at, numbers = sought.find(hashes)
                    pairs = np.unique(np.stack([whose[at], numbers]), axis=1)
                    found.append((pairs[0], pairs[1]))
                yield found


class Refusals:
    """Says of the documents of each part in turn which are not taken, and why."""

    def __init__(
        self,
        parts: list[Texts],
        counts: list[int],
        deduplicate: Matching | None,
        judged: Judged | None,
    ) -> None:
        """parts: of the corpus, in its order, numbered from 1. counts: of their documents."""

        def texts() -> Iterator[pa.Array]:
            for part in parts:
                yield from part()

        self._firsts = np.cumsum([0, *counts])
        self._copies = Copies(np.arange(sum(counts)))
        if deduplicate:
            self._copies = find_copies(texts, deduplicate.least(), least_words=1)
        self._contaminated = judged.contaminated(texts) if judged else np.zeros(sum(counts), bool)
        self._taken = np.zeros(sum(counts), bool)
        self._reasons = np.full(sum(counts), -1)
        self.removed: dict[int, Row] = {}  # by part and reason: documents and their tokens

    def refused(self, part: int, order: np.ndarray) -> np.ndarray:
        """The reasons of a part's documents, as places in REASONS; -1 for one that may be taken.

        part: its number, from 1. order: its documents in sampling order. The parts before it must
        have been `taken`.
        """
        begin, end = self._firsts[part - 1 : part + 1].tolist()
        among = self._taken.copy()
        among[begin:end] = ~self._contaminated[begin:end]
        ranks = np.arange(len(among), dtype=np.int64)  # what was taken before comes first
        ranks[begin + order] = np.arange(begin, end)
        kept_for = keep_distinct(self._copies, ranks, among)[begin:end]
        first = self._copies.first
        same = first[begin:end] == first[np.maximum(kept_for, 0)]
        reasons = np.where(kept_for < 0, -1, np.where(same, 1, 2))
        self._reasons[begin:end] = np.where(self._contaminated[begin:end], 0, reasons)
        return self._reasons[begin:end].copy()

    def take(
        self, part: int, documents: np.ndarray, passed: np.ndarray, tokens: np.ndarray
    ) -> None:
        """Say which of a part's documents the corpus has.

        passed: those that came before its budget was reached, refused ones included. tokens: of all
        documents of the part.
        """
        self._taken[self._firsts[part - 1] + documents] = True
        reasons = self._reasons[self._firsts[part - 1] + passed]
        self.removed[part] = {
            name: {
                "documents": int(np.count_nonzero(reasons == number)),
                "tokens": int(tokens[passed[reasons == number]].sum(dtype=np.int64)),
            }
            for number, name in enumerate(REASONS)
        }
