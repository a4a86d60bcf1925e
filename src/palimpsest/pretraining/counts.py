"""What a model's training makes of a corpus, by counting alone."""

from palimpsest.pretraining.config import PackingSpec
from palimpsest.runtime.rows import Row

MARKS = {"decoder": 0, "encoder": 2}  # that a sequence has at its ends, of its `context`


def packed(tokens: int, documents: int, spec: PackingSpec) -> Row:
    """Sequences, what is left over and how often all is seen, as `packing.pack` lays it out.

    tokens: of all documents by the model's tokenizer; each document has one mark before it.
    dropped_tokens: that fill no sequence, marks included. epochs: None where there is no sequence.
    """
    sequences, dropped = divmod(tokens + documents, spec.context - MARKS[spec.kind])
    seen = spec.steps * spec.batch_size
    return {
        "tokens": tokens,
        "documents": documents,
        "context": spec.context,
        "sequences": sequences,
        "dropped_tokens": dropped,
        "dropped_share": round(dropped / max(1, tokens + documents), 4),
        "epochs": round(seen / sequences, 3) if sequences else None,
    }
