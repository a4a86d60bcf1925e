"""Table 1: what went in, and what each corpus is made of."""

from typing import Any

import pandas as pd

from palimpsest.reports.rendering import Cell, Layout
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.rows import Row

COUNTS = ["notes", "documents", "tokens", "bytes", "distinct_1", "distinct_2", "distinct_3"]
NAMES = ["corpus", "part", "kind", "source", "llm", "prompt"]
ENTERED = ["rows_in", "passages_asked"]  # what an account's `in` counts: of a source, of an LLM
ACCOUNT = [*ENTERED, "kept", "rejected", "failed"]


def corpus_table(sources: dict[str, Row], corpora: list[Row]) -> pd.DataFrame:
    """One row for each source, then one for each part of each corpus and for its sum.

    sources: name -> manifest of its notes. corpora: their manifests, in order; a corpus of one
    part has the row `all` only. Columns `rejected_<reason>` and `failed_<reason>` stand for every
    reason that occurs; they are empty for parts that no LLM was asked for.
    Raises AccountingError when what went in is not kept + rejected + failed.
    """
    rows = [_source(name, manifest["account"]) for name, manifest in sources.items()]
    for manifest in corpora:
        parts = manifest["parts"]
        for number, part in enumerate(parts, start=1):
            rows.append(_part(manifest["corpus"], str(number) if len(parts) > 1 else "all", part))
        if len(parts) > 1:
            total = manifest["all"] | {"budget": sum(part["budget"] for part in parts)}
            rows.append(_part(manifest["corpus"], "all", total))
    table = pd.DataFrame(rows)
    reasons = sorted(
        (name for name in table.columns if name.startswith(("rejected_", "failed_"))),
        key=lambda name: (name.startswith("failed_"), name),
    )
    table = table.reindex(columns=[*NAMES, *ACCOUNT, *reasons, "budget", *COUNTS])
    # Counts are whole numbers, also in columns where some rows have none.
    whole = [name for name in table.columns if name not in NAMES and not name.startswith("dist")]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _source(name: str, account: Row) -> Row:
    counted = _account("rows_in", account, f"source '{name}'")
    return {"kind": "source", "source": name, **counted, "notes": account["kept"]}


def _part(corpus: str, part: str, entry: Row) -> Row:
    named = {key: entry.get(key) for key in ("kind", "source", "llm", "prompt", "budget")}
    row = {"corpus": corpus, "part": part, **named, **{name: entry[name] for name in COUNTS}}
    if entry.get("account") is None:
        return row
    return row | _account("passages_asked", entry["account"], f"corpus '{corpus}', part {part}")


def _account(entered: str, account: Row, stage: str) -> Row:
    counted = Account()
    counted.add(account)
    counted.close(account["in"], stage)
    row = {entered: account["in"], "kept": counted.kept}
    for outcome, reasons in (("rejected", counted.rejected), ("failed", counted.failed)):
        row[outcome] = reasons.total()
        row |= {f"{outcome}_{reason}": count for reason, count in reasons.items()}
    return row


def corpus_layout(table: pd.DataFrame) -> Layout:
    """The table for people, without the columns by reason, which the CSV has."""
    shown = table.reindex(columns=[*NAMES, *ACCOUNT, *COUNTS]).dropna(axis=1, how="all")
    rows = [
        [Cell(_shown(value)) for value in row] for row in shown.itertuples(index=False, name=None)
    ]
    below = ["rows_in = kept + rejected + failed, and so it is of passages_asked."]
    return Layout(list(shown.columns), rows, sum(name in NAMES for name in shown.columns), below)


def _shown(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def corpus_metrics(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers of the table as tidy rows; the `all` rows of corpora only."""
    wanted = table[table["part"] == "all"]
    long = wanted.melt(id_vars=["corpus"], value_vars=COUNTS, var_name="metric")
    return long.dropna(subset="value")
