"""Table 1: what went in, and what each corpus is made of."""

from typing import Any

import pandas as pd

from palimpsest.runtime.errors import AccountingError

COUNTS = ["notes", "documents", "tokens", "bytes", "distinct_1", "distinct_2", "distinct_3"]
NAMES = ["corpus", "part", "kind", "source", "llm", "prompt"]
ENTERED = ["rows_in", "passages_asked"]  # what an account's `in` counts: of a source, of an LLM
ACCOUNT = [*ENTERED, "kept", "rejected", "failed"]


def corpus_table(sources: dict[str, dict[str, Any]], corpora: list[dict[str, Any]]) -> pd.DataFrame:
    """One row for each source, then one for each part of each corpus and for its sum.

    sources: name -> manifest of its notes. corpora: their manifests, in order; a corpus of one
    part has the row `all` only. Columns `rejected_<reason>` and `failed_<reason>` stand for every
    reason that occurs; they are empty for parts that no LLM was asked for.
    Raises AccountingError when what went in is not kept + rejected + failed.
    """
    rows = [_source(name, manifest["account"]) for name, manifest in sources.items()]
    for manifest in corpora:
        parts = manifest["parts"]
        for at, part in enumerate(parts):
            rows.append(_part(manifest["corpus"], str(at + 1) if len(parts) > 1 else "all", part))
        if len(parts) > 1:
            total = {**dict.fromkeys(("kind", "source", "llm", "prompt")), **manifest["all"]}
            total["budget"] = sum(part["budget"] for part in parts)
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


def _source(name: str, account: dict[str, Any]) -> dict[str, Any]:
    counted = _account("rows_in", account, f"source '{name}'")
    return {"kind": "source", "source": name, **counted, "notes": account["kept"]}


def _part(corpus: str, part: str, entry: dict[str, Any]) -> dict[str, Any]:
    named = {key: entry.get(key) for key in ("kind", "source", "llm", "prompt", "budget")}
    row = {"corpus": corpus, "part": part, **named, **{name: entry[name] for name in COUNTS}}
    account = entry.get("account")
    if account is None:
        return row
    return row | _account("passages_asked", account, f"corpus '{corpus}', part {part}")


def _account(entered: str, account: dict[str, Any], what: str) -> dict[str, Any]:
    rejected, failed = account["rejected"], account["failed"]
    total = account["kept"] + sum(rejected.values()) + sum(failed.values())
    if total != account["in"]:
        raise AccountingError(
            f"{what}: {account['in']} went in, but kept + rejected + failed = {total}"
        )
    return {
        entered: account["in"],
        "kept": account["kept"],
        "rejected": sum(rejected.values()),
        "failed": sum(failed.values()),
        **{f"rejected_{reason}": count for reason, count in rejected.items()},
        **{f"failed_{reason}": count for reason, count in failed.items()},
    }


def corpus_metrics(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers of the table as tidy rows; the `all` rows of corpora only."""
    wanted = table[table["part"] == "all"]
    long = wanted.melt(id_vars=["corpus"], value_vars=COUNTS, var_name="metric")
    return long.dropna(subset="value")
