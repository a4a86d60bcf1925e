"""Copies: texts of a collection that have the same words, or nearly the same ones.

Two texts are copies where the Jaccard index of their sets of words reaches a similarity. They are
looked for where they have stretches of words in common that few texts have (MinHash in bands:
Broder 1997; Leskovec, Rajaraman & Ullman, chapter 3), and each pair that is found is measured
exactly. What many texts have in common is a template, and says nothing of copying: without the
stretches of templates, notes of one kind are not all candidates of one another.

The texts are read two or three times, a batch at a time. Memory holds some 150 bytes of each text,
a table of counts, and the words of the texts that are being measured, up to `HELD` of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from palimpsest.text.shingles import Words, sketches

LEAST_WORDS = 20  # shorter texts say the same of many patients, such as "No complaints."
SIZE = 3  # words of a stretch
KEYS, ROWS = 32, 2  # of a sketch
AGREEING = 2  # keys that a pair has in common before it is measured
# A stretch in more texts than this is of a template.
COMMON_LEAST, COMMON_SHARE = 64, 0.001
NEIGHBOURS = 64  # texts of one key with which each is paired, in the order of their digests
HELD = 1 << 27  # words, of 4 bytes
BATCH = 256  # texts: what is computed of few stays in the cache
_BITS = 24  # of a hash that counts go by

# Gives all texts anew, in the same order and in the same batches.
Texts = Callable[[], Iterable[pa.Array]]


@dataclass(frozen=True)
class Copies:
    """Which texts of a collection are copies of one another.

    first: (texts,) the first text with the same words in the same order, or the text itself.
    pairs: (pairs, 2) of different first texts that have nearly the same words, in order.
    similarities: (pairs,) their Jaccard index.
    """

    first: np.ndarray
    pairs: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    similarities: np.ndarray = field(default_factory=lambda: np.zeros(0))


def find_copies(texts: Texts, similarity: float | None, least_words: int = LEAST_WORDS) -> Copies:
    """The copies among some texts.

    similarity: from which Jaccard index on two texts are copies; None for those alone that have the
    same words in the same order. least_words: texts of fewer words are like no other. Nearly the
    same words are looked for in texts of `LEAST_WORDS` or more.
    """
    digests, counts, common = [], [], np.zeros(1 << _BITS if similarity else 0, np.uint32)
    for words in _words(texts):
        digests.append(words.digests())
        counts.append(words.counts())
        if similarity:
            cells, times = np.unique(_cells(words.shingles(SIZE)[0]), return_counts=True)
            common[cells] += times.astype(np.uint32)
    if not digests:
        return Copies(np.zeros(0, np.int64))
    sizes, hashes = np.concatenate(counts), np.concatenate(digests)
    first = _first(hashes, sizes >= least_words)
    if not similarity:
        return Copies(first)
    rare = common <= max(COMMON_LEAST, COMMON_SHARE * len(first))
    enough = sizes >= max(least_words, LEAST_WORDS)
    compared = np.flatnonzero((first == np.arange(len(first))) & enough)
    # In the order of the digests, what is found does not depend on the order of the texts.
    compared = compared[np.argsort(hashes[compared])]
    pairs = _candidates(_keys(texts, rare), compared)
    measured = _measured(texts, pairs, sizes)
    reached = measured >= similarity
    return Copies(first, pairs[reached], measured[reached])


def keep_distinct(copies: Copies, ranks: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """The text that each text is a copy of, among those that are kept; -1 for a text that is kept.

    ranks: (texts,) all different: the lowest is kept first, and every other that is no copy of a
    kept one. So a text is dropped only for a kept one of which it is a copy itself, or has the same
    words as one that is. Of several the most similar one is named, then the lowest in rank.
    among: (texts,) whether each counts at all; for others there is -1, too.
    """
    counted = np.flatnonzero(np.ones(len(ranks), bool) if among is None else among)
    kept_for = np.full(len(ranks), -1, np.int64)
    highest = counted[np.argsort(-ranks[counted], kind="stable")]
    best = np.full(len(ranks), -1, np.int64)  # of the texts with the same words, by the first
    best[copies.first[highest]] = highest  # the last one that is written stays
    same = best[copies.first[counted]]
    kept_for[counted] = np.where(same == counted, -1, same)
    near: dict[int, list[tuple[float, int]]] = {}
    pairs = best[copies.pairs]
    there = (pairs >= 0).all(axis=1)
    for (one, other), similarity in zip(
        pairs[there].tolist(), copies.similarities[there].tolist(), strict=True
    ):
        near.setdefault(one, []).append((-similarity, other))
        near.setdefault(other, []).append((-similarity, one))
    dropped: set[int] = set()
    for text in sorted(near, key=lambda text: int(ranks[text])):
        kept = [
            (similarity, int(ranks[other]), other)
            for similarity, other in near[text]
            if ranks[other] < ranks[text] and other not in dropped
        ]
        if kept:
            kept_for[text] = min(kept)[2]
            dropped.add(text)
    if dropped:
        over = np.flatnonzero(np.isin(kept_for, sorted(dropped)))
        kept_for[over] = kept_for[kept_for[over]]
    return kept_for


def _words(texts: Texts) -> Iterator[Words]:
    for batch in texts():
        for start in range(0, len(batch), BATCH):
            yield Words(batch.slice(start, BATCH))


def _cells(hashes: np.ndarray) -> np.ndarray:
    return (hashes >> np.uint64(64 - _BITS)).astype(np.int64)


def _first(digests: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """The first text with each text's digest; short texts have only themselves."""
    first = np.arange(len(digests))
    chosen = np.flatnonzero(compared)
    _, at, whose = np.unique(digests[chosen], return_index=True, return_inverse=True)
    first[chosen] = chosen[at][whose]
    return first


