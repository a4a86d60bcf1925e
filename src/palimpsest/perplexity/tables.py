"""The tables of losses and of perplexities: another metric changes no loss."""

import pyarrow as pa

LOSSES = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("places", pa.list_(pa.int32())),  # of the scored tokens in the note; null for all of them
        ("nats", pa.list_(pa.float32())),  # their negative log-likelihoods
    ]
)
PERPLEXITIES = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("nats", pa.float64()),  # of the scored tokens, under the model
        ("unigram_nats", pa.float64()),  # and under the frequencies of tokens in its corpus
        ("tokens", pa.int64()),
        ("bytes", pa.int64()),
        *(  # the same without the tokens that lie in a placeholder
            (f"plain_{name}", kind)
            for name, kind in (
                ("nats", pa.float64()),
                ("unigram_nats", pa.float64()),
                ("tokens", pa.int64()),
                ("bytes", pa.int64()),
            )
        ),
    ]
)
