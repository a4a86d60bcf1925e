"""Pack documents into sequences of equal length, and lay out the whole training run."""

import random
from collections.abc import Callable

import numpy as np
import torch
from torch.utils.data import Dataset

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import keyed_hash

IGNORED = -100  # the label of a position that is not scored, as torch has it

# Makes an example of a sequence, with a generator that belongs to the example's place.
MakeExample = Callable[[torch.Tensor, torch.Generator], dict[str, torch.Tensor]]


def pack(documents: list[np.ndarray], separator: int, length: int, seed: int) -> torch.Tensor:
    """Sequences of token ids, shape (sequences, length).

    documents: token ids of each, as `text.tokenizers.encode_compact` gives them. They are shuffled
    by the seed, each is preceded by the separator, and the stream is cut into sequences; the rest
    that does not fill one (fewer than `length` tokens) is left out.
    Raises UserError when the documents do not fill one sequence.
    """
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    mark = np.array([separator], dtype=np.int32)
    stream = np.concatenate(
        [mark[:0], *(part for index in order for part in (mark, documents[index]))]
    )
    count = len(stream) // length
    if not count:
        raise UserError(
            f"the corpus has {len(stream)} tokens, too few for one sequence of {length}; lower "
            "`context` or raise the corpus's budget"
        )
    return torch.from_numpy(stream[: count * length].astype(np.int64)).view(count, length)


class Schedule(Dataset):
    """Every example of a run in the order in which it is trained on.

    Each epoch is a new permutation of the sequences. An example depends on its place alone, not on
    a running generator, so that a resumed run sees what an undisturbed one would have seen.
    """

    def __init__(
        self, sequences: torch.Tensor, examples: int, seed: int, example: MakeExample
    ) -> None:
        self.sequences, self.examples, self.seed, self.example = sequences, examples, seed, example
        self.epoch, self.order = -1, torch.empty(0)  # the permutation in use

    def __len__(self) -> int:
        return self.examples

    def __getitem__(self, place: int) -> dict[str, torch.Tensor]:
        count = len(self.sequences)
        epoch, index = divmod(place, count)
        if epoch != self.epoch:
            self.epoch = epoch
            self.order = torch.randperm(count, generator=self._generator("epoch", epoch))
        return self.example(self.sequences[self.order[index]], self._generator("place", place))

    def _generator(self, kind: str, number: int) -> torch.Generator:
        seed = keyed_hash(f"training-{self.seed}", kind, str(number)) >> 1
        return torch.Generator().manual_seed(seed)


def causal_example(sequence: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Predict every next token; nothing is drawn."""
    return {"input_ids": sequence, "labels": sequence}


def masking(mask_token: int, vocabulary: int, probability: float, special: set[int]) -> MakeExample:
    """Makes masked-language-model examples (Devlin et al. 2019).

    Of the positions, `probability` are predicted: 80% of these are masked, 10% are another token,
    10% stay. special: ids that are never predicted.
    """
    never = torch.tensor(sorted(special))

    def example(sequence: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        chosen = torch.rand(sequence.shape, generator=generator) < probability
        chosen &= ~torch.isin(sequence, never)
        kind = torch.rand(sequence.shape, generator=generator)
        other = torch.randint(vocabulary, sequence.shape, generator=generator)
        inputs = sequence.clone()
        inputs[chosen & (kind < 0.8)] = mask_token
        swapped = chosen & (kind >= 0.8) & (kind < 0.9)
        inputs[swapped] = other[swapped]
        labels = torch.where(chosen, sequence, torch.full_like(sequence, IGNORED))
        return {"input_ids": inputs, "labels": labels}

    return example
