"""Score a decoder on long notes, and do the same windows by hand.

    PYTHONPATH=src python benchmarks/perplexity.py --notes 40 --rounds 5

One line: scored tokens a second of CPU, medians of the rounds, which take turns, and the ratio.
Both load the checkpoint, encode the notes and score each token once, in windows of half a context
behind half a context. `by hand` is the loop that one would write: windows sorted by length, in
batches of the same size, the model's logits and `cross_entropy`. The decoder has random weights.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from palimpsest.perplexity.losses import BATCH_TOKENS, token_losses, windows
from palimpsest.pretraining.config import DecoderArchitecture
from palimpsest.pretraining.decoder import build_decoder
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.files import write_manifest
from palimpsest.text.tokenizers import END, encode, load_tokenizer
from synthetic_notes import generate_notes


def checkpoint(folder: Path, texts: list[str], options: argparse.Namespace) -> Path:
    """A folder with a decoder of random weights, and its manifest beside it."""
    tokenizer = train_bpe(texts, options.vocabulary)
    architecture = DecoderArchitecture(
        hidden_size=options.hidden, intermediate_size=3 * options.hidden, layers=4, heads=4
    )
    torch.manual_seed(0)
    end = tokenizer.token_to_id(END)
    model = build_decoder(architecture, tokenizer.get_vocab_size(), options.context, end)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END).save_pretrained(folder)
    names = sorted(path.name for path in folder.iterdir())
    write_manifest(folder.with_suffix(".json"), described(folder, names))
    return folder


def by_hand(texts: list[str], folder: Path, context: int) -> np.ndarray:
    """Nats of each text."""
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    end = tokenizer.token_to_id(END)
    model = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=False).eval()
    todo = []
    for note, ids in enumerate(encode(tokenizer, texts)):
        stream = [end, *ids]
        for start, first, stop in windows(len(stream), context, context // 2):
            todo.append((note, stream[start:stop], first - start))
    todo.sort(key=lambda entry: -len(entry[1]))
    nats = np.zeros(len(texts))
    size = BATCH_TOKENS // context
    with torch.inference_mode():
        for at in range(0, len(todo), size):
            batch = todo[at : at + size]
            width = max(len(ids) for _, ids, _ in batch)
            inputs = torch.tensor([ids + [end] * (width - len(ids)) for _, ids, _ in batch])
            labels = torch.full_like(inputs, -100)
            for row, (_, ids, given) in zip(labels, batch, strict=True):
                row[given : len(ids)] = torch.tensor(ids[given:])
            logits = model(input_ids=inputs).logits[:, :-1]
            losses = torch.nn.functional.cross_entropy(
                logits.transpose(1, 2).float(), labels[:, 1:], reduction="none"
            )
            for (note, _, _), total in zip(batch, losses.sum(1).tolist(), strict=True):
                nats[note] += total
    return nats


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--notes", type=int, default=40)
    options.add_argument("--context", type=int, default=128)
    options.add_argument("--hidden", type=int, default=128)
    options.add_argument("--vocabulary", type=int, default=1024)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--threads", type=int, default=1)
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    texts = [note.text for note in generate_notes(arguments.notes, 1, lambda patient: "test")]
    texts = sorted(texts, key=len)[-arguments.notes :]
    context = arguments.context
    with tempfile.TemporaryDirectory() as scratch:
        folder = checkpoint(Path(scratch) / "decoder", texts, arguments)
        taken: dict[str, list[float]] = {"palimpsest": [], "by hand": []}
        for _ in range(arguments.rounds):
            started = time.process_time()
            losses = token_losses(texts, folder, context, context // 2, "benchmark")
            middle = time.process_time()
            hand = by_hand(texts, folder, context)
            taken["palimpsest"].append(middle - started)
            taken["by hand"].append(time.process_time() - middle)
            sums = np.array([each.sum(dtype=float) for each in losses])
            assert np.allclose(sums, hand, rtol=1e-4), "both score the same windows"
    tokens = sum(map(len, losses))
    rates = {name: tokens / median(each) for name, each in taken.items()}
    ratio = median(hand / own for own, hand in zip(*taken.values(), strict=True))
    print(
        f"{tokens:,} tokens, context {context}: palimpsest {rates['palimpsest']:,.0f}/s, "
        f"by hand {rates['by hand']:,.0f}/s, ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
