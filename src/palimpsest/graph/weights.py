"""Weights of LLMs and encoders."""

from importlib.metadata import packages_distributions, version
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
        brought_by = packages_distributions().get(declared.package or "", [])
        versions = {name: version(name) for name in sorted(brought_by)}
        return WeightsSpec(**declared.model_dump(exclude={"path"}), versions=versions)
