"""What rephrases kept, changed, left out and added: by rules, and by judges."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from palimpsest.pages.wording import listed
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
    several,
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
        if rows and "claim" in rows[0]:
            parts += [*_by_judge(table.title, rows), drawn(picture, caption, table)]
        else:
            shown = replace(drawn(picture, caption, table), numbers=_by_type(table.title, rows))
            parts += [*_by_rules(table.title, rows), shown]
    return parts


def called(row: CSV_ROW) -> str:
    """Whose rephrases a row is of."""
    return f"{under(row)} by {row['llm']}"


def _by_rules(title: str, rows: list[CSV_ROW]) -> list[Part]:
    whole = [row for row in rows if row["type"] == ANY]
    head = ["prompt", "share with a finding (95% interval)", "with a finding", "rephrases"]
    head += [
        "patients",
        "facts changed or omitted",
        "changed",
        "omitted",
        "added",
        "types in most rephrases",
    ]
    head += ["LLM"]
    shown = [
        [
            under(row), _share(row) or "none kept", three(row["wrong"]), three(row["rephrases"]),
            three(row["patients"]), _lost(row),
            *(three(row[name]) for name in ("changed", "omitted", "added")),
            _most_often(row, rows), row["llm"],
        ]
        for row in whole
    ]  # fmt: skip
    caption = f"{title}: kept rephrases in which rules find a changed, omitted or added fact"
    parts: list[Part] = [Table(caption, head, shown, set(range(1, 9))).trimmed()]
    if told := _untested(whole):
        parts.append(Words([told]))
    limits = [*_few(whole)]
    if any(row["context"] != NO_CONTEXT for row in whole):
        limits.append(
            "A fact of the context that a rephrase tells counts as added, though it is true."
        )
    parts.append(
        Words(
            [
                "What may not be concluded from these shares:",
                *limits,
                "A finding is a difference that rules see, and not yet a mistake: of faithful "
                "rephrases by writers of whom they had met other wordings, 39 of 5,378 (0.7%) had "
                "one; by writers whom they had not met, 1.3% to 17%. Of planted errors they miss "
                "most among problems (6.6%): what they have no word for they do not see.",
                "Only kept rephrases of passages are counted: synthetic notes rewrite none. "
                "Prompts kept other passages, so that a difference between two of them may be one "
                "of passages.",
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


def _untested(rows: list[CSV_ROW]) -> str:
    """That no order of the rows is meant, and where two ways to count give two orders."""
    known = [row for row in rows if row["rate"]]
    if len(known) < 2:
        return ""
    counts = listed([three(row["rephrases"]) for row in known])
    said = (
        f"Whether these differ was not tested; with {counts} rephrases no order is meant. A "
        "rephrase of many facts has a finding more often: read the share of facts, too."
    )
    counted = [row for row in known if _facts(row)[1]]
    by_rephrases = min(known, key=lambda row: float(row["rate"]))
    by_facts = min(counted, key=_share_lost, default=by_rephrases)
    turned = (
        f" The least share of rephrases has {called(by_rephrases)}, the least share of facts "
        f"{called(by_facts)}."
        if by_facts is not by_rephrases
        else ""
    )
    return said + turned


def _facts(row: CSV_ROW) -> tuple[int, int]:
    """Facts of passages that were changed or omitted, and all facts of these passages."""
    lost = int(row["changed"]) + int(row["omitted"])
    return lost, lost + int(row["kept"])


def _share_lost(row: CSV_ROW) -> float:
    lost, of = _facts(row)
    return lost / of


def _lost(row: CSV_ROW) -> str:
    lost, of = _facts(row)
    return f"{lost:,} of {of:,} ({100 * lost / of:.0f}%)" if of else "none occurred"


def _by_type(title: str, rows: list[CSV_ROW]) -> Table:
    """The numbers of the figure: a type of which no fact occurs has no share."""
    head = ["type", "prompt", "share with a finding (95% interval)", "with a finding"]
    head += ["rephrases", "patients", "kept", "changed", "omitted", "added", "unread", "LLM"]
    counts = ("kept", "changed", "omitted", "added", "unread")
    shown = [
        [
            row["type"], under(row),
            _share(row) if any(int(row[name]) for name in counts) else "none occurred",
            three(row["wrong"]), three(row["rephrases"]), three(row["patients"]),
            *(three(row[name]) for name in counts), row["llm"],
        ]
        for row in rows
    ]  # fmt: skip
    return Table(f"{title}: the numbers, by type of fact", head, shown, set(range(2, 11))).trimmed()


def _share(row: CSV_ROW) -> str:
    return percents(row["rate"], row["low"], row["high"])


def _few(rows: list[CSV_ROW]) -> Iterator[str]:
    """Whose rephrases are too few to tell much of others."""
    few = [row for row in rows if int(row["patients"]) < FEW_UNITS]
    if few:
        counts = "; ".join(
            f"{called(row)} {several(row['rephrases'], 'rephrase')} of "
            f"{several(row['patients'], 'patient')}"
            for row in few
        )
        yield f"Too few to say much of others, of fewer than {FEW_UNITS} patients: {counts}."


def _by_judge(title: str, rows: list[CSV_ROW]) -> list[Part]:
    head = ["prompt", "claim", "share claimed (95% interval)", "share corrected (95% interval)"]
    head += ["planted errors found", "false alarms", "agreement with rules: kappa"]
    head += ["rephrases", "patients", "LLM"]
    claimed = [row for row in rows if row["claim"] in CLAIMS]
    shown = [
        [
            under(row), CLAIMS[row["claim"]],
            percents(row["rate"], row["rate_low"], row["rate_high"]),
            percents(row["corrected"], row["corrected_low"], row["corrected_high"]),
            f"{three(row['found'])} of {three(row['planted'])}",
            f"{three(row['alarms'])} of {three(row['faithful'])}",
            interval(row["kappa"], row["kappa_low"], row["kappa_high"]),
            three(row["rephrases"]), three(row["patients"]), row["llm"],
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
    return [Table(caption, head, shown, set(range(2, 9))).trimmed(), Words(told)]


SECTION = Section("fidelity", "Fidelity", inputs, draw)
