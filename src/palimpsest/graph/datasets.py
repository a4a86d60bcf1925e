"""Datasets, what lies on the way to those that an LLM makes, and how good these are."""

from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from palimpsest.datasets import config
from palimpsest.datasets.entities import GeneratedAssertions
from palimpsest.datasets.experts import ExpertFiles, Experts
from palimpsest.datasets.formats import FORMATS
from palimpsest.datasets.sentences import ExpertSentences, GeneratedSentences
from palimpsest.datasets.spans import GeneratedSpans
from palimpsest.datasets.texts import GeneratedPairs
from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.outside import outside_digest
from palimpsest.graph.places import (
    RESULTS,
    SPLITS_CHECKED,
    notes_of,
    table,
    tables,
    tokenizer_of,
    weights,
)
from palimpsest.graph.requests import answers
from palimpsest.reports.config import BronzeQualitySpec, SilverQualitySpec
from palimpsest.requests.config import GenerateSpec, LabelSpec
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import all_files, matching, text_files
from palimpsest.runtime.shards import ONE_SHARD
from palimpsest.runtime.taxonomy import DescribedCategory, KeywordCategory
from palimpsest.screens.config import EchoedCategory, EchoedTaxonomy, SentenceScreeningSpec

Generated = GeneratedSpans | GeneratedSentences | GeneratedPairs | GeneratedAssertions
Collected = Generated | Experts
MOST_FILES = 1_000  # of a dataset in a command, which the kernel limits to 128 KiB
D = TypeVar("D")
L = TypeVar("L", bound=config.LlmSentences)


def dataset_table(name: str, dataset: str) -> Inputs:
    """The examples of a dataset as input."""
    return table(name, f"{RESULTS}/datasets/{dataset}")


def no_table(name: str) -> Inputs:
    """A table that a job could read and does not."""
    return {f"{name}_manifest": [], name: []}


class _DatasetJob(Job, Generic[D]):
    """What the jobs of one dataset have in common."""

    @property
    def name(self) -> str:
        return self.wildcards["dataset"]

    @property
    def entry(self) -> D:
        """The dataset as declared; the rules' constraints say of which form."""
        return cast(D, self.catalogue.dataset(self.name))

    @property
    def labels(self) -> list[str]:
        return self.catalogue.labels(self.name)


class _LlmJob(_DatasetJob[L]):
    """What the jobs of a dataset that an LLM makes have in common."""

    def sentences(self) -> Inputs:
        """The sentences before they have labels."""
        return table("sentences", f"{RESULTS}/sentences/{self.name}")

    def answers(self, prompt: str) -> Inputs:
        """The requests under a prompt, and their completions."""
        return answers(self.entry.llm, f"{self.name}.{prompt}", ONE_SHARD)

    def parsed(self, name: str, use: str) -> Inputs:
        """The labels that answers to a prompt give, if the dataset has one for the use."""
        prompt = self.entry.prompts().get(use)
        return table(name, f"{RESULTS}/labels/{self.name}.{prompt}") if prompt else no_table(name)


