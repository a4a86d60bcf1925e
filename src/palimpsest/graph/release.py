"""Releases: checks of what is given away, repaired corpora, verdicts."""

from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.outside import outside_digest
from palimpsest.graph.places import (
    RESULTS,
    SPLITS_CHECKED,
    model_files,
    notes_of,
    table,
    tables,
)
from palimpsest.pretraining.config import Decoder
from palimpsest.release.config import (
    CheckSpec,
    FileRoster,
    LossesOfPatientsSpec,
    Release,
    RepairSpec,
    Stage,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import all_files, matching
from palimpsest.study.catalogue import Catalogue


def corpus_of_release(release: Release, corpus: str, stage: Stage) -> str:
    """Where a corpus of a release is at a stage, without ending."""
    if stage == "repaired":
        return f"{RESULTS}/release/{release.name}/corpora/{corpus}"
    return f"{RESULTS}/corpora/{corpus}"


def results_of(release: Release, stage: Stage) -> list[str]:
    """Where the results of all checks of a stage are, without ending."""
    return [f"{RESULTS}/release/{release.name}/{stage}/{check}" for check in release.checks()]


def demanding(catalogue: Catalogue, corpus: str) -> list[Release]:
    """The releases whose verdict a corpus needs before it is exported."""
    listed = catalogue.study.releases
    return [release for release in listed if release.demanded and corpus in release.corpora]


class _ReleaseJob(Job):
    @property
    def release(self) -> Release:
        return self.catalogue.release(self.wildcards["release"])

    def notes(self) -> Inputs:
        return table("notes", notes_of(self.study, self.release.source))

    def texts(self, stage: Stage) -> Inputs:
        """The corpora of a stage, the datasets, and the manifests of the checkpoints."""
        release = self.release
        stems = [corpus_of_release(release, corpus, stage) for corpus in release.corpora]
        checkpoints = [
            f"{RESULTS}/checkpoints/{one.model}/{one.corpus}/seed{one.seed}.json"
            for one in release.checkpoints
        ]
        datasets = [f"{RESULTS}/datasets/{name}" for name in release.datasets]
        return (
            tables("corpora", stems) | tables("datasets", datasets) | {"checkpoints": checkpoints}
        )

    def canaries(self) -> int:
        """How many are planted in the source."""
        planted: int = self.catalogue.source(self.release.source).canaries
        return planted

    def audited(self) -> bool:
        """Whether the control is the split `audit`."""
        return self.catalogue.splits(self.release.source).audit > 0


class CheckRelease(_ReleaseJob, rule="check_release"):
    def reads(self) -> Inputs:
        """All that is released, with the notes; rosters and losses for the checks that ask them."""
        release, check = self.release, self.wildcards["check"]
        if check not in release.checks():
            raise UserError(f"release '{release.name}' leaves out the check '{check}'")
        if self._stage == "repaired" and not release.repair:
            raise UserError(f"release '{release.name}' declares no 'repair'")
        losses: list[str] = []
        if check in ("membership", "canaries"):
            losses = [
                f"{RESULTS}/release/{release.name}/losses/{one.model}/{corpus}/seed{one.seed}"
                for one in release.checkpoints
                for corpus in (one.corpus, one.reference)
            ]
        roster: list[str] = []
        if check == "identifiers":
            roster = [Data(path) for path in self._roster()]
        return (
            self.notes()
            | self.texts(self._stage)
            | tables("losses", losses)
            | {"roster": roster}
            | SPLITS_CHECKED
        )

    def spec(self) -> CheckSpec:
        asked = self.wildcards["check"] == "identifiers"
        return CheckSpec(
            release=self.release,
            audited=self.audited(),
            canaries=self.canaries(),
            seed=self.study.seed,
            stage=self._stage,
            roster_digest=outside_digest(self._roster(), all_files) if asked else "",
        )

    @property
    def _stage(self) -> Stage:
        return "repaired" if self.wildcards["stage"] == "repaired" else "given"

    def _roster(self) -> list[str]:
        roster = self.release.roster
        return matching(roster.paths) if isinstance(roster, FileRoster) else []


class LossesOfPatients(_ReleaseJob, rule="losses_of_patients"):
    def reads(self) -> Inputs:
        model, corpus, seed = (self.wildcards[key] for key in ("model", "corpus", "seed"))
        known = {
            (one.model, name, str(one.seed))
            for one in self.release.checkpoints
            for name in (one.corpus, one.reference)
        }
        if (model, corpus, seed) not in known:
            raise UserError(
                f"release '{self.release.name}' has no checkpoint '{model}' on '{corpus}' of seed "
                f"{seed}; declared are {sorted(known)}"
            )
        checkpoint = f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"
        return model_files("checkpoint", checkpoint) | self.notes() | SPLITS_CHECKED

    def spec(self) -> LossesOfPatientsSpec:
        model = self.catalogue.models[self.wildcards["model"]]
        assert isinstance(model, Decoder) and model.training, "the study's references were checked"
        return LossesOfPatientsSpec(
            source=self.release.source,
            patients=self.release.membership.patients,
            audited=self.audited(),
            canaries=self.canaries(),
            context=model.training.context,
            seed=self.study.seed,
        )


class RepairCorpus(_ReleaseJob, rule="repair_corpus"):
    def reads(self) -> Inputs:
        corpus = self.wildcards["corpus"]
        if not self.release.repair or corpus not in self.release.corpora:
            raise UserError(f"release '{self.release.name}' does not repair corpus '{corpus}'")
        return table("corpus", corpus_of_release(self.release, corpus, "given")) | tables(
            "results", results_of(self.release, "given")
        )

    def spec(self) -> RepairSpec:
        return RepairSpec(release=self.release.name, corpus=self.wildcards["corpus"])


class JudgeRelease(_ReleaseJob, rule="judge_release"):
    def reads(self) -> Inputs:
        release = self.release
        repaired = [
            corpus_of_release(release, corpus, "repaired")
            for corpus in release.corpora
            if release.repair
        ]
        again = results_of(release, "repaired") if release.repair else []
        return (
            self.notes()
            | self.texts("given")
            | tables("given", results_of(release, "given"))
            | tables("repaired", again)
            | tables("repaired_corpora", repaired)
        )

    def spec(self) -> Release:
        return self.release
