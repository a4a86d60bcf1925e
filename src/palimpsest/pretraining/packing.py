"""Pack documents into sequences of equal length, and lay out the whole training run."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import keyed_hash

IGNORED = -100  # the label of a position that is not scored, as torch has it

Tensors = dict[str, torch.Tensor]
# Makes inputs and labels, each (rows, length), of sequences (rows, length), with a generator.
MakeExamples = Callable[[torch.Tensor, torch.Generator], Tensors]


@dataclass(frozen=True)
class Framing:
    """Control tokens in a stream of documents, as ids.

    before, after: around each document. first, last: around each sequence.
    """

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()


def pack(
    documents: list[np.ndarray], framing: Framing, length: int, seed: int, what: str = "the corpus"
) -> torch.Tensor:
    """Sequences of token ids, int32, shape (sequences, length).

    documents: token ids of each, as `text.tokenizers.encode_compact` gives them. They are shuffled
    by the seed, framed, and the stream is cut into sequences; the rest that does not fill one is
    left out. what: names the documents in the error.
    Raises UserError when the documents do not fill one sequence.
    """
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    before, after = (np.array(ids, np.int32) for ids in (framing.before, framing.after))
    parts = (part for index in order for part in (before, documents[index], after))
    stream = np.concatenate([before[:0], *parts])
    room = length - len(framing.first) - len(framing.last)
    count = len(stream) // room
    if not count:
        raise UserError(
            f"{what} has {len(stream)} tokens, too few for one sequence of {room}; lower `context` "
            "or give it more"
        )
    ends = [np.tile(np.array(ids, np.int32), (count, 1)) for ids in (framing.first, framing.last)]
    body = stream[: count * room].astype(np.int32).reshape(count, room)
    return torch.from_numpy(np.concatenate([ends[0], body, ends[1]], axis=1))


class Batches:
    """The batch of every step of a run.

    Each epoch is a new permutation of the sequences. A batch depends on its step alone, not on a
    running generator, so that a resumed run sees what an undisturbed one would have seen, and each
    of several processes knows the whole batch.
    """

    def __init__(
        self,
        sequences: torch.Tensor,
        size: int,
        seed: int,
        examples: MakeExamples,
        document_start: int | None = None,
    ) -> None:
        """sequences: as `pack` makes them. size: of a batch. examples: makes inputs and labels.

        document_start: the token that begins a document, where documents are kept apart.
        """
        self.sequences, self.size, self.seed = sequences, size, seed
        self.examples, self.document_start = examples, document_start
        self.epoch, self.order = -1, torch.empty(0)  # the permutation in use

    def of_step(self, step: int) -> Tensors:
        """The batch of a step, from 0: input_ids and labels, each (size, length).

        Where documents are kept apart also `documents` (size, length), the number of each token's
        document in its sequence, and `position_ids`, its place in it.
        """
        place, end, parts = step * self.size, (step + 1) * self.size, []
        while place < end:
            epoch, index = divmod(place, len(self.sequences))
            if epoch != self.epoch:
                self.epoch = epoch
                generator = self._generator("epoch", epoch)
                self.order = torch.randperm(len(self.sequences), generator=generator)
            chosen = self.order[index : index + end - place]
            parts.append(self.sequences[chosen])
            place += len(chosen)
        rows = torch.cat(parts)
        return self._made(rows, self._generator("step", step))

    def in_order(self) -> list[Tensors]:
        """The sequences once, as they lie, in batches; the last one may be smaller."""
        parts = self.sequences.split(self.size)
        return [
            self._made(rows, self._generator("in order", number))
            for number, rows in enumerate(parts)
        ]

    def _made(self, rows: torch.Tensor, generator: torch.Generator) -> Tensors:
        rows = rows.long()
        made = self.examples(rows, generator)
        if self.document_start is not None:
            made |= apart(rows, self.document_start)
        return made

    def _generator(self, kind: str, number: int) -> torch.Generator:
        seed = keyed_hash(f"training-{self.seed}", kind, str(number)) >> 1
        return torch.Generator().manual_seed(seed)


def apart(sequences: torch.Tensor, start: int) -> Tensors:
    """Which document each token is of, and its place in it, each (rows, length).

    start: the token that begins a document; what stands before the first one is a document, too:
    the rest of one that began in another sequence.
    """
    begins = sequences == start
    places = torch.arange(sequences.shape[1]).expand_as(sequences)
    first = torch.where(begins, places, torch.zeros_like(places)).cummax(dim=1).values
    return {"documents": begins.cumsum(dim=1), "position_ids": places - first}


def causal_examples(sequences: torch.Tensor, generator: torch.Generator) -> Tensors:
    """Predict every next token; nothing is drawn."""
    nothing = torch.full_like(sequences[:, :1], IGNORED)
    return {"input_ids": sequences, "labels": torch.cat([sequences[:, 1:], nothing], dim=1)}


def masking(
    mask_token: int, vocabulary: int, probability: float, special: set[int]
) -> MakeExamples:
    """Makes masked-language-model examples (Devlin et al. 2019).

    Of the positions, `probability` are predicted: 80% of these are masked, 10% are another token,
    10% stay. special: ids that are never predicted.
    """
    ordinary = torch.ones(vocabulary, dtype=torch.bool)
    ordinary[sorted(special)] = False

    def examples(sequences: torch.Tensor, generator: torch.Generator) -> Tensors:
        chosen = torch.rand(sequences.shape, generator=generator) < probability
        chosen &= ordinary[sequences]
        kind = torch.rand(sequences.shape, generator=generator)
        other = torch.randint(vocabulary, sequences.shape, generator=generator)
        inputs = torch.where(chosen & (kind < 0.8), mask_token, sequences)
        inputs = torch.where(chosen & (kind >= 0.8) & (kind < 0.9), other, inputs)
        return {"input_ids": inputs, "labels": torch.where(chosen, sequences, IGNORED)}

    return examples
