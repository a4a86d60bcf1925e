"""Train the same models on the same packed batches: this project, a hand-written loop, a Trainer.

    PYTHONPATH=src python benchmarks/pretrain.py --steps 200 --rounds 3
    PYTHONPATH=src python benchmarks/pretrain.py --models encoder --weights FOLDER --steps 50

One line a model: tokens of text a second of CPU time, which a busy machine changes least, medians
of the rounds, in which the three take turns after one that is not counted, and the ratios. `hand`:
forward, backward, clipping, fused AdamW and the rate, over tensors that are there beforehand; for
the encoder under autocast, with the head at the masked places alone. `padded`: transformers'
Trainer over one passage an example, padded to the longest of its batch, which is what many
programs do; it is given as many steps, and padding is not counted as text.
"""

import argparse
import contextlib
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import AutoModelForMaskedLM, Trainer, TrainingArguments, set_seed

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.pretraining.config import DecoderArchitecture, Training, TrainingResources
from palimpsest.pretraining.decoder import build_decoder
from palimpsest.pretraining.objectives import CausalLoss, MaskedLoss, Objective
from palimpsest.pretraining.packing import (
    IGNORED,
    Batches,
    Framing,
    causal_examples,
    masking,
    pack,
)
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.pretraining.training import LONGEST_GRADIENT, Run, optimizer_of, rate_at
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.files import write_manifest
from palimpsest.text.tokenizers import END, encode_compact, encoder_marks, read_tokenizer
from synthetic_notes import generate_notes

DECODERS = {  # hidden, intermediate, layers, heads, vocabulary; batch, context
    "llama-1m": ((128, 384, 4, 4, 1024), (8, 128)),
    "llama-10m": ((320, 864, 6, 5, 4096), (8, 256)),
}
ENCODER = (8, 128)


def passages(texts: list[str], tokenizer: Tokenizer, longest: int) -> list[str]:
    """The texts cut as a study cuts notes: what is padded is neither longer nor cut off."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bpe" / "tokenizer.json"
        file.parent.mkdir()
        tokenizer.save(str(file))
        write_manifest(Path(folder) / "bpe.json", described(file.parent, [file.name]))
        cutter = PassageCutter(file, PassagesSpec(max_tokens=longest))
        cuts = cutter.stretches(texts)
    return [
        text[part.start : part.end]
        for text, parts in zip(texts, cuts, strict=True)
        for part in parts
        if part.reason is None
    ]


class Subject:
    """A model to train, its documents, and its packed batches."""

    def __init__(self, name: str, texts: list[str], weights: Path | None, training: dict[str, Any]):
        self.name = name
        if name == "encoder":
            assert weights is not None, "--weights: the folder of an encoder"
            self.tokenizer = read_tokenizer(weights / "tokenizer.json")
            size, context = ENCODER
            first, last, mask = encoder_marks(self.tokenizer)
            self.framing = Framing(before=(last,), first=(first,), last=(last,))
            self.around, self.padding = ([first], [last]), self.tokenizer.token_to_id("[PAD]")
            self.make = lambda: AutoModelForMaskedLM.from_pretrained(
                weights, dtype=torch.float32, trust_remote_code=False
            )
            vocabulary = self.make().config.vocab_size
            self.examples = masking(mask, vocabulary, 0.15, {first, last, mask})
        else:
            (hidden, middle, layers, heads, vocabulary), (size, context) = DECODERS[name]
            self.tokenizer = train_bpe(texts, vocabulary)
            end = self.tokenizer.token_to_id(END)
            shape = DecoderArchitecture(
                hidden_size=hidden, intermediate_size=middle, layers=layers, heads=heads
            )
            self.framing, self.around, self.padding = Framing(before=(end,)), ([end], []), end
            self.make = lambda: build_decoder(shape, vocabulary, context, end)
            self.examples = causal_examples
        self.training = Training(batch_size=size, context=context, **training)
        self.documents = encode_compact(
            self.tokenizer, passages(texts, self.tokenizer, context - 2)
        )
        sequences = pack(self.documents, self.framing, context, 1)
        self.batches = Batches(sequences, size, 1, self.examples)

    def model(self) -> Any:
        """The model as it is before training: the same each time."""
        set_seed(1)
        return self.make()

    def objective(self, model: Any) -> Objective:
        return MaskedLoss(model, False, 0.15) if self.name == "encoder" else CausalLoss(model)

    @property
    def tokens(self) -> int:
        """Of the run, packed."""
        return self.training.steps * self.training.batch_size * self.training.context


def palimpsest(subject: Subject, folder: Path) -> float:
    """Tokens a second of this project's loop, with its checkpoint, log and curve."""
    resources = TrainingResources(threads=torch.get_num_threads())
    run = Run("run", subject.training, resources, 1, folder / "working", folder)
    objective = subject.objective(subject.model())
    started = time.process_time()
    run.train(objective, subject.batches, None)
    return subject.tokens / (time.process_time() - started)


