"""Evidence packs: what is shown of a study, with what is needed to judge it."""

from functools import cache, cached_property
from pathlib import Path
from typing import Any

from palimpsest.completions.config import LlmBehaviour
from palimpsest.datasets.config import LlmSentences
from palimpsest.datasets.experts import Experts
from palimpsest.evidence.config import PROJECT_FILES, Described, Evidence, EvidenceSpec
from palimpsest.evidence.terms import with_shared
from palimpsest.graph.exports import ExportCorpus, origin_of
from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.outside import outside_digest
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, notes_of
from palimpsest.notes.config import WrittenSource
from palimpsest.pretraining.config import Decoder, DecoderRecipe, EncoderRecipe
from palimpsest.runtime.files import sha256_file
from palimpsest.runtime.identity import digest
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.study.catalogue import named

PROJECT = Path(__file__).parents[3]
PLACES = {"files", "paths", "path"}  # keys of a study that say where something lies
Trained = dict[tuple[str, str], list[int]]


def workflow_files() -> list[Path]:
    """The files of the project that a pack repeats."""
    return [path for pattern in PROJECT_FILES for path in sorted(PROJECT.glob(pattern))]


@cache
def _project_digest() -> str:
    """What these files are, wherever the project lies."""
    files = workflow_files()
    return digest([[str(path.relative_to(PROJECT)), sha256_file(path)] for path in files])


