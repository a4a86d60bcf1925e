"""Written sentences: what is taken of an answer, and what each screen rejects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.screens.config import EchoedTaxonomy, reasons_of
from palimpsest.screens.screen import first_reason
from palimpsest.screens.sentences import (
    NearDuplicate,
    first_sentence,
    sentence_screens,
    written_sentence,
)
from palimpsest.text.ngrams import ngrams, words

TAXONOMY = {
    "guideline": "Label what the sentence itself says about this patient, and never a relative.",
    "categories": [
        {
            "name": "memory",
            "definition": "The patient has lost or is losing memory, orientation or language.",
            "examples": [
                "He lost his way driving home from the bank that he has used for decades."
            ],
            "near_misses": ["A&O x3."],
        }
    ],
}
REQUEST = {
    "system": "You are a clinician who writes.",
    "user": "Write one sentence of a clinical note about an invented patient.\n- He lost his way "
    "driving home from the bank that he has used for decades.\nWhat it must say: that mood is "
    "denied or absent.",
}
GOOD = "Her daughter says that she forgets to turn off the stove."


def judge(text, finish_reason="stop", taxonomy=TAXONOMY):
    completion = {"text": text, "finish_reason": finish_reason}
    answer = written_sentence(REQUEST, completion)
    return answer.text, first_reason(answer, screens_of(taxonomy))


def screens_of(taxonomy):
    return sentence_screens(EchoedTaxonomy.model_validate(taxonomy))


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f'"{GOOD}"',
        f"“{GOOD}”",
        f"- {GOOD}\n- He falls.",
        f"1. {GOOD}",
        f"Sure! {GOOD}",
        f'Sure, here is a sentence for the note:\n\n"{GOOD} She falls."\n\nLet me know if it fits.',
        f"Here's one possible sentence: {GOOD}",
        f"**Sentence:** {GOOD}",
        f"Nursing note: {GOOD}",
        f"{GOOD} This sentence describes a decline.",
        GOOD.replace("that she", "that\nshe"),
    ],
)
def test_the_first_sentence_is_taken_without_what_is_around_it(answer):
    assert judge(answer) == (GOOD, None)


@pytest.mark.parametrize(
    "sentence",
    [
        "Great difficulty with finding names of friends.",
        '"I keep losing my keys," she says at every visit.',
        'Daughter reports that "he is not himself" since spring.',
        "Note from daughter: he forgets names.",
        "Mother: had Alzheimer's disease for a decade.",
        "She could not finish her sentence.",
        "82F c/o memory loss x2 yrs, family concerned",
        "Yes to memory loss and no to falls.",
        "I am looking for my mother, she says.",
        "He is unable to finish a sentence and uses the wrong words.",
        "'Tis was how she began each answer.",
    ],
)
def test_what_belongs_to_a_sentence_stays(sentence):
    assert first_sentence(sentence)[0] == sentence


@given(st.text())
def test_any_answer_is_taken_or_rejected_for_a_known_reason(answer):
    sentence, reason = judge(answer)
    assert reason is None or reason in reasons_of(screens_of(TAXONOMY))
    if reason is None:
        assert 4 <= len(words(sentence)) <= 60 and "\n" not in sentence


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (" \n ", "empty"),
        ("...", "empty"),
        ("I'm sorry, but I can't write about patients.", "refusal"),
        ("Sure. As an AI language model, I have no patients.", "refusal"),
        ("<think>A note.</think> She forgets the names of friends.", "thinking"),
        ("She forgets the names of friends.<|im_end|>", "chat_residue"),
        ("This sentence describes a patient who forgets.", "chat_residue"),
        ("This is a sentence.", "chat_residue"),
        ("I am writing a clinical note to a hospital ward.", "chat_residue"),
        ("Subjective:", "not_one_sentence"),
        ("She forgets names.", "too_short"),
        (f"She forgets {'names and ' * 30}dates.", "too_long"),
        ("You must write one sentence of a clinical note about patients.", "prompt_echo"),
        ("Here the sentence itself says about this patient, and never a thing.", "prompt_echo"),
        ("He has lost or is losing memory, orientation or language.", "prompt_echo"),
        ("What it must say: she forgets the names of friends.", "prompt_echo"),
        ("Mood is denied or absent.", "prompt_echo"),
        ("The man lost his way driving home from the bank last week.", "example_echo"),
    ],
)
def test_each_screen_rejects(answer, reason):
    assert judge(answer)[1] == reason


def test_a_whole_example_is_an_echo_however_short_but_may_stand_within_a_sentence():
    four = {"guideline": "", "categories": [TAXONOMY["categories"][0] | {"examples": ["A b c d."]}]}
    assert judge("A b, c d!", taxonomy=four)[1] == "example_echo"
    assert judge("A b c d e.", taxonomy=four)[1] is None


def test_a_sentence_is_truncated_only_where_the_room_ended_within_it():
    assert judge("She forgets the names of her", "length")[1] == "truncated"
    assert judge("She forgets the names of her", "stop")[1] is None
    assert judge("She forgets the names of friends.", "length")[1] is None
    assert judge("She forgets the names of friends. And then she", "length") == (
        "She forgets the names of friends.",
        None,
    )


def alike(first, second):
    grams = [set(ngrams(words(text), 3)) for text in (first, second)]
    return len(grams[0] & grams[1]) / len(grams[0] | grams[1])


SENTENCES = st.lists(
    st.lists(st.sampled_from("abc"), min_size=4, max_size=9).map(" ".join), max_size=12
)


@given(SENTENCES, st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]))
def test_no_two_kept_sentences_are_alike_and_each_other_is_like_a_kept_one(sentences, limit):
    texts = []
    screen = NearDuplicate(name="near_duplicate", max_likeness=limit)
    for sentence in sentences:
        answer = written_sentence(REQUEST, {"text": f"{sentence}.", "finish_reason": "stop"})
        reason = screen.check(answer)
        assert (reason is not None) == any(alike(sentence, other) > limit for other in texts)
        if reason is None:
            screen.keep(answer)
            texts.append(sentence)
