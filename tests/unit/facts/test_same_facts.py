"""A table of pairs that say the same in other units, words and orders: no finding in any."""

from pathlib import Path

import pytest
import yaml

from palimpsest.facts.compare import findings

TABLE = yaml.safe_load(Path(__file__).with_name("same_facts.yaml").read_text("utf-8"))
PAIRS = [(kind, *pair) for kind, pairs in TABLE.items() for pair in pairs]


def wrong(passage: str, rephrase: str) -> list[tuple[str, str]]:
    return [(one.type, one.status) for one in findings(passage, rephrase) if one.status != "kept"]


def test_the_table_has_a_hundred_pairs():
    assert len(PAIRS) >= 100


@pytest.mark.parametrize(("kind", "one", "other"), PAIRS, ids=[pair[1][:40] for pair in PAIRS])
def test_pairs_that_say_the_same_have_no_finding(kind, one, other):
    assert not wrong(one, other)
    assert not wrong(other, one)
