"""Notes of sources."""

from importlib.metadata import version

from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.outside import outside_digest
from palimpsest.graph.places import RESULTS, table, tables
from palimpsest.notes.config import DuplicatesSpec, NotesSpec, SourceOfDuplicates, WrittenSource
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import all_files, is_folder, matching, text_files
from palimpsest.runtime.schema import Matching

LONGEST_LIST = 50_000  # characters of paths in a command, which the kernel limits to 128 KiB


class GenerateNotes(Job, rule="generate_notes"):
    def spec(self) -> NotesSpec:
        source = self.catalogue.source(self.wildcards["source"])
        return NotesSpec(
            source=source,
            splits=self.catalogue.splits(source.name),
            seed=self.study.seed,
            vocabularies=_vocabularies() if isinstance(source, WrittenSource) else {},
            files_digest=outside_digest(
                matching(self.catalogue.source_paths(source.name)),
                text_files if source.kind == "folder" else all_files,
            ),
        )


class ReadNotes(GenerateNotes, rule="read_notes"):
    def reads(self) -> Inputs:
        """The source's files, where they are there: a dry run can plan without them."""
        paths = matching(self.catalogue.source_paths(self.wildcards["source"]))
        files: list[str] = [Data(path) for path in paths]  # `files_digest` decides
        if self.catalogue.source(self.wildcards["source"]).kind == "folder":
            return {"files": files, "parts": []}  # perhaps 100,000 files, too many to be inputs
        parts: list[str] = [
            Data(part) for path in paths if is_folder(path) for part in all_files(path)
        ]
        if sum(map(len, paths)) > LONGEST_LIST:
            raise UserError(
                f"source '{self.wildcards['source']}': {len(paths)} files, more than a command can "
                "name; expected their folder instead"
            )
        return {"files": files, "parts": parts}


class FindDuplicates(Job, rule="find_duplicates"):
    def reads(self) -> Inputs:
        return tables("notes", (f"{RESULTS}/notes/{one.name}" for one in self.study.sources))

    def spec(self) -> DuplicatesSpec:
        declared = self.study.duplicates
        return DuplicatesSpec(
            sources=[
                SourceOfDuplicates(
                    name=source.name,
                    patients_of=getattr(source, "patients_of", None),
                    splits=self.catalogue.splits(source.name),
                    joins=getattr(source, "identical_notes", "counted") == "one_split",
                )
                for source in self.study.sources
            ],
            similarity=(declared or Matching()).least(),
            handling=declared.handling if declared else None,
            seed=self.study.seed,
        )


class DropDuplicates(Job, rule="drop_duplicates"):
    def reads(self) -> Inputs:
        notes = table("notes", f"{RESULTS}/notes/{self.wildcards['source']}")
        return notes | table("decisions", f"{RESULTS}/duplicates")


def _vocabularies() -> dict[str, str]:
    """Versions of the packages whose words generated notes are made of."""
    from synthetic_notes import VOCABULARY_PACKAGES  # most studies generate nothing

    return {name: version(name) for name in VOCABULARY_PACKAGES}
