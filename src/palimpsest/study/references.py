"""Every name that one declaration uses must be declared by another, and fit it."""

from itertools import product

from palimpsest.datasets.config import EmbeddingCandidates, LlmLabels, LlmSentences, LlmWrites
from palimpsest.datasets.kinds import Dataset
from palimpsest.datasets.sentences import ExpertSentences, GeneratedSentences
from palimpsest.finetuning.config import TRIVIAL, Experiment, ExperimentEncoder
from palimpsest.notes.config import GeneratedSource
from palimpsest.pretraining.config import Decoder, Encoder
from palimpsest.release.config import GoldRoster, Release
from palimpsest.reports.config import ComparisonTable, CorpusTable
from palimpsest.requests.config import Rewriting
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.scoring.metrics import BY_ANSWER, LABEL_METRICS, METRICS
from palimpsest.screens.config import reasons_of
from palimpsest.study.catalogue import REWRITINGS, Catalogue
from palimpsest.study.packs import check_evidence
from palimpsest.study.problems import Problems


def _told(prompt: str, context: str) -> tuple[str, ...]:
    """A prompt, and the context where there is one."""
    return (prompt,) if context == NO_CONTEXT else (prompt, context)


class References(Problems):
    """The problems of a study with the names in it."""

    def __init__(self, file: str, catalogue: Catalogue) -> None:
        super().__init__(file)
        self.catalogue, self.study = catalogue, catalogue.study
        self.sources = [source.name for source in self.study.sources]
        self.corpora = [corpus.name for corpus in self.study.corpora]
        self.datasets = {dataset.name: dataset for dataset in self.study.datasets}
        self.experiments = {entry.name: entry for entry in self.study.experiments}

    def check_all(self) -> None:
        """Raise UserError with all of them, if there are any."""
        self.check()
        self.stop()

    def check(self) -> None:
        """Find all of them."""
        self.unique("corpora", self.corpora)
        self.unique("experiments", [entry.name for entry in self.study.experiments])
        self._check_duplicates()
        for kind in REWRITINGS:
            self._check_rewritings(kind)
        self._check_corpora()
        for tokenizer in self.study.tokenizers:
            if tokenizer.source is not None:
                self.refers(f"tokenizers.{tokenizer.name}.source", tokenizer.source, self.sources)
        for evaluation in self.study.evaluations:
            where = f"evaluations.{evaluation.name}"
            if self.refers(f"{where}.source", evaluation.source, self.sources):
                self._has_patients(where, evaluation.source, evaluation.split)
        self._check_validation()
        for name, model in self.catalogue.models.items():
            if model.tokenizer is not None:
                self._check_tokenizer(f"config/models/{name}.yaml: tokenizer", model)
        self._check_passages()
        for dataset in self.study.datasets:
            self._check_source(dataset)
            self._check_answers(dataset)
            if isinstance(dataset, LlmSentences):
                self._check_prompts(dataset)
        for experiment in self.study.experiments:
            self._check_experiment(experiment)
        for table in self.study.tables:
            where = f"tables.{table.name}"
            if isinstance(table, CorpusTable):
                for name in table.corpora:
                    self.refers(f"{where}.corpora", name, self.corpora)
            else:
                self.unique(f"{where}.experiments", table.experiments)
                for name in table.experiments:
                    if self.refers(f"{where}.experiments", name, self.experiments):
                        self._check_comparison(where, table, self.experiments[name])
        for figure in self.study.figures:
            figure.check(self)
        for judge in self.study.judges:
            judge.check(self)
        self._check_reviews()
        check_evidence(self)
        for release in self.study.releases:
            self._check_release(release)

    def _check_reviews(self) -> None:
        self._check_report()
        self.unique("reviews", [entry.name for entry in self.study.reviews])
        for entry in self.study.reviews:
            where = f"reviews.{entry.name}"
            if entry.dataset is not None:
                asked = [one.name for one in self.catalogue.llm_datasets()]
                self.refers(f"{where}.dataset", entry.dataset, asked)
            elif self.refers(f"{where}.corpus", entry.corpus or "", self.corpora):
                parts = self.catalogue.corpus(entry.corpus or "").parts
                if all(part.original for part in parts):
                    self.add(f"{where}.corpus: no part of '{entry.corpus}' is written by an LLM")
                if entry.judge is not None:
                    sources = {part.source for part in parts if part.kind == "rephrases"}
                    fit = [one.name for one in self.study.judges if one.source in sources]
                    self.refers(f"{where}.judge", entry.judge, fit)

    def _check_report(self) -> None:
        study = self.study
        declared = [*study.tables, *study.figures, *self.catalogue.llm_datasets(), *study.judges]
        shown = {"overlap", *(entry.name for entry in [*declared, *study.releases])}
        for name in study.report.without:
            if name not in shown:
                self.add(
                    f"report.without: the report shows no '{name}', so that it cannot leave it "
                    f"out; take it off the list, or expected one of {sorted(shown)}"
                )

    def _check_release(self, entry: Release) -> None:
        """What is released must be declared, and what the checks need be there."""
        where = f"releases.{entry.name}"
        if self.refers(f"{where}.source", entry.source, self.sources):
            source, shares = (
                self.catalogue.source(entry.source),
                self.catalogue.splits(entry.source),
            )
            self._has_patients(where, entry.source, "train")
            if not shares.audit:
                self._has_patients(where, entry.source, "test")
            if isinstance(entry.roster, GoldRoster) and not isinstance(source, GeneratedSource):
                self.add(
                    f"{where}.roster: the notes of '{entry.source}' carry no labelled identifiers; "
                    "expected a roster by 'file' or by 'rules'"
                )
            if not source.canaries and "canaries" not in entry.without:
                self.add(
                    f"{where}: source '{entry.source}' has no 'canaries'; expected some, or a "
                    "reason under 'without.canaries'"
                )
        for name in entry.corpora:
            self.refers(f"{where}.corpora", name, self.corpora)
        bronze = [name for name, dataset in self.datasets.items() if isinstance(dataset, LlmWrites)]
        for name in entry.datasets:
            self.refers(f"{where}.datasets", name, bronze)
        decoders = [
            name
            for name, model in self.catalogue.models.items()
            if isinstance(model, Decoder) and model.training
        ]
        for index, one in enumerate(entry.checkpoints):
            place = f"{where}.checkpoints.{index}"
            self.refers(f"{place}.model", one.model, decoders)
            for key in ("corpus", "reference"):
                self.refers(f"{place}.{key}", getattr(one, key), self.corpora)
            if one.corpus == one.reference:
                self.add(f"{place}.reference: it is the released corpus, expected another one")
        self.unique(f"{where}.corpora", entry.corpora)
        self.unique(f"{where}.datasets", entry.datasets)

    def _has_patients(self, where: str, source: str, split: str) -> None:
        if getattr(self.catalogue.splits(source), split) == 0:
            self.add(f"{where}: source '{source}' has no '{split}' patients")

    def _check_passages(self) -> None:
        """What cuts passages, or counts tokens as they do, needs them declared."""
        needed = {
            "rephrasings": self.study.rephrasings,
            "syntheses": self.study.syntheses,
            "corpora": self.study.corpora,
            "tokenizers": self.study.tokenizers,
            "datasets that an LLM makes": self.catalogue.llm_datasets(),
        }
        if self.study.passages is None:
            if users := [name for name, entries in needed.items() if entries]:
                self.add(f"passages: missing; expected them for the {' and '.join(users)}")
            return
        counter = self.study.passages.tokenizer
        if isinstance(self.catalogue.models.get(counter), Decoder):
            self.add(f"passages.tokenizer: '{counter}' is a decoder, expected an LLM or an encoder")
        else:
            self._has_weights("passages.tokenizer", counter)

    def _is_encoder(self, where: str, name: str) -> bool:
        found = isinstance(self.catalogue.models[name], Encoder)
        if not found:
            self.add(f"{where}: '{name}' is a decoder, expected an encoder")
        return found

    def _check_duplicates(self) -> None:
        """Patients can be put into one split where all sources have the same shares."""
        declared = self.study.duplicates
        shares = {name: self.catalogue.splits(name) for name in self.sources}
        if declared and declared.handling == "one_split" and len({*map(str, shares.values())}) > 1:
            self.add(
                "duplicates.handling: the sources "
                f"{sorted(shares)} have different `splits`, so 'one_split' cannot put patients of "
                "two of them into one; expected the same `splits`, or 'dropped'"
            )

    def _has_weights(self, where: str, name: str) -> None:
        """What is used as published must be published."""
        if getattr(self.catalogue.models.get(name), "architecture", None):
            self.add(f"{where}: '{name}' starts from scratch, expected an encoder with 'weights'")

    def _check_validation(self) -> None:
        """No test note may be looked at while models are trained."""
        name = self.study.validation
        declared = {entry.name: entry for entry in self.study.evaluations}
        if name is None or not self.refers("validation", name, declared):
            return
        if declared[name].split != "valid":
            self.add(f"validation: '{name}' is of the split 'test', expected 'split: valid'")

    def _check_tokenizer(self, where: str, model: Decoder | Encoder) -> None:
        """A model from scratch needs a tokenizer with the control tokens of its kind."""
        declared = {entry.name: entry for entry in self.study.tokenizers}
        name = model.tokenizer or ""
        if self.refers(where, name, declared) and declared[name].marks != model.kind:
            self.add(
                f"{where}: '{name}' has the marks of {declared[name].marks}s, expected 'marks: "
                f"{model.kind}' under tokenizers.{name}"
            )

    def _check_rewritings(self, kind: str) -> None:
        """What LLMs are asked to rewrite, and the screens that their answers take."""
        key = REWRITINGS[kind]
        uses = [use for use in self.catalogue.uses() if use.kind == kind]
        self.unique(
            key,
            [
                f"{use.llm} with {' in '.join(_told(use.prompt, use.context))} on {use.name}"
                for use in uses
            ],
        )
        budgets: dict[tuple[str, ...], int] = {}
        known_reasons = reasons_of(self.catalogue.screens(kind))
        for index, entry in enumerate(self.catalogue.rewritings(kind)):
            where = f"{key}.{index}"
            self.refers(f"{where}.source", entry.source, self.sources)
            for prompt, context in product(entry.prompts, entry.asked_contexts()):
                told = _told(prompt, context)
                known = budgets.setdefault((entry.source, *told), entry.tokens)
                if known != entry.tokens:
                    self.add(
                        f"{key}: source '{entry.source}' and prompt '{' in '.join(told)}' have the "
                        f"budgets {known} and {entry.tokens}; LLMs are compared on the same "
                        "requests, so expected one budget"
                    )
            self._check_contexts(where, entry)
            where = f"{where}.retry.reasons"
            reasons = entry.retry.reasons if entry.retry else []
            for reason in reasons:
                if reason not in known_reasons:
                    self.add(
                        f"{where}: no declared screen gives '{reason}'; expected of {known_reasons}"
                    )
            for llm in entry.llms if reasons else []:
                if self.catalogue.llms[llm].sampling.temperature == 0:
                    self.add(
                        f"{where}: LLM '{llm}' has temperature 0 and gives the same answer again; "
                        "expected [], or a temperature above 0"
                    )

    def _check_contexts(self, where: str, entry: Rewriting) -> None:
        """A context must be declared, and each prompt say where it stands."""
        declared = [context.name for context in self.study.contexts]
        for context in entry.asked_contexts():
            if context == NO_CONTEXT or not self.refers(f"{where}.contexts", context, declared):
                continue
            for prompt in entry.prompts:
                if self.catalogue.prompts[prompt].context is None:
                    self.add(
                        f"{where}.contexts: prompt '{prompt}' has no place for '{context}': "
                        f"expected 'context' in config/prompts/{prompt}.yaml, and '{{context}}' in "
                        "its 'user'"
                    )

    def _check_corpora(self) -> None:
        for corpus in self.study.corpora:
            if corpus.name.casefold() == NO_CORPUS:
                self.add(f"corpora: the name '{corpus.name}' is reserved for encoders as published")
            parts = [" ".join((part.kind, *part.named())) for part in corpus.parts]
            self.unique(f"corpora.{corpus.name}.parts", parts)
            for index, part in enumerate(corpus.parts):
                part.check(self, f"corpora.{corpus.name}.parts.{index}")

    def _check_source(self, entry: Dataset) -> None:
        """A source that examples are of must be declared, and have what they need."""
        name, where = getattr(entry, "source", None), f"datasets.{entry.name}.source"
        if name is None or not self.refers(where, name, self.sources):
            return
        generated = entry.made_by == "generator"
        if generated and not isinstance(self.catalogue.source(name), GeneratedSource):
            self.add(
                f"{where}: the notes of '{name}' carry no gold {entry.kind}; expected a generated "
                "source, or 'made_by: experts' with 'files'"
            )
        for split in SPLITS if generated else ("train",):
            self._has_patients(where, name, split)

    def _check_answers(self, entry: Dataset) -> None:
        """The headline metric must be one of the kind, and labels stand once."""
        where = f"datasets.{entry.name}"
        self.unique(f"{where}.labels", self.catalogue.labels(entry.name))
        metric = getattr(entry, "metric", None)
        if metric is not None:
            self.refers(f"{where}.metric", metric, BY_ANSWER[entry.kind, entry.answer])

    def _check_prompts(self, entry: LlmSentences) -> None:
        """The prompts of an LLM that labels or writes must serve, and its encoder be one."""
        where = f"datasets.{entry.name}"
        if isinstance(entry, LlmLabels):
            if isinstance(entry.candidates, EmbeddingCandidates):
                if self._is_encoder(f"{where}.candidates.encoder", entry.candidates.encoder):
                    self._has_weights(f"{where}.candidates.encoder", entry.candidates.encoder)
            if entry.compare is not None:
                self._check_compared(f"{where}.compare", entry.compare, entry.taxonomy)
        for use, prompt in entry.prompts().items():
            if lacking := self.catalogue.category_prompts[prompt].lacks(use):
                self.add(f"{where}.{use}: prompt '{prompt}' cannot {use}: {lacking}")

    def _check_compared(self, where: str, name: str, taxonomy: str) -> None:
        """What labels are compared with must be gold of their taxonomy."""
        gold = [
            name
            for name, dataset in self.datasets.items()
            if isinstance(dataset, GeneratedSentences | ExpertSentences)
            and dataset.taxonomy == taxonomy
        ]
        if name not in gold:
            self.add(
                f"{where}: '{name}' is no dataset of the taxonomy '{taxonomy}' by experts or the "
                f"generator; there are {gold}"
            )

    def _check_experiment(self, entry: Experiment) -> None:
        where = f"experiments.{entry.name}"
        for row in entry.encoders:
            self._check_encoder(f"{where}.encoders", row)
            if row.encoder in {name for names in TRIVIAL.values() for name in names}:
                self.add(
                    f"{where}.encoders: the name '{row.encoder}' is reserved for a trivial row"
                )
            if len(row.seeds) not in (1, len(entry.seeds)):
                self.add(
                    f"{where}.encoders: '{row.name}' has {len(row.seeds)} seeds, expected one, or "
                    f"one for each of the experiment's {len(entry.seeds)}"
                )
        self.unique(f"{where}.encoders", [row.name for row in entry.encoders])
        self.unique(f"{where}.mixtures", [mixture.name for mixture in entry.mixtures])
        judged = [name for name, dataset in self.datasets.items() if hasattr(dataset, "examples")]
        if not self.refers(f"{where}.dataset", entry.dataset, judged):
            return
        expected = self.datasets[entry.dataset].kind, self.catalogue.labels(entry.dataset)
        for mixture in entry.mixtures:
            place = f"{where}.mixtures.{mixture.name}"
            for phase in mixture.phases:
                self.unique(f"{place}: a phase", [part.dataset for part in phase])
            for name in mixture.datasets():
                if not self.refers(place, name, self.datasets):
                    continue
                found = self.datasets[name].kind, self.catalogue.labels(name)
                if found != expected:
                    self.add(
                        f"{place}: '{name}' has {found[0]} with the labels {found[1]}, expected "
                        f"those of '{entry.dataset}': {expected[0]} with {expected[1]}"
                    )

    def _check_encoder(self, where: str, row: ExperimentEncoder) -> None:
        """An encoder must be one, and its corpus one that it can be adapted to."""
        if not self._is_encoder(where, row.encoder):
            return
        if row.corpus != NO_CORPUS:
            self.refers(f"{where}.corpus", row.corpus, self.corpora)
            if self.catalogue.models[row.encoder].training is None:
                self.add(
                    f"{where}: config/models/{row.encoder}.yaml has no 'training', so it cannot be "
                    f"adapted to corpus '{row.corpus}'"
                )
            return
        self._has_weights(where, row.encoder)
        if row.seeds != [0]:
            self.add(
                f"{where}: '{row.encoder}' as published has no seeds of pretraining, expected no "
                f"'seeds' with corpus '{NO_CORPUS}'"
            )

    def _check_comparison(self, where: str, table: ComparisonTable, experiment: Experiment) -> None:
        fitting = [
            f"{row.name}, {mixture.name}"
            for row in experiment.encoders
            for mixture in experiment.mixtures
            if table.baseline.fits(row.encoder, row.corpus, mixture.name)
        ]
        if len(fitting) != 1:
            self.add(
                f"{where}.baseline: fits {len(fitting)} of the systems of experiment "
                f"'{experiment.name}', expected one: name its encoder, corpus and mixture; fitting "
                f"are {fitting}"
            )
        self.check_metrics(where, experiment, table.metrics, bool(table.by))

    def check_metrics(
        self, where: str, experiment: Experiment, metrics: list[str], by_label: bool
    ) -> None:
        """Metrics must be of the kind of the experiment's dataset."""
        if experiment.dataset in self.datasets:
            known = (LABEL_METRICS if by_label else METRICS)[self.datasets[experiment.dataset].kind]
            for metric in metrics:
                self.refers(f"{where}.metrics", metric, known)
