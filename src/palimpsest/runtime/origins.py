"""What a job's inputs are of: their manifests record the wildcards of the jobs that made them.

A file that was put in another's place is whole, and has the manifest that it was written with. What
tells it is its origin: another shard, LLM, prompt or source than that of the job that reads it.
"""

import os
import re
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.request_sets import NO_CONTEXT, RequestSet
from palimpsest.runtime.rows import Manifest

WILDCARDS = "wildcards"
MODELS = ("llm", "model")  # what weights are of, in the words of the jobs that read them
FIRST = "0"  # round of requests
SHARD = re.compile(r"(\d+)-of-(\d+)")
Names = dict[str, str]

_job: dict[str, Names] = {}
_read: dict[str, Path] = {}  # manifests that the job has read, by their digest
_others: dict[Path, dict[str, str | None]] = {}


def record(wildcards: Names) -> None:
    """Say of what this process's job is."""
    _job[WILDCARDS] = wildcards
    _read.clear()


def recorded() -> dict[str, Names]:
    """What every manifest of this process has: the wildcards of its job, if it has any."""
    return dict(_job)


def job_names() -> Names:
    """The wildcards of this process's job; none where it is no job."""
    return _job.get(WILDCARDS, {})


def of_another(paths: Path | list[Path], **names: str | None) -> None:
    """Say that some inputs are of other names than the job, as gold is of another dataset.

    names: what each must be; None for one that does not matter.
    """
    for path in [paths] if isinstance(paths, Path) else paths:
        _others[path.with_suffix(".json")] = names


def check_made_of(path: Path, manifest: Manifest, name: str, expected: str | None) -> None:
    """Raise UserError when a manifest is of another thing of one name, where it says of which."""
    found = manifest.get(WILDCARDS, {}).get(name)
    if None not in (found, expected) and found != expected:
        raise UserError(_put_there(path, name, found, expected))


def check_origin(path: Path, manifest: Manifest) -> None:
    """Raise UserError when a manifest is of something else than the job that reads it.

    Or when it is the very one of another place: of two runs, say, one would count twice.
    """
    found = manifest.get(WILDCARDS)
    if not isinstance(found, dict):
        return
    other = _read.setdefault(digest(manifest), path) if _job else path
    if os.path.realpath(other) != os.path.realpath(path):
        raise UserError(
            f"{path}: it is the same as {other}: a copy of that was put in its place. Delete it to "
            "rebuild it"
        )
    asked: dict[str, str | None] = {**_spelled(job_names())}
    if SHARD.fullmatch(stem := path.stem.removesuffix(".rejects")):
        asked = {**asked, "shard": stem}
    asked = {**asked, **_others.get(path, {})}
    for name, value in _spelled(found).items():
        expected = asked.get(name)
        if name == "weights":
            known = [asked[model] for model in MODELS if model in asked]
            expected = known[0] if known and value not in known else None
        if expected not in (None, value):
            raise UserError(_put_there(path, name, value, expected))


def _put_there(path: Path, name: str, found: str, expected: str | None) -> str:
    return (
        f"{path}: it is of the {name} {found!r}, and is read as one of {expected!r}: another file "
        "was put in its place. Delete it to rebuild it"
    )


def _spelled(wildcards: Names) -> Names:
    """Wildcards with the names that a request set stands for."""
    if "request_set" in wildcards:
        asked = RequestSet.parse(str(wildcards["request_set"]))
        place = dict.fromkeys(("source", "dataset", "judge"), asked.name)
        place |= {"prompt": asked.prompt, "context": asked.context, "round": str(asked.round)}
        return {**place, **wildcards}
    if "prompt" in wildcards:
        return {"round": FIRST, "context": NO_CONTEXT, **wildcards}
    return wildcards
