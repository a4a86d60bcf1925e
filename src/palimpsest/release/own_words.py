"""How much words in a row are one patient's own: what it takes to put them together from others'.

Notes follow templates: what stands in the notes of one patient alone may still be what anybody
writes, filled in the same way by chance. So words in a row are covered with pieces that stand in
notes of other patients, or in released documents where nothing of the patient stands. The first
word of each piece has to be guessed, at its frequency in these texts; the rest of a piece is free.
The fewest bits are what the words hold: templates hold few, and names, numbers, slips and turns of
phrase that nobody else has hold many.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from palimpsest.release.check import Given
from palimpsest.release.patients import note_batches
from palimpsest.release.stretches import Found
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.sampling import Lowest
from palimpsest.text.finding import Finder, distinct, joined
from palimpsest.text.shingles import BASE, Words, mixed

PIECE = 8  # words that are looked up at once; a longer piece is known where all its parts are
BITS = 80  # that words in a row of one patient hold at least, to be a fact
NEAR = 0.8  # of the bits of a fact: nobody of the control has so many
FEW = 15  # used patients of whom chance gives something; beyond, it also gives what is odd
DRAWN, LENGTHS = 200, (13, 50)  # runs of the notes, and their words, of which it is told
OF_EACH, MOST, LONGEST = 8, 2048, 400  # runs of a patient, and of all; words of one
_SHIFT, _OWNER = 32, (1 << 32) - 1  # of a document and a patient in one number


@dataclass(frozen=True)
class Run:
    """Words in a row that one patient alone has. words: their hashes. owner: place in `ids`."""

    document: int
    owner: int
    words: np.ndarray


@dataclass(frozen=True)
class Odd:
    """What stands of used patients and holds too many bits of their own to be chance.

    expected: used patients of whom chance gives what one patient alone has; where these are more
    than FEW, nothing is told. documents, owners: where which patient's does. bits, of_control: the
    most that stand. needed: to be a fact. shares: of stretches of so many words of the notes, how
    many hold as many.
    """

    expected: float
    documents: np.ndarray
    owners: np.ndarray
    bits: float
    of_control: float
    needed: float
    shares: dict[int, float]


def odd_runs(
    given: Given, found: Found, fewer: Found | None, sizes: tuple[int, int], kind: str
) -> Odd:
    """Judge what stands in the documents of a kind.

    found, fewer: stretches of so many words as `sizes` says, and of fewer where nobody of the
    control has as many. These count in documents where nothing of used patients stands, as parts of
    what was copied from one patient may be another one's, too; their bits as of as many words.
    """
    patients = given.patients
    judged = patients.exposed | patients.control
    standing, places = standing_runs(given, found, sizes[0], kind, judged)
    hit = np.unique(places & _OWNER)
    expected = float(patients.control[hit].sum() * patients.exposed_count / patients.control_count)
    if expected > FEW:
        nowhere = np.zeros(0, np.int64)
        return Odd(expected, nowhere, nowhere, math.nan, math.nan, math.inf, {})
    whole = len(standing)
    if fewer is not None:
        taken = {*found.documents[patients.exposed[found.owners]].tolist()}
        near, more = standing_runs(given, fewer, sizes[1], kind, patients.control)
        places = distinct(np.concatenate([places, more]))
        standing += [run for run in near if run.document not in taken]
    drawn = drawn_runs(given, LENGTHS, DRAWN)
    every = [*standing, *(run for runs in drawn.values() for run in runs)]
    bits = bits_of(given, every, kind, places)
    bits[whole : len(standing)] *= sizes[0] / sizes[1]
    documents = np.array([run.document for run in every], np.int64)
    owners = np.array([run.owner for run in every], np.int64)
    stands = documents >= 0
    of_control = float(bits[stands & patients.control[owners]].max(initial=0.0))
    used = stands & patients.exposed[owners]
    needed = max(BITS, of_control / NEAR)
    odd, shares, start = used & (bits >= needed), {}, len(standing)
    for length, runs in drawn.items():
        inside = bits[start : start + len(runs)]
        shares[length] = float((inside >= needed).mean()) if len(runs) else 0.0
        start += len(runs)
    most = float(bits[used].max(initial=0.0))
    return Odd(expected, documents[odd], owners[odd], most, of_control, needed, shares)


def standing_runs(
    given: Given, found: Found, size: int, kind: str, members: np.ndarray
) -> tuple[list[Run], np.ndarray]:
    """The longest runs in the documents of a kind of what some patients alone have.

    found: stretches of so many words. members: bool, (patients,). Also returns `paired` documents
    and owners of all runs, each pair once.
    """
    different, first, counts = np.unique(found.standing, return_index=True, return_counts=True)
    owners = found.whose[first]
    kept = (counts == 1) & members[owners]
    alone, owners = different[kept], owners[kept]
    held: dict[int, list[Run]] = defaultdict(list)
    pairs = [np.zeros(0, np.int64)]
    if not len(alone):
        return [], pairs[0]
    for batch in given.released.batches(kind):
        words = Words(batch.texts)
        hashes, texts = words.shingles(size)
        numbers = np.minimum(np.searchsorted(alone, hashes), len(alone) - 1)
        hits = np.flatnonzero(alone[numbers] == hashes)
        if not len(hits):
            continue
        text, owner = texts[hits], owners[numbers[hits]]
        pairs.append(distinct(paired(text + batch.first, owner)))
        begin = words.firsts[text] + hits - np.searchsorted(texts, text)
        new = np.ones(len(hits), bool)
        new[1:] = (np.diff(begin) != 1) | (np.diff(text) != 0) | (np.diff(owner) != 0)
        starts = np.flatnonzero(new)
        ends = np.append(starts[1:], len(hits)) - 1
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            inside = words.hashes[begin[start] : min(begin[end] + size, begin[start] + LONGEST)]
            mine = held[int(owner[start])]
            mine.append(Run(batch.first + int(text[start]), int(owner[start]), inside.copy()))
            if len(mine) > 4 * OF_EACH:
                mine[:] = _longest(mine, OF_EACH)
    runs = _longest([run for mine in held.values() for run in _longest(mine, OF_EACH)], MOST)
    return runs, distinct(np.concatenate(pairs))


def paired(documents: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """One number for each document and patient."""
    numbers: np.ndarray = (documents << _SHIFT) + owners
    return numbers


def _longest(runs: list[Run], most: int) -> list[Run]:
    return sorted(runs, key=lambda run: -len(run.words))[:most]


def drawn_runs(given: Given, lengths: Sequence[int], most: int) -> dict[int, list[Run]]:
    """So many words in a row of each of some used patients' notes, from a place that is drawn."""
    drawn = {length: Lowest[Run](most) for length in lengths}
    exposed = given.patients.exposed
    for batch in note_batches(given.notes, "text"):
        owners, words = given.patients.of_notes(batch["note_id"]), Words(batch["text"])
        for at, (note, count) in enumerate(
            zip(batch["note_id"].to_pylist(), words.counts().tolist(), strict=True)
        ):
            if not exposed[owners[at]]:
                continue
            key = keyed_hash(f"runs-{given.spec.seed}", note)
            for length in lengths:
                if count >= length:
                    begin = int(words.firsts[at]) + random.Random(key).randint(0, count - length)
                    run = Run(-1, int(owners[at]), words.hashes[begin : begin + length].copy())
                    drawn[length].offer(key, run)
    return {length: [run for _, run in kept.drawn()] for length, kept in drawn.items()}


