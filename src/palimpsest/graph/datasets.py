"""Datasets, what lies on the way to those that an LLM makes, and how good these are."""

from collections import Counter
from typing import Generic, TypeVar, cast

from palimpsest.datasets import config
from palimpsest.datasets.sentences import ExpertSentences, GeneratedSentences
from palimpsest.datasets.spans import ExpertSpans, GeneratedSpans
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, table, tables, tokenizer_of, weights
from palimpsest.graph.requests import answers
from palimpsest.reports.config import BronzeQualitySpec, SilverQualitySpec
from palimpsest.requests.config import GenerateSpec, LabelSpec
from palimpsest.runtime.dataset_tables import SEVERAL_LABELS, SPANS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import matching
from palimpsest.runtime.shards import ONE_SHARD
from palimpsest.runtime.taxonomy import DescribedCategory, KeywordCategory
from palimpsest.screens.config import EchoedCategory, EchoedTaxonomy, SentenceScreeningSpec

Collected = GeneratedSpans | ExpertSpans | GeneratedSentences | ExpertSentences
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
        if isinstance(self.entry, GeneratedSpans | GeneratedSentences):
            return {**table("notes", f"{RESULTS}/notes/{self.entry.source}"), "files": []}
        return {**no_table("notes"), "files": [path for group in self.files() for path in group]}

    def files(self) -> list[list[str]]:
        """The files that are there: those of each split, where the declaration says it."""
        if isinstance(self.entry, ExpertSentences):
            return [matching(self.entry.files)]
        groups = [matching([path]) for path in self.catalogue.dataset_files(self.name)]
        times = Counter(path for group in groups for path in group)
        for path in times - Counter(set(times)):
            raise UserError(f"datasets.{self.name}.files: {path} is of two splits, expected of one")
        return groups

    def spec(self) -> config.CollectSpec:
        return config.CollectSpec(
            kind=self.entry.kind,
            made_by=self.entry.made_by,
            format=getattr(self.entry, "format", ""),
            files=[len(group) for group in self.files()],
            labels=self.labels,
            answer=SPANS if self.entry.kind == "spans" else SEVERAL_LABELS,
            # Files of spans name no patient: each sentence stands for itself.
            unit="sentence" if isinstance(self.entry, ExpertSpans) else "patient",
            examples=self.entry.examples,
            # Files of sentences need not say the split; notes and files of spans do.
            splits=self.study.splits if isinstance(self.entry, ExpertSentences) else None,
            seed=self.study.seed,
        )


class _SilverJob(_LlmJob[config.LlmLabels]):
    """What the jobs of a dataset that an LLM labels have in common."""

    def gold(self) -> Inputs:
        """The dataset that the labels are compared with, if one is declared."""
        name = self.entry.compare
        return dataset_table("gold", name) if name else no_table("gold")


class ChooseCandidates(_SilverJob, rule="choose_candidates"):
    def reads(self) -> Inputs:
        notes = table("notes", f"{RESULTS}/notes/{self.entry.source}") | self.gold()
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
        sentences = self.sentences() | tokenizer_of(self.study.passages.tokenizer)
        return sentences | no_table("labels")

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
        notes = [f"{RESULTS}/notes/{source.name}" for source in self.study.sources]
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
        notes = table("notes", f"{RESULTS}/notes/{self.entry.source}")
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
