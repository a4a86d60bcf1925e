"""Datasets, what lies on the way to those that an LLM makes, and how good these are."""

from pathlib import Path

from palimpsest.datasets.config import (
    AnnotationSpec,
    BronzeSpec,
    CandidatesSpec,
    CollectSpec,
    EmbeddingCandidates,
    LabelParsingSpec,
    SilverSpec,
)
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, table, tables, tokenizer_of, weights
from palimpsest.reports.config import BronzeQualitySpec, SilverQualitySpec
from palimpsest.requests.config import GenerateSpec, LabelSpec
from palimpsest.runtime.paths import matching
from palimpsest.runtime.shards import ONE_SHARD
from palimpsest.runtime.taxonomy import DescribedCategory, KeywordCategory
from palimpsest.screens.config import EchoedCategory, EchoedTaxonomy, SentenceScreeningSpec


def dataset_table(name: str, dataset: str) -> Inputs:
    """The examples of a dataset as input."""
    return table(name, f"{RESULTS}/datasets/{dataset}")


def no_table(name: str) -> Inputs:
    """A table that a job could read and does not."""
    return {f"{name}_manifest": [], name: []}


class _DatasetJob(Job, rule="dataset"):
    """What the jobs of one dataset have in common."""

    @property
    def name(self) -> str:
        return self.wildcards["dataset"]

    @property
    def labels(self) -> list[str]:
        return self.catalogue.labels(self.name)

    def sentences(self) -> Inputs:
        """The sentences before they have labels."""
        return table("sentences", f"{RESULTS}/sentences/{self.name}")

    def notes(self) -> Inputs:
        """The notes that the dataset is of."""
        return table("notes", f"{RESULTS}/notes/{self.catalogue.dataset(self.name).source}")

    def answers(self, prompt: str) -> Inputs:
        """The requests under a prompt, and their completions."""
        llm, place = self.catalogue.dataset(self.name).llm, f"{self.name}.{prompt}/{ONE_SHARD}"
        return table("requests", f"{RESULTS}/requests/{place}") | table(
            "completions", f"{RESULTS}/completions/{llm}/{place}"
        )

    def parsed(self, name: str, use: str) -> Inputs:
        """The labels that answers to a prompt give, if the dataset has one for the use."""
        prompt = self.catalogue.dataset(self.name).prompts().get(use)
        return table(name, f"{RESULTS}/labels/{self.name}.{prompt}") if prompt else no_table(name)


class CollectExamples(_DatasetJob, rule="collect_examples"):
    """The examples that experts labelled, or the generator."""

    def reads(self) -> Inputs:
        """The notes or the files, where these are there: a dry run can plan without them."""
        files = matching(self.catalogue.dataset_files(self.name))
        notes = no_table("notes") if files or not self.source() else self.notes()
        return {**notes, "files": [path for path in files if Path(path).is_file()]}

    def spec(self) -> CollectSpec:
        entry, source = self.catalogue.dataset(self.name), self.source()
        return CollectSpec(
            kind=entry.kind,
            made_by=entry.made_by,
            labels=self.labels,
            examples=entry.examples,
            splits=self.catalogue.splits(source) if source else self.study.splits,
            seed=self.study.seed,
        )

    def source(self) -> str | None:
        return getattr(self.catalogue.dataset(self.name), "source", None)


class ChooseCandidates(_DatasetJob, rule="choose_candidates"):
    """The sentences of training notes that an LLM is asked to label."""

    def reads(self) -> Inputs:
        candidates = self.catalogue.dataset(self.name).candidates
        if isinstance(candidates, EmbeddingCandidates):
            return self.notes() | weights("encoder", candidates.encoder)
        return self.notes() | {"encoder": [], "encoder_files": []}

    def spec(self) -> CandidatesSpec:
        entry = self.catalogue.dataset(self.name)
        near = isinstance(entry.candidates, EmbeddingCandidates)
        told = DescribedCategory if near else KeywordCategory
        categories = self.catalogue.taxonomy(self.name).categories
        return CandidatesSpec(
            sentences=entry.sentences,
            candidates=entry.candidates,
            categories=[category.narrowed(told) for category in categories],
            seed=self.study.seed,
        )


