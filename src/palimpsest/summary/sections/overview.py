"""The box that the report begins with: of whose notes it is, what is compared, and how large."""

from collections.abc import Iterator
from typing import Any

from palimpsest.pages.wording import listed
from palimpsest.runtime.rows import Row
from palimpsest.summary import perplexity
from palimpsest.summary.content import File, Part, Section, Words, span
from palimpsest.summary.sections import conclusions, flow

MANY_TOKENS = 1_000_000  # of a corpus: fewer show how a study is run, and little of any text
MANY_LABELS = 6  # are counted, and not named
TEXTS = {"notes": "original", "rephrases": "rephrased", "synthetic_notes": "synthetic"}
TASKS = {
    "spans": "marking spans of text",
    "sentences": "labelling sentences",
    "documents": "labelling documents",
    "pairs": "judging pairs of texts",
    "assertion": "telling whether what a span names is there",
    "relations": "finding relations of spans",
}


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    if catalogue.study.rephrasings or catalogue.study.syntheses:
        yield "screens.csv", ""
    for table in catalogue.study.tables:
        if table.kind == "corpora":
            yield f"{table.name}.csv", table.name
    yield from conclusions.inputs(catalogue)


def title_of(facts: Row, study: str) -> str:
    """The title of the report: the study's own, or of what it compares."""
    if facts.get("title"):
        return str(facts["title"])
    texts = [TEXTS[kind] for kind in TEXTS if kind in facts.get("made_of", [])]
    encoders = [name for task in facts.get("tasks", []) for name in task["encoders"]]
    if texts and (facts.get("models") or encoders):
        return f"{listed(texts).capitalize()} clinical notes as text to pretrain models on"
    if encoders:
        return f"{listed(dict.fromkeys(encoders))} on tasks of clinical text"
    return f"What LLMs wrote in study {study}" if texts else f"Study {study}"


def draw(files: list[File], facts: Row) -> list[Part]:
    models = [file for file in files if conclusions.compares(file)]
    others = [file for file in files if file not in models]
    lines = [*_invented(facts), *_compared(facts), *_size(others, facts)]
    return [Words(some) for some in (lines, _came_out(models)) if some]


def _came_out(files: list[File]) -> list[str]:
    """What the comparisons say, counted."""
    told = [
        f"{said}."
        for file in files
        for said in (perplexity if conclusions.drawn(file) else conclusions).verdicts(file)
    ]
    if not told:
        return []
    return [
        "What came out, by tests whose p-values are corrected for their number:",
        *told,
        "Not told apart is not the same as equal.",
    ]


def _invented(facts: Row) -> Iterator[str]:
    if facts.get("generated") == "all":
        yield (
            "All notes and all patients here are invented: programs wrote them. Nothing here is a "
            "finding about real notes."
        )
    elif facts.get("generated") == "some":
        yield (
            f"Notes and patients of {listed(facts['written_by_programs'])} are invented: programs "
            "wrote them. What is measured on them is no finding about real notes."
        )


def _compared(facts: Row) -> Iterator[str]:
    told = []
    for model in facts.get("models", []):
        if model["evaluations"]:
            told.append(
                f"{model['kind']} {model['model']}, pretrained on each corpus, by perplexity on "
                f"held-out notes ({listed(model['evaluations'])})"
            )
    for task in facts.get("tasks", []):
        labels = task["labels"]
        named = listed(labels) if len(labels) <= MANY_LABELS else f"{len(labels)} labels"
        corpora = f" as published or pretrained further on {listed(task['corpora'])}"
        mixtures = f"train sets {listed(task['mixtures'])}"
        told.append(
            f"encoder {listed(task['encoders'])}{corpora if task['corpora'] else ''}, by "
            f"{TASKS.get(task['kind'], task['kind'])} ({named}) after fine-tuning on "
            f"{mixtures if len(task['mixtures']) > 1 else task['dataset']}"
        )
    if told:
        yield f"What is compared: {'; '.join(told)}."


def _size(files: list[File], facts: Row) -> Iterator[str]:
    told: list[str] = []
    tokens: list[int] = []
    for file in files:
        rows = file.rows()
        if file.title:
            tokens += [int(row["tokens"]) for row in rows if row["part"] == "all" and row["tokens"]]
        else:
            told += list(_asked(rows))
    if tokens:
        told.append(f"corpora of {span(tokens)} tokens")
    measured = [*facts.get("models", []), *facts.get("tasks", [])]
    if seeds := [one["seeds"] for one in measured if one["seeds"]]:
        told.append(f"{span(seeds)} seed{'s' * (max(seeds) > 1)} of each model")
    if told:
        yield f"How large: {'; '.join(told)}."
    if tokens and max(tokens) < MANY_TOKENS:
        yield (
            "Corpora as small as these show how such a study is run. What a kind of text is worth "
            "they do not tell."
        )


def _asked(rows: list[dict[str, str]]) -> Iterator[str]:
    """Requests of each LLM and how many answers were kept."""
    counts: dict[str, list[int]] = {}
    for (_, llm, _), outcomes in flow.ended(rows).items():
        count = counts.setdefault(llm, [0, 0])
        count[0] += sum(outcomes.values())
        count[1] += flow.kept(outcomes)
    for llm, (asked, kept) in counts.items():
        yield f"{asked:,} requests to {llm}, {kept:,} answers kept"


SECTION = Section("overview", "In short", inputs, draw)
