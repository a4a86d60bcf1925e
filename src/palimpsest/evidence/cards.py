"""Cards of datasets and models, as the Hugging Face hub reads them: no text of a note."""

from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined

from palimpsest.evidence.config import Described
from palimpsest.evidence.facts import Facts
from palimpsest.evidence.terms import UNKNOWN, terms_of_corpus
from palimpsest.runtime.rows import Manifest

TASKS = {"spans": "token-classification", "relations": "text-classification"}
MADE = {
    "generator": "The project's generator wrote the text, and the labels with it.",
    "experts": "Read from files of others, who labelled it.",
    "llm_labels": "Sentences of train notes, labelled by an LLM.",
    "llm_writes": "Sentences that an LLM wrote for a label.",
}
DATASET = """\
---
{{ header }}
---

# {{ name }}

{{ made }} {{ rows }} examples; their {{ unit }}s are what splits and intervals go by.

| | {% for split in splits %}{{ split }} | {% endfor %}

|---|{% for split in splits %}--:|{% endfor %}

| examples | {% for split in splits %}{{ counts[split] }} | {% endfor %}

{% for label, found in labels %}
| `{{ label }}` | {% for count in found %}{{ count }} | {% endfor %}

{% endfor %}

{% if left_out %}
Not in it: {{ left_out }}.

{% endif %}
## As declared

{{ declared }}

## Terms

{% for line in terms %}
- {{ line }}
{% endfor %}

## Intended use

Training and testing of classifiers of clinical text in research. Not for decisions about patients.

## Limits

{% for line in limits %}
- {{ line }}
{% endfor %}
"""
MODEL = """\
---
{{ header }}
---

# {{ model }} on {{ corpus }}

{{ what }} Trained by Palimpsest from a declared study, on the corpus `{{ corpus }}`
({{ tokens }} tokens), with the seeds {{ seeds }}{{ parameters }}. Its weights are not in this pack.

## Training

{{ declared }}

| seed | identity of the weights | final loss |{% if valid %} valid loss |{% endif %}

|--:|---|--:|{% if valid %}--:|{% endif %}

{% for row in checkpoints %}
| {{ row.seed }} | `{{ row.identity }}` | {{ row.loss }} |\
{% if valid %} {{ row.valid }} |{% endif %}

{% endfor %}

## Evaluation

{{ evaluated }}

## Terms

{% for line in terms %}
- {{ line }}
{% endfor %}

## Intended use

Research on language models of clinical text: a comparison of what it was trained on. Not for
decisions about patients, and not as a source of medical knowledge.

## Limits

- A model may repeat what it was trained on. Where the corpus is of real patients, its weights are
  as sensitive as the notes.
- It was trained for a comparison at equal budgets, not to be as good as possible.
"""
SPLITS = ("train", "valid", "test")
NO_PREVALENCE = "Examples are drawn up to budgets: frequencies in it are no prevalence."
INVENTED = "An LLM decided or wrote its labels or texts: both may be wrong."


def dataset_card(facts: Facts, name: str) -> str:
    """The card of a labelled dataset."""
    declared, manifest = _declared(facts, "datasets", name), facts.datasets[name]
    found = manifest.get("splits", {})
    counts = {split: found[split] for split in SPLITS if split in found}
    account = manifest.get("account", {})
    reasons = {**account.get("rejected", {}), **account.get("failed", {})}
    by_llm = declared["made_by"].startswith("llm")
    published = [one for one in facts.spec.datasets if one.name == name]
    sources = [one for one in facts.spec.sources if one.name == declared.get("source")]
    header = {
        "pretty_name": name,
        "license": [one.licence or UNKNOWN for one in published + sources] or [UNKNOWN],
        "language": ["en"],
        "task_categories": [TASKS.get(declared["kind"], "text-classification")],
        "tags": ["clinical", "medical", "palimpsest", *(["synthetic"] if by_llm else [])],
    }
    terms = [_term("Source", one) for one in sources]
    terms += [_term("Files", one) for one in published]
    terms += [_term("LLM", one) for one in facts.spec.weights if one.name == declared.get("llm")]
    return _render(
        DATASET,
        header=_yaml(header),
        name=name,
        made=MADE[declared["made_by"]],
        rows=f"{manifest['rows']:,}",
        unit=manifest.get("unit", "document"),
        splits=list(counts),
        counts={split: f"{count:,}" for split, count in counts.items()},
        labels=_labels(manifest, list(counts)),
        left_out=", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items())),
        declared=_options(declared, {"name"}),
        terms=terms or ["No source and no file of others is behind it."],
        limits=[NO_PREVALENCE, *([INVENTED] if by_llm else [])],
    )


