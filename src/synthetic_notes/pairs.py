"""Pairs for natural language inference: a stretch of the note and a hypothesis about it.

A hypothesis must not give its label away. So every patient has a twin, another patient drawn in
the same way, and a pair is only about a topic to which both have different answers. The patient's
own answer is entailed by the sentence that states it, the twin's contradicts it, and one of the
two, by a coin, is neutral to a sentence about something else. Patient and twin could change
places, so each hypothesis is as likely with each label.
"""

from dataclasses import dataclass

from synthetic_notes.data_files import load
from synthetic_notes.facts import Facts
from synthetic_notes.gold import Pair
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.lexicon import SYMPTOMS
from synthetic_notes.markup import Rendered
from synthetic_notes.propositions import Proposition, bears_on, propositions

PAIRS_PER_LABEL = 2
_TOGETHER = 0.35

# kind of topic -> templates; of yes-no topics by the answer, of numbers by what is compared
_TEMPLATES = load("hypotheses.yaml", dict[str, tuple[str, ...]])


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
        differs = topic in theirs and theirs[topic].value != proposition.value
        if differs and proposition.premise in premises:
            by_kind.setdefault(proposition.kind, []).append(Question(proposition, theirs[topic]))
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
    form = proposition.kind if proposition.kind in _TEMPLATES else f"{proposition.kind} {value}"
    if proposition.number and rng.random() < 0.5:
        form = "above" if float(value) > float(other.value) else "up to"
        value = _between(value, other.value)
    elif proposition.number:
        form = "exact"
    if proposition.kind == "symptom":
        name = rng.wording(SYMPTOMS[name][0])
    elif proposition.kind == "diagnosis":
        name = facts.fill(rng.wording(facts.admission.names))
    text = rng.template(_TEMPLATES[form]).format(name=name, value=value)
    return text[0].upper() + text[1:]


def _between(value: str, other: str) -> str:
    """A threshold that the lower value does not exceed and the higher one does."""
    decimals = len(value.partition(".")[2])
    low, high = sorted(round(float(x) * 10**decimals) for x in (value, other))
    return f"{(low + high) // 2 / 10**decimals:.{decimals}f}"
