"""Assertions and relations: what is said of an entity, or of two, that are marked in a sentence."""

from collections.abc import Iterator
from itertools import combinations
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from palimpsest.datasets.annotated import Document, Entity, Stretch, hull
from palimpsest.datasets.collected import Collected
from palimpsest.datasets.config import CollectSpec, Columns
from palimpsest.datasets.experts import EntityPolicies, ExpertFiles
from palimpsest.datasets.formats import formats_of
from palimpsest.datasets.policies import sound
from palimpsest.datasets.reader import FormatReader
from palimpsest.datasets.standoff import sentences_in
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.dataset_tables import ONE_LABEL
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import TEXT_EXAMPLES
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, ExampleBudget, Name
from palimpsest.text.sentences import segments

NAMED = ("brat", "bioc", "i2b2-2012")  # formats whose entities have attributes of any name


class ExpertAssertions(ExpertFiles, EntityPolicies):
    """Entities of which experts said whether they are present, absent, and so on."""

    answer: ClassVar[str] = ONE_LABEL

    kind: Literal["assertion"] = Field(description="What is labelled.")
    format: Literal[formats_of("assertion")] = Field(  # type: ignore[valid-type]
        description="Of the files; docs/tasks.md says what each is."
    )
    labels: list[str] = Field(min_length=1, description="In the order of tables.")
    attribute: str | None = Field(
        None,
        description="Of BRAT, BioC and i2b2 2012: the attribute of an entity whose value is the "
        "label. One without a value has its own name as label.",
    )
    unmarked: str | None = Field(
        None, description="The label of entities without the attribute; absent: they are rejected."
    )
    columns: Columns | None = Field(
        None, description="With the format `table`: which column holds what."
    )

    @model_validator(mode="after")
    def _says_where(self) -> "ExpertAssertions":
        if self.format in NAMED and not self.attribute:
            raise ValueError(f"format '{self.format}' needs 'attribute'")
        if self.columns and not (self.columns.labels and self.columns.concept):
            raise ValueError("'columns' needs 'labels' and 'concept'")
        if self.unmarked is not None and self.unmarked not in self.labels:
            raise ValueError(f"'unmarked' is {self.unmarked!r}, expected one of {self.labels}")
        return self


class ExpertRelations(ExpertFiles, EntityPolicies):
    """Pairs of entities in a sentence between which experts saw a relation, or none."""

    answer: ClassVar[str] = ONE_LABEL

    kind: Literal["relations"] = Field(description="What is labelled.")
    format: Literal[formats_of("relations")] = Field(  # type: ignore[valid-type]
        description="Of the files; docs/tasks.md says what each is."
    )
    labels: list[str] = Field(
        min_length=2, description="In the order of tables, with the one for no relation."
    )
    none_label: str = Field(
        description="The label of pairs without a relation; it counts as no finding."
    )
    pairs: list[tuple[str, str]] = Field(
        min_length=1,
        description="Types of entities between which a relation may hold: of the first argument, "
        "and of the second. All such pairs in a sentence are examples.",
    )

    @model_validator(mode="after")
    def _has_none(self) -> "ExpertRelations":
        if self.none_label not in self.labels:
            raise ValueError(f"'none_label' is {self.none_label!r}, expected one of {self.labels}")
        return self


class GeneratedAssertions(Declared):
    """Entities of a generated source with their assertions, which its notes carry."""

    answer: ClassVar[str] = ONE_LABEL

    name: Name
    kind: Literal["assertion"] = Field(description="What is labelled.")
    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold spans.")
    labels: list[str] = Field(
        ["present", "absent", "possible", "conditional", "hypothetical", "family"],
        min_length=1,
        description="In the order of tables; entities with others are left out.",
    )
    types: list[str] = Field(
        ["problem"],
        min_length=1,
        description="Types of entities that are asked about; nearly all treatments and tests are "
        "present.",
    )
    examples: ExampleBudget = Field(description="How many entities are used.")


