"""What is counted of a corpus is what packing makes of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.pretraining.config import PackingSpec
from palimpsest.pretraining.counts import packed
from palimpsest.pretraining.packing import pack


@given(
    st.lists(st.integers(0, 40), min_size=1),
    st.integers(8, 20),
    st.sampled_from([("decoder", 0), ("encoder", 2)]),
)
def test_counts_are_those_of_packing(sizes, context, kind):
    name, marks = kind
    spec = PackingSpec(kind=name, context=context, batch_size=4, steps=6)
    counted = packed(sum(sizes), len(sizes), spec)
    stream = sum(sizes) + len(sizes)
    assert counted["sequences"] * (context - marks) + counted["dropped_tokens"] == stream
    if not counted["sequences"]:
        assert counted["epochs"] is None and counted["dropped_share"] == 1
        return
    documents = [np.zeros(size, np.int32) for size in sizes]
    assert len(pack(documents, 0, context - marks, 1)) == counted["sequences"]
    assert counted["epochs"] == round(24 / counted["sequences"], 3)
