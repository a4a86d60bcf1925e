"""Membership: whether used patients can be told from those whom nobody used.

From texts, by the nearest one to any piece of a patient's notes. From a checkpoint, by how much
better it knows the notes than one that was trained without them (a difference of losses, as the
reference attacks of Carlini et al. 2022, arXiv 2112.03570). And from notes alone, without what is
released: where lengths and sections tell the groups apart, they are not alike, and the others tell
nothing (Das et al. 2024, arXiv 2406.16201).
"""

import numpy as np
import pyarrow as pa

from palimpsest.release.check import Given, Result, Test, check
from palimpsest.release.config import ALIKE
from palimpsest.release.likeness import Nearest, TfIdf, pieces_of
from palimpsest.release.losses import Losses, drawn_patients, read_losses, texts_of
from palimpsest.stats.exchangeable import (
    auc,
    detectable_rate,
    rank_test,
    tail_test,
    true_positives,
)

LEVEL = 0.005  # of a test among ten, at which it is told what it finds
REFITS = 399


@check("membership")
def check_membership(given: Given) -> Result:
    """Tell used patients from the control by texts, by checkpoints and by neither."""
    result, release = Result(), given.spec.release
    result.needs_control(given.patients, release.control)
    drawn = drawn_patients(given.patients, release.membership.patients, given.spec.seed)
    exposed = given.patients.exposed[drawn]
    if not exposed.any() or exposed.all():
        return result
    notes = texts_of(given.notes, given.patients, drawn)
    ids = [given.patients.ids[at] for at in drawn]
    metadata(notes, ids, exposed, result)
    if given.released.names:
        values = nearest(given, notes, ids)
        _add(result, "texts", values, exposed, given)
    of_checkpoints(given, ids, exposed, result)
    return result


def _add(result: Result, name: str, values: np.ndarray, exposed: np.ndarray, given: Given) -> None:
    """Two tests of one attack: of all patients, and of the few that stand out."""
    share = given.spec.release.membership.share
    area, low, high = auc(values, exposed)
    true = true_positives(values, exposed, share)
    count, control = int(exposed.sum()), int((~exposed).sum())
    rate = detectable_rate(count, control, LEVEL)
    if rate > given.spec.release.detectable:
        result.lacking.append(
            f"{name}: a leak of less than {rate:.1%} of the patients would not be found, expected "
            f"{given.spec.release.detectable:.1%} (`detectable`): raise `splits.audit`"
        )
    detects = f"{rate:.1%} of the patients, if they stand out from all of the control (power 0.8)"
    numbers = {
        "auc": round(area, 4),
        "auc_low": round(low, 4),
        "auc_high": round(high, 4),
        "true_positives": round(true, 4),
        "at_false_positives": share,
        "exposed": count,
        "control": control,
        "detectable_rate": round(rate, 5),
    }
    result.tests[f"{name}: all patients"] = Test(
        rank_test(values, exposed),
        0.0,
        f"AUC {area:.3f} ({low:.3f} to {high:.3f}); {true:.1%} of the used patients are "
        f"above all but {share:.0%} of the control",
        detects,
        numbers,
    )
    tail = tail_test(values, exposed, share, LEVEL)
    needed = f"{tail.needed:,} of these {tail.above:,}" if tail.needed <= tail.above else "none"
    result.tests[f"{name}: few patients"] = Test(
        tail.p,
        tail.attainable,
        f"{tail.used:,} of the {tail.above:,} patients who stand out most were used",
        needed,
        {"above": tail.above, "used": tail.used},
    )


def nearest(given: Given, notes: pa.Table, ids: list[str]) -> np.ndarray:
    """Of each patient, the cosine of the released text that is nearest to a piece of a note."""
    pieces, whose = pieces_of(notes["text"].to_pylist())
    best = Nearest(TfIdf(pa.array(pieces, pa.string())))
    for documents in given.released.batches():
        best.look_at(documents.texts)
    place = {patient: at for at, patient in enumerate(ids)}
    owners = np.array([place[patient] for patient in notes["id"].to_pylist()])[whose]
    found = np.zeros(len(ids))
    np.maximum.at(found, owners, best.cosines)
    return found


