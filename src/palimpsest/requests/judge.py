"""Build the requests that ask an LLM what rephrases invented and left out.

Among them are pairs whose truth is known: passages that rules reworded, and some into which they
planted an error. Nothing that the LLM is given tells these from the others.
"""

import re
from collections.abc import Iterable, Iterator
from random import Random

import pyarrow as pa

from palimpsest.facts.model import TYPES, UNFAITHFUL
from palimpsest.facts.planting import KINDS, planted, reworded
from palimpsest.requests.config import JudgePrompt, JudgeSpec
from palimpsest.requests.rephrase import SCHEMA, request_row
from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import Lowest, sampling_key

JUDGE_REQUESTS = pa.schema(
    [
        *SCHEMA,
        ("context", pa.string()),  # what was told besides the passage, or nothing
        ("rephrase", pa.string()),
        ("patient_id", pa.string()),
        # None of the following is told to the LLM.
        ("origin", pa.string()),  # rephrased by an LLM; by rule: faithful, or planted
        ("planted", pa.string()),  # the type of the error, or null
        ("of_llm", pa.string()),  # who rephrased, and how asked; null where rules did
        ("of_prompt", pa.string()),
        ("of_context", pa.string()),
        ("rules", pa.list_(pa.string())),  # types of findings that are no `kept`; null as above
    ]
)
REPHRASED, FAITHFUL, PLANTED = "rephrased", "faithful", "planted"
OTHER = "other"  # the type of a claim that is none of the rules' types
CLAIM_TYPES = (*(kind for kind in TYPES if kind != "passage"), OTHER)
MOST_CLAIMS, LONGEST_QUOTE = 12, 200
_CLAIMS = {
    "type": "array",
    "maxItems": MOST_CLAIMS,
    "items": {
        "type": "object",
        "properties": {
            "quote": {"type": "string", "maxLength": LONGEST_QUOTE},
            "type": {"enum": list(CLAIM_TYPES)},
        },
        "required": ["quote", "type"],
        "additionalProperties": False,
    },
}
ANSWER = canonical_json(
    {
        "schema": {
            "type": "object",
            "properties": {"unsupported": _CLAIMS, "missing": _CLAIMS},
            "required": ["unsupported", "missing"],
            "additionalProperties": False,
        }
    }
)
_PLACEHOLDER = re.compile(r"\{(passage|rephrase|context)\}")
# Passages that are looked through for a place for an error, for each that is to be planted.
_LOOKED_THROUGH = 40
Series = tuple[str, str, str]  # LLM, prompt and context of rephrases
Drawn = tuple[Series, str, str, int, int, str, tuple[str, ...]]


class Sample:
    """The rephrases that are judged, and the passages of which known pairs are made."""

    def __init__(self, spec: JudgeSpec) -> None:
        self.spec = spec
        self.of_series: dict[Series, Lowest[Drawn]] = {}
        self.pool: Lowest[Drawn] = Lowest(2 * spec.faithful + _LOOKED_THROUGH * spec.planted)

    def offer(self, series: Series, row: Row) -> None:
        """Take a rephrase, or not. row: of the table of findings."""
        place = row["note_id"], str(row["start"])
        wrong = {one["type"] for one in row["findings"] if one["status"] in UNFAITHFUL}
        where = (row[name] for name in ("request_key", "note_id", "start", "end", "patient_id"))
        drawn: Drawn = (series, *where, tuple(sorted(wrong)))  # type: ignore[assignment]
        sample = self.of_series.setdefault(series, Lowest(self.spec.pairs))
        # The same passages of all series, where they were kept.
        sample.offer(sampling_key("judge", self.spec.seed, *place), drawn)
        self.pool.offer(sampling_key("known-pairs", self.spec.seed, *place), drawn)

    def drawn(self) -> list[Drawn]:
        """The rephrases that are judged."""
        return [one for sample in self.of_series.values() for _, one in sample.drawn()]

    def passages(self) -> list[Drawn]:
        """The places of which known pairs are made: of each patient one, then a second, ..."""
        taken: dict[str, int] = {}
        ordered = []
        for at, (_, one) in enumerate(self.pool.drawn()):
            patient = one[5]
            taken[patient] = taken.get(patient, 0) + 1
            ordered.append((taken[patient], at, one))
        return [one for *_, one in sorted(ordered)]


def pair_of(drawn: Drawn, asked: Row, rephrase: str) -> Row:
    """A pair to be judged. asked: the request of the rephrase: passage, its tokens and context."""
    (llm, prompt, context), _, note_id, start, end, patient_id, wrong = drawn
    named = {"of_llm": llm, "of_prompt": prompt, "of_context": context, "rules": list(wrong)}
    place = {"note_id": note_id, "start": start, "end": end, "patient_id": patient_id}
    return {**asked, **place, **named, "rephrase": rephrase, "origin": REPHRASED, "planted": None}


def known_pairs(passages: list[Row], spec: JudgeSpec) -> Iterator[Row]:
    """Pairs whose truth is known, as many as are declared, or as many as there is a place for.

    passages: rows with note_id, start, end, patient_id, passage and what a request has of it.
    """
    nobody = dict.fromkeys(("of_llm", "of_prompt", "of_context", "rules"))
    found = 0
    for row in passages:
        said = reworded(row["passage"], _chance(spec, row, FAITHFUL))
        if found < spec.faithful and said != row["passage"]:
            found += 1
            yield {**row, **nobody, "rephrase": said, "origin": FAITHFUL, "planted": None}
    for kind in KINDS:
        found = 0
        for at, row in enumerate(passages):
            if found == spec.planted:
                break
            chance = _chance(spec, row, kind)
            other = passages[(at + len(passages) // 2) % len(passages)]
            told = other["passage"] if other["patient_id"] != row["patient_id"] else ""
            wrong = planted(reworded(row["passage"], chance), kind, chance, told)
            if wrong is not None:
                found += 1
                yield {**row, **nobody, "rephrase": wrong, "origin": PLANTED, "planted": kind}


def _chance(spec: JudgeSpec, row: Row, kind: str) -> Random:
    return Random(f"judge-{spec.seed}-{row['note_id']}-{row['start']}-{kind}")


def judge_requests(pairs: Iterable[Row], prompt: JudgePrompt, max_tokens: int) -> list[Row]:
    """Rows of JUDGE_REQUESTS, in an order that says nothing of their origin."""
    made = []
    for pair in pairs:
        values = {name: pair.get(name) or "" for name in ("passage", "rephrase", "context")}
        values["context"] = values["context"] or NO_CONTEXT
        # All at once: what is filled in may hold braces.
        user = _PLACEHOLDER.sub(lambda found, told=values: told[found[1]], prompt.user)
        made.append(pair | request_row(prompt.system, user, max_tokens, ANSWER, **_of(pair)))
    return sorted(made, key=lambda row: (row["request_key"], str(row["of_llm"]), row["origin"]))


def _of(pair: Row) -> dict[str, str | int]:
    names = ("note_id", "start", "end", "passage", "passage_tokens", "section")
    return {name: pair[name] for name in names}