class AssertionReader(FormatReader):
    """Reads entities in their sentences, each with its assertion."""

    schema = TEXT_EXAMPLES
    carried_as = "spans"

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The entities of a note with gold spans."""
        bounds = segments(note["text"])
        named = {"group": note["patient_id"], "split": note["split"], "note_id": note["note_id"]}
        named |= {"example_id": note["note_id"], "made_by": self.spec.made_by}
        for span in note["spans"]:
            if self.spec.types and span["label"] not in self.spec.types:
                self.left_out[span["label"]] += 1
                account.reject("type_left_out")
            elif span["assertion"] not in self.spec.labels:
                self.left_out[span["assertion"]] += 1
                account.reject("label_left_out")
            else:
                yield _example(
                    note["text"],
                    hull(bounds, span["start"], span["end"]),
                    [(span["start"], span["end"], span["label"])],
                    span["assertion"],
                    named,
                )

    def of_document(
        self, document: Document, named: Row, collected: Collected, account: Account
    ) -> Iterator[Row]:
        """The entities of a document that have an assertion; the others are rejected."""
        attribute = collected.reading.attribute or "assertion"
        bounds = sentences_in(document)
        seen: set[Stretch] = set()
        for entity in sound(document, collected.reading, account):
            said = entity.attributes.get(attribute, collected.reading.unmarked)
            label = None if said is None else collected.label_of(said, entity.place)
            if label is None:
                account.reject("without_assertion" if said is None else "label_left_out")
            elif (entity.start, entity.end) in seen:
                account.reject("same_place")
            else:
                seen.add((entity.start, entity.end))
                place = hull(bounds, entity.start, entity.end)
                yield _example(document.text, place, [_mark(entity)], label, named)


class RelationsReader(FormatReader):
    """Reads pairs of entities in a sentence, each with its relation, or none."""

    schema = TEXT_EXAMPLES
    carried_as = ""  # notes carry no relations

    def __init__(self, spec: CollectSpec) -> None:
        super().__init__(spec)
        self._lost = Account()

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """No source carries relations."""
        raise UserError("notes carry no relations; expected files of experts")

    def of_document(
        self, document: Document, named: Row, collected: Collected, account: Account
    ) -> Iterator[Row]:
        """All pairs of a document that stand in one sentence and have types of a declared pair.

        The first argument is of the first type. Of two entities of one type it is the one that
        stands first, whichever the file names first: the order must not tell the label.
        A relation between others is rejected.
        """
        reading = collected.reading
        said: dict[frozenset[str], str | None] = {}  # names -> relation, None if it is left out
        for relation in document.relations:
            label = collected.label_of(relation.label, relation.place)
            ends = frozenset((relation.first, relation.second))
            if label is None:
                account.reject("label_left_out")
            elif ends in said:
                account.reject("second_relation")
            said.setdefault(ends, label)
        entities = sound(document, reading, self._lost)
        entities.sort(key=lambda one: (one.start, one.end))
        bounds = sentences_in(document)
        sentences: dict[Stretch, list[Entity]] = {}
        for entity in entities:
            sentences.setdefault(hull(bounds, entity.start, entity.end), []).append(entity)
        for place, (one, other) in (
            (place, pair) for place, inside in sentences.items() for pair in combinations(inside, 2)
        ):
            if one.start == other.start:
                continue
            if (one.label, other.label) in reading.pairs:
                ends = (one, other)
            elif (other.label, one.label) in reading.pairs:
                ends = (other, one)
            else:
                continue
            label = said.pop(frozenset((one.name, other.name)), self.spec.none_label)
            if label is not None:  # one that is left out is no example of no relation
                yield _example(document.text, place, [_mark(end) for end in ends], label, named)
        # Across sentences, of types that are no pair, or of an entity that was rejected.
        if lost := sum(label is not None for label in said.values()):
            account.reject("relation_of_no_pair", lost)

    def counted(self) -> Row:
        """The entities that were rejected, and with them the pairs that they would be in."""
        return {"entities_rejected": dict(sorted(self._lost.rejected.items()))}


def _mark(entity: Entity) -> tuple[int, int, str | None]:
    return entity.start, entity.end, entity.label or None


def _example(
    text: str,
    place: Stretch,
    marks: list[tuple[int, int, str | None]],
    label: str,
    named: Row,
) -> Row:
    """A sentence with its marked entities. place: of the sentence, maybe with blanks around it."""
    part = text[place[0] : place[1]]
    start = place[0] + len(part) - len(part.lstrip())
    end = place[0] + len(part.rstrip())
    where = ":".join(f"{first}-{last}" for first, last, _ in marks)
    return {
        **named,
        "example_id": f"{named['example_id']}:{where}",
        "text": text[start:end],
        "start": start if named["note_id"] else None,
        "end": end if named["note_id"] else None,
        "second": None,
        "marks": [
            {"start": first - start, "end": last - start, "label": kind}
            for first, last, kind in marks
        ],
        "labels": [label],
    }