class LabelRequests(_DatasetJob, rule="label_requests"):
    """The requests that ask whether a sentence has a category, for each of the two."""

    def reads(self) -> Inputs:
        return self.sentences() | tokenizer_of(self.study.passages.tokenizer)

    def spec(self) -> LabelSpec:
        entry = self.catalogue.dataset(self.name)
        return LabelSpec(
            prompt=self.catalogue.category_prompts[self.wildcards["prompt"]],
            taxonomy=self.catalogue.taxonomy(self.name).asked(),
            shots=entry.shots,
            calibration=entry.calibration,
            rationale=getattr(entry, "rationale", False),
        )


class CheckRequests(LabelRequests, rule="check_requests"):
    """The requests that ask once more: about labels, or what a sentence was written for."""

    def reads(self) -> Inputs:
        return super().reads() | self.parsed("labels", "label")


class GenerateRequests(_DatasetJob, rule="generate_requests"):
    """The requests for sentences, each under conditions of its own."""

    def spec(self) -> GenerateSpec:
        entry = self.catalogue.dataset(self.name)
        return GenerateSpec(
            prompt=self.catalogue.category_prompts[self.wildcards["prompt"]],
            taxonomy=self.catalogue.taxonomy(self.name).asked(),
            shots=entry.shots,
            requests=entry.requests,
            max_tokens=entry.max_tokens,
            seed=self.study.seed,
        )


class ParseLabels(_DatasetJob, rule="parse_labels"):
    """What the answers about sentences say: yes, no, or why neither."""

    def reads(self) -> Inputs:
        return self.answers(self.wildcards["prompt"])

    def spec(self) -> LabelParsingSpec:
        return LabelParsingSpec(threshold=self.catalogue.dataset(self.name).threshold)


class ScreenSentences(_DatasetJob, rule="screen_sentences"):
    """The answers that are one new sentence and no copy of a note."""

    def reads(self) -> Inputs:
        notes = [f"{RESULTS}/notes/{source.name}" for source in self.study.sources]
        return self.answers(self.catalogue.dataset(self.name).write) | tables("notes", notes)

    def spec(self) -> SentenceScreeningSpec:
        entry, taxonomy = self.catalogue.dataset(self.name), self.catalogue.taxonomy(self.name)
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
            near_duplicate=entry.near_duplicate,
            generic_patients=entry.generic_patients,
        )


class SilverExamples(_DatasetJob, rule="silver_examples"):
    """The sentences that an LLM labelled."""

    def reads(self) -> Inputs:
        labels = self.parsed("labels", "label") | self.parsed("checks", "check")
        return self.sentences() | labels

    def spec(self) -> SilverSpec:
        return SilverSpec(labels=self.labels)


class BronzeExamples(_DatasetJob, rule="bronze_examples"):
    """The sentences that an LLM wrote."""

    def reads(self) -> Inputs:
        rejects = table("screened_out", f"{RESULTS}/sentences/{self.name}.rejects")
        return self.sentences() | rejects | self.parsed("checks", "check")

    def spec(self) -> BronzeSpec:
        keep = self.catalogue.dataset(self.name).keep
        return BronzeSpec(labels=self.labels, keep=keep, seed=self.study.seed)


class SilverQuality(SilverExamples, rule="silver_quality"):
    """How an LLM's labels agree with the gold of the same notes."""

    def reads(self) -> Inputs:
        return super().reads() | self.notes() | dataset_table("silver", self.name)

    def spec(self) -> SilverQualitySpec:
        return SilverQualitySpec(labels=self.labels, seed=self.study.seed)


class BronzeQuality(_DatasetJob, rule="bronze_quality"):
    """What became of written sentences, how varied they are and how near to gold."""

    def reads(self) -> Inputs:
        """The dataset, and the first of the same taxonomy that experts or the generator made."""
        taxonomy = self.catalogue.dataset(self.name).taxonomy
        gold = [
            entry.name
            for entry in self.study.datasets
            if entry.made_by in ("generator", "experts")
            and getattr(entry, "taxonomy", None) == taxonomy
        ]
        beside = dataset_table("gold", gold[0]) if gold else no_table("gold")
        return dataset_table("bronze", self.name) | beside

    def spec(self) -> BronzeQualitySpec:
        return BronzeQualitySpec(labels=self.labels)


class AnnotationSheet(_DatasetJob, rule="annotation_sheet"):
    """Sentences of a dataset for an annotator."""

    def reads(self) -> Inputs:
        return dataset_table("dataset", self.name)

    def spec(self) -> AnnotationSpec:
        sentences = self.catalogue.dataset(self.name).annotation
        return AnnotationSpec(labels=self.labels, sentences=sentences, seed=self.study.seed)
