"""Tables of corpora."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, percent, three

COLUMNS = {
    "corpus": "corpus", "part": "part", "kind": "made of", "llm": "LLM", "prompt": "prompt",
    "context": "context", "passages_asked": "asked", "kept": "kept", "yield": "share kept",
    "documents": "documents", "tokens": "tokens", "distinct_2": "distinct pairs of words",
    "copied_8grams": "copied",
    "tokens_out_per_kept": "tokens written per kept token",
}  # fmt: skip
SHARES = {"yield", "distinct_2", "copied_8grams"}
WORDS = {"corpus", "part", "kind", "llm", "prompt", "context"}


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for table in catalogue.study.tables:
        if table.kind == "corpora":
            yield f"{table.name}.csv", table.name


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        rows = [row for row in file.rows() if row["corpus"]]
        used = [name for name in COLUMNS if any(row.get(name) for row in rows)]
        shown = [
            [
                (percent if name in SHARES else three)(row[name].replace("_", " "))
                if name not in WORDS
                else row[name].replace("_", " ")
                for name in used
            ]
            for row in rows
        ]
        numeric = {at for at, name in enumerate(used) if name not in WORDS}
        caption = f"{file.title}: what each corpus is made of"
        parts.append(Table(caption, [COLUMNS[name] for name in used], shown, numeric))
    if parts:
        parts.append(
            Words(
                [
                    "'Copied' is the share of runs of eight words that stand in the passage, too; "
                    "'distinct pairs' falls as a text grows, so compare equal sizes. Costs are "
                    "tokens of the LLM for each token that was kept."
                ]
            )
        )
    return parts


SECTION = Section("corpora", "Corpora", inputs, draw)
