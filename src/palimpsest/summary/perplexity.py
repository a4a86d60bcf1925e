"""What a perplexity figure says in words: the lowest of each panel, and how it stands to unigrams.

No two models are compared here: the figure has an interval for each, and no paired test.
"""

from collections.abc import Iterator

from palimpsest.summary.content import File, interval, listed, metric_words, scored, three

CSV_ROW = dict[str, str]


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


def told(file: File) -> Iterator[str]:
    """A sentence for each panel, and one on unigrams."""
    above: list[str] = []
    compared = 0
    for panel, corpora in panels(file).items():
        best = lowest(corpora)
        yield (
            f"{file.title}: {metric_words(best['metric'])} on {panel}, lower is better: the model "
            f"of {best['corpus']} has the lowest, {shown(best)} over {three(best['units'])} "
            f"patients and {best['seeds']} seeds. Whether it is below the others was not tested."
        )
        for corpus, roles in corpora.items():
            if ratio := roles.get("over_unigram"):
                compared += 1
                if not ratio["high"] or float(ratio["high"]) >= 1:
                    above.append(f"{corpus} on {panel} ({ratio_shown(ratio)} of it)")
    if above:
        rest = " All others are." if len(above) < compared else ""
        yield (
            f"{file.title}: not surely below the unigram of its own corpus: {listed(above)}.{rest}"
        )
    elif compared:
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
