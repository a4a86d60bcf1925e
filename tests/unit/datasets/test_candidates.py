"""Candidates: every sentence is accounted for, none comes twice, and more keep the first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.candidates import Candidates, Keywords, stems, to_compare
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.taxonomy import DescribedCategory, KeywordCategory

CATEGORIES = [
    KeywordCategory(name="memory", keywords=["memory", "gets lost", "Alzheimer", "MMSE"]),
    KeywordCategory(name="gait", keywords=["fall", "gait"]),
    KeywordCategory(name="rare", keywords=["lecanemab"]),
]
SENTENCES = [
    "Her memory is poor today.",
    "He gets lost on his way.",
    "His gait was slow and broad.",
    "She falls twice a week now.",
    "Started on lecanemab in the spring.",
    "The wound was clean and dry.",
    "Blood pressure was normal on discharge.",
    "Aspirin was continued at home.",
    "No pain.",
    "The cough got better over two days.",
]
NOTES = st.lists(
    st.lists(st.sampled_from(SENTENCES), max_size=8).map(" ".join), min_size=1, max_size=8
)
COUNTS = st.integers(1, 12)


def candidates(texts, count, random_share=0.5, seed=1, order=None):
    drawn = Candidates(seed, count, Keywords(CATEGORIES))
    for at in order or range(len(texts)):
        drawn.look_at({"note_id": f"n{at}", "patient_id": f"p{at}", "text": texts[at]})
    return drawn, drawn.choose(drawn.with_keywords(), "keyword", random_share)


@given(NOTES, COUNTS, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_every_sentence_is_accounted_for(texts, count, share):
    drawn, chosen = candidates(texts, count, share)
    account = drawn.account.close(drawn.found, "candidates")
    assert account["kept"] == len(chosen)
    assert min(account["rejected"].values(), default=0) >= 0
    sentences = [one for text in texts for one in text.replace(". ", ".|").split("|") if one]
    assert account["in"] == len(sentences)
    different = {one for one in sentences if one != "No pain."}
    assert len(chosen) == min(count, len(different))
    assert {row["text"] for row in chosen} <= different
    assert len({row["text"] for row in chosen}) == len(chosen)
    repeats = sum(sentences.count(row["text"]) - 1 for row in chosen)
    assert account["rejected"].get("repeated_text", 0) == repeats


@given(NOTES, COUNTS, COUNTS, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_a_larger_number_keeps_the_earlier_sentences(texts, one, other, share):
    _, small = candidates(texts, min(one, other), share)
    _, large = candidates(texts, max(one, other), share)
    assert {row["sentence_id"] for row in small} <= {row["sentence_id"] for row in large}


@given(NOTES, COUNTS, st.randoms())
def test_the_order_of_the_notes_does_not_matter(texts, count, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    assert candidates(texts, count)[1] == candidates(texts, count, order=order)[1]


def test_a_sentence_stands_where_its_id_says():
    text = "EXAM:\n" + "\n".join(SENTENCES)
    _, chosen = candidates([text], 20)
    for row in chosen:
        assert text[row["start"] : row["end"]] == row["text"]
        assert row["sentence_id"] == f"n0:{row['start']}-{row['end']}"
        assert (row["group"], row["wanted"]) == ("p0", None)


def test_rare_categories_are_there_and_the_shares_hold():
    texts = [f"Her memory is poor on day {at}." for at in range(40)]
    texts += [f"The wound was clean on day {at}." for at in range(40)]
    texts += ["Started on lecanemab in the spring."]
    _, chosen = candidates(texts, 10, 0.5)
    ways = [row["chosen_by"] for row in chosen]
    assert ways.count("keyword:rare") == 1 and ways.count("keyword:memory") == 4
    assert ways.count("random") == 5


def test_where_keywords_are_few_chance_fills_up():
    _, chosen = candidates([f"The wound was clean on day {at}." for at in range(40)], 10, 0.2)
    assert [row["chosen_by"] for row in chosen] == ["random"] * 10


def test_sentences_of_unfit_length_are_counted():
    drawn, chosen = candidates(["No pain. " + "Word " * 81 + "end."], 5)
    assert not chosen
    closed = drawn.account.close(2, "candidates")
    assert closed["rejected"]["too_short"] == closed["rejected"]["too_long"] == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MMSE/MoCA were low.", {"memory"}),
        ("Alzheimer's disease.", {"memory"}),
        ("Gets  lost often; two FALLS.", {"memory", "gait"}),
        ("Gets often lost.", set()),
        ("A fallacy and a commemoration.", set()),
    ],
)
def test_keywords_are_whole_words_in_a_row(text, found):
    assert Keywords(CATEGORIES).of(text) == found


def test_a_word_that_ends_in_ss_is_no_plural():
    assert stems("Illness, dresses and ADLs, is") == ["illness", "dresse", "and", "adl", "is"]


def gold(split, name="n0:0-9"):
    place = {"note_id": "n0", "start": 0, "end": 9, "text": "She fell.", "group": "p0"}
    return {"example_id": name, "split": split, **place}


def test_gold_is_asked_about_beside_the_candidates_and_never_that_of_test():
    _, chosen = candidates([" ".join(SENTENCES)], 20)
    examples = [gold("train"), gold("valid", "e1"), gold("test", "e2")]
    rows = to_compare(examples, "experts", chosen)
    assert [row["sentence_id"] for row in rows] == ["gold:n0:0-9", "gold:e1"]
    assert {row["chosen_by"] for row in rows} == {"gold:experts"}
    assert set(rows[0]) == set(chosen[0])
    with pytest.raises(UserError, match="dataset 'experts': the id e1 stands twice"):
        to_compare([gold("valid", "e1")] * 2, "experts", chosen)


def test_embedded_sentences_are_ranked_whatever_their_batch(encoder):
    from palimpsest.datasets.embedding import Embedder, nearest

    embedder = Embedder(encoder)
    texts = [*SENTENCES, "word " * 300]
    together, alone = embedder.embed(texts), [embedder.embed([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one.norm().item() == pytest.approx(1, abs=1e-5)
        assert one.tolist() == pytest.approx(other.tolist(), abs=1e-5)
    wanted = DescribedCategory(name="same", title="He gets lost", definition="on his way.")
    order = nearest(embedder, [*texts, "He gets lost: on his way."], [wanted])["same"]
    assert order[0] == len(texts) and sorted(order) == list(range(len(texts) + 1))
