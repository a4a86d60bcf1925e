"""Tables of corpora."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, percent, three, under

COLUMNS = {
    "corpus": "corpus", "part": "part", "tokens": "tokens", "kind": "made of",
    "prompt": "prompt", "documents": "documents", "passages_asked": "asked", "kept": "kept",
    "yield": "share kept", "tokens_out_per_kept": "tokens written per kept token",
    "copied_8grams": "copied", "distinct_2": "distinct pairs of words", "llm": "LLM",
}  # fmt: skip
SHARES = {"yield", "distinct_2", "copied_8grams"}
WORDS = {"corpus", "part", "kind", "llm", "prompt"}
OF_ANSWERS = ("passages_asked", "kept", "yield", "tokens_out_per_kept")
CSV_ROW = dict[str, str]


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for table in catalogue.study.tables:
        if table.kind == "corpora":
            yield f"{table.name}.csv", table.name
    if catalogue.study.rephrasings or catalogue.study.syntheses:
        yield "screens.csv", ""


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    tables = [file for file in files if file.title]
    used: set[tuple[str, ...]] = set()
    again = False
    for file in tables:
        rows = [row for row in file.rows() if row["corpus"]]
        again |= _counted_once(rows)
        used |= {asked_of(row) for row in rows if row["llm"]}
        parts.append(_table(file.title, rows))
    if parts:
        parts.append(Words(list(_said(again))))
        asked = [asked_of(row) for file in files if not file.title for row in file.rows()]
        if idle := [one for one in dict.fromkeys(asked) if one not in used]:
            names = "; ".join(f"{called} of {source} by {llm}" for source, llm, called in idle)
            parts.append(Words([f"Asked, and in no corpus of these tables: {names}."]))
    return parts


def asked_of(row: CSV_ROW) -> tuple[str, ...]:
    """Whose answers a row is of: source, LLM, and prompt with its context."""
    return row["source"], row["llm"], under(row)


def _counted_once(rows: list[CSV_ROW]) -> bool:
    """Empty what tells of answers where a row above tells it; whether there was such a row."""
    met: set[tuple[str, ...]] = set()
    again = False
    for row in rows:
        if not row["llm"]:
            continue
        if asked_of(row) in met:
            again = True
            row |= dict.fromkeys(OF_ANSWERS, "")
        met.add(asked_of(row))
    return again


def _table(title: str, rows: list[CSV_ROW]) -> Table:
    used = [name for name in COLUMNS if any(row.get(name) for row in rows)]
    llms = {row["llm"] for row in rows if row["llm"]}
    if len(llms) == 1:
        used.remove("llm")
    shown = [[_cell(name, row) for name in used] for row in rows]
    numeric = {at for at, name in enumerate(used) if name not in WORDS}
    caption = f"{title}: what each corpus is made of"
    table = Table(caption, [COLUMNS[name] for name in used], shown, numeric).trimmed()
    wrote = f"All that an LLM wrote is by {llms.pop()}." if len(llms) == 1 else ""
    return replace(table, note=" ".join(filter(None, [table.note, wrote])))


def _cell(name: str, row: CSV_ROW) -> str:
    if name == "prompt":
        return under(row) if row["llm"] else ""
    if name in WORDS:
        return row[name].replace("_", " ")
    return (percent if name in SHARES else three)(row[name])


def _said(again: bool) -> Iterator[str]:
    yield (
        "Documents may stand in a corpus more than once, where its budget needs it, and the last "
        "one is cut: so documents are not the answers that were kept. Tokens of a corpus are by "
        "the study's tokenizer, those of the LLM by its own."
    )
    if again:
        yield (
            "Answers that several corpora take are asked once: they are counted where they stand "
            "first."
        )
    yield (
        "Copied: share of sequences of 8 words that are copied from the source passage, of "
        "synthetic notes from the case report. Distinct "
        "pairs of words fall as a text grows: compare corpora of one size. Cost: tokens that the "
        "LLM wrote for each of its tokens that was kept. These are counts of this run, without "
        "intervals."
    )


SECTION = Section("corpora", "Corpora", inputs, draw)
