"""What a study declares of an evidence pack, and what a pack depends on besides its files."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from palimpsest.runtime.schema import Day, Declared, Name

# Of the project, which a pack repeats; they lie where the code does.
PROJECT_FILES = ("Snakefile", "rules/*.smk", "requirements.lock", "pyproject.toml")


class Evidence(Declared):
    """Results with what a reviewer needs to judge them: `<results>/evidence/<name>.zip`."""

    outside_identity: ClassVar[frozenset[str]] = frozenset({"key"})

    name: Name
    title: str = Field(min_length=1, description="Of the study, for people.")
    creators: Annotated[list[str], Field(min_length=1)] = Field(
        description="People or groups who answer for it."
    )
    published: Day = Field(
        description="The day that cards and metadata say, such as `2026-01-31`: no clock is asked."
    )
    licence: str = Field(
        min_length=1,
        description="Of what is in the pack, best an SPDX identifier such as `CC-BY-4.0`; sources, "
        "LLMs and datasets have their own.",
    )
    description: str | None = Field(None, description="What the study asked, in a few sentences.")
    url: str | None = Field(
        None, pattern=r"^https?://\S+$", description="Where the pack, or its paper, is found."
    )
    corpora: list[Name] = Field(
        [],
        description="Corpora whose documents are in the pack, as exports: a pack holds text of "
        "notes, or written after notes, only of these.",
    )
    key: str | None = Field(
        None,
        description="A file with an Ed25519 private key in PEM, without a passphrase, that signs "
        "the pack; `openssl genpkey -algorithm ed25519` writes one. It is no part of the pack.",
    )
    answers: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        {},
        description="What nothing but people knows of the checklists, by item, such as "
        "`tripod-llm.13: approved by ...`.",
    )


class Described(Declared):
    """A source, LLM, encoder or dataset, as far as it is outside any identity.

    origin: where weights come from, without a path. llm: of a dataset that one made.
    """

    name: str
    kind: str
    licence: str | None
    data_use: str | None
    origin: str | None = None


class EvidenceSpec(Declared):
    """What a pack depends on besides its files.

    study, llms, prompts, models, taxonomies: as declared, by name, without places and tuning.
    sources, datasets, weights: their terms. cards: what exports say of each corpus; entries of
    `shared` are written once, and stand in cards as their number. experiments: those that the pack
    shows. datasets: those that others labelled. written: how many sources the
    project itself wrote. project: hashes of the workflow's files and of the lock.
    """

    pack: Evidence
    results: str
    study: dict[str, Any]
    llms: dict[str, dict[str, Any]]
    prompts: dict[str, dict[str, Any]]
    models: dict[str, dict[str, Any]]
    taxonomies: dict[str, dict[str, Any]]
    sources: list[Described]
    datasets: list[Described]
    weights: list[Described]
    cards: list[dict[str, Any]]
    shared: list[Any]
    experiments: list[str]
    written: int
    key_digest: str
    project: str
