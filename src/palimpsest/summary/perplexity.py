"""What a perplexity figure says in words: corpora against its first reference and unigrams."""

from collections.abc import Iterator

from palimpsest.pages.wording import listed
from palimpsest.stats.intervals import LEVEL
from palimpsest.summary.content import (
    File,
    counted,
    interval,
    metric_words,
    scored,
    three,
)

CSV_ROW = dict[str, str]
OVER_REFERENCE = "over_reference"
VERDICTS = ("lower", "higher", "not told apart", "no interval")


def panels(file: File) -> dict[str, dict[str, dict[str, CSV_ROW]]]:
    """Rows of the first metric that the figure's table has, by panel, corpus and role."""
    rows = file.rows()
    found: dict[str, dict[str, dict[str, CSV_ROW]]] = {}
    for row in rows:
        if row["metric"] == rows[0]["metric"] and row["role"] != "seed":
            found.setdefault(row["panel"], {}).setdefault(row["corpus"], {})[row["role"]] = row
    return {panel: corpora for panel, corpora in found.items() if _means(corpora)}


def lowest(corpora: dict[str, dict[str, CSV_ROW]]) -> CSV_ROW:
    """The mean of a panel that is the lowest."""
    return min(_means(corpora), key=lambda row: float(row["value"]))


def shown(row: CSV_ROW) -> str:
    return interval(row["value"], row["low"], row["high"])


def ratio_shown(row: CSV_ROW) -> str:
    """To three places, for ends near 1 are what matters."""
    return scored(row["value"], row["low"], row["high"])


def reference(corpora: dict[str, dict[str, CSV_ROW]]) -> CSV_ROW:
    """The mean of the corpus that the others of a panel are compared with."""
    return next(row for row in _means(corpora) if OVER_REFERENCE not in corpora[row["corpus"]])


def compared(corpora: dict[str, dict[str, CSV_ROW]]) -> dict[str, list[CSV_ROW]]:
    """The comparisons of a panel with its reference, by what they say."""
    found: dict[str, list[CSV_ROW]] = {verdict: [] for verdict in VERDICTS}
    for roles in corpora.values():
        if row := roles.get(OVER_REFERENCE):
            found[_verdict(row)].append(row)
    return found


def _verdict(row: CSV_ROW) -> str:
    if not row["p_holm"]:
        return "no interval"
    if float(row["p_holm"]) >= 1 - LEVEL:
        return "not told apart"
    return "lower" if float(row["value"]) < 1 else "higher"


def verdicts(file: File) -> Iterator[str]:
    """How many corpora of each panel are better or worse than the reference."""
    for panel, corpora in panels(file).items():
        if counts := counted({name: len(rows) for name, rows in compared(corpora).items()}):
            base = reference(corpora)
            metric = metric_words(base["metric"])
            yield (
                f"{file.title}, {metric} on {panel} (lower is better), models of other corpora "
                f"against that of {base['corpus']}: {counts}"
            )


def told(file: File) -> Iterator[str]:
    """A sentence for each panel, and one on unigrams."""
    above: list[str] = []
    of_unigrams = 0
    for panel, corpora in panels(file).items():
        base = reference(corpora)
        begin = (
            f"{file.title}: {metric_words(base['metric'])} on {panel}, lower is better: the model "
            f"of {base['corpus']} has {shown(base)} over {three(base['units'])} patients and "
            f"{base['seeds']} seeds."
        )
        others = [
            f"{verdict}: " + ", ".join(f"{row['corpus']}, {ratio_shown(row)} of it" for row in rows)
            for verdict, rows in compared(corpora).items()
            if rows
        ]
        end = (
            f" Others against it, patients paired: {'; '.join(others)}. The verdicts are corrected "
            "for the number of comparisons, the intervals are not."
            if others
            else ""
        )
        yield begin + end
        for corpus, roles in corpora.items():
            if ratio := roles.get("over_unigram"):
                of_unigrams += 1
                if not ratio["high"] or float(ratio["high"]) >= 1:
                    above.append(f"{corpus} on {panel} ({ratio_shown(ratio)} of it)")
    if above:
        rest = " All others are." if len(above) < of_unigrams else ""
        yield (
            f"{file.title}: not surely below the unigram of its own corpus: {listed(above)}.{rest}"
        )
    elif of_unigrams:
        yield f"{file.title}: every model is below the unigram of its own corpus."


def limits(file: File) -> Iterator[str]:
    """Why the ratio to the unigram is no rank, with the worst corpus where it shows that."""
    for corpora in panels(file).values():
        if not any("over_unigram" in roles for roles in corpora.values()):
            continue
        worst = max(_means(corpora), key=lambda row: float(row["value"]))["corpus"]
        ratios = {
            corpus: float(roles["over_unigram"]["value"])
            for corpus, roles in corpora.items()
            if "over_unigram" in roles
        }
        shows = min(ratios, key=lambda corpus: ratios[corpus]) == worst and len(ratios) > 1
        seen = f" So {worst} has the highest perplexity and the largest gain." if shows else ""
        yield (
            f"{file.title}: how far a model is below the unigram of its corpus does not rank "
            f"corpora. A corpus unlike the held-out notes has a poor unigram, too.{seen}"
        )
        return


def _means(corpora: dict[str, dict[str, CSV_ROW]]) -> list[CSV_ROW]:
    return [roles["mean"] for roles in corpora.values() if "mean" in roles]
