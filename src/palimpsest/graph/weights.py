"""Weights of LLMs and encoders."""

from functools import cache
from importlib.metadata import (
    PackageNotFoundError,
    distribution,
    packages_distributions,
    version,
)
from pathlib import Path

from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.outside import outside_digest
from palimpsest.graph.places import WEIGHTS_FILES
from palimpsest.runtime.paths import files_in, is_file, is_folder
from palimpsest.runtime.schema import Weights
from palimpsest.weights.config import WeightsSpec, wanted
from palimpsest.weights.packed import packed_folder


class PrepareWeights(Job, rule="prepare_weights"):
    def reads(self) -> Inputs:
        declared = self.catalogue.weights(self.wildcards["weights"])
        if declared.path:
            return {"files": [Data(path) for path in _files(declared)]}  # `files_digest` decides
        if declared.hub and declared.revision:  # which name the bytes, wherever they lie
            folder = packed_folder(declared.hub, declared.revision)
            if is_file(manifest := f"{folder}.json"):  # which `verified` finds beside it
                files: list[str] = [Data(folder / name) for name in WEIGHTS_FILES]
                return {"files": files, "packed": Data(manifest)}
        return {"files": []}

    def spec(self) -> WeightsSpec:
        declared = self.catalogue.weights(self.wildcards["weights"])
        versions = _versions(declared.package) if declared.package else {}
        files_digest = outside_digest(map(str, _files(declared)))
        named = declared.model_dump(exclude={"path"})
        return WeightsSpec(**named, versions=versions, files_digest=files_digest)


def _files(weights: Weights) -> list[Path]:
    """The files of weights in a folder, where it is there: a dry run can plan without them."""
    if not weights.path or not is_folder(weights.path):
        return []
    return wanted(files_in(weights.path))


@cache
def _versions(package: str) -> dict[str, str]:
    """The versions of what brings a package; nothing where it is not installed."""
    try:
        found = distribution(package)  # most are called as what they bring
        return {found.name: found.version}
    except PackageNotFoundError:  # a look at every file of every distribution
        return {name: version(name) for name in sorted(packages_distributions().get(package, []))}
