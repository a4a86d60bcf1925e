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
from palimpsest.weights.config import WeightsSpec, wanted


class PrepareWeights(Job, rule="prepare_weights"):
    def reads(self) -> Inputs:
        return {"files": [Data(path) for path in self.files()]}  # `files_digest` decides

    def files(self) -> list[Path]:
        """The files of weights in a folder, where it is there: a dry run can plan without them."""
        folder = self.catalogue.weights(self.wildcards["weights"]).path
        if not folder or not Path(folder).is_dir():
            return []
        return sorted(wanted(Path(folder).iterdir()))

    def spec(self) -> WeightsSpec:
        declared = self.catalogue.weights(self.wildcards["weights"])
        versions = _versions(declared.package) if declared.package else {}
        files_digest = outside_digest(map(str, self.files()))
        named = declared.model_dump(exclude={"path"})
        return WeightsSpec(**named, versions=versions, files_digest=files_digest)


@cache
def _versions(package: str) -> dict[str, str]:
    """The versions of what brings a package; nothing where it is not installed."""
    try:
        found = distribution(package)  # most are called as what they bring
        return {found.name: found.version}
    except PackageNotFoundError:  # a look at every file of every distribution
        return {name: version(name) for name in sorted(packages_distributions().get(package, []))}
