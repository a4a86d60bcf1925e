"""What a study declares of a release, and what its jobs depend on."""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from palimpsest.runtime.schema import Declared, Name, Paths, Positive, PositiveFloat, Seed, Share

CheckName = Literal["identifiers", "rare_text", "canaries", "membership", "linkage", "attributes"]
CHECKS: tuple[CheckName, ...] = get_args(CheckName)
Stage = Literal["given", "repaired"]
# Of releases without a leak, these shares may fail by chance: by any test, and because metadata
# alone tells groups apart that are alike.
LEVEL, ALIKE = 0.045, 0.005
Reasons = dict[CheckName, Annotated[str, Field(min_length=10)]]


class RosterColumns(Declared):
    """Which columns of a roster hold what; a column holds one value for each patient and row."""

    patient_id: str = Field(description="As the source spells it.")
    name: list[str] = Field(
        [], description="Columns that are one name together, in the order of its parts."
    )
    id: list[str] = Field([], description="Record, account and insurance numbers.")
    phone: list[str] = Field([], description="Telephone and fax numbers.")
    address: list[str] = Field([], description="Streets with their number, in one column each.")
    date: list[str] = Field([], description="Dates of birth, and other days that tell who it is.")

    @model_validator(mode="after")
    def _any(self) -> "RosterColumns":
        if not any((self.name, self.id, self.phone, self.address, self.date)):
            raise ValueError("expected a column of names, ids, phones, addresses or dates")
        return self


class FileRoster(Declared):
    """A table with the identifiers of the source's patients."""

    outside_identity: ClassVar[frozenset[str]] = frozenset({"paths"})

    by: Literal["file"] = Field(description="Chooses this form.")
    paths: Paths
    columns: RosterColumns = Field(description="Which column holds what.")


class GoldRoster(Declared):
    """The protected health information that the source's notes are labelled with."""

    by: Literal["gold"] = Field(description="Chooses this form.")


class RulesRoster(Declared):
    """What rules find in the notes: telephone numbers, dates, ids, ages, names after a title."""

    by: Literal["rules"] = Field(description="Chooses this form.")


Roster = Annotated[FileRoster | GoldRoster | RulesRoster, Field(discriminator="by")]


class ReleasedCheckpoint(Declared):
    """A trained model that is given away, and the one that it is compared with."""

    model: Name
    corpus: Name
    seed: Seed = Field(0, description="Of its training.")
    reference: Name = Field(
        description="A corpus without these patients, on which the same model is trained with the "
        "same seed: what it knows, too, is no memory of theirs."
    )


class Attribute(Declared):
    """Something about a patient that nobody else may learn."""

    name: Name
    words: Annotated[list[str], Field(min_length=1)] = Field(
        description="Words, or several in a row, that say it of a patient."
    )


class RareText(Declared):
    """What text is rare."""

    patients: int = Field(
        3, ge=2, description="Words in a row are rare in the notes of fewer than so many patients."
    )
    words: Positive = Field(13, description="So many words in a row, in corpora.")
    sentence_words: Positive = Field(8, description="So many in sentences that an LLM wrote.")


class Membership(Declared):
    """How patients are told from those whom nobody used."""

    patients: Positive = Field(
        2000, description="At most so many patients of each group, drawn by the study's seed."
    )
    share: Share = Field(0.01, description="Of false positives at which the true ones are told.")


class Linkage(Declared):
    """How well a document leads back to its note."""

    documents: Positive = Field(200, description="Documents that are looked up.")
    among: Positive = Field(1000, description="Notes among which they are.")


class Release(Declared):
    """What is to be given away, and how it is tested beforehand.

    All checks run, but for those that `without` names with a reason, which the verdict repeats.
    """

    name: Name
    source: str = Field(description="A declared source: whose patients are looked for.")
    corpora: list[Name] = Field([], description="Declared corpora.")
    datasets: list[Name] = Field([], description="Declared datasets of bronze.")
    checkpoints: list[ReleasedCheckpoint] = Field([], description="Trained models.")
    roster: Roster | None = Field(None, description="Where identifiers are known from.")
    rare_text: RareText = Field(RareText(), description="Rare text.")
    membership: Membership = Field(Membership(), description="Membership.")
    linkage: Linkage = Field(Linkage(), description="Linkage, which is told and never judged.")
    attributes: list[Attribute] = Field([], description="What is sensitive in these notes.")
    control: Positive = Field(
        50, description="With fewer patients in the control group, nothing can be told."
    )
    detectable: PositiveFloat = Field(
        1.0,
        le=1,
        description="Membership that is found from this share of leaked patients on, or less, is "
        "told; where only more would be found, nothing can be told.",
    )
    without: Reasons = Field({}, description="Checks that are left out, each with the reason.")
    accepted: Reasons = Field(
        {}, description="Checks whose findings are taken, each with the reason."
    )
    repair: Literal["drop_documents"] | None = Field(
        None,
        description="`drop_documents`: documents with findings are left out of the corpora, and "
        "all is tested again. What is exported is then the rest.",
    )
    demanded: bool = Field(
        False, description="Whether its corpora are exported only where nothing failed."
    )

    @model_validator(mode="after")
    def _something(self) -> "Release":
        if not (self.corpora or self.datasets or self.checkpoints):
            raise ValueError("expected 'corpora', 'datasets' or 'checkpoints' to give away")
        if self.repair and not self.corpora:
            raise ValueError("'repair' drops documents of 'corpora', and there are none")
        if both := sorted(self.without.keys() & self.accepted.keys()):
            raise ValueError(f"{both} are both left out and accepted; expected one of the two")
        if self.roster is None and "identifiers" not in self.without:
            raise ValueError("expected a 'roster', or a reason under 'without.identifiers'")
        if not self.attributes and "attributes" not in self.without:
            raise ValueError("expected 'attributes', or a reason under 'without.attributes'")
        return self

    def names(self) -> set[str]:
        """What is given away, as results and verdict call it."""
        return {
            *(f"corpus.{name}" for name in self.corpora),
            *(f"dataset.{name}" for name in self.datasets),
            *(f"checkpoint.{one.model}.{one.corpus}.{one.seed}" for one in self.checkpoints),
        }

    def checks(self) -> list[CheckName]:
        """The checks that run, in order."""
        return [name for name in CHECKS if name not in self.without]


class CheckSpec(Declared):
    """What the result of a check depends on besides its tables.

    audited: whether the control are the patients of the split `audit`, or those of `test`.
    canaries: how many were planted in the source. stage: of the corpora.
    """

    release: Release
    audited: bool
    canaries: int
    seed: int
    stage: Stage
    roster_digest: str = ""


class LossesOfPatientsSpec(Declared):
    """Which notes a model is asked about: those of some patients of each group of a source."""

    source: str

    patients: Positive
    audited: bool
    canaries: int
    context: Positive
    seed: int


class RepairSpec(Declared):
    """What a repaired corpus depends on besides the corpus and the results of the checks."""

    release: str
    corpus: str
