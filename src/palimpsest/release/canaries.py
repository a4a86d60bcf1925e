"""Canaries: planted patients whom nobody else has words of (`runtime/canaries.py`).

One that is found again was copied, since chance does not write its words: many canaries that were
never planted are looked for, and scored, beside them.
"""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.release.check import Given, Result, Test, check
from palimpsest.release.identifiers.variants import full_names, numbers
from palimpsest.release.losses import Losses, read_losses
from palimpsest.runtime.canaries import Canary, canary, is_canary
from palimpsest.runtime.files import read_batches
from palimpsest.stats.exchangeable import deal_test, rank_test
from palimpsest.text.finding import Sequences, sequences, words_of

UNPLANTED = 1000  # canaries that are looked for beside those that were planted
IN_A_ROW = 5  # words of a secret
LEAST = 10  # canaries that are planted, for losses to be compared


def pieces(one: Canary) -> list[str]:
    """What gives a canary away: its name, its number, and five words in a row of its secret."""
    words = one.secret.split()
    rows = [words[at : at + IN_A_ROW] for at in range(len(words) - IN_A_ROW + 1)]
    return [*full_names(one.name.split()), *numbers(one.number), *map(" ".join, rows)]


@check("canaries")
def check_canaries(given: Given) -> Result:
    """Look for the planted canaries in all released texts, and in what checkpoints know."""
    planted, result = given.spec.canaries, Result()
    source, seed = given.spec.release.source, given.spec.seed
    result.units = {"planted": planted, "never planted": UNPLANTED}
    if not planted:
        result.lacking.append("no canary was planted: expected `canaries` of the source")
        return result
    listed = [canary(source, seed, number) for number in range(planted + UNPLANTED)]
    missing = _missing(given, listed[:planted])
    if missing:
        result.lacking.append(f"{missing} of the {planted} canaries are not among the notes")
    if given.released.names:
        _look(given, result, listed)
    held = {(one.model, one.corpus, one.seed): one for one in map(read_losses, given.losses)}
    for declared in given.spec.release.checkpoints:
        key = declared.model, declared.corpus, declared.seed
        if key in held:
            _score(held[key], given, result)
        else:
            result.lacking.append(f"no losses of {declared.model} on {declared.corpus}")
    return result


def _missing(given: Given, planted: list[Canary]) -> int:
    """How many canaries are not in the notes as training patients."""
    wanted = {one.note_id for one in planted}
    for batch in read_batches(given.notes, ["note_id", "split"], 4096):
        mine = batch.filter(pc.equal(batch["split"], "train"))["note_id"].to_pylist()
        wanted -= {note for note in mine if is_canary(note)}
    return len(wanted)


def _look(given: Given, result: Result, listed: list[Canary]) -> None:
    """Add the test of texts."""
    texts = [pieces(one) for one in listed]
    hashes, counts = sequences([text for some in texts for text in some])
    owners = np.repeat(np.arange(len(listed)), [len(some) for some in texts])
    sought = Sequences(hashes, counts, owners)
    documents, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for batch in given.released.batches():
        words = words_of(batch.texts)
        for size in sought.sizes():
            shingled, whose = words.shingles(size)
            places, who = sought.find(size, shingled)
            documents.append(whose[places] + batch.first)
            found.append(who)
    where, who = np.concatenate(documents), np.concatenate(found)
    planted = given.spec.canaries
    hits = len(np.unique(who[who < planted]))
    chance = len(np.unique(who[who >= planted]))
    p = floor = 1.0
    if hits:
        p = floor = 0.0
        if chance:
            p = deal_test(hits, planted, chance, UNPLANTED)
    mine = who < planted
    result.tests["canaries in texts"] = Test(
        p,
        floor,
        f"{hits:,} of {planted:,} planted canaries, {chance:,} of {UNPLANTED:,} never planted",
        "one canary, of which a name, a number or five words in a row came through",
        {"planted": hits, "never_planted": chance, "of": [planted, UNPLANTED]},
    )
    pairs = np.unique(np.stack([where[mine], who[mine]], axis=1), axis=0)
    ids: list[str | None] = [listed[one].patient_id for one in pairs[:, 1].tolist()]
    table = given.released.findings("canaries in texts", pairs[:, 0], ids, ["canary"] * len(ids))
    result.findings.append(table)


def _score(losses: Losses, given: Given, result: Result) -> None:
    """Add the test of a checkpoint: whether it knows planted canaries better than others."""
    rows = losses.table.filter(pc.not_equal(losses.table["kind"], "patient"))
    planted = np.array(pc.equal(rows["kind"], "canary"), bool)
    name = f"canaries in {losses.name}"
    if planted.sum() < min(LEAST, given.spec.canaries) or not (~planted).any():
        result.lacking.append(f"{losses.name}: {planted.sum()} canaries have losses")
        return
    values = -rows["nats"].to_numpy() / rows["tokens"].to_numpy()
    others = np.sort(values[~planted])
    ranks = len(others) - np.searchsorted(others, values[planted], side="right") + 1
    exposures = math.log2(len(others) + 1) - np.log2(ranks)
    p = rank_test(values, planted)
    result.tests[name] = Test(
        p,
        0.0,
        f"mean exposure {exposures.mean():.2f} bits, highest {exposures.max():.2f} of "
        f"{math.log2(len(others) + 1):.2f}; about 1.44 is chance",
        f"what {int(planted.sum())} canaries together show",
        {"exposures": [round(float(one), 3) for one in sorted(exposures)[::-1][:20]]},
    )


def canary_texts(source: str, seed: int, planted: int, others: int) -> pa.Table:
    """The texts of planted canaries and of so many that were never planted.

    Columns kind (`canary` or `unplanted`), id and text.
    """
    listed = [canary(source, seed, number) for number in range(planted + others if planted else 0)]
    kinds = ["canary" if number < planted else "unplanted" for number in range(len(listed))]
    return pa.table(
        {
            "kind": pa.array(kinds, pa.string()),
            "id": pa.array([one.patient_id for one in listed], pa.string()),
            "text": pa.array([one.text for one in listed], pa.string()),
        }
    )
