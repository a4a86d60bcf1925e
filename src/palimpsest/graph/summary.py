"""The report of a study."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.leaks import all_pairs
from palimpsest.graph.places import RESULTS
from palimpsest.notes.config import WrittenSource
from palimpsest.summary.config import Shown, SummarySpec
from palimpsest.summary.sections import sections


class StudyReport(Job, rule="study_report"):
    def reads(self) -> Inputs:
        """What is shown, and the manifests of further shards, which lie beside the first ones."""
        beside = [
            f"{RESULTS}/completions/{llm}/{request_set}/{shard}.json"
            for llm in self.catalogue.asked_llms()
            for request_set, placed in self.catalogue.request_sets(llm).items()
            for shard in self.catalogue.shards(placed)[1:]
        ]
        return {"shown": [f"{RESULTS}/{one.name}" for one in self._files()], "beside": beside}

    def _files(self) -> list[Shown]:
        made = all_pairs(self.catalogue)
        return [
            Shown(section=section.name, name=name, title=title)
            for section in sections()
            for name, title in section.inputs(self.catalogue)
            if (name != "overlap.csv" or made) and title not in self.study.report.without
        ]

    def spec(self) -> SummarySpec:
        sources = self.study.sources
        written = [isinstance(source, WrittenSource) for source in sources]
        generated = "all" if written and all(written) else "some" if any(written) else "none"
        return SummarySpec(
            study=self.study.results, files=self._files(), facts={"generated": generated}
        )
