"""What rephrases kept, changed, left out and added: by rules, and by judges."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.rows import Row
from palimpsest.summary.content import (
    FEW_UNITS,
    File,
    Part,
    Section,
    Table,
    Words,
    interval,
    percents,
    three,
    under,
)
from palimpsest.summary.sections.figures import OF_FIDELITY, drawn, files_of

ANY = "any"
NAMED = ("prompt", "context", "llm")
CLAIMS = {ANY: "any error", "unsupported": "invented", "missing": "left out"}
MOST = 3  # types that a row names
CSV_ROW = dict[str, str]


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for figure in catalogue.study.figures:
        if figure.kind in OF_FIDELITY:
            yield from files_of(figure)


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for picture, caption, table in zip(files[::3], files[1::3], files[2::3], strict=True):
        rows = table.rows()
        judged = bool(rows) and "claim" in rows[0]
        parts += _by_judge(table.title, rows) if judged else _by_rules(table.title, rows)
        parts.append(drawn(picture, caption, table))
    return parts


def called(row: CSV_ROW) -> str:
    """Whose rephrases a row is of."""
    return f"{under(row)} by {row['llm']}"


def _by_rules(title: str, rows: list[CSV_ROW]) -> list[Part]:
    whole = [row for row in rows if row["type"] == ANY]
    head = ["prompt", "context", "LLM", "rephrases", "patients", "with a finding"]
    head += ["share (95% interval)", "facts kept", "changed", "omitted", "added", "most often"]
    shown = [
        [
            *(row[name] for name in NAMED),
            *(three(row[name]) for name in ("rephrases", "patients", "wrong")),
            percents(row["rate"], row["low"], row["high"]),
            *(three(row[name]) for name in ("kept", "changed", "omitted", "added")),
            _most_often(row, rows),
        ]
        for row in whole
    ]
    caption = f"{title}: kept rephrases in which rules find a changed, omitted or added fact"
    parts: list[Part] = [Table(caption, head, shown, set(range(3, 11)))]
    if told := _least(whole):
        parts.append(Words([told]))
    limits = [*_few(whole)]
    if any(row["context"] != NO_CONTEXT for row in whole):
        limits.append(
            "What an LLM was told besides the passage counts as added where it tells it, true or "
            "not."
        )
    parts.append(
        Words(
            [
                "What may not be concluded from these shares:",
                *limits,
                "A finding is a difference that rules see, and not yet a mistake: of wordings that "
                "they had not met, one faithful rephrase in four or five had one. What they have "
                "no word for they do not see (docs/fidelity.md).",
                "Only kept rephrases are counted. Prompts kept other passages, so that a "
                "difference between two of them may be one of passages.",
            ]
        )
    )
    return parts


def _most_often(whole: CSV_ROW, rows: list[CSV_ROW]) -> str:
    """The types of which most rephrases have a finding."""
    of_it = [
        (-int(row["wrong"]), row["type"])
        for row in rows
        if row["type"] != ANY
        and all(row[name] == whole[name] for name in (*NAMED, "source"))
        and int(row["wrong"])
    ]
    return ", ".join(f"{kind} {-count}" for count, kind in sorted(of_it)[:MOST])


def _least(rows: list[CSV_ROW]) -> str:
    """Which rephrases have findings least often, and whether that is told from the others."""
    known = [row for row in rows if row["rate"]]
    if len(known) < 2:
        return ""
    first, *others = sorted(known, key=lambda row: (float(row["rate"]), called(row)))
    said = (
        f"The smallest share has {called(first)}: {three(first['wrong'])} of "
        f"{three(first['rephrases'])} rephrases, {_share(first)}."
    )
    if not first["high"]:
        return f"{said} It has no interval, so that nothing tells whether it is the best."
    near = [row for row in others if not row["low"] or float(row["low"]) <= float(first["high"])]
    if near:
        told = "intervals overlap, or there is none"
        return f"{said} It is not told apart from {_listed(near)}: {told}."
    return f"{said} No other interval overlaps with its own."


def _share(row: CSV_ROW) -> str:
    return percents(row["rate"], row["low"], row["high"])


def _listed(rows: list[CSV_ROW]) -> str:
    return "; ".join(map(called, rows))


def _few(rows: list[CSV_ROW]) -> Iterator[str]:
    """Whose rephrases are too few to tell much of others."""
    few = [row for row in rows if int(row["patients"]) < FEW_UNITS]
    if few:
        counts = "; ".join(
            f"{called(row)} {three(row['rephrases'])} of {three(row['patients'])} patients"
            for row in few
        )
        yield f"Too few to say much of others, of fewer than {FEW_UNITS} patients: {counts}."


def _by_judge(title: str, rows: list[CSV_ROW]) -> list[Part]:
    head = ["prompt", "context", "LLM", "claim", "rephrases", "patients"]
    head += ["share claimed (95% interval)", "share corrected (95% interval)"]
    head += ["planted errors found", "false alarms", "agreement with rules: kappa"]
    claimed = [row for row in rows if row["claim"] in CLAIMS]
    shown = [
        [
            *(row[name] for name in NAMED), CLAIMS[row["claim"]],
            three(row["rephrases"]), three(row["patients"]),
            percents(row["rate"], row["rate_low"], row["rate_high"]),
            percents(row["corrected"], row["corrected_low"], row["corrected_high"]),
            f"{three(row['found'])} of {three(row['planted'])}",
            f"{three(row['alarms'])} of {three(row['faithful'])}",
            interval(row["kappa"], row["kappa_low"], row["kappa_high"]),
        ]
        for row in claimed
    ]  # fmt: skip
    told = [
        "What may not be concluded from a judge:",
        *_few([row for row in claimed if row["claim"] == ANY]),
        "An LLM's own errors may be harder to find than those that rules planted: the corrected "
        "share may still be too small.",
    ]
    if any(not row["corrected"] for row in claimed):
        told.append(
            "A share without a corrected one stands as it was claimed: too few pairs were known, "
            "or the judge does not tell planted errors from none."
        )
    caption = f"{title}: what a judge claims of rephrases, and how it did on pairs that are known"
    return [Table(caption, head, shown, set(range(4, 11))), Words(told)]


SECTION = Section("fidelity", "Fidelity", inputs, draw)
