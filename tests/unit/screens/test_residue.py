"""What LLMs and servers leave in an answer is rejected, and what authors of notes write is not."""

import pytest
import yaml
from residue import CLEAN
from residue import reason as residue_in
from residue_cases import LOTS, PAIRS
from test_rephrases import CLINICAL, CLINICAL_AGAIN, PROMPTS

from palimpsest.screens.config import ScreeningSpec
from palimpsest.screens.rephrases import rephrase
from palimpsest.screens.screen import first_reason

DEMO = yaml.safe_load((PROMPTS.parent / "config.yaml").read_text(encoding="utf-8"))
SPEC = ScreeningSpec(screens=DEMO["screens"], lead_in=[])
REASONS = {
    "thinking": {"thinking", "chat_residue"},
    "loops": {"repetition", "too_long", "unfinished"},
    "cut off": {"unfinished"},
}
SEEN = ("first", "second", "third")
CASES = {
    f"{lot} {family}: {name}": (family, text)
    for lot in SEEN
    for family, cases in LOTS[lot].items()
    for name, text in cases.items()
}
# Of the other lots some wordings are missed; no more than these, of 158, 158, 156 and 312.
MISSED = {"fourth": 3, "fifth": 1, "sixth": 3, "asides": 32}


def reason(text, passage, unwrap=()):
    request = {"system": "", "user": f"Rewrite.\n\n{passage}", "passage": passage}
    completion = {"text": text, "finish_reason": "stop"}
    return first_reason(rephrase(request, completion, [], unwrap), SPEC.screens)


@pytest.mark.parametrize(("passage", "good"), PAIRS)
def test_a_rephrase_without_residue_is_kept(passage, good):
    assert reason(good, passage) is None


@pytest.mark.parametrize("case", CASES)
def test_residue_is_rejected(case):
    family, template = CASES[case]
    for passage, good in PAIRS:
        found = reason(template.format(good), passage)
        assert found in REASONS.get(family, {"chat_residue", "repetition", "thinking"}), found


@pytest.mark.parametrize("lot", MISSED)
def test_no_more_residue_of_the_other_lots_is_missed(lot):
    missed = [
        name
        for cases in LOTS[lot].values()
        for name, template in cases.items()
        if None in [reason(template.format(good), passage) for passage, good in PAIRS]
    ]
    assert len(missed) <= MISSED[lot], missed


def test_what_clinicians_write_about_texts_is_hardly_residue():
    itself = [text for text in CLEAN["sentences"] if residue_in(text, text)]
    reworded = [text for sentence, text in CLEAN["reworded"] if residue_in(text, sentence)]
    assert len(itself) <= 2, itself
    assert len(reworded) <= 2, reworded


LATER = [  # told by an attack, of wordings that no lot has
    "{}\n\nI expanded all abbreviations.",
    "{} [End]",
    "{}\n\nLet me know if any edits are needed.",
    "{}\n---\nChanges: expanded CHF.",
    "As a medical writer, I would say: {}",
    "{}\n\nThis version keeps all numbers intact.",
    "The passage can be rewritten as: {}",
    "{}\n\nConfidence: 95%",
    "[Rewritten] {}",
    "{}\n\n*All details preserved.*",
    "Here goes: {}",
    "Below you will find the text in plain language.\n{}",
    "{}\n\nI am happy to adjust it.",
]


@pytest.mark.parametrize("template", LATER)
def test_talk_in_later_wordings_is_rejected(template):
    for passage, good in PAIRS:
        assert reason(template.format(good), passage) == "chat_residue"


SHORTHAND = [
    "He is happy to help with home exercises, and confident that the plan was kept.",
    "K+ <3.5 | Na >145 | <1 s> refill; BP 120/80 -> 130/85 (L>R), ROM -5° to 130°.",
    "Thought process: linear and goal directed. Thought content: no SI/HI.\nMental status: alert",
    "Note: the patient was NPO after midnight. Note that doses were held for MAP < 65.",
    "Note: home doses were changed by cardiology, and metoprolol was added.",
    "We will continue antibiotics. I will see her in a week. Let me summarize: he is well.",
    "We need to ensure adequate hydration. First, I need to see the CT.",
    "[x] Smoker [ ] Alcohol\n[1] Chest pain (2) fever {L} knee\n{see below}\nα-blocker, µg, "
    "β-hCG, 37 °C, ≥ 3",
    "Ms. Müller from Besançon, né 1950, Ångström, naïve, café-au-lait spots; T½ 3 h; CO₂, 10³.",
    "Output: 1200 mL. Response: good. Result: negative. Plan:\n1. Rest.\n2. Ice.",
    "Analysis: fluid was cloudy. Reasoning and judgment intact. Reflection: none.",
    "Analysis of the fluid showed 200 cells. analysis pending",
    "He would like you to call. Is there anything else that hurts? no. Hope that he improves.",
    "The user of the pump was instructed. IV drug user. The task is hard for him: he tires.",
    "Claro M. was seen. Ecco2R was stopped. Gerne, Rosa: follow-up.",
    "Answer the phone. Key changes in the EKG: none. I changed the dressing. I kept her NPO.",
    "Feel free to call us. Please let us know of any fever.",
]


@pytest.mark.parametrize("text", [*SHORTHAND, *CLINICAL, *CLINICAL_AGAIN])
def test_what_clinicians_write_is_no_residue(text):
    passage = f"{PAIRS[0][0]} {text}"
    assert reason(f"{PAIRS[0][1]}\n{text}", passage) in (None, "copy", "injection", "prompt_echo")


MARKS = ["<b>", "[Your Name]", "{{x}}", "```", "<0x0A>", "\u200b", "\ue000", "好", "[MASK]", "▁"]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_of_the_passage_is_no_residue(mark):
    passage, good = PAIRS[0]
    assert reason(f"{mark} {good}", passage) == "chat_residue"
    assert reason(f"{mark} {good}", f"{passage} {mark}") is None


@pytest.mark.parametrize(
    ("wrapper", "template"),
    [
        ("code_fence", "```\n{}\n```"),
        ("code_fence", "```text\n{}```"),
        ("json", '{{"rephrase": "{}"}}'),
        ("json", '["{}"]'),
        ("quotes", '"{}"'),
        ("quotes", "“{}”"),
    ],
)
def test_wrappings_that_a_prompt_declares_are_taken_off(wrapper, template):
    passage, good = PAIRS[2]
    request = {"system": "", "user": passage, "passage": passage}
    answered = {"text": template.format(good), "finish_reason": "stop"}
    assert rephrase(request, answered, [], [wrapper]).text == good
    assert reason(template.format(good), passage, [wrapper]) is None


@pytest.mark.parametrize("wrapper", ["code_fence", "json", "quotes"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        '"',
        "He has pain.",
        '"He" has "pain"',
        "```",
        "``` ```",
        "{}",
        "[]",
        "[1]",
        '{"a": 1}',
        "[" * 9000,
    ]
    + ['{"a": "b", "c": "d"}', '"a" and "b"', "```\na\n``` and ```\nb\n```", "NaN", "null", "3"],
)
def test_what_is_not_wrapped_stays_as_it_is(wrapper, text):
    request = {"system": "", "user": "", "passage": ""}
    assert rephrase(request, {"text": text, "finish_reason": "stop"}, [], [wrapper]).text == text