class CollectExamples(_DatasetJob[Collected], rule="collect_examples"):
    def reads(self) -> Inputs:
        """The notes or the files, where these are there: a dry run can plan without them."""
        if not isinstance(self.entry, Experts):
            return {**table("notes", notes_of(self.study, self.entry.source)), "files": []}
        # `files_digest` decides. What lies in a folder may be too much for a list.
        return {**no_table("notes"), "files": [Data(path) for path in chain(*self.files())]}

    def files(self) -> list[list[str]]:
        """The files and folders that are there: those of each split, where they say it."""
        groups = [matching(group) for group in self.catalogue.dataset_files(self.name)]
        times = Counter(chain(*groups))
        for path in times - Counter(set(times)):
            raise UserError(f"datasets.{self.name}.files: {path} is of two splits, expected of one")
        if len(times) > MOST_FILES:
            raise UserError(
                f"datasets.{self.name}.files: {len(times)} files, more than a command can name; "
                "expected their folders instead"
            )
        return groups

    def spec(self) -> config.CollectSpec:
        files = self.files()
        entry: Any = self.entry
        return config.CollectSpec(
            kind=entry.kind,
            made_by=entry.made_by,
            of=getattr(entry, "of", ""),
            types=getattr(entry, "types", []),
            reading=entry.reading() if isinstance(entry, Experts) else None,
            files=[len(group) for group in files],
            files_digest=outside_digest(chain(*files), self.below),
            valid_share=getattr(getattr(entry, "files", None), "valid_share", None),
            labels=self.labels,
            titles=self.titles() if isinstance(entry, ExpertSentences) else {},
            answer=entry.answer,
            unit=unit_of(entry),
            none_label=getattr(entry, "none_label", None),
            examples=entry.examples,
            # Files may say the split; notes do.
            splits=self.study.splits if isinstance(entry, Experts) else None,
            seed=self.study.seed,
        )

    def below(self, folder: str) -> list[Path]:
        """The files of a folder that the dataset's format reads."""
        if isinstance(self.entry, ExpertFiles):
            return text_files(folder, FORMATS[self.entry.format].endings)
        return all_files(folder)

    def titles(self) -> dict[str, str]:
        """What people may write instead of a category's name, in lower case."""
        categories = self.catalogue.taxonomy(self.name).categories
        return {category.title.casefold(): category.name for category in categories}


def unit_of(entry: Any) -> str:
    """What a group of a dataset is, as far as its declaration says: files may say another unit."""
    columns = getattr(entry, "columns", None)
    if not isinstance(entry, ExpertFiles) or entry.patient or (columns and columns.patient):
        return "patient"
    if columns:
        alike = {"documents": "document", "pairs": "text"}  # pairs have their first text in common
        kind: str = getattr(entry, "kind", "")
        return "note" if columns.note else alike.get(kind, "sentence")
    return FORMATS[entry.format].unit


class _SilverJob(_LlmJob[config.LlmLabels]):
    """What the jobs of a dataset that an LLM labels have in common."""

    def gold(self) -> Inputs:
        """The dataset that the labels are compared with, if one is declared."""
        name = self.entry.compare
        return dataset_table("gold", name) if name else no_table("gold")


class ChooseCandidates(_SilverJob, rule="choose_candidates"):
    def reads(self) -> Inputs:
        notes = table("notes", notes_of(self.study, self.entry.source)) | self.gold()
        if isinstance(self.entry.candidates, config.EmbeddingCandidates):
            return notes | weights("encoder", self.entry.candidates.encoder)
        return {**notes, "encoder": [], "encoder_files": []}

    def spec(self) -> config.CandidatesSpec:
        by_embedding = isinstance(self.entry.candidates, config.EmbeddingCandidates)
        categories = self.catalogue.taxonomy(self.name).categories
        return config.CandidatesSpec(
            sentences=self.entry.sentences,
            candidates=self.entry.candidates,
            categories=[category.narrowed(DescribedCategory) for category in categories]
            if by_embedding
            else [category.narrowed(KeywordCategory) for category in categories],
            seed=self.study.seed,
        )


class LabelRequests(_LlmJob[config.LlmSentences], rule="label_requests"):
    def reads(self) -> Inputs:
        sentences = self.sentences() | tokenizer_of(self.catalogue.passages.tokenizer)
        return sentences | no_table("labels") | SPLITS_CHECKED

    def spec(self) -> LabelSpec:
        return LabelSpec(
            prompt=self.catalogue.category_prompts[self.wildcards["prompt"]],
            taxonomy=self.catalogue.taxonomy(self.name).asked(),
            shots=self.entry.shots,
            calibration=self.entry.calibration,
            rationale=getattr(self.entry, "rationale", False),
        )