def _keys(texts: Texts, rare: np.ndarray) -> np.ndarray:
    """Sketches of all texts, of the stretches that few have: (texts, KEYS), 0 for none."""
    found = []
    for words in _words(texts):
        hashes, whose = words.shingles(SIZE)
        own = rare[_cells(hashes)]
        keys = sketches(hashes[own], whose[own], len(words.counts()), KEYS, ROWS)
        found.append((keys >> np.uint64(32)).astype(np.uint32))
    return np.concatenate(found)


def _candidates(keys: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Pairs of the chosen texts that have enough keys in common: (pairs, 2), in order."""
    found = []
    for column in keys[chosen].T:
        order = np.argsort(column, kind="stable")
        order = order[np.searchsorted(column[order], 1) :]  # 0 stands for none
        ordered, texts = column[order], chosen[order].astype(np.uint64)
        for apart in range(1, NEIGHBOURS + 1):
            same = np.flatnonzero(ordered[apart:] == ordered[:-apart])
            if not len(same):
                break
            one, other = texts[same], texts[same + apart]
            lower, higher = np.minimum(one, other), np.maximum(one, other)
            found.append(lower << np.uint64(32) | higher)
    if not found:
        return np.zeros((0, 2), np.int64)
    codes, times = np.unique(np.concatenate(found), return_counts=True)
    codes = codes[times >= AGREEING]
    return np.stack([codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)], 1).astype(np.int64)


def _measured(texts: Texts, pairs: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The Jaccard index of the sets of words of each pair, as many at a time as `HELD` allows."""
    similarities = np.zeros(len(pairs))
    begin = 0
    while begin < len(pairs):
        end = begin + _fitting(pairs[begin:], sizes)
        wanted = np.zeros(len(sizes), bool)
        wanted[pairs[begin:end]] = True
        sets = _sets(texts, wanted)
        for at, (one, other) in enumerate(pairs[begin:end].tolist(), begin):
            similarities[at] = _jaccard(sets[one], sets[other])
        begin = end
    return similarities


def _fitting(pairs: np.ndarray, sizes: np.ndarray) -> int:
    """How many of the pairs, from the first on, have texts of at most `HELD` words; at least 1."""
    texts = pairs.ravel()
    new = np.zeros(len(texts), np.int64)
    _, at = np.unique(texts, return_index=True)
    new[at] = sizes[texts[at]]
    return max(1, int(np.searchsorted(np.cumsum(new)[1::2], HELD, side="right")))


def _sets(texts: Texts, wanted: np.ndarray) -> dict[int, np.ndarray]:
    """The different words of the wanted texts, in order, as hashes of 32 bits."""
    sets, begin = {}, 0
    for batch in texts():
        here = np.flatnonzero(wanted[begin : begin + len(batch)])
        for start in range(0, len(here), BATCH):
            some = here[start : start + BATCH]
            words = Words(batch.take(pa.array(some)))
            hashes = (words.hashes >> np.uint64(32)).astype(np.uint32)
            for number, text in enumerate((begin + some).tolist()):
                sets[text] = np.unique(hashes[words.firsts[number] : words.firsts[number + 1]])
        begin += len(batch)
    return sets


def _jaccard(one: np.ndarray, other: np.ndarray) -> float:
    both = np.concatenate([one, other])
    both.sort()
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    return common / (len(both) - common)
