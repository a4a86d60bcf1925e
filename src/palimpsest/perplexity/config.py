"""What the losses of models on held-out notes, and what is said of them, depend on."""

from palimpsest.runtime.schema import Declared, EvaluationNotes, Positive


class LossesSpec(Declared):
    """What the losses of a model depend on.

    context: tokens that it sees at once. stride, masked_tokens: as an evaluation declares them; of
    decoders and of encoders, and None for the other kind. seed: of the order of notes, and of the
    tokens that are masked.
    """

    evaluation: EvaluationNotes
    context: Positive
    stride: Positive | None
    masked_tokens: Positive | None
    seed: int


class PerplexitySpec(Declared):
    """What perplexities depend on besides the losses. seed: of the order of notes."""

    evaluation: EvaluationNotes
    seed: int