def of_checkpoints(given: Given, ids: list[str], exposed: np.ndarray, result: Result) -> None:
    """The tests of each checkpoint, or why there is none."""
    losses = {(one.model, one.corpus, one.seed): one for one in map(read_losses, given.losses)}
    for declared in given.spec.release.checkpoints:
        keys = [
            (declared.model, name, declared.seed) for name in (declared.corpus, declared.reference)
        ]
        if missing := [key for key in keys if key not in losses]:
            result.lacking.append(f"no losses of {missing[0][0]} on {missing[0][1]}")
            continue
        own, other = (_by_patient(losses[key], ids) for key in keys)
        if np.isnan(own).any() or np.isnan(other).any():
            result.lacking.append(f"{losses[keys[0]].name}: some patients have no losses")
            continue
        _add(result, losses[keys[0]].name, other - own, exposed, given)


def _by_patient(losses: Losses, ids: list[str]) -> np.ndarray:
    """Nats a token of each patient; NaN where there is none."""
    found = {
        row["id"]: row["nats"] / row["tokens"]
        for row in losses.table.to_pylist()
        if row["kind"] == "patient" and row["tokens"]
    }
    return np.array([found.get(patient, np.nan) for patient in ids])


def metadata(notes: pa.Table, ids: list[str], exposed: np.ndarray, result: Result) -> None:
    """Tell the groups apart by what notes look like, and say how well that goes."""
    features = _features(notes, ids)
    score = _cross_fitted(features, exposed.astype(float))
    area, low, high = auc(score, exposed)
    rng = np.random.default_rng(0)
    deals = np.stack([rng.permutation(exposed) for _ in range(REFITS)], axis=1)
    scores = _cross_fitted(features, deals.astype(float))
    as_far = [auc_of(one, deal) >= area for one, deal in zip(scores.T, deals.T, strict=True)]
    p = (1 + sum(as_far)) / (REFITS + 1)
    result.told["metadata_alone"] = {
        "auc": round(area, 4), "auc_low": round(low, 4), "auc_high": round(high, 4), "p": p
    }  # fmt: skip
    if p <= ALIKE:
        result.lacking.append(
            f"lengths and sections of notes alone tell the groups apart (AUC {area:.3f}, p {p:.4f})"
            ": they are not alike, so that the control is none. Declare `splits.audit`, which is "
            "dealt as `train` is"
        )


def auc_of(values: np.ndarray, exposed: np.ndarray) -> float:
    """The area under the curve alone."""
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    count = int(exposed.sum())
    return float((ranks[exposed].mean() - (count + 1) / 2) / max(len(values) - count, 1))


def _features(notes: pa.Table, ids: list[str]) -> np.ndarray:
    """What a patient's notes look like: numbers that say nothing of what is said in them."""
    rows: dict[str, list[list[float]]] = {patient: [] for patient in ids}
    for patient, text in zip(notes["id"].to_pylist(), notes["text"].to_pylist(), strict=True):
        lines = text.splitlines()
        heads = sum(line.rstrip().endswith(":") for line in lines)
        letters = max(len(text), 1)
        rows[patient].append(
            [
                np.log(letters),
                np.log1p(len(lines)),
                np.log1p(heads),
                sum(map(str.isdigit, text)) / letters,
                sum(map(str.isupper, text)) / letters,
            ]
        )
    table = np.array([[*np.mean(held, axis=0), len(held)] for held in rows.values()])
    scaled: np.ndarray = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    return scaled


def _cross_fitted(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Scores by ridge regression, of each fifth by what the others say.

    labels: (patients,) or (patients, deals).
    """
    folds = np.arange(len(labels)) % 5
    score = np.zeros(labels.shape)
    for fold in range(5):
        inside, outside = folds != fold, folds == fold
        known, said = features[inside], labels[inside] - labels[inside].mean(axis=0)
        weights = np.linalg.solve(known.T @ known + np.eye(features.shape[1]), known.T @ said)
        score[outside] = features[outside] @ weights
    return score
