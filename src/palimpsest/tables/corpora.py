"""Table 1: what each corpus is made of."""

from typing import Any

import pandas as pd

from palimpsest.core.errors import AccountingError

COUNTS = ["notes", "documents", "tokens", "bytes", "distinct_1", "distinct_2", "distinct_3"]


def corpus_table(manifests: list[dict[str, Any]]) -> pd.DataFrame:
    """One row for each part of each corpus; corpora of several parts get a row `all` as well.

    manifests: of the corpora, in order. Columns `rejected_<reason>` and `failed_<reason>` stand
    for every reason that occurs; they are empty for parts that no LLM was asked for.
    Raises AccountingError when asked is not kept + rejected + failed.
    """
    rows = []
    for manifest in manifests:
        parts = manifest["parts"]
        for at, part in enumerate(parts):
            rows.append(_row(manifest["corpus"], str(at + 1) if len(parts) > 1 else "all", part))
        if len(parts) > 1:
            total = {**dict.fromkeys(("kind", "source", "llm", "prompt")), **manifest["all"]}
            total["budget"] = sum(part["budget"] for part in parts)
            rows.append(_row(manifest["corpus"], "all", total))
    table = pd.DataFrame(rows)
    reasons = sorted(
        (name for name in table.columns if name.startswith(("rejected_", "failed_"))),
        key=lambda name: (name.startswith("failed_"), name),
    )
    first = ["corpus", "part", "kind", "source", "llm", "prompt"]
    asked = ["passages_asked", "kept", "rejected", "failed"]
    table = table.reindex(columns=[*first, *asked, *reasons, "budget", *COUNTS])
    # Counts are whole numbers, also in columns where some rows have none.
    whole = [name for name in table.columns if name not in first and not name.startswith("dist")]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _row(corpus: str, part: str, entry: dict[str, Any]) -> dict[str, Any]:
    named = {key: entry.get(key) for key in ("kind", "source", "llm", "prompt", "budget")}
    row = {"corpus": corpus, "part": part, **named, **{name: entry[name] for name in COUNTS}}
    account = entry.get("account")
    if account is None:
        return row
    rejected, failed = account["rejected"], account["failed"]
    total = account["kept"] + sum(rejected.values()) + sum(failed.values())
    if total != account["in"]:
        raise AccountingError(
            f"corpus '{corpus}', part {part}: asked {account['in']}, but kept + rejected + failed "
            f"= {total}"
        )
    return row | {
        "passages_asked": account["in"],
        "kept": account["kept"],
        "rejected": sum(rejected.values()),
        "failed": sum(failed.values()),
        **{f"rejected_{reason}": count for reason, count in rejected.items()},
        **{f"failed_{reason}": count for reason, count in failed.items()},
    }


def corpus_metrics(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers of the table as tidy rows; the `all` rows only."""
    wanted = table[table["part"] == "all"]
    long = wanted.melt(id_vars=["corpus"], value_vars=COUNTS, var_name="metric")
    return long.dropna(subset="value")
