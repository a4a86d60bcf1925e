"""Table 1: what went in, and what each corpus is made of."""

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import pandas as pd

from palimpsest.reports.rendering import Cell, Layout
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.rows import Row

COUNTS = [
    "notes", "documents", "tokens", "bytes", "mean_tokens", "mean_repeats", "distinct_1",
    "distinct_2", "distinct_3", "copied_8grams",
]  # fmt: skip
NAMES = ["corpus", "part", "kind", "source", "llm", "prompt", "context"]
ENTERED = ["rows_in", "passages_asked"]  # what an account's `in` counts: of a source, of an LLM
ACCOUNT = [*ENTERED, "kept", "rejected", "failed"]
COST = ["yield", "tokens_in_per_kept", "tokens_out_per_kept"]
BUDGET = ["budget", "overshoot"]
REASONS = ("duplicate", "near_duplicate", "contaminated")
REMOVED = [*(f"removed_{reason}" for reason in REASONS), "removed_tokens"]
WHOLE = {*ACCOUNT, "budget", *REMOVED, *COUNTS[:4]}  # counts, which are whole numbers
SHOWN = [
    *NAMES, *ACCOUNT, "yield", "tokens_out_per_kept", *BUDGET, *REMOVED, "tokens", "notes",
    "documents", "mean_tokens", "mean_repeats", "distinct_2", "copied_8grams",
]  # fmt: skip
MODELS = [
    "corpus", "model", "tokens", "documents", "context", "sequences", "dropped_tokens",
    "dropped_share", "epochs",
]  # fmt: skip
FORMATS = {"yield": "{:.1%}", "overshoot": "{:+.1%}", "copied_8grams": "{:.1%}"}  # for people
FORMATS |= {"tokens_out_per_kept": "{:.1f}", "mean_tokens": "{:.0f}", "mean_repeats": "{:.2f}"}
NEAR = 0.01  # share of a budget by which a part may differ from it and nothing is said


def corpus_table(sources: dict[str, Row], corpora: list[Row]) -> pd.DataFrame:
    """One row for each source, then one for each part of each corpus and for its sum.

    sources: name -> manifest of its notes. corpora: their manifests, in order; a corpus of one
    part has the row `all` only. Columns `rejected_<reason>` and `failed_<reason>` stand for every
    reason that occurs; they are empty for parts that no LLM was asked for. overshoot: tokens beyond
    the budget, as a share of it; below 0 for fewer. Columns `removed_<reason>` count documents that
    a part passed over, and are empty where the corpus declares nothing of the kind.
    Raises AccountingError when what went in is not kept + rejected + failed.
    """
    rows = [_source(name, manifest["account"]) for name, manifest in sources.items()]
    for manifest in corpora:
        parts = manifest["parts"]
        for number, part in enumerate(parts, start=1):
            rows.append(_part(manifest["corpus"], str(number) if len(parts) > 1 else "all", part))
        if len(parts) > 1:
            total = manifest["all"] | {"budget": sum(part["budget"] for part in parts)}
            total["removed"] = _added(part["removed"] for part in parts if "removed" in part)
            rows.append(_part(manifest["corpus"], "all", total))
    table = pd.DataFrame(rows)
    reasons = sorted(
        (name for name in table.columns if name.startswith(("rejected_", "failed_"))),
        key=lambda name: (name.startswith("failed_"), name),
    )
    table = table.reindex(columns=[*NAMES, *ACCOUNT, *reasons, *COST, *BUDGET, *REMOVED, *COUNTS])
    whole = [name for name in table.columns if name in WHOLE or name in reasons]
    return table.astype(dict.fromkeys(whole, "Int64"))


def models_table(corpora: list[str], counts: list[Row]) -> pd.DataFrame:
    """One row for each model and corpus that it is trained on: the corpus in the model's tokens.

    corpora: in the order of the rows. counts: manifests, which name model and corpus.
    """
    rows = [manifest["wildcards"] | manifest for manifest in counts]
    rows.sort(key=lambda row: corpora.index(row["corpus"]))
    return pd.DataFrame(rows, columns=MODELS)


def _source(name: str, account: Row) -> Row:
    counted = _account("rows_in", account, f"source '{name}'")
    return {"kind": "source", "source": name, **counted, "notes": account["kept"]}


