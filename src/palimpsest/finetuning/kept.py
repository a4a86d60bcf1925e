"""Models that a run keeps, and what they say of a user's texts.

A kept model is a folder of files that transformers reads, and `head.json`, which says what the
model answers. The tensors of a head over whole texts lie beside the encoder's, named `head.weight`
and `head.bias`: `AutoModel.from_pretrained` gives the encoder, `load_model` the whole.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors.torch import save_file

from palimpsest.finetuning.config import CARD, HEAD_FILE, KEPT_FILES, Finetuning
from palimpsest.finetuning.finished import write_head
from palimpsest.finetuning.heads import head_of
from palimpsest.finetuning.heads.base import Head
from palimpsest.runtime.checkpoints import verified
from palimpsest.runtime.dataset_tables import ANSWERS, DatasetManifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, write_json
from palimpsest.runtime.rows import Row
from palimpsest.text.iob2 import TOKEN


def save_model(folder: Path, head: Head, model: Any) -> None:
    """Write KEPT_FILES into a folder, but for the card."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.cpu().contiguous() for name, tensor in head.tensors(model).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = [type(_whole(head, model)).__name__]
    model.config.save_pretrained(folder)
    shutil.copyfile(head.checkpoint / "tokenizer.json", folder / "tokenizer.json")
    _copy_tokenizer_config(head.checkpoint, folder)
    asked = head.asked
    head_fields = {
        "kind": asked.kind,
        "answer": asked.answer,
        "labels": asked.labels,
        "none_label": asked.none_label,
        "finetuning": head.finetuning.identity(),
    }
    write_head(folder, head_fields)


def _whole(head: Head, model: Any) -> Any:
    """What transformers loads: the tagger, or the encoder below a head of ours."""
    return model if hasattr(model, "base_model") else head.encoder_of(model)


def _copy_tokenizer_config(checkpoint: Path, folder: Path) -> None:
    """The checkpoint's, or the one that every tokenizer.json can be read with."""
    name = "tokenizer_config.json"
    if (checkpoint / name).exists():
        shutil.copyfile(checkpoint / name, folder / name)
    else:
        write_json(folder / name, {"tokenizer_class": "PreTrainedTokenizerFast"})


@dataclass(frozen=True)
class KeptModel:
    """A fine-tuned model, ready to predict."""

    head: Head
    model: Any

    @property
    def asked(self) -> DatasetManifest:
        """kind, answer, labels and none_label of the dataset that it was judged on."""
        return self.head.asked

    def predict_texts(
        self,
        texts: list[str],
        seconds: list[str] | None = None,
        marks: list[list[Row]] | None = None,
    ) -> list[list[Row]]:
        """What the model says of each text, in order.

        texts: such as the examples that it was trained on; what is longer than a window is read in
        several. seconds: for pairs, the second texts. marks: for assertion and relations, of each
        text its marked entities: start, end and label, in characters.
        Returns of each text its rows. Spans: start and end in the text, label, score; they do not
        overlap. Labels: label and score, for each label, and `any` where there may be several. A
        number: one row with label None.
        Raises UserError when a kind lacks what it needs.
        """
        needed = {"pairs": seconds, "assertion": marks, "relations": marks}
        if needed.get(self.asked.kind, texts) is None:
            what = "second texts" if self.asked.kind == "pairs" else "marked entities"
            raise UserError(f"the model is of the kind '{self.asked.kind}': expected {what}")
        examples: list[Row] = [{"text": text} for text in texts]
        for row, second in zip(examples, seconds or texts, strict=True):
            row["second"] = second
        for row, marked in zip(examples, marks or [[] for _ in texts], strict=True):
            row["marks"] = marked
        if self.asked.kind == "spans":
            for row in examples:
                found = (match.span() for match in TOKEN.finditer(row["text"]))
                row["tokens"] = [{"start": start, "end": end} for start, end in found]
        return self.head.predict(self.model, self.head.read(examples), examples)


def load_model(folder: Path) -> KeptModel:
    """A model that `save_model` wrote, on the GPU where there is one.

    Raises UserError when the folder is not complete.
    """
    if missing := [name for name in KEPT_FILES if name != CARD and not (folder / name).exists()]:
        raise UserError(f"{folder}: not a kept model: lacks {missing}")
    path = folder / HEAD_FILE
    verified(folder)
    fields = read_fields(path, "kind", "answer", "labels", "none_label", "finetuning")
    if fields["answer"] not in ANSWERS.get(fields["kind"], ()):
        raise UserError(
            f"{path}: {fields['kind']!r} answered with {fields['answer']!r} is no kind of dataset; "
            f"expected one of {ANSWERS}"
        )
    try:
        finetuning = Finetuning.model_validate(fields["finetuning"])
    except ValidationError as error:
        raise UserError(f"{path}: finetuning is not as it was written") from error
    asked = DatasetManifest(
        folder.name,
        fields["kind"],
        fields["labels"],
        "",
        answer=fields["answer"],
        unit="example",
        none_label=fields["none_label"],
    )
    head = head_of(asked.kind)(folder, asked, finetuning)
    model = head.kept_model()
    return KeptModel(head, model.to("cuda" if torch.cuda.is_available() else "cpu"))
