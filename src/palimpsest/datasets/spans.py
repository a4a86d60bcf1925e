"""Spans: entities in sentences, from notes that carry them or from files of experts."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from palimpsest.datasets.annotated import Document
from palimpsest.datasets.collected import Collected
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.experts import EntityPolicies, ExpertFiles, Overlaps
from palimpsest.datasets.formats import formats_of
from palimpsest.datasets.policies import apart, sound
from palimpsest.datasets.reader import FormatReader
from palimpsest.datasets.standoff import labelled_sentences, sentences_in
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.dataset_tables import SPANS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import SPAN_EXAMPLES
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, ExampleBudget, Name
from palimpsest.text.iob2 import Span


class _Spans(Declared):
    """What datasets of spans have."""

    answer: ClassVar[str] = SPANS

    name: Name
    kind: Literal["spans"] = Field(description="What is labelled.")
    labels: list[Name] = Field(min_length=1, description="Entity types, in the order of tables.")


class GeneratedSpans(_Spans):
    """Entities of a generated source, whose notes carry them. Other types are left out."""

    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold spans.")
    of: Literal["entities", "phi"] = Field(
        "entities", description="`phi`: protected health information, for de-identification."
    )
    examples: ExampleBudget = Field(description="How many sentences are used.")


class ExpertSpans(_Spans, ExpertFiles, EntityPolicies, Overlaps):
    """Entities that experts labelled, in files. A type that is not declared is an error."""

    format: Literal[formats_of("spans")] = Field(  # type: ignore[valid-type]
        "conll", description="Of the files; docs/tasks.md says what each is."
    )
    scheme: Literal["detect", "iob1", "iob2", "iobes", "bilou"] = Field(
        "detect", description="Of the tags of CoNLL; the manifest says which was detected."
    )
    token_column: int = Field(
        1, description="Of CoNLL: the column of the token, 1 the first, -1 the last."
    )
    tag_column: int = Field(-1, description="Of CoNLL: the column of the tag.")


class SpansReader(FormatReader):
    """Reads sentences with labelled spans."""

    schema = SPAN_EXAMPLES

    def __init__(self, spec: CollectSpec) -> None:
        super().__init__(spec)
        self.carried_as = "phi" if spec.of == "phi" else "spans"
        self._entities, self._read = Account(), 0
        self._changes: Counter[str] = Counter()

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The sentences of a note with gold spans."""
        carried = note[self.carried_as]
        self.left_out.update(
            span["label"] for span in carried if span["label"] not in self.spec.labels
        )
        spans = [span for span in carried if span["label"] in self.spec.labels]
        named = {"group": note["patient_id"], "split": note["split"], "note_id": note["note_id"]}
        for sentence in labelled_sentences(note["text"], spans):
            place = f"{note['note_id']}:{sentence['start']}-{sentence['end']}"
            yield {**sentence, **named, "example_id": place, "made_by": self.spec.made_by}

    def of_document(
        self, document: Document, named: Row, collected: Collected, account: Account
    ) -> Iterator[Row]:
        """The sentences of a document: all of them, whether they have an entity or not."""
        self._read += len(document.entities)
        kept = sound(document, collected.reading, self._entities, collected.label_of)
        kept = apart(kept, collected.reading, self._entities)
        spans = [Span(start=one.start, end=one.end, label=one.label) for one in kept]
        bounds, tokens = sentences_in(document), document.tokens
        for row in labelled_sentences(document.text, spans, bounds, tokens, self._changes):
            self._entities.keep(len(row["spans"]))
            row |= named
            if document.name:
                row["example_id"] += f":{row['start']}-{row['end']}"
            else:  # the text stands in no note
                row |= dict.fromkeys(("start", "end"))
            yield row

    def counted(self) -> Row:
        """What became of the entities that the files have, and what was changed for them."""
        return {"entities": self._entities.close(self._read, "entities"), **self._changes}

    def labels_of(self, example: Row) -> list[str]:
        """The labels of an example's spans."""
        return [span["label"] for span in example["spans"]]

    def check(self, split: str, examples: list[Row]) -> None:
        """Raise UserError where files have no entity in a split."""
        if self.spec.made_by == "experts" and not any(row["spans"] for row in examples):
            raise UserError(
                f"none of the {len(examples)} {split} examples has an entity of the labels "
                f"{self.spec.labels}, so nothing can be found in them; are file and columns right?"
            )
