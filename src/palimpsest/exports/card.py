"""The card of an export: what the corpus is, where it comes from, and what it is not good for."""

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined

from palimpsest.exports.config import ExportSpec
from palimpsest.exports.records import COLUMNS
from palimpsest.exports.template import CARD
from palimpsest.runtime.rows import Row

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
SIZES += ((10_000_000, "1M<n<10M"),)
UNKNOWN = "unknown"
WRITTEN = ("generated", "generated-case-reports")  # kinds of sources of which nobody is meant
LIMITS: dict[str | None, str] = {  # by what was done to the texts of the source
    None: "It holds text of notes, word by word. Where these are of real patients, so is it.",
    "rephrase": "Rephrases may still hold what identifies a patient: the LLM was told to keep the "
    "content, and nothing was removed.",
    "synthesize": "Synthetic notes follow the cases of their source, which journals select: "
    "they are rarer and more severe than a hospital's.",
}
INVENTS = (
    "LLMs leave out, misread and invent: numbers, doses, times and negations in generated text may "
    "be wrong. The screens look at form, length and overlap, not at truth."
)
DRAWN = (
    "Its documents are a sample by token budgets: frequencies of diseases in it are no prevalence."
)


def render_card(
    spec: ExportSpec, corpus: Row, weights: dict[str, str], data_files: dict[str, str]
) -> str:
    """The card as Markdown, without any text of a note.

    corpus: the manifest of the corpus's table: `parts` and `all`. weights: the identity of each
    LLM's weights, as its completions were made with them. data_files: pattern by split; none where
    the card stands alone.
    """
    environment = Environment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    text = environment.from_string(CARD).render(
        header=_header(spec, corpus["all"]["documents"], data_files).strip(),
        name=spec.corpus,
        opens=bool(data_files),
        documents=f"{corpus['all']['documents']:,}",
        tokens=f"{corpus['all']['tokens']:,}",
        tokenizer=spec.tokenizer,
        parts=[
            _counted(part.identity(), entry)
            for part, entry in zip(spec.parts, corpus["parts"], strict=True)
        ],
        told={part.kind: part.told for part in spec.parts},
        sources=[_in_cells(source.identity()) for source in spec.sources],
        llms=[
            _in_cells(
                {**llm.identity(), "weights": weights[llm.name], "sampling": _options(llm.sampling)}
            )
            for llm in spec.llms
        ],
        duties=[
            f"{one.name}: {one.data_use}" for one in (*spec.sources, *spec.llms) if one.data_use
        ],
        prompts=[
            {"name": prompt.name}
            | {part: _fenced(getattr(prompt, part) or "") for part in ("system", "user", "context")}
            for prompt in spec.prompts
        ],
        contexts=[
            {"name": one["name"], "told": _options({**one, "parts": ", ".join(one["parts"])})}
            for one in spec.contexts
        ],
        screened=_screened(spec),
        seed=spec.seed,
        columns=[(name, content) for name, _, content in COLUMNS],
        limits=_limits(spec),
    )
    return re.sub(r"\n{3,}", "\n\n", text)


def _header(spec: ExportSpec, documents: int, data_files: dict[str, str]) -> str:
    size = next((name for limit, name in SIZES if documents < limit), "n>10M")
    kept = [{"split": split, "path": path} for split, path in data_files.items()]
    licences = dict.fromkeys(source.licence or UNKNOWN for source in spec.sources)
    header = {
        "pretty_name": spec.corpus,
        "license": list(licences),
        "language": ["en"],
        "task_categories": ["text-generation", "fill-mask"],
        "tags": ["clinical", "medical", "palimpsest"] + (["synthetic"] if spec.llms else []),
        "size_categories": [size],
    }
    if kept:
        header["configs"] = [{"config_name": "default", "data_files": kept}]
    return yaml.safe_dump(header, sort_keys=False, allow_unicode=True)


def _counted(part: Row, entry: Row) -> Row:
    """A part as declared, with what became of it."""
    account = entry.get("account")
    asked = {"asked": "", "kept": "", "rejected": "", "failed": ""}
    if account:
        asked = {"asked": account["in"], "kept": account["kept"]} | {
            outcome: _listed(f"{reason} {count}" for reason, count in account[outcome].items())
            for outcome in ("rejected", "failed")
        }
    counts = {name: f"{entry[name]:,}" for name in ("documents", "notes", "tokens")}
    return _in_cells(part | counts | asked)


def _screened(spec: ExportSpec) -> list[Row]:
    """Each list of screens once, with the kinds of parts that it is of."""
    listed: dict[str, list[str]] = {}
    for part in spec.parts:
        if part.llm:
            kinds = listed.setdefault(json.dumps(part.screens), [])
            kinds += [part.kind] if part.kind not in kinds else []
    return [
        {
            "of": "Of " + _listed(f"`{kind}`" for kind in kinds),
            "screens": _screens(json.loads(text)),
        }
        for text, kinds in listed.items()
    ]


def _screens(screens: list[dict[str, Any]]) -> list[str]:
    return [
        " ".join(
            [f"`{screen['name']}`", _options({k: v for k, v in screen.items() if k != "name"})]
        ).strip()
        for screen in screens
    ]


def _limits(spec: ExportSpec) -> list[str]:
    uses = dict.fromkeys(part.use for part in spec.parts)
    limits = [LIMITS[use] for use in uses if use in LIMITS]
    invented = [source.name for source in spec.sources if source.kind in WRITTEN]
    if invented:
        limits.append(f"Nobody is meant in {_listed(invented)}: a program wrote these notes.")
    return [*limits, *([INVENTS] if spec.llms else []), DRAWN]


def _options(values: dict[str, Any]) -> str:
    """Names and values in one order, whether they come from a study or through JSON."""
    return _listed(f"{name} {value}" for name, value in sorted(values.items()))


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _in_cells(row: Row) -> Row:
    """A row whose texts stand in cells of a table."""
    return {
        name: value.replace("|", "\\|").replace("\n", " ") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _fenced(text: str) -> str:
    """A text word by word, in a fence that nothing in it can close."""
    if not text:
        return ""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"
