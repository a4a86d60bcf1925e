"""The report of a study."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.leaks import all_pairs
from palimpsest.graph.places import RESULTS
from palimpsest.notes.config import WrittenSource
from palimpsest.summary.config import Shown, SummarySpec
from palimpsest.summary.sections import sections
from palimpsest.summary.sections.cost import shown_sets


class StudyReport(Job, rule="study_report"):
    def reads(self) -> Inputs:
        """What is shown, and the manifests of further shards, which lie beside the first ones."""
        beside = [
            f"{RESULTS}/completions/{llm}/{request_set}/{shard}.json"
            for llm, request_set, shards in shown_sets(self.catalogue)
            for shard in shards[1:]
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
        study, files = self.study, self._files()
        written = [isinstance(source, WrittenSource) for source in study.sources]
        facts = {
            "generated": "all" if written and all(written) else "some" if any(written) else "none",
            "fidelity": any(one.section == "fidelity" for one in files),
            "releases": [entry.name for entry in study.releases],
            "left_out": study.report.without,
        }
        return SummarySpec(study=study.results, files=files, facts=facts)
