"""Verdicts on what is to be given away."""

import json
from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Link, Part, Section, Table, Words, plain

# What a verdict may say, as `release.verdict` writes it.
PASSED, ACCEPTED = "passed", "accepted"
STAGES = {"given": "", "repaired": ", after the repair"}


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for release in catalogue.study.releases:
        yield f"release/{release.name}.json", release.name


def draw(files: list[File], facts: Row) -> list[Part]:
    if not files:
        why = "no release is shown here" if facts.get("releases") else "it declares no release"
        return [
            Words(
                [
                    f"Nothing of this study was checked for release, as far as this page knows: "
                    f"{why}. So nothing may be said of whether a corpus, sentences or a model may "
                    "be given to others; what is made from notes is as sensitive as the notes."
                ]
            )
        ]
    parts: list[Part] = []
    for file in files:
        parts += _of_release(file)
    parts.append(
        Words(
            [
                "What may not be concluded from a verdict:",
                "Passed is no proof that nothing of the patients is there. It says that checks, "
                "each of which would have found a leak of the size in the last column, found no "
                "more than chance explains.",
                "Not able to tell counts as failed: too few patients, or something was missing.",
                "Whether patients agreed and whether the law allows it was not checked.",
            ]
        )
    )
    return parts


def _of_release(file: File) -> list[Part]:
    said = json.loads(file.text())
    last = said["stages"][-1]
    page = file.name.removesuffix(".json") + ".md"
    head = ["check", "result", "why", "smallest leak that it finds"]
    shown = [
        [plain(entry["check"]), _status(entry), _why(entry), _finds(entry)]
        for entry in last["checks"]
    ]
    shown += [
        [plain(name), "left out", reason, ""] for name, reason in sorted(said["left_out"].items())
    ]
    caption = f"Release {file.title}: {said['verdict']}{STAGES[last['stage']]}"
    return [
        Words([_opening(file.title, said["verdict"], last["checks"])]),
        Table(caption, head, shown),
        Link("All tests, with what was found of how many patients, in the results folder:", page),
    ]


def _opening(name: str, verdict: str, checks: list[Row]) -> str:
    if verdict == PASSED:
        taken = [plain(entry["check"]) for entry in checks if entry["status"] == ACCEPTED]
        more = f" The study accepts the findings of {', '.join(taken)}." if taken else ""
        return f"Release {name} passed: no check found more of the patients than chance.{more}"
    bad = [
        f"{plain(entry['check'])} ({entry['status']})"
        for entry in checks
        if entry["status"] not in (PASSED, ACCEPTED)
    ]
    listed = ", ".join(bad) or "the repair is missing"
    return f"Release {name} failed. Do not hand it over as it is: {listed}."


def _status(entry: Row) -> str:
    """What the verdict's own page calls it: what only tells something has passed no test."""
    return "told" if entry["status"] == PASSED and not entry["tests"] else str(entry["status"])


def _why(entry: Row) -> str:
    """Failed tests with what was found, or why nothing could be told."""
    found = [f"{test['name']}: {test['found']}" for test in entry["tests"] if test["failed"]]
    taken = [f"accepted: {entry['accepted']}"] if entry["status"] == ACCEPTED else []
    return "; ".join([*entry["reasons"], *found, *taken])


def _finds(entry: Row) -> str:
    return "; ".join(f"{test['name']}: {test['detects']}" for test in entry["tests"])


SECTION = Section("release", "Release", inputs, draw)