def model_card(facts: Facts, model: str, corpus: str) -> str:
    """The card of a model that was trained on a corpus, with all its seeds."""
    declared = facts.spec.models[model]
    found = {
        seed: manifest
        for (name, of, seed), manifest in sorted(facts.checkpoints.items())
        if (name, of) == (model, corpus)
    }
    began = [one for one in facts.spec.weights if one.name == model]
    header: dict[str, Any] = {
        "license": "other",
        "license_name": "terms-of-its-sources",
        "language": ["en"],
        "library_name": "transformers",
        "pipeline_tag": "text-generation" if declared["kind"] == "decoder" else "fill-mask",
        "tags": ["clinical", "medical", "palimpsest"],
    }
    rows = [
        {"seed": seed, "identity": manifest.get("identity", ""),
         "loss": manifest.get("loss", ""), "valid": manifest.get("valid_loss", "")}
        for seed, manifest in found.items()
    ]  # fmt: skip
    counts = [one["parameters"] for one in found.values() if "parameters" in one]
    what = {
        "decoder": "A causal language model, trained from scratch.",
        "encoder": "A masked language model, trained further from published weights."
        if began
        else "A masked language model, trained from scratch.",
    }[declared["kind"]]
    shown = _evaluated(facts, model, corpus)
    return _render(
        MODEL,
        header=_yaml(header),
        model=model,
        corpus=corpus,
        what=what,
        tokens=f"{facts.corpora[corpus]['all']['tokens']:,}",
        seeds=", ".join(found),
        parameters=f"; {counts[0]:,} parameters" if counts else "",
        declared=_options(declared, set()),
        checkpoints=rows,
        valid=any(row["valid"] != "" for row in rows),
        evaluated="In " + ", ".join(f"`{name}`" for name in shown) + "." if shown else "None.",
        terms=[_term("Weights that it started from", one) for one in began]
        + terms_of_corpus(facts, corpus),
    )


def _evaluated(facts: Facts, model: str, corpus: str) -> list[str]:
    """The tables and figures that a model on a corpus is in."""
    judged = {
        entry["name"]
        for entry in facts.entries("experiments")
        if any((row["encoder"], row["corpus"]) == (model, corpus) for row in entry["encoders"])
    }
    names = [f"{one['name']}.csv" for one in facts.entries("tables")
             if judged & {*one.get("experiments", [])}]  # fmt: skip
    names += [f"{one['name']}.svg" for one in facts.entries("figures") if one.get("model") == model]
    return [f"results/{name}" for name in names]


def _declared(facts: Facts, kind: str, name: str) -> dict[str, Any]:
    return next(entry for entry in facts.spec.study[kind] if entry["name"] == name)


def _term(what: str, one: Described) -> str:
    origin = f" ({one.origin})" if one.origin else ""
    duty = f" {one.data_use}" if one.data_use else ""
    return f"{what} `{one.name}`{origin}: licence {one.licence or 'unknown'}.{duty}"


def _labels(manifest: Manifest, splits: list[str]) -> list[tuple[str, list[str]]]:
    """Each label with its count in each split, where the manifest counts them so."""
    by_label = manifest.get("by_label", {})
    if not all(isinstance(by_label.get(split), dict) for split in splits) or not splits:
        return []
    names = dict.fromkeys(name for split in splits for name in by_label[split])
    return [(name, [f"{by_label[split].get(name, 0):,}" for split in splits]) for name in names]


def _options(values: dict[str, Any], without: set[str]) -> str:
    """What is declared, as YAML in a fence."""
    shown = {key: value for key, value in values.items()
             if key not in without and value not in (None, [], {}, "")}  # fmt: skip
    return f"```yaml\n{_yaml(shown)}\n```"


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100).strip()


def _render(template: str, **values: Any) -> str:
    environment = Environment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(template).render(**values)
