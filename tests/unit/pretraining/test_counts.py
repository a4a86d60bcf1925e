"""What is counted of a corpus is what packing makes of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.pretraining.config import PackingSpec
from palimpsest.pretraining.counts import packed
from palimpsest.pretraining.decoder import framing_of as of_decoder
from palimpsest.pretraining.encoder import framing_of as of_encoder
from palimpsest.pretraining.packing import pack

KINDS = [
    ("decoder", False, of_decoder(1)),
    ("decoder", True, of_decoder(1)),
    ("encoder", False, of_encoder(1, 2, False)),
    ("encoder", True, of_encoder(1, 2, True)),
]


@given(st.lists(st.integers(0, 40), min_size=1), st.integers(8, 20), st.sampled_from(KINDS))
def test_counts_are_those_of_packing(sizes, context, kind):
    name, masked, framing = kind
    spec = PackingSpec(kind=name, context=context, batch_size=4, steps=6, document_masking=masked)
    counted = packed(sum(sizes), len(sizes), spec)
    stream = sum(sizes) + len(sizes) * (len(framing.before) + len(framing.after))
    room = context - len(framing.first) - len(framing.last)
    assert counted["sequences"] * room + counted["dropped_tokens"] == stream
    if not counted["sequences"]:
        assert counted["epochs"] is None and counted["dropped_share"] == 1
        return
    documents = [np.zeros(size, np.int32) for size in sizes]
    assert len(pack(documents, framing, context, 1)) == counted["sequences"]
    assert counted["epochs"] == round(24 / counted["sequences"], 3)
