"""Copy-forward: what one section or note says, taken over by a later one with small edits."""

import re

from synthetic_notes.holdout import HoldoutRandom

# in the words between the marks; how a hurried writer changes a sentence that was pasted in
_EDITS = (
    (re.compile(r"\bpresenting w/"), "presenting with"),
    (re.compile(r"\bpresents with\b"), "presented with"),
    (re.compile(r"\bwith a history of\b"), "w/ hx of"),
    (re.compile(r"\bw/ h/o\b"), "with history of"),
    (re.compile(r"[ -]year[ -]old\b"), " yo"),
    (re.compile(r"\bwoman\b"), "F"),
    (re.compile(r"\bman\b"), "M"),
    (re.compile(r"^(pt|this) is "), ""),
    (re.compile(r"^History: "), ""),
)
_MARKS = re.compile(r"(⟨[^⟨⟩]*⟩|\[[^\[\]]*\])")
_SENTENCE_MARKS = re.compile(r"⟨/?(?:sentence|premise)[^⟨⟩]*⟩")


def copied_forward(markup: str, rng: HoldoutRandom) -> str:
    """The markup once more: mentions and protected health information as they were, each of the
    usual edits made or not, and no longer marked as a sentence or a premise."""
    parts = _MARKS.split(_SENTENCE_MARKS.sub("", markup))
    for pattern, new in _EDITS:
        if rng.random() < 0.5:
            parts[::2] = [pattern.sub(new, part) for part in parts[::2]]
    return "".join(parts)