def _part(corpus: str, part: str, entry: Row) -> Row:
    named = {key: entry.get(key) for key in ("kind", "source", "llm", "prompt", "budget")}
    if entry.get("llm"):
        named["context"] = entry.get("context", NO_CONTEXT)
    row = {"corpus": corpus, "part": part, **named, **{name: entry[name] for name in COUNTS}}
    row["overshoot"] = round(entry["tokens"] / entry["budget"] - 1, 4)
    if removed := entry.get("removed"):
        row |= {f"removed_{reason}": removed[reason]["documents"] for reason in REASONS}
        row["removed_tokens"] = sum(removed[reason]["tokens"] for reason in REASONS)
    if entry.get("account") is None:
        return row
    row |= _account("passages_asked", entry["account"], f"corpus '{corpus}', part {part}")
    spent = entry["spent"]
    row["yield"] = _ratio(row["kept"], row["passages_asked"], 4)
    for name in ("tokens_in", "tokens_out"):
        row[f"{name}_per_kept"] = _ratio(spent[name], spent["tokens"], 2)
    return row


def _added(removed: Iterable[Row]) -> Row:
    """By reason, the documents and tokens of several parts; nothing where none declares any."""
    total: Row = {}
    for part in removed:
        for reason, counts in part.items():
            before = total.get(reason, dict.fromkeys(counts, 0))
            total[reason] = {name: before[name] + count for name, count in counts.items()}
    return total


def _ratio(part: int, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


def _account(entered: str, account: Row, stage: str) -> Row:
    counted = Account()
    counted.add(account)
    counted.close(account["in"], stage)
    row = {entered: account["in"], "kept": counted.kept}
    for outcome, reasons in (("rejected", counted.rejected), ("failed", counted.failed)):
        row[outcome] = reasons.total()
        row |= {f"{outcome}_{reason}": count for reason, count in reasons.items()}
    return row


def corpus_layout(table: pd.DataFrame, models: pd.DataFrame) -> Layout:
    """The table for people: what does not differ or is of little use is in the CSV files only."""
    shown = table.reindex(columns=SHOWN).dropna(axis=1, how="all")
    if "context" in shown and shown["context"].dropna().eq(NO_CONTEXT).all():
        shown = shown.drop(columns="context")
    if not shown["mean_repeats"].gt(1).any():
        shown = shown.drop(columns="mean_repeats")
    rows = [
        [Cell(_shown(name, value)) for name, value in zip(shown.columns, row, strict=True)]
        for row in shown.itertuples(index=False, name=None)
    ]
    below = ["rows_in = kept + rejected + failed, and so it is of passages_asked."]
    below += [
        f"{row.corpus}, part {row.part}: {row.overshoot:+.1%} of its budget."
        f"{'' if row.kind == 'matched_notes' else ' No sentence of its last document ends nearer.'}"
        for row in table[table["overshoot"].abs() > NEAR].itertuples()
        if pd.notna(row.kind)
    ]
    below += [
        f"{row.model} on {row.corpus}: {row.tokens:,} tokens by its tokenizer, "
        f"{row.dropped_share:.1%} dropped at the end of packing, "
        f"{f'{row.epochs:,.1f} epochs' if row.sequences else 'too few for one sequence'}."
        for row in models.itertuples()
    ]
    return Layout(list(shown.columns), rows, sum(name in NAMES for name in shown.columns), below)


def _shown(name: str, value: Any) -> str:
    if pd.isna(value):
        return ""
    if name in FORMATS:
        return FORMATS[name].format(value)
    if isinstance(value, Integral):
        return f"{value:,}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def corpus_metrics(table: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """The numbers of both tables as tidy rows; of corpora the `all` rows only.

    Metrics of a model begin with `model_`: its tokens are not the study's.
    """
    wanted = table[table["part"] == "all"]
    measured = [*COST, "overshoot", *REMOVED, *COUNTS]
    long = [wanted.melt(id_vars=["corpus"], value_vars=measured, var_name="metric")]
    trained = models.rename(columns={name: f"model_{name}" for name in MODELS[2:]})
    long.append(trained.melt(id_vars=["corpus", "model"], var_name="metric"))
    return pd.concat(long).dropna(subset="value")
