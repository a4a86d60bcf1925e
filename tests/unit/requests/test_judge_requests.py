"""A judge sees pairs of which it cannot tell which ones are known, of every series alike."""

import json
from collections import Counter

from palimpsest.facts.planting import KINDS
from palimpsest.requests.config import JudgePrompt, JudgeSpec
from palimpsest.requests.judge import JUDGE_REQUESTS, Sample, judge_requests, known_pairs, pair_of

PROMPT = JudgePrompt(user="Context: {context}\nPassage: {passage}\nRewriting: {rephrase}")
SPEC = JudgeSpec(prompt=PROMPT, pairs=3, faithful=4, planted=2, max_tokens=99, seed=1)
PASSAGE = "Patient {n} denies fever. BP was 14{n}/88. Metoprolol 25 mg BID for the left knee."
SERIES = [("alpha", "plain", "none"), ("beta", "plain", "none")]


def asked(number: int) -> dict:
    text = PASSAGE.format(n=number % 10)
    return {"passage": text, "passage_tokens": 9, "section": "", "context": "Visit {note}"}


def sample(spec: JudgeSpec = SPEC) -> Sample:
    made = Sample(spec)
    for series in SERIES:
        for number in range(8):
            wrong = [{"type": "dose", "status": "changed"}, {"type": "date", "status": "kept"}]
            where = {"note_id": f"n{number}", "start": 0, "end": 9, "patient_id": f"p{number % 4}"}
            made.offer(series, {"request_key": f"k{number}", **where, "findings": wrong})
    return made


def pairs(spec: JudgeSpec = SPEC) -> list[dict]:
    drawn = sample(spec)
    told = [pair_of(one, asked(int(one[1][1:])), "Rewritten {here}.") for one in drawn.drawn()]
    places = [pair_of(one, asked(int(one[1][1:])), "") for one in drawn.passages()]
    return told + list(known_pairs(places, spec))


def test_the_same_passages_are_judged_of_every_series():
    drawn = sample().drawn()
    keys = [{key for series, key, *_ in drawn if series == one} for one in SERIES]
    assert keys[0] == keys[1] and len(keys[0]) == 3
    more = sample(SPEC.model_copy(update={"pairs": 5})).drawn()
    assert {one[:2] for one in drawn} < {one[:2] for one in more}


def test_known_pairs_are_as_many_as_there_is_a_place_for():
    made = Counter(pair["planted"] or pair["origin"] for pair in pairs())
    assert made["rephrased"] == 6 and made["faithful"] == 4
    assert made["dose"] == made["laterality"] == made["negation"] == 2
    assert not made["experiencer"] and set(made) <= {*KINDS, "rephrased", "faithful"}
    patients = [one[5] for one in sample().passages()]
    assert len(set(patients[:4])) == 4  # each patient once before any twice


def test_nothing_that_the_llm_is_given_tells_the_origin():
    rows = judge_requests(pairs(), PROMPT, SPEC.max_tokens)
    assert set(rows[0]) == set(JUDGE_REQUESTS.names)
    for row in rows:
        given = row["system"] + row["user"]
        assert row["passage"] in given and row["rephrase"] in given
        assert "Context: Visit {note}\n" in given
        alike = PROMPT.user.replace("{context}", "Visit {note}")
        alike = alike.replace("{passage}", row["passage"]).replace("{rephrase}", row["rephrase"])
        assert row["user"] == alike
    assert len({(row["max_tokens"], row["constraint"]) for row in rows}) == 1
    origins = [row["origin"] for row in rows]
    assert origins != sorted(origins)  # their order tells nothing either
    schema = json.loads(rows[0]["constraint"])["schema"]
    assert set(schema["properties"]) == {"unsupported", "missing"}


def test_what_rules_found_stays_beside_the_pair():
    told = [pair for pair in pairs() if pair["origin"] == "rephrased"]
    assert {tuple(pair["rules"]) for pair in told} == {("dose",)}
    assert all(pair["rules"] is None for pair in pairs() if pair["origin"] != "rephrased")
