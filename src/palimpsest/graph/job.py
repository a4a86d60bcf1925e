"""One job: what it reads, what it is asked for, and what it wants of a machine."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.schema import Declared
from palimpsest.study.catalogue import Catalogue


class Data(str):
    """A path that a job reads and that does not decide whether it runs: its manifest does."""


Inputs = dict[str, str | list[str]]
JOBS: dict[str, type["Job"]] = {}  # by the rule's name


class Job:
    """A job of one rule. A subclass names the rule, whose docstring says what is made."""

    rule: ClassVar[str]

    def __init__(self, catalogue: Catalogue, wildcards: dict[str, str]) -> None:
        self.catalogue, self.study, self.wildcards = catalogue, catalogue.study, wildcards

    def __init_subclass__(cls, rule: str | None = None, **options: object) -> None:
        super().__init_subclass__(**options)
        if rule:  # what several rules have in common is no job
            cls.rule = rule
            JOBS[rule] = cls

    def reads(self) -> Inputs:
        """The inputs by name; optional ones are empty lists. Paths start with `<results>/`."""
        return {}

    def inputs(self, mark: Callable[[str], Any]) -> dict[str, Any]:
        """What the job reads, each path as `mark` makes it."""
        return {
            name: mark(paths) if isinstance(paths, str) else [mark(path) for path in paths]
            for name, paths in self.reads().items()
        }

    def spec(self) -> Declared | None:
        """What the output depends on besides the inputs and the code; the program's `--spec`."""
        return None

    def resources(self) -> Any:
        """What the job wants of a machine, where its rule does not say: what its model declares."""
        return self.catalogue.models[self.wildcards["model"]].resources

    def spec_json(self) -> str:
        """The specification as canonical JSON, with the wildcards, which manifests record."""
        spec = self.spec()
        identity = spec.identity() if spec else {}
        return canonical_json({**identity, "wildcards": self.wildcards})


def job_of(rule: str, catalogue: Catalogue, wildcards: Iterable[tuple[str, str]]) -> Job:
    """The job of a rule with some wildcards."""
    return JOBS[rule](catalogue, dict(wildcards))