def bits_of(given: Given, runs: list[Run], kind: str, places: np.ndarray) -> np.ndarray:
    """The bits of each run: (runs,). places: documents with patients of whom a run stands there."""
    if not runs:
        return np.zeros(0)
    patients = len(given.patients.ids)
    sizes = range(1, PIECE + 1)
    pieces = [[_pieces(run.words, size) for run in runs] for size in sizes]
    finders = [Finder(size, np.concatenate(made)) for size, made in zip(sizes, pieces, strict=True)]
    writers = [np.full(len(finder.hashes), -1) for finder in finders]  # the first who has a piece
    several = [np.zeros(len(finder.hashes), bool) for finder in finders]
    counts = np.zeros(len(finders[0].hashes), np.int64)
    mine = np.zeros(patients + 1, bool)
    mine[[run.owner for run in runs]] = True
    own: dict[int, int] = defaultdict(int)  # word and patient -> how often
    total = 0
    for words, writer_of in _written(given, kind, places):
        total += int(words.counts()[writer_of >= 0].sum())
        for number, (at, whose) in enumerate(_standing(words, finders)):
            finder, writer = finders[number], writer_of[whose]
            at, writer = at[writer >= 0], writer[writer >= 0]
            fresh = writers[number][at] < 0
            writers[number][at[fresh]] = writer[fresh]
            several[number][at[writers[number][at] != writer]] = True
            if finder.size == 1:
                counts += np.bincount(at, minlength=len(counts))
                keys = (at * (patients + 1) + writer)[mine[writer]]
                different, often = np.unique(keys, return_counts=True)
                for key, count in zip(different.tolist(), often.tolist(), strict=True):
                    own[key] += count
    ends = [np.cumsum([0, *map(len, made)]) for made in pieces]
    bits = np.zeros(len(runs))
    for place, run in enumerate(runs):
        known: list[np.ndarray] = []
        costs: list[float] = []
        for number, finder in enumerate(finders):
            at = finder.numbers()[ends[number][place] : ends[number][place + 1]]
            known.append(several[number][at] | (writers[number][at] != run.owner))
            if finder.size == 1:
                keys = (at * (patients + 1) + run.owner).tolist()
                others = counts[at] - np.array([own.get(key, 0) for key in keys])
                costs = np.log2((total + 1) / (others + 1)).tolist()
        bits[place] = _fewest(costs, [one.tolist() for one in known])
    return bits


