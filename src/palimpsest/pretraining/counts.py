"""What a model's training makes of a corpus, by counting alone."""

from palimpsest.pretraining.config import PackingSpec
from palimpsest.runtime.rows import Row


def marks_of(spec: PackingSpec) -> tuple[int, int]:
    """Marks that each document has, and that each sequence has at its ends, of its `context`."""
    if spec.kind == "decoder":
        return 1, 0
    return (2, 0) if spec.document_masking else (1, 2)


def packed(tokens: int, documents: int, spec: PackingSpec) -> Row:
    """Sequences, what is left over and how often all is seen, as `packing.pack` lays it out.

    tokens: of all documents by the model's tokenizer.
    dropped_tokens: that fill no sequence, marks included. epochs: None where there is no sequence.
    """
    of_document, of_sequence = marks_of(spec)
    stream = tokens + of_document * documents
    sequences, dropped = divmod(stream, spec.context - of_sequence)
    seen = spec.steps * spec.batch_size
    return {
        "tokens": tokens,
        "documents": documents,
        "context": spec.context,
        "sequences": sequences,
        "dropped_tokens": dropped,
        "dropped_share": round(dropped / max(1, stream), 4),
        "epochs": round(seen / sequences, 3) if sequences else None,
    }
