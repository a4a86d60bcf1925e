"""The schema of a study file, gathered from the schemas beside the stages.

What a study chooses are lists of named entries: Snakemake merges maps of two configurations but
replaces lists, so one study never inherits another's choices.
"""

from pydantic import Field, field_validator

from palimpsest.completions.config import Pilot
from palimpsest.corpora.config import Corpus
from palimpsest.datasets.kinds import Dataset
from palimpsest.evidence.config import Evidence
from palimpsest.fidelity.config import Judge
from palimpsest.finetuning.config import Experiment
from palimpsest.notes.config import Duplicates, Source
from palimpsest.passages.config import Passages
from palimpsest.pretraining.config import Tokenizer
from palimpsest.release.config import Release
from palimpsest.reports.config import Table
from palimpsest.reports.figures import AnyFigure
from palimpsest.requests.config import Context, Rephrasing, Synthesis
from palimpsest.reviews.config import Review
from palimpsest.runtime.schema import Declared, Evaluation, Seed, Splits
from palimpsest.screens.config import RephraseScreen
from palimpsest.summary.config import ReportOfStudy

# Folders and files of the project.
PROJECT = frozenset(
    "benchmarks config docs envs makefile profiles rules scripts snakefile src tests".split()
)


class Study(Declared):
    """A study: `config/config.yaml` is the demo's."""

    results: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*$",
        max_length=200,
        description="Folder of everything that is built.",
    )
    seed: Seed = Field(description="Keys every split and every sampling order.")
    network: bool = Field(
        False, description="Whether weights and data sets may be fetched from the hub."
    )
    splits: Splits = Field(description="Shares of patients, for sources without their own.")
    sources: list[Source] = Field(
        [], description="Collections of notes; a study of labelled files alone has none."
    )
    duplicates: Duplicates | None = Field(
        None,
        description="What becomes of notes that are copies of others, over all sources; absent to "
        "count them only.",
    )
    passages: Passages | None = Field(
        None,
        description="How notes are cut, and whose tokens are counted; needed where something is "
        "asked of an LLM or trained on notes.",
    )
    contexts: list[Context] = Field(
        [], description="What LLMs may be told of a note besides the passage, for rephrasings."
    )
    rephrasings: list[Rephrasing] = Field([], description="What LLMs are asked to rewrite.")
    screens: list[RephraseScreen] = Field(
        [], description="Of rephrases, in order; the first decides."
    )
    syntheses: list[Synthesis] = Field(
        [], description="Which case reports LLMs are asked to write notes after."
    )
    synthesis_screens: list[RephraseScreen] = Field(
        [],
        description="Of synthetic notes, in order. They hold a note against its case report, as "
        "`screens` hold a rephrase against its passage.",
    )
    judges: list[Judge] = Field(
        [], description="LLMs that are asked what rephrases invented and left out."
    )
    pilot: Pilot = Field(Pilot(), description="What `snakemake pilot` asks.")
    corpora: list[Corpus] = Field([], description="What models are trained on.")
    tokenizers: list[Tokenizer] = Field([], description="For models from scratch.")
    evaluations: list[Evaluation] = Field(
        [], description="Held-out notes on which models are scored."
    )
    validation: str | None = Field(
        None,
        description="A declared evaluation of the split `valid`. The valid loss of every training "
        "is measured on it, ten times, and chooses nothing.",
    )
    datasets: list[Dataset] = Field([], description="Labelled examples, whoever labelled them.")
    experiments: list[Experiment] = Field(
        [], description="Encoders that are fine-tuned on datasets."
    )
    tables: list[Table] = Field([], description="Each makes `<results>/<name>.csv`.")
    releases: list[Release] = Field(
        [],
        description="What is to be given away, and how it is tested: each makes "
        "`<results>/release/<name>.md`, where it is asked for.",
    )
    figures: list[AnyFigure] = Field([], description="Each makes `<results>/<name>.svg`.")
    reviews: list[Review] = Field(
        [], description="Samples that people judge, each on a page of its own."
    )
    evidence: list[Evidence] = Field(
        [],
        description="Packs for reviewers: results, cards, checklists, software and hashes. Each "
        "makes `<results>/evidence/<name>.zip`, where it is asked for.",
    )
    report: ReportOfStudy = Field(
        default_factory=ReportOfStudy, description="What `<results>/report.html` shows."
    )

    @field_validator("results")
    @classmethod
    def _no_folder_of_the_project(cls, value: str) -> str:
        """Git would ignore what is new in a folder of the project's, and `forget` look into it."""
        if value.split("/")[0].casefold() in PROJECT:
            raise ValueError(
                "the project has a folder of that name; expected one for results alone"
            )
        return value
