"""The verdict on a release: all checks together, each passed, failed or not able to tell.

It is closed where something is missing: a check that did not run, results of other inputs or of
other code than the rest, and what cannot be told all fail.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from palimpsest.release.check import EXAMPLES, FINDINGS
from palimpsest.release.config import ALIKE, LEVEL, Release
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_json, read_manifest, read_table
from palimpsest.runtime.identity import digest
from palimpsest.runtime.rows import Manifest, Row
from palimpsest.stats.exchangeable import family

PASSED, FAILED, UNTOLD, NOT_RUN = "passed", "failed", "not able to tell", "did not run"
LEFT_OUT, ACCEPTED = "left out", "accepted"
READ = ("tests", "told", "lacking", "units", "read", "release", "stage", "code", "check")
NOT_CHECKED = (
    "Identifiers that the roster does not have, and those of other people than the patients.",
    "What a text says in other words: a rare disease, a job or an event can tell who somebody is "
    "without any word of the note.",
    "What a recipient knows from elsewhere, such as a newspaper, and what several releases say "
    "together.",
    "What a checkpoint writes when it is asked: its losses are tested, not its answers.",
    "Whether patients agreed, and whether the law allows it.",
)


@dataclass(frozen=True)
class Results:
    """The results of the checks of one stage, by name, with where they lie."""

    manifests: dict[str, Manifest]
    paths: dict[str, Path]


def read_results(paths: list[Path]) -> Results:
    """Results by their check. Raises UserError where one is damaged, or a check stands twice."""
    manifests: dict[str, Manifest] = {}
    places: dict[str, Path] = {}
    for path in paths:
        manifest = read_manifest(path, *READ)
        name = manifest["check"]
        if name in manifests:
            raise UserError(f"{path}: a second result of the check '{name}', expected one")
        manifests[name], places[name] = manifest, path
    return Results(manifests, places)


def failing(results: Results) -> tuple[set[tuple[str, str]], float]:
    """The tests that fail, by check and name, and the threshold that a p-value must not reach."""
    tests = {
        (check, name): test
        for check, manifest in results.manifests.items()
        for name, test in manifest["tests"].items()
    }
    keys = {f"{check}/{name}": (check, name) for check, name in tests}
    p = {key: tests[pair]["p"] for key, pair in keys.items()}
    floors = {key: tests[pair]["attainable"] for key, pair in keys.items()}
    if not p:
        return set(), LEVEL
    # A p that is none is of a test that could not be made.
    failed, threshold = family(p, floors, LEVEL)
    odd = {key for key, value in p.items() if not 0 <= value <= 1}
    return {keys[key] for key in keys if failed[key] or key in odd}, threshold


def judged(release: Release, results: Results, read: Row, stage: str) -> Row:
    """What one stage says: `passed`, the checks in order, and the threshold.

    read: the hashes of what is released, as the verdict sees it.
    """
    failed, threshold = failing(results)
    # What most results say is no better known than what one says: all must say the same.
    codes = {manifest["code"] for manifest in results.manifests.values()}
    entries = []
    for name in release.checks():
        manifest = results.manifests.get(name)
        entry: Row = {"check": name, "status": NOT_RUN, "reasons": [], "tests": []}
        if manifest is None:
            entry["reasons"].append("there is no result of it")
        elif stale := _stale(manifest, release, read, stage, len(codes) > 1):
            entry["reasons"] += stale
        else:
            entry |= _of_result(name, manifest, failed, results.paths[name])
        if name in release.accepted and entry["status"] in (FAILED, UNTOLD):
            entry |= {"status": ACCEPTED, "accepted": release.accepted[name]}
            entry["reasons"] = entry["reasons"] or ["a test failed"]
        entries.append(entry)
    good = all(entry["status"] in (PASSED, ACCEPTED) for entry in entries) and bool(entries)
    return {"passed": good, "checks": entries, "threshold": threshold, "stage": stage}


def _of_result(name: str, manifest: Manifest, failed: set[tuple[str, str]], path: Path) -> Row:
    tests = [
        {"name": test, "failed": (name, test) in failed, **said}
        for test, said in manifest["tests"].items()
    ]
    status = PASSED
    if manifest["lacking"]:
        status = UNTOLD
    if not tests and not manifest["told"]:
        status = UNTOLD
        manifest["lacking"].append("it made no test and told nothing")
    if any(test["failed"] for test in tests):
        status = FAILED
    return {
        "status": status,
        "reasons": manifest["lacking"],
        "tests": tests,
        "told": manifest["told"],
        "units": manifest["units"],
        "examples": _examples(path, {test["name"] for test in tests if test["failed"]}),
    }


def _stale(manifest: Manifest, release: Release, read: Row, stage: str, mixed: bool) -> list[str]:
    """Why a result is not of this release as it is now."""
    reasons = []
    if manifest["release"] != release_digest(release):
        reasons.append("its result is of another declaration of the release")
    if manifest["read"] != read:
        reasons.append("its result is of other notes or texts than those that are released")
    unread = sorted(release.names().symmetric_difference(manifest["read"].get("released", {})))
    if unread:
        reasons.append(f"its result is not of all that is declared, or of more: {unread}")
    if manifest["stage"] != stage:
        reasons.append(f"its result is of the stage '{manifest['stage']}'")
    if mixed:
        reasons.append("the results were made by different versions of the code")
    return reasons


def _examples(path: Path, tests: set[str]) -> list[Row]:
    """Some findings of failed tests, by ids alone."""
    if not tests:
        return []
    table = read_table(path, FINDINGS.names)
    shown: list[Row] = []
    for test in sorted(tests):
        of_test = table.filter(pc.equal(table["test"], test)).slice(0, 20 * EXAMPLES)
        places = {(row["released"], row["row"], row["what"]) for row in shown}
        for row in of_test.to_pylist():
            place = row["released"], row["row"], row["what"]
            if place not in places and sum(one["test"] == test for one in shown) < EXAMPLES:
                places.add(place)
                shown.append(row)
    return shown


def release_digest(release: Release) -> str:
    """What a release is declared as, but for what only its verdict says."""
    fields = release.identity()
    for name in ("accepted", "demanded"):
        del fields[name]
    return digest(fields)


def verdict(
    release: Release, stages: dict[str, tuple[Results, Row]], repaired: dict[str, Row] | None
) -> Row:
    """The whole verdict, as `release.json` has it.

    stages: `given`, and `repaired` where it is declared: results and hashes of what is released.
    repaired: by corpus, what its repair took. The last stage decides.
    """
    said = [judged(release, *stage, name) for name, stage in stages.items()]
    last = said[-1]
    expected = "repaired" if release.repair else "given"
    complete = last["stage"] == expected and (repaired is not None or not release.repair)
    codes = {m["code"] for results, _ in stages.values() for m in results.manifests.values()}
    return {
        "release": release.name,
        "verdict": PASSED if last["passed"] and complete else FAILED,
        "stages": said,
        "level": LEVEL + ALIKE,
        "left_out": dict(release.without),
        "repaired": repaired or {},
        "read": stages[last["stage"]][1],
        "declared": release_digest(release),
        "code": sorted(codes),
        "not_checked": list(NOT_CHECKED),
    }


def demand_passed(path: Path, corpus: str, sha256: str) -> None:
    """Raise UserError unless a verdict passed, and is of this corpus as it is."""
    said: Any = read_json(path)
    if not isinstance(said, dict) or said.get("verdict") != PASSED:
        raise UserError(
            f"{path}: the release check did not pass, and the study demands it before corpus "
            f"'{corpus}' is exported: see {path.with_suffix('.md').name} beside it"
        )
    found = said.get("read", {}).get("released", {}).get(f"corpus.{corpus}")
    if found != sha256:
        raise UserError(
            f"{path}: it is of another corpus '{corpus}' than the one that is exported; run "
            "`snakemake` for the release check first"
        )
