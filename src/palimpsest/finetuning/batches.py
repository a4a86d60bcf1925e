"""Batches of examples of about one length, so that little of a batch is padding."""

from collections.abc import Iterator, Sequence

import numpy as np

# Batches among which lengths are sorted: enough to pay, and few enough for batches to be mixed. Of
# a small dataset a quarter, as transformers has it: else its batches would always be the same.
POOL, LEAST_POOLS = 50, 4


class LengthGrouped:
    """Batches of the places of examples: each example once a pass, in an order of the seed.

    The order is the same on every machine: it depends on the seed and the number of the pass alone.
    """

    def __init__(self, lengths: Sequence[int], size: int, seed: int) -> None:
        """lengths: of the examples. size: examples of a batch; the last one may have fewer."""
        self.lengths, self.size, self.seed = lengths, size, seed
        self.passes = 0

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.size)

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng([self.seed, self.passes])
        self.passes += 1
        order = random.permutation(len(self.lengths)).tolist()
        batches = []
        held = self.size * max(1, min(POOL, len(self) // LEAST_POOLS))
        for first in range(0, len(order), held):
            pool = sorted(order[first : first + held], key=lambda place: self.lengths[place])
            batches += [pool[at : at + self.size] for at in range(0, len(pool), self.size)]
        random.shuffle(batches)
        yield from batches
