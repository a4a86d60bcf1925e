"""Pairs for natural language inference: a stretch of the note and a hypothesis about it.

A hypothesis must not give its label away. So every patient has a twin, another patient drawn in
the same way, and a pair is only about a topic to which both have different answers. The patient's
own answer is entailed by the sentence that states it, the twin's contradicts it, and one of the
two, by a coin, is neutral to a sentence about something else. Patient and twin could change
places, so each hypothesis is as likely with each label.
"""

from dataclasses import dataclass

from synthetic_notes.facts import Facts
from synthetic_notes.gold import Pair
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.lexicon import SYMPTOMS
from synthetic_notes.markup import Rendered
from synthetic_notes.propositions import Proposition, bears_on, propositions

PAIRS_PER_LABEL = 2
_TOGETHER = 0.35

_EXACT = (
    "The {name} was {value}.",
    "The {name} measured {value}.",
    "{value} was noted as the {name}.",
    "The {name} is given as {value}.",
    "A value of {value} was found for the {name}.",
    "In this case the {name} equals {value}.",
)
_ABOVE = (
    "The {name} was above {value}.",
    "The {name} exceeded {value}.",
    "The {name} was higher than {value}.",
    "The {name} was over {value}.",
)
_UP_TO = (
    "The {name} was {value} or lower.",
    "The {name} did not exceed {value}.",
    "The {name} was at most {value}.",
    "The {name} was not over {value}.",
)
# kind of topic -> templates; of yes-no topics by the answer
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "onset": (
        "Symptoms started {value} before admission.",
        "The complaints have lasted {value}.",
        "The illness began {value} earlier.",
        "The history goes back {value}.",
    ),
    "diagnosis": (
        "The main reason for this stay was {name}.",
        "The patient was hospitalized because of {name}.",
        "This admission was for {name}.",
        "The principal diagnosis is {name}.",
    ),
    "walks": (
        "At discharge the patient {value}.",
        "The patient {value} when leaving.",
        "On the day of discharge this person {value}.",
    ),
    "disposition": (
        "At the end of the stay the patient {value}.",
        "The patient {value}.",
        "After discharge this person {value}.",
    ),
    "dose": (
        "Each dose of {name} is {value}.",
        "{name} was ordered at {value}.",
        "The patient takes {value} of {name} at a time.",
        "The amount of {name} per dose comes to {value}.",
    ),
    "schedule": (
        "{name} is taken {value}.",
        "The patient takes {name} {value}.",
        "{name} was prescribed {value}.",
        "The order says {name} {value}.",
    ),
    "symptom yes": (
        "The patient presented with {name}.",
        "The patient has {name}.",
        "The patient reports {name}.",
        "Complaints include {name}.",
    ),
    "symptom no": (
        "The patient does not have {name}.",
        "The patient is free of {name}.",
        "The patient reports no {name}.",
        "Complaints do not include {name}.",
    ),
    "allergy yes": (
        "The patient has a known drug allergy.",
        "An allergy to a substance given in medicine is on record.",
        "Allergies limit the choice of treatment.",
    ),
    "allergy no": (
        "The patient has no known drug allergy.",
        "No allergy to a substance given in medicine is on record.",
        "Allergies do not limit the choice of treatment.",
    ),
}


@dataclass(frozen=True)
class Question:
    """A topic to which patient and twin have different answers."""

    own: Proposition
    twin: Proposition


def make_pairs(facts: Facts, twin: Facts, note: Rendered, rng: HoldoutRandom) -> tuple[Pair, ...]:
    """Pairs about one note, as many of each label, sorted by their premise.

    facts, note: of the patient; twin: of another one who was drawn in the same way.
    """
    premises = {s.value: (s.start, s.end) for s in note.stretches if s.kind == "premise"}
    mine, theirs = propositions(facts), propositions(twin)
    by_kind: dict[str, list[Question]] = {}
    for topic, proposition in mine.items():
        other = theirs.get(topic)
        if (
            other is not None
            and other.value != proposition.value
            and proposition.premise in premises
        ):
            by_kind.setdefault(proposition.kind, []).append(Question(proposition, other))
    found: dict[tuple[int, int, str], Pair] = {}
    for label in ("entailment", "contradiction", "neutral") * PAIRS_PER_LABEL:
        # the kind first, so that the many laboratory values do not crowd out the rest
        question = rng.choice(by_kind[rng.choice(sorted(by_kind))])
        own = label == "entailment" or (label == "neutral" and rng.random() < 0.5)
        stated = [question.own.premise]
        if label == "neutral":
            stated = [key for key in premises if not bears_on(key, question.own)]
        start, end = _stretch(question, rng.choice(sorted(stated)), premises, label, rng)
        hypothesis = _hypothesis(facts if own else twin, question, own, rng)
        found.setdefault((start, end, hypothesis), Pair(start, end, hypothesis, label))
    return tuple(pair for _, pair in sorted(found.items()))


def _stretch(
    question: Question,
    key: str,
    premises: dict[str, tuple[int, int]],
    label: str,
    rng: HoldoutRandom,
) -> tuple[int, int]:
    """The premise, often with the sentence that follows it."""
    start, end = premises[key]
    if rng.random() < _TOGETHER:
        for other, (first, last) in premises.items():
            if first == end + 1 and (label != "neutral" or not bears_on(other, question.own)):
                return start, last
    return start, end


def _hypothesis(facts: Facts, question: Question, own: bool, rng: HoldoutRandom) -> str:
    proposition, other = (question.own, question.twin) if own else (question.twin, question.own)
    name, value = proposition.name, proposition.value
    if proposition.number and rng.random() < 0.5:
        templates = _ABOVE if float(value) > float(other.value) else _UP_TO
        value = _between(value, other.value)
    elif proposition.number:
        templates = _EXACT
    elif proposition.kind in _TEMPLATES:
        templates = _TEMPLATES[proposition.kind]
    else:
        templates = _TEMPLATES[f"{proposition.kind} {value}"]
    if proposition.kind == "symptom":
        name = rng.wording(SYMPTOMS[name][0])
    elif proposition.kind == "diagnosis":
        name = facts.fill(rng.wording(facts.admission.names))
    text = rng.template(templates).format(name=name, value=value)
    return text[0].upper() + text[1:]


def _between(value: str, other: str) -> str:
    """A threshold that the lower value does not exceed and the higher one does."""
    decimals = len(value.partition(".")[2])
    low, high = sorted(round(float(x) * 10**decimals) for x in (value, other))
    return f"{(low + high) // 2 / 10**decimals:.{decimals}f}"
