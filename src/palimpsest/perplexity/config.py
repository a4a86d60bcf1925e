"""What the scores of decoders on held-out notes depend on."""

from palimpsest.runtime.schema import Declared, Evaluation


class PerplexitySpec(Declared):
    """What the scores of a decoder depend on. seed: of the order of notes."""

    evaluation: Evaluation
    seed: int
