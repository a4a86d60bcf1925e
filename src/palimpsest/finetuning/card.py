"""The card of a kept model: what it is, what it was trained on, and how it is loaded."""

from typing import Any

from palimpsest.finetuning.config import FinetuneSpec
from palimpsest.runtime.identity import canonical_json

LOADED_BY = {
    "spans": """\
```python
from transformers import AutoModelForTokenClassification

model = AutoModelForTokenClassification.from_pretrained("FOLDER")
```

It was trained on words, of which the first piece alone has a tag (IOB2).""",
    "text": """\
```python
from safetensors import safe_open
from transformers import AutoModel

encoder = AutoModel.from_pretrained("FOLDER")  # says that head.* is not used: the next lines use it
with safe_open("FOLDER/model.safetensors", "pt") as file:
    weight, bias = file.get_tensor("head.weight"), file.get_tensor("head.bias")
```

The logits are `vector @ weight.T + bias`, where the vector is {vector} of the encoder's last layer;
probabilities are its {scores}.""",
}
SCORES = {
    "several_labels": "sigmoid, an output for each label and a last one for any label at all",
    "one_label": "softmax over the labels",
    "number": "value: the model answers with a number",
}


def card(spec: FinetuneSpec, names: dict[str, str], asked: dict[str, Any]) -> str:
    """Markdown. names: the job's wildcards. asked: kind, answer, labels and trained_on."""
    if asked["kind"] == "spans":
        loading = LOADED_BY["spans"]
    else:
        pooled = spec.finetuning.pooling
        loading = LOADED_BY["text"].format(
            vector="the mean over all tokens" if pooled == "mean" else "the first token",
            scores=SCORES[asked["answer"]],
        )
    trained = ", ".join(f"{name} ({count})" for name, count in asked["trained_on"].items())
    rows = {
        "experiment": names.get("experiment", ""),
        "encoder": names.get("model", ""),
        "adapted to the corpus": names.get("corpus", ""),
        "mixture": names.get("mixture", ""),
        "seeds": f"pretraining {names.get('seed', '')}, fine-tuning {spec.seed}",
        "kind": asked["kind"],
        "labels": ", ".join(asked["labels"]),
        "train examples": trained,
        "fine-tuning": f"`{canonical_json(spec.finetuning.identity())}`",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"""\
# A fine-tuned encoder, made by Palimpsest

| | |
|---|---|
{table}

`palimpsest tag` labels notes with it. In Python, in place of `FOLDER` this folder:

{loading}

`head.json` has the labels in the order of the outputs, and how a text is cut into windows.

A model may repeat what it was trained on. Where it was trained on notes of patients, it is to be
kept as safe as these.
"""
