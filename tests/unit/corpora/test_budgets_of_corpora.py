"""Corpora of another size."""

from palimpsest.corpora.config import Corpus


def test_a_corpus_of_another_size_leaves_out_what_the_first_does():
    part = {"kind": "notes", "source": "ward", "tokens": 900}
    declared = {"deduplicate": {"match": "exact"}, "decontaminate": True}
    scaled = Corpus(name="a", parts=[part], **declared).scaled(300)
    assert (scaled.name, scaled.tokens, scaled.budgets()) == ("a-300", 300, [300])
    assert scaled.decontaminate and scaled.deduplicate.match == "exact"