def hand(subject: Subject, folder: Path) -> float:
    """Tokens a second of a loop that knows this model alone."""
    training, model = subject.training, subject.model()
    batches = [subject.batches.of_step(step) for step in range(training.steps)]
    optimizer = optimizer_of(model, training.weight_decay)
    model.train()
    mixed = training.precision == "bfloat16"
    started = time.process_time()
    for step, batch in enumerate(batches):
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            if subject.name == "encoder":
                hidden = model.base_model(input_ids=batch["input_ids"]).last_hidden_state
                chosen = batch["labels"] != IGNORED
                loss = cross_entropy(model.cls(hidden[chosen]).float(), batch["labels"][chosen])
            else:
                scores = model(input_ids=batch["input_ids"]).logits
                loss = cross_entropy(scores.flatten(0, 1).float(), batch["labels"].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LONGEST_GRADIENT)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, training)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    assert torch.isfinite(loss)
    return subject.tokens / (time.process_time() - started)


def padded(subject: Subject, folder: Path) -> float:
    """Tokens of text a second of a Trainer over single documents."""
    training, (before, after) = subject.training, subject.around
    room = training.context - len(before) - len(after)
    rows = [[*before, *ids[:room].tolist(), *after] for ids in subject.documents]
    seen = 0

    def collate(batch: list[list[int]]) -> dict[str, torch.Tensor]:
        nonlocal seen
        seen += sum(map(len, batch))
        longest = max(map(len, batch))
        ids = torch.tensor([row + [subject.padding] * (longest - len(row)) for row in batch])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch])
        if subject.name == "encoder":
            made = subject.examples(ids, torch.Generator())
            made["labels"] = torch.where(mask.bool(), made["labels"], IGNORED)
        else:
            made = {"input_ids": ids, "labels": torch.where(mask.bool(), ids, IGNORED)}
        return {**made, "attention_mask": mask}

    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=training.steps,
        per_device_train_batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        lr_scheduler_type="cosine",
        bf16=training.precision == "bfloat16",
        use_cpu=True,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    trainer = Trainer(subject.model(), arguments, data_collator=collate, train_dataset=rows)
    started = time.process_time()
    trainer.train()
    return seen / (time.process_time() - started)


WAYS: dict[str, Callable[[Subject, Path], float]] = {
    "palimpsest": palimpsest,
    "hand": hand,
    "padded": padded,
}


def measured(subject: Subject, rounds: int) -> dict[str, float]:
    """The median of each way, which take turns."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(rounds + 1):
        for way in list(WAYS)[number % 3 :] + list(WAYS)[: number % 3]:
            folder = Path(tempfile.mkdtemp())
            with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
                with contextlib.redirect_stderr(nothing):
                    found[way].append(WAYS[way](subject, folder))
            shutil.rmtree(folder)
    return {way: median(rates[1:]) for way, rates in found.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--models", nargs="+", default=[*DECODERS, "encoder"])
    options.add_argument("--weights", type=Path, help="folder of an encoder of the BERT family")
    options.add_argument("--precision", default=None, help="bfloat16 for the encoder if not given")
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(given.threads)
    texts = [note.text for note in generate_notes(150, 1, lambda patient: "train")]
    ways = "".join(f"{way:>11}" for way in WAYS)
    print(f"{'model':<11}{'precision':<11}{ways}{'/hand':>7}{'/padded':>9}")
    for name in given.models:
        precision = given.precision or ("bfloat16" if name == "encoder" else "float32")
        training = {"steps": given.steps, "learning_rate": 1e-3, "precision": precision}
        subject = Subject(name, texts, given.weights, training)
        rates = measured(subject, given.rounds)
        values = "".join(f"{rates[way]:>11,.0f}" for way in WAYS)
        ratios = [rates["palimpsest"] / rates[way] for way in ("hand", "padded")]
        print(f"{name:<11}{precision:<11}{values}{ratios[0]:>7.2f}{ratios[1]:>9.2f}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
