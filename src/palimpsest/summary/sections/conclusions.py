"""What may be concluded, and what may not, in plain words."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from palimpsest.pages.wording import listed
from palimpsest.runtime.rows import Row
from palimpsest.summary import perplexity
from palimpsest.summary.content import (
    FEW_UNITS,
    File,
    Part,
    Section,
    Words,
    counted,
    metric_words,
    span,
)

CSV_ROW = dict[str, str]


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for table in catalogue.study.tables:
        if table.kind == "comparison" and table.by is None:
            yield f"{table.name}.csv", table.name
    for figure in catalogue.study.figures:
        if figure.kind == "perplexity":
            yield f"{figure.name}.csv", figure.name


def draw(files: list[File], facts: Row) -> list[Part]:
    found: list[str] = []
    limits: list[str] = []
    parts: list[Part] = []
    figures = [file for file in files if drawn(file)]
    tables = [file for file in files if file not in figures]
    for file in tables:
        found += [f"{file.title}: {said}" for said in differences(file)]
        limits += _limits(file)
    if found:
        limits.append(
            "Rows are compared with the baseline of their table and not with one another: which of "
            "two others is better is not told. Overlapping intervals do not tell it either."
        )
        parts.append(Words(["What the comparisons say, each against its baseline:", *found]))
    of_figures = [said for file in figures for said in perplexity.told(file)]
    if of_figures:
        parts.append(Words(["What the perplexities say:", *of_figures]))
    if not parts:
        parts.append(
            Words(["This study compares no models: it says nothing about which is better."])
        )
    limits += [said for file in figures for said in perplexity.limits(file)]
    limits += _of_study(facts)
    parts.append(Words(["What may not be concluded:", *dict.fromkeys(limits)]))
    if left_out := facts.get("left_out"):
        parts.append(
            Words(
                [
                    f"Declared, but left out of this page: {', '.join(left_out)}. It says nothing "
                    "of them."
                ]
            )
        )
    return parts


def drawn(file: File) -> bool:
    """Whether a file has the numbers of a figure, and not of a table."""
    return "panel" in (file.rows() or [{}])[0]


def compares(file: File) -> bool:
    """Whether a file compares models."""
    return drawn(file) or "verdict" in (file.rows() or [{}])[0]


def first_metric(file: File) -> str:
    """The metric that the table was declared for first."""
    return file.rows()[0]["metric"]


def differences(file: File) -> Iterator[str]:
    """What each system of a comparison is against its baseline, by the first metric."""
    rows = [row for row in file.rows() if row["metric"] == first_metric(file)]
    baselines = {row["experiment"]: row for row in rows if row["role"] == "baseline"}
    for row in rows:
        if row["role"] == "system":
            yield against_baseline(row, baselines.get(row["experiment"]))


def verdicts(file: File) -> Iterator[str]:
    """How many systems are better or worse than the baseline of their experiment."""
    rows = [row for row in file.rows() if row["metric"] == first_metric(file)]
    by_experiment: dict[str, Counter[str]] = {}
    for row in rows:
        if row["role"] == "system":
            by_experiment.setdefault(row["experiment"], Counter())[row["verdict"]] += 1
    baselines = {row["experiment"]: row for row in rows if row["role"] == "baseline"}
    for experiment, counts in by_experiment.items():
        if baseline := baselines.get(experiment):
            yield (
                f"{file.title}, {metric_words(baseline['metric'])} (higher is better), other "
                f"systems against {named(baseline)}: {counted(counts)}"
            )


def against_baseline(row: CSV_ROW, baseline: CSV_ROW | None) -> str:
    """What the difference of a row says, and how sure that is."""
    if baseline is None or not row["difference"]:
        return f"{named(row)}: no difference was computed."
    given, found = (f"{float(one['mean']):.3f}" for one in (baseline, row))
    change = f"{float(row['difference']):+.3f}"
    if f"{float(found) - float(given):+.3f}" != change:
        change += ", before rounding"
    metric = f"{metric_words(row['metric'])} from {given} to {found}: {change}"
    of = f"{_runs(row)}, {row['units']} {row['unit']}s"
    what = _step(row, baseline)
    if not row["difference_low"]:
        return f"Nothing can be concluded: no interval. {what} changed {metric} ({of})."
    ends = f"{float(row['difference_low']):+.3f} to {float(row['difference_high']):+.3f}"
    verdict = row["verdict"]
    begin = f"{verdict.capitalize()}." if verdict in ("higher", "lower") else "No difference shown."
    said = f"{begin} {what} changed {metric} (95% interval {ends}; {of})."
    if verdict in ("higher", "lower") or not row.get("detectable"):
        return said
    return (
        f"{said} With this test set a change of {float(row['detectable']):.3f} would have been "
        "found with a power of 80%; smaller ones may be missed."
    )


def named(row: CSV_ROW) -> str:
    """A system by what tells it from others."""
    corpus = "as published" if row["corpus"] == "none" else f"pretrained on {row['corpus']}"
    return f"{row['encoder']} {corpus}, fine-tuned on {row['mixture']}"


def _step(row: CSV_ROW, baseline: CSV_ROW) -> str:
    """What was done otherwise than for the baseline."""
    other = {name for name in ("encoder", "corpus", "mixture") if row[name] != baseline[name]}
    if other == {"corpus"}:
        encoder, corpus, without = row["encoder"], row["corpus"], baseline["corpus"]
        if without == "none":
            return f"Further pretraining of {encoder} on {corpus}"
        if corpus == "none":
            return f"Leaving out the further pretraining of {encoder} on {without}"
        return f"Further pretraining of {encoder} on {corpus} instead of {without}"
    if other == {"mixture"}:
        return f"Fine-tuning on {row['mixture']} instead of {baseline['mixture']}"
    return f"To take {named(row)}, instead of {named(baseline)},"


def _runs(row: CSV_ROW) -> str:
    return f"{row['runs']} run{'s' * (row['runs'] != '1')}"


def _limits(file: File) -> Iterator[str]:
    rows = file.rows()
    if any(row["role"] != "trivial" and row["runs"] == "1" for row in rows):
        yield (
            f"{file.title}: some rows are of one run. Another seed may give another number, and "
            "nothing says how far off it would be."
        )
    units = [int(row["units"]) for row in rows if row["units"]]
    if units and min(units) < FEW_UNITS:
        yield (
            f"{file.title}: the test set has {min(units)} units ({rows[0]['unit']}s); fewer than "
            f"{FEW_UNITS} say little about others."
        )
    overlapping = [row for row in rows if row["overlapping"] not in ("", "0")]
    if overlapping:
        yield _overlap(file.title, overlapping)


def _overlap(title: str, rows: list[CSV_ROW]) -> str:
    """How many test examples stand in what was trained on, and in what."""
    counts = [int(row["overlapping"]) for row in rows]
    n = int(rows[0]["n"])
    share = f" ({100 * counts[0] / n:.0f}%)" if len(set(counts)) == 1 else ""
    sets = [one.rpartition(":")[0] for row in rows for one in row["trained_on"].split() if one]
    corpora = [row["corpus"] for row in rows if row["corpus"] != "none"]
    trained = [f"train examples of {listed(dict.fromkeys(sets))}"] if sets else []
    if corpora:
        trained.append(f"corpora {listed(dict.fromkeys(corpora))} where it was pretrained on them")
    return (
        f"{title}: {span(counts)} of {n:,}{share} test examples have all their words, or at least "
        f"half of their sequences of 13 words, in what the system was trained on: "
        f"{' and '.join(trained)}. A model may know these by heart: the column 'score without "
        "overlapping' leaves them out."
    )


def _of_study(facts: Row) -> Iterator[str]:
    if not facts.get("fidelity"):
        yield (
            "That a rewriting passed the screens does not make it true: they look at form, length "
            "and overlap, and no check of fidelity is shown here."
        )
    if not facts.get("releases"):
        yield (
            "Whether a corpus may be given to others: no check for release is declared, and this "
            "page says nothing about it. What is made from notes is as sensitive as the notes."
        )
    yield (
        "Corpora are compared at the token budgets in the table of corpora; other budgets may give "
        "another order."
    )


SECTION = Section("conclusions", "What may be concluded", inputs, draw)
