"""What the build knows of a study: its declarations, and what the manifests of results count."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from palimpsest.evidence.config import EvidenceSpec
from palimpsest.runtime.files import read_fields
from palimpsest.runtime.origins import WILDCARDS
from palimpsest.runtime.rows import Manifest, Row
from palimpsest.runtime.shards import shard_tables

ENDINGS = {"tables": "csv", "figures": "svg"}  # of the file that every one of them has


@dataclass
class Asked:
    """What an LLM was asked in one set of requests, over its shards."""

    requests: int = 0
    failed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    engines: Counter[str] = field(default_factory=Counter)
    weights: str = ""


@dataclass
class Facts:
    """The specification of a pack, and the manifests behind it, by what they are of.

    checkpoints: by model, corpus and seed. asked: by LLM and set of requests. results: the names of
    the files with results.
    """

    spec: EvidenceSpec
    notes: dict[str, Manifest]
    corpora: dict[str, Manifest]
    datasets: dict[str, Manifest]
    weights: dict[str, Manifest]
    checkpoints: dict[tuple[str, str, str], Manifest]
    asked: dict[tuple[str, str], Asked]
    results: list[str]

    def entries(self, kind: str) -> list[Row]:
        """What a list of the study declares, as far as it is in the pack."""
        listed: list[Row] = self.spec.study[kind]
        if kind == "experiments":
            return [entry for entry in listed if entry["name"] in self.spec.experiments]
        if kind in ENDINGS:
            return [one for one in listed if f"{one['name']}.{ENDINGS[kind]}" in self.results]
        return listed

    def names(self, kind: str) -> list[str]:
        """The names of these."""
        return [entry["name"] for entry in self.entries(kind)]

    def screens(self) -> list[str]:
        """The names of all screens, each once."""
        listed = self.spec.study["screens"] + self.spec.study["synthesis_screens"]
        return list(dict.fromkeys(screen["name"] for screen in listed))

    def shown(self, *kinds: str, of: str = "tables") -> list[str]:
        """Files of the declared tables or figures of some kinds that are in the pack."""
        shown = [one["name"] for one in self.entries(of) if one["kind"] in kinds]
        return [f"results/{name}.{ENDINGS[of]}" for name in shown]


def gather(
    spec: EvidenceSpec,
    manifests: dict[str, Iterable[Path]],
    completions: Iterable[Path],
    results: Iterable[str],
) -> Facts:
    """Read the manifests of a study.

    manifests: by the wildcard that names what each is of: `source`, `corpus`, `dataset`, `weights`;
    and of checkpoints, under `model`. completions: of the first shards, beside the others.
    Raises UserError where one is damaged, or names nothing.
    """
    return Facts(
        spec=spec,
        notes=_by(manifests["source"], "source", "rows"),
        corpora=_by(manifests["corpus"], "corpus", "sha256", "parts", "all"),
        datasets=_by(manifests["dataset"], "dataset", "sha256", "rows"),
        weights=_by(manifests["weights"], "weights", "identity", "files"),
        checkpoints=_by_all(manifests["model"], ("model", "corpus", "seed"), "identity"),
        asked=_asked(completions),
        results=sorted(results),
    )


def _by_all(
    paths: Iterable[Path], names: tuple[str, ...], *keys: str
) -> dict[tuple[str, ...], Manifest]:
    found = {}
    for path in paths:
        manifest = read_fields(path, WILDCARDS, *keys)
        found[tuple(manifest[WILDCARDS][name] for name in names)] = manifest
    return found


def _by(paths: Iterable[Path], name: str, *keys: str) -> dict[str, Manifest]:
    return {key[0]: manifest for key, manifest in _by_all(paths, (name,), *keys).items()}


def _asked(firsts: Iterable[Path]) -> dict[tuple[str, str], Asked]:
    found: dict[tuple[str, str], Asked] = {}
    for first in firsts:
        names = read_fields(first, WILDCARDS)[WILDCARDS]
        counts = found.setdefault((names["llm"], names["request_set"]), Asked())
        for table in shard_tables(first):
            manifest = read_fields(
                table.with_suffix(".json"), "account", "tokens_in", "tokens_out", "asked_of"
            )
            account = manifest["account"]
            counts.requests += account["in"]
            counts.failed += sum(account["failed"].values())
            counts.tokens_in += manifest["tokens_in"]
            counts.tokens_out += manifest["tokens_out"]
            counts.engines.update(manifest.get("engines", {}))
            counts.weights = manifest["asked_of"]["weights"]
    return found
