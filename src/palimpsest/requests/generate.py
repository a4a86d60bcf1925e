"""Build the requests that ask an LLM to write a sentence for a category, or for none.

Each is given conditions: a patient, a place, a writer, a way of writing. An LLM that is asked for
the same twice writes the same twice (Li, Wang & Yu 2023, arXiv 2401.06774, write for labels too).
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import pyarrow as pa

from palimpsest.requests.config import GenerateSpec
from palimpsest.requests.label import fill
from palimpsest.requests.rephrase import SCHEMA, request_row
from palimpsest.runtime.identity import canonical_json, keyed_hash
from palimpsest.runtime.labels import NONE
from palimpsest.runtime.rows import Row
from palimpsest.runtime.taxonomy import AskedCategory, AskedTaxonomy, NearMiss

T = TypeVar("T")
GENERATION_REQUESTS = pa.schema(
    [
        *SCHEMA,
        ("sentence_id", pa.string()),  # `{category}.{number}`, of the sentence to be written
        ("category", pa.string()),  # that it is written for; `none` is one
        ("conditions", pa.string()),  # canonical JSON of what was drawn
    ]
)
AGES = range(55, 95)
SEXES = ("woman", "man")
# Where the patient is seen, and the notes that are written there, each with who writes it.
PLACES = {
    "nursing home": (
        ("nursing progress note", "a nurse"),
        ("physician visit note", "a geriatrician"),
        ("care conference note", "a social worker"),
    ),
    "assisted living": (
        ("nursing assessment", "a nurse"),
        ("telephone note", "a medical assistant"),
    ),
    "home visit": (
        ("home health note", "a visiting nurse"),
        ("home safety evaluation", "an occupational therapist"),
    ),
    "primary care clinic": (
        ("office visit note", "a family physician"),
        ("annual wellness visit note", "a nurse practitioner"),
        ("telephone note", "a nurse"),
    ),
    "specialty clinic": (
        ("consultation note", "a neurologist"),
        ("consultation note", "a geriatrician"),
        ("consultation note", "a psychiatrist"),
    ),
    "emergency department": (
        ("emergency department note", "an emergency physician"),
        ("triage note", "a nurse"),
    ),
    "hospital ward": (
        ("discharge summary", "a hospital physician"),
        ("history and physical", "a resident physician"),
        ("nursing progress note", "a nurse"),
        ("social work note", "a social worker"),
        ("therapy evaluation", "an occupational therapist"),
    ),
    "rehabilitation unit": (
        ("therapy progress note", "a physical therapist"),
        ("speech therapy evaluation", "a speech therapist"),
    ),
}
SEVERITIES = ("early", "mild", "moderate", "severe")
STYLES = {
    "telegraphic": "in telegraphic style, without a full sentence's verbs and articles",
    "full": "as one full sentence",
    "quoted": "with words of the patient or a relative in quotation marks",
    "abbreviated": "with the abbreviations that clinicians use",
}
DENIED = 3  # one sentence in so many denies another category


def _drawn(values: Sequence[T], *parts: str) -> T:
    """One of some values, by a keyed hash of the seed's key and further parts."""
    return values[keyed_hash(*parts) % len(values)]


def _drawn_category(categories: list[AskedCategory], *parts: str) -> AskedCategory:
    """One of some categories: that of the highest hash (Thaler & Ravishankar 1998).

    One more category therefore takes its share of the draws, and changes no other.
    """
    return max(categories, key=lambda category: keyed_hash(*parts, category.name))


def conditions(category: str, number: int, taxonomy: AskedTaxonomy, seed: int) -> tuple[Row, str]:
    """What one sentence must be like, as drawn and as told to the LLM.

    category: a name of the taxonomy, or `none`. number: of the sentence within the category; more
    sentences leave the earlier ones as they are. Of `none`, a near miss of one category gives the
    subject. Of the others, a third denies another category.
    """
    draw = (f"conditions-{seed}", category, str(number))
    place = _drawn(list(PLACES), *draw, "place")
    note, author = _drawn(PLACES[place], *draw, "note")
    drawn: Row = {
        "age": _drawn(AGES, *draw, "age"),
        "sex": _drawn(SEXES, *draw, "sex"),
        "place": place,
        "note": note,
        "author": author,
        "style": _drawn(list(STYLES), *draw, "style"),
    }
    article = "an" if drawn["age"] // 10 == 8 else "a"
    words = f"{article} {drawn['age']}-year-old {drawn['sex']}, {place}, {note} written by {author}"
    extra = ""
    if category == NONE:
        near = _drawn_category(taxonomy.categories, *draw, "near")
        miss = _drawn(near.near_misses, *draw, "near miss")
        drawn |= {"near": near.name, "near_miss": miss.text}
        extra = f' It is near "{near.title}" and is not, as is "{miss.text}" ({miss.why}).'
    else:
        drawn["severity"] = _drawn(SEVERITIES, *draw, "severity")
        words += f"; {drawn['severity']}"
        others = [other for other in taxonomy.categories if other.name != category]
        if others and keyed_hash(*draw, "denies") % DENIED == 0:
            denied = _drawn_category(others, *draw, "denied")
            drawn["denied"] = denied.name
            extra = f' It also says that "{denied.title}" is denied or absent.'
    return drawn, f"Write for: {words}; {STYLES[drawn['style']]}.{extra}"


def no_category(taxonomy: AskedTaxonomy, near: AskedCategory) -> AskedCategory:
    """What stands in a category's place where a sentence of none is wanted.

    It mirrors the category that the sentence is to come near: what belongs to that is excluded
    here, and its near misses are the examples. What it excludes may belong to another category, so
    nothing is told to be included, which no category of a taxonomy may do.
    """
    return AskedCategory.model_construct(
        name=NONE,
        title="None of the categories",
        definition=taxonomy.none,
        include=[],
        exclude=near.include,
        examples=[miss.text for miss in near.near_misses],
        near_misses=[NearMiss(text=text, why=near.title) for text in near.examples],
    )


def generation_requests(spec: GenerateSpec) -> Iterator[Row]:
    """Rows of GENERATION_REQUESTS: a sentence of each category and of none, then a second, ...

    More requests therefore come after those that there were.
    """
    categories = {category.name: category for category in spec.taxonomy.categories}
    for number in range(spec.requests):
        for name in [*categories, NONE]:
            drawn, told = conditions(name, number, spec.taxonomy, spec.seed)
            if name == NONE:
                category = no_category(spec.taxonomy, categories[drawn["near"]])
            else:
                category = categories[name]
            system, user = fill(spec.prompt, spec.taxonomy, category, spec.shots, conditions=told)
            yield {
                **request_row(system, user, spec.max_tokens),
                "sentence_id": f"{name}.{number:05d}",
                "category": name,
                "conditions": canonical_json(drawn),
            }
