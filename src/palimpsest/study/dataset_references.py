"""What datasets refer to must be declared, and fit."""

from palimpsest.datasets.config import EmbeddingCandidates, LlmLabels, LlmSentences
from palimpsest.datasets.kinds import Dataset
from palimpsest.notes.config import GeneratedSource
from palimpsest.pretraining.config import Encoder
from palimpsest.runtime.labels import SPLITS
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems


def check_datasets(catalogue: Catalogue, problems: Problems) -> None:
    for entry in catalogue.study.datasets:
        _check_source(catalogue, problems, entry)
        if isinstance(entry, LlmSentences):
            _check_prompts(catalogue, problems, entry)


def _check_source(catalogue: Catalogue, problems: Problems, entry: Dataset) -> None:
    """A source that examples are of must be declared, and have what they need."""
    sources = {source.name for source in catalogue.study.sources}
    name, where = getattr(entry, "source", None), f"datasets.{entry.name}.source"
    if name is None or not problems.refers(where, name, sources):
        return
    needed = ["train"]
    if entry.made_by == "generator":
        needed = list(SPLITS)
        if not isinstance(catalogue.source(name), GeneratedSource):
            problems.add(
                f"{where}: the notes of '{name}' carry no gold {entry.kind}; expected a generated "
                "source, or 'made_by: experts' with 'files'"
            )
    for split in needed:
        if getattr(catalogue.splits(name), split) == 0:
            problems.add(f"{where}: source '{name}' has no '{split}' patients")


def _check_prompts(catalogue: Catalogue, problems: Problems, entry: LlmSentences) -> None:
    """The prompts of an LLM that labels or writes must serve, and its encoder be one."""
    where = f"datasets.{entry.name}"
    if isinstance(entry, LlmLabels) and isinstance(entry.candidates, EmbeddingCandidates):
        encoder = entry.candidates.encoder
        if not isinstance(catalogue.models[encoder], Encoder):
            problems.add(
                f"{where}.candidates.encoder: '{encoder}' is a decoder, expected an encoder"
            )
    for use, prompt in entry.prompts().items():
        lacking = catalogue.category_prompts[prompt].lacks(use)
        if lacking:
            problems.add(f"{where}.{use}: prompt '{prompt}' cannot {use}: {lacking}")
