"""The most telling numbers of a study in plain words, as the demo ends with them."""

from collections.abc import Mapping
from pathlib import Path

from palimpsest.summary.content import File, interval, percents, three
from palimpsest.summary.sections import conclusions, fidelity, flow

LONGEST = 3  # rules whose time is named


def yields(screens: Path) -> str:
    """Of each LLM and prompt, how many answers were kept. screens: `screens.csv`."""
    told = []
    for (source, _, prompt), outcomes in flow.ended(_rows(screens)).items():
        kept = sum(count for (outcome, _), count in outcomes.items() if outcome == "kept")
        total = sum(outcomes.values())
        share = f" ({100 * kept / total:.0f}%)" if total else ""
        told.append(f"{prompt} of {source} {kept:,} of {total:,}{share}")
    return f"Kept by the screens, by prompt: {'; '.join(told)}."


def differences(table: Path) -> str:
    """What each system of a comparison is against its baseline, by the first metric."""
    file = _file(table)
    metric = conclusions.first_metric(file)
    told = [
        f"{conclusions.named(row)}: {conclusions.against_baseline(row)}"
        for row in file.rows()
        if row["role"] == "system" and row["metric"] == metric
    ]
    n = three(file.rows()[0]["n"])
    return f"{file.title}, {metric} on {n} test examples: {'; '.join(told)}."


def against_unigrams(figure: Path) -> str:
    """The corpus whose model beats its unigram by most. figure: the numbers of a perplexity figure.

    Perplexities of different notes do not compare; a ratio to the unigram does.
    """
    rows = [row for row in _rows(figure) if row["metric"] == "perplexity"]
    ratios = [row for row in rows if row["role"] == "over_unigram"]
    best = min(ratios, key=lambda row: float(row["value"]))
    by_role = {
        row["role"]: interval(row["value"], row["low"], row["high"])
        for row in rows
        if (row["panel"], row["corpus"]) == (best["panel"], best["corpus"])
        and row["role"] != "seed"
    }
    won = "beats" if float(best["high"] or best["value"]) < 1 else "does not surely beat"
    return (
        f"Perplexity on {best['panel']}: the model of {best['corpus']} {won} the unigram of its "
        f"corpus: {by_role['mean']} against {by_role['unigram']}, a ratio of "
        f"{by_role['over_unigram']} over {three(best['units'])} patients and {best['seeds']} seeds."
    )


def errors(rates: Path) -> str:
    """How many of the rephrases of which most were kept have a finding. rates: of a source."""
    rows = [row for row in _rows(rates) if row["type"] == fidelity.ANY]
    most = max(rows, key=lambda row: int(row["rephrases"]))
    share = percents(most["rate"], most["low"], most["high"])
    return (
        f"Fidelity by rules: {three(most['wrong'])} of {three(most['rephrases'])} rephrases of "
        f"{most['patients']} patients have a changed, omitted or added fact: {share or 'none kept'} "
        f"({fidelity.called(most)})."
    )


def time_said(took: str, seconds: Mapping[str, list[float]]) -> str:
    """How long it took and where the time went. seconds: of jobs, by rule."""
    total = sum(map(sum, seconds.values()))
    longest = sorted(((sum(spent), rule) for rule, spent in seconds.items()), reverse=True)
    named = ", ".join(f"{rule} {_minutes(spent)}" for spent, rule in longest[:LONGEST])
    return f"Time: {took}; jobs took {_minutes(total)} together, most of it {named}."


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


def _file(path: Path) -> File:
    return File(path.name, path.stem, path)


def _rows(path: Path) -> list[dict[str, str]]:
    return _file(path).rows()