def _standing(words: Words, finders: list[Finder]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Where sought pieces of 1, 2, ... words stand in some texts: number of each, and its text.

    A longer piece is looked for only where its beginning stands, as that is sought, too: so most of
    the texts are looked at once and not once for each size.
    """
    whose = np.repeat(np.arange(len(words.firsts) - 1), words.counts())
    begins, sums = np.arange(len(words.hashes)), np.zeros(len(words.hashes), np.uint64)
    for finder in finders:
        inside = begins + finder.size <= words.firsts[1:][whose]
        begins, whose, sums = begins[inside], whose[inside], sums[inside]
        sums = sums * BASE + words.hashes[begins + finder.size - 1]
        places, at = finder.find(mixed(sums))
        begins, whose, sums = begins[places], whose[places], sums[places]
        yield at, whose


def _pieces(words: np.ndarray, size: int) -> np.ndarray:
    """The hashes of all so many words in a row, as `Words.shingles` has them."""
    count = len(words) - size + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    return joined([words[at : at + count] for at in range(size)])


def _written(given: Given, kind: str, places: np.ndarray) -> Iterator[tuple[Words, np.ndarray]]:
    """Notes and documents, with the writer of each text; -1 of what is passed over.

    A note is its patient's. A document where a run of one patient stands counts as the patient's,
    too, since it may be a copy, and one with runs of several is passed over. All others have one
    writer more.
    """
    for batch in note_batches(given.notes, "text"):
        yield Words(batch["text"]), given.patients.of_notes(batch["note_id"])
    copied, first, counts = np.unique(places >> _SHIFT, return_index=True, return_counts=True)
    owners = np.where(counts == 1, places[first] & _OWNER, -1)
    for documents in given.released.batches(kind):
        writer = np.full(len(documents.texts), len(given.patients.ids))
        inside = slice(*np.searchsorted(copied, (documents.first, documents.first + len(writer))))
        writer[copied[inside] - documents.first] = owners[inside]
        yield Words(documents.texts), writer


def _fewest(costs: list[float], known: list[list[bool]]) -> float:
    """The fewest bits that cover some words with known pieces.

    costs: bits to guess each word. known: by size from 1, which pieces from each word on others
    have; a word alone is always a piece.
    """
    best = [0.0] + [math.inf] * len(costs)
    for at, cost in enumerate(costs):
        reached = best[at] + cost
        best[at + 1] = min(best[at + 1], reached)
        for end in range(at + 2, len(costs) + 1):
            size = min(end - at, PIECE)
            if not known[size - 1][end - size]:
                break
            best[end] = min(best[end], reached)
    return best[-1]
