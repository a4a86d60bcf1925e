"""The verdict as a page for people: what was found, what could have been, what was not asked."""

from palimpsest.release.told import sentences, units
from palimpsest.release.verdict import ACCEPTED, FAILED, PASSED
from palimpsest.runtime.rows import Row

TITLES = {
    "identifiers": "Identifiers",
    "rare_text": "Rare text",
    "canaries": "Planted patients (canaries)",
    "membership": "Membership",
    "linkage": "Linkage",
    "attributes": "Sensitive attributes",
}
ASKED = {
    "identifiers": "Do names, numbers, dates and places of the patients stand in the texts? "
    "`anywhere`: in any document; more of the used patients than chance gives. `in own documents`: "
    "in a document that was made of a note of the same patient, more often than by a lot.",
    "rare_text": "Does wording stand in the texts that fewer than a few patients have? `of one "
    "patient`: where the control has nothing near, or where what stands holds so many bits of the "
    "patient's own: what has to be guessed by who puts it together from pieces that others wrote. "
    "`in own documents`: in a document that was made of a note of the same patient, more often "
    "than by a lot.",
    "canaries": "Do invented patients, who were planted among the notes, come out again?",
    "membership": "Can it be told whose notes were used?",
    "linkage": "Who has a document and many notes: how often is its note found?",
    "attributes": "Do the texts tell of used patients what is sensitive, more than of the control?",
}
NO_TEST = "no test"  # a row that could find no leak; its check may have others
STAGES = {"given": "as mixed", "repaired": "after the repair"}


def render_page(said: Row) -> str:
    """Markdown of a verdict. It has no text of a note or of a document, only ids."""
    last = said["stages"][-1]
    lines = [f"# Release check of `{said['release']}`: {said['verdict']}", ""]
    lines += _opening(said, last)
    for stage in said["stages"]:
        if len(said["stages"]) > 1:
            lines += [f"## The corpora {STAGES[stage['stage']]}", ""]
        lines += _table(stage)
        for entry in stage["checks"]:
            place = f"{said['release']}/{stage['stage']}/{entry['check']}.parquet"
            lines += _check(entry, place)
    if said["repaired"]:
        lines += ["## What the repair took", ""]
        lines += ["| corpus | documents before | dropped | tokens before | tokens lost |"]
        lines += ["|---|---|---|---|---|"]
        for name, row in sorted(said["repaired"].items()):
            lines.append(
                f"| {name} | {row['documents']:,} | {row['dropped']:,} | {row['tokens']:,} | "
                f"{row['tokens_dropped']:,} ({_share(row['tokens_dropped'], row['tokens'])}) |"
            )
        lines.append("")
    lines += ["## What was not checked", ""]
    lines += [
        f"- {TITLES[name]}: left out by the study: {reason}"
        for name, reason in sorted(said["left_out"].items())
    ]
    lines += [f"- {text}" for text in said["not_checked"]]
    lines += ["", "## What this page is of", ""]
    lines += ["| what | SHA-256 |", "|---|---|", f"| notes | `{said['read'].get('notes', '')}` |"]
    for name, sha256 in sorted(said["read"].get("released", {}).items()):
        lines.append(f"| {name} | `{sha256}` |")
    lines += [f"| code of the checks | `{code}` |" for code in said["code"]]
    lines += [f"| declaration | `{said['declared']}` |"]
    return "\n".join(lines) + "\n"


def _opening(said: Row, last: Row) -> list[str]:
    bad = [entry for entry in last["checks"] if entry["status"] not in (PASSED, ACCEPTED)]
    accepted = [entry for entry in last["checks"] if entry["status"] == ACCEPTED]
    if said["verdict"] == PASSED:
        which = "No other check" if accepted else "No check"
        lines = [
            f"{which} found more of the patients than chance explains, and none was missing"
            f"{_without(said['left_out'])}. This is no proof that nothing of them is there: each "
            "check says below what it could have found.",
        ]
        if accepted:
            named = ", ".join(TITLES[entry["check"]] for entry in accepted)
            lines = [
                f"It passes because the study accepts what it was told of: {named}.",
                "",
                *lines,
            ]
    else:
        named = ", ".join(f"{TITLES[entry['check']]} ({entry['status']})" for entry in bad)
        lines = [f"Do not hand this over as it is: {named or 'the repair is missing'}."]
    if accepted:
        lines += ["", "The study accepts the results of these checks, with its reasons:", ""]
        lines += [f"- {TITLES[entry['check']]}: {entry['accepted']}" for entry in accepted]
    lines += [
        "",
        "p says how often chance alone would show as much as was found, or more. A test fails "
        f"where p is {last['threshold']:.2g} or less: so all tests together fail at most "
        f"{said['level']:.0%} of releases that know nothing of the patients. `a fact` is what is "
        "not left to chance: it fails. A test finds its smallest leak in four of five cases or "
        "more; `no test` could find none.",
        "",
    ]
    return lines


def _without(left_out: Row) -> str:
    """Which checks nobody ran, as the end of a sentence."""
    named = ", ".join(TITLES[name] for name in sorted(left_out))
    return f", but for what the study left out ({named})" if named else ""


def _table(stage: Row) -> list[str]:
    lines = ["| check | result | why |", "|---|---|---|"]
    for entry in stage["checks"]:
        reasons = list(entry["reasons"])
        reasons += [test["name"] for test in entry["tests"] if test["failed"]]
        lines.append(f"| {TITLES[entry['check']]} | {_status(entry)} | {'; '.join(reasons)} |")
    return [*lines, ""]


def _check(entry: Row, findings: str) -> list[str]:
    lines = [f"### {TITLES[entry['check']]}: {_status(entry)}", "", ASKED[entry["check"]], ""]
    lines += [f"- {reason}" for reason in entry["reasons"]]
    if entry["reasons"]:
        lines.append("")
    if entry.get("units"):
        lines += [f"Looked at: {units(entry['units'])}.", ""]
    if entry["tests"]:
        lines += [
            "| test | result | found | p | smallest leak that it finds |",
            "|---|---|---|---|---|",
        ]
        for test in entry["tests"]:
            result = FAILED if test["failed"] else PASSED if test["able"] else NO_TEST
            lines.append(
                f"| {test['name']} | {result} | {test['found']} | {_p(test['p'])} | "
                f"{test['detects']} |"
            )
        lines.append("")
    if told := sentences(entry.get("told", {})):
        lines += [*(f"- {one}" for one in told), ""]
    if entry.get("examples"):
        lines += [f"The first findings; all are in `{findings}`. Rows are counted from 0.", ""]
        lines += ["| test | released | row | patient | what |", "|---|---|---|---|---|"]
        for row in entry["examples"]:
            lines.append(
                f"| {row['test']} | {row['released']} | {row['row']} | `{row['patient_id']}` | "
                f"{row['what']} |"
            )
        lines.append("")
    return lines


def _status(entry: Row) -> str:
    """What the page calls a status: what only tells something has passed no test."""
    return "told" if entry["status"] == PASSED and not entry["tests"] else entry["status"]


def _p(p: float) -> str:
    if p == 0:
        return "a fact"
    return f"{p:.2g}" if p >= 0.0001 else "under 0.0001"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "0%"
