"""How alike texts are: TF-IDF of words and pairs of words in hashed columns, and its cosine."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from scipy import sparse

from palimpsest.text.finding import words_of

COLUMNS_BITS = 18
COMMON = 0.05  # words of more texts than this share say nothing of one
TELLING = 100, 0.002  # texts, or their share, beyond which a word does not choose what is nearest
PIECE_WORDS, STEP = 100, 100  # of a note


class TfIdf:
    """Weights that follow from some texts. Rows have length 1, or 0 where no word counts."""

    def __init__(self, texts: pa.Array, common: float = COMMON) -> None:
        counts = _counts(texts)
        self.frequency = frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        total = counts.shape[0]
        weights = np.log((total + 1) / (frequency + 0.5))
        weights[frequency > max(common * total, 20)] = 0.0
        self._weights = np.maximum(weights, 0.0)
        self.fitted = self._weighted(counts)

    def of(self, texts: pa.Array) -> sparse.csr_matrix:
        """The rows of some texts."""
        return self._weighted(_counts(texts))

    def _weighted(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        made = counts.copy()
        made.data = np.log1p(made.data) * self._weights[made.indices]
        made.eliminate_zeros()
        lengths = np.sqrt(made.multiply(made).sum(axis=1)).A1
        scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return (sparse.diags(scale) @ made).tocsr()


class Nearest:
    """For each of some texts the cosine of the nearest one among many others.

    The nearest is the one that shares most with it of the words that few of the texts have; then
    all words count for the cosine. Held against each other by all words, nearly every text would
    share something with every other one, which takes an hour at a gigabyte. Of 2,000 texts or
    fewer all words that have a weight are such: the cosine is then the highest. Of more it may be
    lower, and is 0 for a text that shares no such word with any.
    """

    def __init__(self, weights: TfIdf) -> None:
        self._weights, count = weights, weights.fitted.shape[0]
        self._telling = weights.frequency <= max(TELLING[0], TELLING[1] * count)
        self._sought = self._told(weights.fitted)
        self._shared = np.zeros(count)
        self.cosines = np.zeros(count)

    def _told(self, rows: sparse.csr_matrix) -> sparse.csr_matrix:
        """The rows without the words that many have."""
        made = rows.copy()
        made.data *= self._telling[made.indices]
        made.eliminate_zeros()
        return made

    def look_at(self, texts: pa.Array) -> None:
        """Hold all against some others."""
        others = self._weights.of(texts)
        shared = self._sought @ self._told(others).T
        rows = np.flatnonzero(np.diff(shared.indptr))
        if not len(rows):
            return
        most = np.zeros(shared.shape[0])
        most[rows] = np.maximum.reduceat(shared.data, shared.indptr[rows])
        chosen = np.flatnonzero(most > self._shared)
        nearer = shared[chosen]
        whose = np.repeat(np.arange(len(chosen)), np.diff(nearer.indptr))
        places = np.flatnonzero(nearer.data == most[chosen][whose])
        _, first = np.unique(whose[places], return_index=True)
        rest = others[nearer.indices[places[first]]]
        self.cosines[chosen] = self._weights.fitted[chosen].multiply(rest).sum(axis=1).A1
        self._shared[chosen] = most[chosen]


def _counts(texts: pa.Array) -> sparse.csr_matrix:
    words = words_of(texts)
    rows, columns = [], []
    for size in (1, 2):
        hashes, whose = words.shingles(size)
        rows.append(whose)
        columns.append((hashes >> np.uint64(64 - COLUMNS_BITS)).astype(np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = len(texts), 1 << COLUMNS_BITS
    made = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=shape)
    made.sum_duplicates()
    return made


def pieces_of(texts: Iterable[str]) -> tuple[list[str], list[int]]:
    """Texts cut into pieces of so many words each, and the text of each piece, by number."""
    pieces, whose = [], []
    for number, text in enumerate(texts):
        words = text.split()
        for at in range(0, max(len(words), 1), STEP):
            pieces.append(" ".join(words[at : at + PIECE_WORDS]))
            whose.append(number)
    return pieces, whose


def latent(matrix: sparse.csr_matrix, dimensions: int, seed: int) -> np.ndarray:
    """Directions of the most variance: (columns, dimensions), for embeddings of texts.

    By random projections (Halko, Martinsson & Tropp 2011): latent semantic analysis of any size.
    """
    used = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]))
    narrow = matrix[:, used]
    dimensions = min(dimensions, min(narrow.shape))
    drawn = np.random.default_rng(seed).standard_normal((narrow.shape[1], dimensions + 10))
    range_of, _ = np.linalg.qr(narrow @ drawn)
    for _ in range(2):  # power iterations
        range_of, _ = np.linalg.qr(narrow @ (narrow.T @ range_of))
    _, _, directions = np.linalg.svd(range_of.T @ narrow, full_matrices=False)
    made = np.zeros((matrix.shape[1], dimensions))
    made[used] = directions[:dimensions].T
    return made
