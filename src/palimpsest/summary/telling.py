"""The most telling numbers of a study in plain words, as the demo ends with them."""

from collections.abc import Mapping
from pathlib import Path

from palimpsest.summary import perplexity
from palimpsest.summary.content import File, percents, several, three
from palimpsest.summary.sections import conclusions, fidelity, flow

LONGEST = 3  # rules whose time is named


def yields(screens: Path) -> str:
    """Of each LLM, prompt and context, how many answers were kept. screens: `screens.csv`."""
    told = []
    for (source, _, prompt), outcomes in flow.ended(_rows(screens)).items():
        kept = flow.kept(outcomes)
        total = sum(outcomes.values())
        share = f" ({100 * kept / total:.0f}%)" if total else ""
        told.append(f"{prompt} of {source} {kept:,} of {total:,}{share}")
    return f"Kept by the screens, by prompt: {'; '.join(told)}."


def differences(table: Path) -> str:
    """What each system of a comparison is against its baseline, by the first metric."""
    file = _file(table)
    n = three(file.rows()[0]["n"])
    return f"{file.title}, {n} test examples: {' '.join(conclusions.differences(file))}"


def against_unigrams(figure: Path) -> str:
    """The corpus whose model has the lowest perplexity, and what a unigram of the corpus has.

    figure: the numbers of a perplexity figure. Its first panel counts: perplexities of other notes
    do not compare.
    """
    panel, corpora = next(iter(perplexity.panels(_file(figure)).items()))
    best = perplexity.lowest(corpora)
    of_it = corpora[best["corpus"]]
    said = {role: perplexity.shown(row) for role, row in of_it.items()}
    ratio = perplexity.ratio_shown(of_it["over_unigram"])
    end = of_it["over_unigram"]["high"]
    won = "is below it" if end and float(end) < 1 else "is not surely below it"
    return (
        f"Perplexity on {panel}, lower is better: the lowest has the model of "
        f"{best['corpus']}, {said['mean']} over {three(best['units'])} patients and "
        f"{best['seeds']} seeds. A unigram of the same corpus has {said['unigram']}: the model has "
        f"{ratio} of that, and {won}."
    )


def errors(rates: Path) -> str:
    """How many of the rephrases of which most were kept have a finding. rates: of a source."""
    rows = [row for row in _rows(rates) if row["type"] == fidelity.ANY]
    most = max(rows, key=lambda row: int(row["rephrases"]))
    share = percents(most["rate"], most["low"], most["high"])
    return (
        f"Fidelity by rules: {three(most['wrong'])} of {several(most['rephrases'], 'rephrase')} of "
        f"{several(most['patients'], 'patient')} have a changed, omitted or added fact: "
        f"{share or 'none kept'} ({fidelity.called(most)})."
    )


def time_said(took: str, seconds: Mapping[str, list[float]]) -> str:
    """How long it took and where the time went. seconds: of jobs, by rule."""
    total = sum(map(sum, seconds.values()))
    longest = sorted(((sum(spent), rule) for rule, spent in seconds.items()), reverse=True)
    named = ", ".join(f"{rule} {_span(spent)}" for spent, rule in longest[:LONGEST])
    return f"Time: {took}; jobs took {_span(total)} together, most of it {named}."


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def _file(path: Path) -> File:
    return File(path.name, path.stem, path)


def _rows(path: Path) -> list[dict[str, str]]:
    return _file(path).rows()
