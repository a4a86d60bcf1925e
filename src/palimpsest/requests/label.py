"""Build the requests that ask an LLM whether a sentence has a category of a taxonomy.

Each request is about one sentence and one category, so that another definition changes only the
requests of its category. The same builder asks for labels and for their check.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from palimpsest.requests.config import PLACEHOLDERS, CategoryPrompt, LabelSpec
from palimpsest.requests.rephrase import SCHEMA, request_row
from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.labels import CONTENT_FREE
from palimpsest.runtime.rows import Row
from palimpsest.runtime.taxonomy import AskedCategory, AskedTaxonomy

LABEL_REQUESTS = pa.schema(
    [
        *SCHEMA,  # passage: the sentence; section: nothing
        ("sentence_id", pa.string()),  # or `content-free.{number}`
        ("category", pa.string()),  # that is asked about
    ]
)
# Without content: what an LLM answers to them is its bias (Zhao et al. 2021, arXiv 2102.09690).
NO_CONTENT = ("N/A", "[MASK]", "")
PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
# An answer is spelled as a sentence begins: a chat turn starts with it, and LLMs then put far more
# of their belief on these two words than on "yes" and "no".
SCORED = canonical_json({"choices": ["No", "Yes"]}), 1  # constraint, and room for the answer
RATIONALE_AND_ANSWER = {
    "type": "object",
    "properties": {
        "rationale": {"type": "string", "maxLength": 300},
        "answer": {"enum": ["Yes", "No"]},
    },
    "required": ["rationale", "answer"],
    "additionalProperties": False,
}
WRITTEN = canonical_json({"schema": RATIONALE_AND_ANSWER}), 128


def fill(
    prompt: CategoryPrompt,
    taxonomy: AskedTaxonomy,
    category: AskedCategory,
    shots: int,
    **values: str,
) -> tuple[str, str]:
    """The system and the user message of a prompt about a category.

    shots: how many examples and near misses of the category are told. values: of `sentence` or
    `conditions`.
    """
    misses = category.near_misses[:shots]
    values |= {
        "guideline": taxonomy.guideline,
        "none": taxonomy.none,
        "title": category.title,
        "definition": category.definition,
        "include": _listed(category.include),
        "exclude": _listed(category.exclude),
        "examples": _listed(category.examples[:shots]),
        "near_misses": _listed([f"{miss.text} ({miss.why})" for miss in misses]),
    }

    def filled(text: str) -> str:
        # All at once: what is filled in may hold braces.
        return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)

    return filled(prompt.system), filled(prompt.user)


class LabelRequests:
    """Makes the requests about sentences, and knows how each answer is given."""

    def __init__(self, spec: LabelSpec) -> None:
        self.spec = spec
        self.constraint, self.room = WRITTEN if spec.rationale else SCORED
        self.categories = {category.name: category for category in spec.taxonomy.categories}

    def request(self, sentence: Row, category: str) -> Row:
        """The request about one sentence and one category.

        sentence: sentence_id, text, tokens, note_id, start and end.
        """
        text = " ".join(sentence["text"].split())  # without the line ends of its note
        spec, about = self.spec, self.categories[category]
        system, user = fill(spec.prompt, spec.taxonomy, about, spec.shots, sentence=text)
        place = {name: sentence[name] for name in ("note_id", "start", "end") if sentence[name]}
        place |= {"passage": sentence["text"], "passage_tokens": sentence["tokens"]}
        request = request_row(system, user, self.room, self.constraint, **place)
        return request | {"sentence_id": sentence["sentence_id"], "category": category}

    def content_free(self, categories: list[str]) -> Iterator[Row]:
        """The requests that calibrate the answers about some categories."""
        for number, text in enumerate(NO_CONTENT):
            sentence: Row = {"sentence_id": f"{CONTENT_FREE}{number}", "text": text, "tokens": 0}
            sentence |= {"note_id": None, "start": None, "end": None}
            yield from (self.request(sentence, category) for category in categories)


def reasons_not_to_ask(
    names: list[str], wanted: list[str] | None, answers: dict[str, bool | None] | None
) -> dict[str, str | None]:
    """Why a sentence is not asked about, by category: None where it is.

    names: of the taxonomy. wanted: what it was written for, or None for a sentence of a note.
    answers: of an earlier prompt, by category, if there was one: what was denied is not asked
    again, and neither is a sentence without an answer, which nobody can label.
    """
    if answers is None:
        # A sentence that is to have no category is asked about all.
        return {name: "not_wanted" if wanted and name not in wanted else None for name in names}
    if None in answers.values():
        return dict.fromkeys(names, "unanswered")
    return {name: None if answers[name] else "answered_no" for name in names}


def _listed(texts: list[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)
