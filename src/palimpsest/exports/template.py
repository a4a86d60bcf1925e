"""The template of a card: Markdown behind a header of YAML, as the Hugging Face hub reads it.

It is here and not in a file of its own, so that an edit of it makes the exports again. No text of a
note is ever given to it.
"""

CARD = """\
---
{{ header }}
---

# {{ name }}

{{ documents }} documents, {{ tokens }} tokens by the tokenizer of `{{ tokenizer }}`, made by
Palimpsest from a declared study. \
{{ "`datasets.load_dataset` opens this folder." if opens else "Its documents are not here." }}

## What it is made of

| part | kind | source | LLM | prompt | context | documents | notes | tokens | asked | kept | \
rejected | failed |
|--:|---|---|---|---|---|--:|--:|--:|--:|--:|---|---|
{% for part in parts -%}
| {{ loop.index }} | {{ part.kind }} | {{ part.source }} | {{ part.llm or "" }} | \
{{ part.prompt or "" }} | {{ part.context or "" }} | \
{{ part.documents }} | {{ part.notes }} | {{ part.tokens }} | {{ part.asked }} | {{ part.kept }} | \
{{ part.rejected }} | {{ part.failed }} |
{% endfor %}
{% for kind, meaning in told.items() -%}
- `{{ kind }}`: {{ meaning }}
{% endfor %}
`asked` counts requests to the LLM, `kept` answers that passed every screen, whether they are in
this corpus or beyond its budget.

## Sources and licences

| source | kind | licence |
|---|---|---|
{% for source in sources -%}
| {{ source.name }} | {{ source.kind }} | {{ source.licence or "unknown" }} |
{% endfor %}
{% if llms -%}
| LLM | weights | licence | number format | sampling |
|---|---|---|---|---|
{% for llm in llms -%}
| {{ llm.name }} | {{ llm.origin }}; identity {{ llm.weights }} | \
{{ llm.licence or "unknown" }} | \
{{ llm.dtype }} | {{ llm.sampling }} |
{% endfor %}
{% endif -%}
{% if duties %}Data use:
{% for duty in duties %}
- {{ duty }}
{%- endfor %}

{% endif -%}
Licences are those that the study declares; what is unknown was not declared. Text after a source,
written by an LLM, may be bound by the terms of both: whoever passes it on answers for that.
{% if prompts %}
## Prompts

`{passage}` stands for the passage, or for the whole case report{% if contexts %}, `{context}` for
what the context tells of the note besides{% endif %}.
{% for prompt in prompts %}
### {{ prompt.name }}
{% if prompt.system %}
System:

{{ prompt.system }}
{% endif %}
User:

{{ prompt.user }}
{% if prompt.context %}
Context, where there is one:

{{ prompt.context }}
{% endif %}{% endfor %}{% for context in contexts %}
### Context {{ context.name }}

{{ context.told }}
{% endfor %}{% endif -%}
{% if screened %}
## Screens

An answer is kept if it passes these, in order; the first that rejects it gives the reason.
{% for listed in screened %}
{{ listed.of }}:

{% for screen in listed.screens -%}
- {{ screen }}
{% endfor -%}
{% endfor %}{% endif %}
## Splits

Patients, not notes, are split, before any text is generated. All documents are of train patients,
and are the split `train` here; no text of a valid or test patient is in the corpus.

| source | train | valid | test |
|---|--:|--:|--:|
{% for source in sources -%}
| {{ source.name }} | {{ source.splits.train }} | {{ source.splits.valid }} | \
{{ source.splits.test }} |
{% endfor %}
Seed of splits and sampling orders: {{ seed }}.

## Columns

| column | content |
|---|---|
{% for column, content in columns -%}
| `{{ column }}` | {{ content }} |
{% endfor %}
## Intended use

Pretraining of language models on clinical text, and research on such training. Not for decisions
about patients, and not as a source of medical knowledge.

## Limits
{% for limit in limits %}
- {{ limit }}
{%- endfor %}
"""
