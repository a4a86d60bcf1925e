"""Weights of LLMs and encoders."""

from functools import cache
from importlib.metadata import (
    PackageNotFoundError,
    distribution,
    packages_distributions,
    version,
)
from pathlib import Path

from palimpsest.graph.job import Inputs, Job
from palimpsest.weights.config import WeightsSpec, wanted


class PrepareWeights(Job, rule="prepare_weights"):
    def reads(self) -> Inputs:
        folder = self.catalogue.weights(self.wildcards["weights"]).path
        if not folder or not Path(folder).is_dir():
            return {"files": []}  # a dry run can plan without them
        return {"files": sorted(map(str, wanted(Path(folder).iterdir())))}

    def spec(self) -> WeightsSpec:
        declared = self.catalogue.weights(self.wildcards["weights"])
        versions = _versions(declared.package) if declared.package else {}
        return WeightsSpec(**declared.model_dump(exclude={"path"}), versions=versions)


@cache
def _versions(package: str) -> dict[str, str]:
    """The versions of what brings a package; nothing where it is not installed."""
    try:
        found = distribution(package)  # most are called as what they bring
        return {found.name: found.version}
    except PackageNotFoundError:  # a look at every file of every distribution
        return {name: version(name) for name in sorted(packages_distributions().get(package, []))}