class CheckRequests(LabelRequests, rule="check_requests"):
    def reads(self) -> Inputs:
        return super().reads() | self.parsed("labels", "label")


class GenerateRequests(_LlmJob[config.LlmWrites], rule="generate_requests"):
    def spec(self) -> GenerateSpec:
        return GenerateSpec(
            prompt=self.catalogue.category_prompts[self.wildcards["prompt"]],
            taxonomy=self.catalogue.taxonomy(self.name).asked(),
            shots=self.entry.shots,
            requests=self.entry.requests,
            max_tokens=self.entry.max_tokens,
            seed=self.study.seed,
        )


class ParseLabels(_LlmJob[config.LlmSentences], rule="parse_labels"):
    def reads(self) -> Inputs:
        return self.answers(self.wildcards["prompt"])

    def spec(self) -> config.LabelParsingSpec:
        return config.LabelParsingSpec(threshold=self.entry.threshold)


class ScreenSentences(_LlmJob[config.LlmWrites], rule="screen_sentences"):
    def reads(self) -> Inputs:
        notes = [notes_of(self.study, source.name) for source in self.study.sources]
        return self.answers(self.entry.write) | tables("notes", notes)

    def spec(self) -> SentenceScreeningSpec:
        taxonomy = self.catalogue.taxonomy(self.name)
        categories = [
            EchoedCategory(
                name=category.name,
                definition=category.definition,
                examples=category.examples,
                near_misses=[miss.text for miss in category.near_misses],
            )
            for category in taxonomy.categories
        ]
        return SentenceScreeningSpec(
            taxonomy=EchoedTaxonomy(guideline=taxonomy.guideline, categories=categories),
            near_duplicate=self.entry.near_duplicate,
            generic_patients=self.entry.generic_patients,
        )


class SilverExamples(_LlmJob[config.LlmLabels], rule="silver_examples"):
    def reads(self) -> Inputs:
        return self.sentences() | self.parsed("labels", "label") | self.parsed("checks", "check")

    def spec(self) -> config.SilverSpec:
        return config.SilverSpec(labels=self.labels)


class BronzeExamples(_LlmJob[config.LlmWrites], rule="bronze_examples"):
    def reads(self) -> Inputs:
        rejects = table("screened_out", f"{RESULTS}/sentences/{self.name}.rejects")
        return self.sentences() | rejects | self.parsed("checks", "check")

    def spec(self) -> config.BronzeSpec:
        return config.BronzeSpec(labels=self.labels, keep=self.entry.keep, seed=self.study.seed)


class SilverQuality(_SilverJob, rule="silver_quality"):
    def reads(self) -> Inputs:
        labels = self.parsed("labels", "label") | self.parsed("checks", "check")
        notes = table("notes", notes_of(self.study, self.entry.source))
        silver = dataset_table("silver", self.name)
        return self.sentences() | labels | notes | silver | self.gold()

    def spec(self) -> SilverQualitySpec:
        return SilverQualitySpec(labels=self.labels)


class BronzeQuality(_LlmJob[config.LlmWrites], rule="bronze_quality"):
    def reads(self) -> Inputs:
        """The dataset, and the first of the same taxonomy that experts or the generator made."""
        gold = [
            entry.name
            for entry in self.study.datasets
            if isinstance(entry, GeneratedSentences | ExpertSentences)
            and entry.taxonomy == self.entry.taxonomy
        ]
        beside = dataset_table("gold", gold[0]) if gold else no_table("gold")
        return dataset_table("bronze", self.name) | beside

    def spec(self) -> BronzeQualitySpec:
        return BronzeQualitySpec(labels=self.labels)


class AnnotationSheet(_LlmJob[config.LlmSentences], rule="annotation_sheet"):
    def reads(self) -> Inputs:
        return dataset_table("dataset", self.name)

    def spec(self) -> config.AnnotationSpec:
        return config.AnnotationSpec(
            labels=self.labels, sentences=self.entry.annotation, seed=self.study.seed
        )