class EvidencePack(Job, rule="evidence_pack"):
    @property
    def pack(self) -> Evidence:
        return named(self.study.evidence, self.wildcards["evidence"])

    def reads(self) -> Inputs:
        firsts: list[str] = []
        beside: list[str] = []
        for llm in self.catalogue.asked_llms():
            for request_set, placed in self.catalogue.request_sets(llm).items():
                stem = f"{RESULTS}/completions/{llm}/{request_set}"
                first, *others = self.catalogue.shards(placed)
                firsts.append(f"{stem}/{first}.json")
                beside += [f"{stem}/{shard}.json" for shard in others]
        stems = [f"{RESULTS}/export/{corpus}" for corpus in self.pack.corpora]
        rest = ("README.md", "data/train.parquet")
        return {
            "report": f"{RESULTS}/report.html",
            "results": [f"{RESULTS}/{name}" for name in self._results()],
            "notes": [f"{notes_of(self.study, one.name)}.json" for one in self.study.sources],
            "corpora": [f"{RESULTS}/corpora/{name}.json" for name in self._corpora],
            "datasets": [f"{RESULTS}/datasets/{name}.json" for name in self._datasets],
            "weights": [
                f"{RESULTS}/weights/{one}.json" for one in self._weights if self._here(one)
            ],
            "checkpoints": [
                f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}.json"
                for (model, corpus), seeds in self._trained.items()
                for seed in seeds
            ],
            "completions": firsts,
            "beside": beside,
            "exports": [f"{stem}/data/train.json" for stem in stems],
            "exported": [Data(f"{stem}/{name}") for stem in stems for name in rest],
            "key": [Data(self.pack.key)] if self.pack.key else [],
            **SPLITS_CHECKED,
        }

    def spec(self) -> EvidenceSpec:
        catalogue, study, every = self.catalogue, self.study, self.catalogue.every_prompt
        cards, shared = with_shared([self._card(corpus) for corpus in self._corpora])
        return EvidenceSpec(
            pack=self.pack,
            results=study.results,
            study=_without_places(study.identity()),
            llms={
                name: catalogue.llms[name].narrowed(LlmBehaviour).identity()
                for name in catalogue.asked_llms()
            },
            prompts={name: every[name].identity() for name in dict.fromkeys(self._prompts())},
            models={name: self._recipe(name) for name, _ in self._trained},
            taxonomies={name: one.identity() for name, one in catalogue.taxonomies.items()},
            sources=[_described(one, one.name, one.kind) for one in study.sources],
            datasets=[
                _described(one, one.name, one.kind)
                for one in study.datasets
                if one.name in self._datasets and isinstance(one, Experts)
            ],
            experiments=self._experiments,
            weights=[self._of_weights(name) for name in self._weights],
            cards=cards,
            shared=shared,
            written=sum(isinstance(source, WrittenSource) for source in study.sources),
            key_digest=outside_digest([self.pack.key] if self.pack.key else []),
            project=_project_digest(),
        )

    def _card(self, corpus: str) -> dict[str, Any]:
        return ExportCorpus(self.catalogue, {"corpus": corpus}).spec().identity()

    def _prompts(self) -> list[str]:
        return [use.prompt for use in self.catalogue.uses()]

    def _results(self) -> list[str]:
        """The files with results, below the results."""
        quality = [
            entry.name
            for entry in self.study.datasets
            if isinstance(entry, LlmSentences) and entry.name in self._datasets
        ]
        verdicts = [
            one.name for one in self.study.releases if {*one.corpora} & {*self.pack.corpora}
        ]
        return [
            *(f"{one.name}.{ending}" for one in self._tables for ending in ("csv", "md")),
            *(f"{one.name}.{ending}" for one in self._figures for ending in ("svg", "csv", "txt")),
            *(f"{name}.quality.csv" for name in quality),
            *(f"release/{name}.md" for name in verdicts),
        ]

    @cached_property
    def _tables(self) -> list[Any]:
        return [one for one in self.study.tables if one.name not in self.study.report.without]

    @cached_property
    def _figures(self) -> list[Any]:
        return [one for one in self.study.figures if one.name not in self.study.report.without]

    @cached_property
    def _read(self) -> list[tuple[str, dict[str, Any]]]:
        """What the shown tables and figures are made of: room and wildcards of each."""
        found: list[tuple[str, dict[str, Any]]] = []
        for figure in self._figures:
            found += figure.reads(self.catalogue)
        for table in self._tables:
            found += [("corpora", {"corpus": name}) for name in getattr(table, "corpora", [])]
            for experiment in getattr(table, "experiments", []):
                systems = self.catalogue.systems(experiment)
                found += [("scores", system.identity()) for system in systems]
        return found

    @cached_property
    def _trained(self) -> Trained:
        """The models behind these that were trained on corpora, with their seeds."""
        found: dict[tuple[str, str], dict[int, None]] = {}
        for room, names in self._read:
            model, corpus = names.get("model"), names.get("corpus")
            if model not in self.catalogue.models or corpus in (None, NO_CORPUS):
                continue
            seeds = [int(names["seed"])] if "seed" in names else []
            if room == "scores":
                rows = self.catalogue.experiment(names["experiment"]).encoders
                seeds = [
                    seed
                    for row in rows
                    if (row.encoder, row.corpus) == (model, corpus)
                    for seed in row.seeds
                ]
            found.setdefault((model, corpus), {}).update(dict.fromkeys(seeds))
        return {pair: sorted(seeds) for pair, seeds in found.items() if seeds}

    @cached_property
    def _corpora(self) -> list[str]:
        wanted = {names["corpus"] for room, names in self._read if room == "corpora"}
        wanted |= {corpus for _, corpus in self._trained} | {*self.pack.corpora}
        return [one.name for one in self.study.corpora if one.name in wanted]

    @cached_property
    def _experiments(self) -> list[str]:
        return list(
            dict.fromkeys(names["experiment"] for _, names in self._read if "experiment" in names)
        )

    @cached_property
    def _datasets(self) -> list[str]:
        """The datasets of the shown experiments."""
        wanted = set()
        for name in self._experiments:
            entry = self.catalogue.experiment(name)
            wanted |= {entry.dataset, *(one for mix in entry.mixtures for one in mix.datasets())}
        return [one.name for one in self.study.datasets if one.name in wanted]

    @cached_property
    def _weights(self) -> list[str]:
        """LLMs that are asked, and encoders that something starts from."""
        used = {str(names.get("model")) for _, names in self._read}
        encoders = self.catalogue.encoders_of_weights() & used
        return [*self.catalogue.asked_llms(), *sorted(encoders)]

    def _here(self, weights: str) -> bool:
        """Whether weights are files here, and not a server's."""
        llm = self.catalogue.llms.get(weights)
        return llm is None or llm.engine.needs_weights

    def _recipe(self, name: str) -> dict[str, Any]:
        model = self.catalogue.models[name]
        recipe = DecoderRecipe if isinstance(model, Decoder) else EncoderRecipe
        started = {"tokenizer": model.tokenizer} if model.tokenizer else {}
        return {**model.narrowed(recipe).identity(), **started}

    def _of_weights(self, name: str) -> Described:
        llm = self.catalogue.llms.get(name)
        holder = llm or self.catalogue.models[name]
        origin = origin_of(self.catalogue.weights(name))
        return _described(holder, name, "LLM" if llm else "encoder", origin)


def _described(entry: Any, name: str, kind: str, origin: str | None = None) -> Described:
    return Described(
        name=name,
        kind=kind,
        licence=getattr(entry, "licence", None),
        data_use=getattr(entry, "data_use", None),
        origin=origin,
    )


def _without_places(value: Any) -> Any:
    """A declaration without the paths of files: they say where, not what."""
    if isinstance(value, dict):
        return {key: _without_places(one) for key, one in value.items() if key not in PLACES}
    if isinstance(value, list):
        return [_without_places(one) for one in value]
    return value
