"""Jobs that share no disk, such as pods: where they find what is no output of another job.

Snakemake tells each of its processes, on whatever machine, where its default storage is. With
S3, that is also where state is kept and where declared files are looked for.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.objects import OF_PLUGIN, PLACE, SETTINGS, own_objects
from palimpsest.runtime.paths import lie_in

KNOWN = "s3"


def among_pods(storage: Any, providers: Mapping[str, Any]) -> bool:
    """Let this process and its jobs use the bucket, where jobs share no disk; whether they do.

    storage, providers: the settings of Snakemake's storage, and of its plugins.
    Raises UserError for a storage in which no state can be kept.
    """
    os.environ.pop(PLACE, None)
    if storage.default_storage_provider is None or _shares_outputs(storage.shared_fs_usage):
        lie_in(None)
        return False
    if storage.default_storage_provider != KNOWN:
        raise UserError(
            f"default-storage-provider '{storage.default_storage_provider}': jobs that share no "
            f"disk keep completions and trainings in S3 alone; expected '{KNOWN}'"
        )
    settings = providers[KNOWN].get_settings() if KNOWN in providers else None
    for name in SETTINGS:
        if value := getattr(settings, name, None):
            os.environ[f"{OF_PLUGIN}{name.upper()}"] = value
    os.environ[PLACE] = storage.default_storage_prefix
    lie_in(own_objects())
    return True


def _shares_outputs(usage: Iterable[Any]) -> bool:
    """Whether jobs find the files of others. usage: what Snakemake's `--shared-fs-usage` names."""
    return any(str(part) == "input-output" for part in usage)


def check_deployed(files: Iterable[str]) -> None:
    """That files of the project reach the jobs: Snakemake sends those that git tracks.

    Raises UserError naming those that it does not.
    """
    files = list(files)
    if not files:
        return
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(
            "jobs that share no disk get the files that git tracks, and this is no repository; "
            "expected one: `git init`, and `git add` of all but notes, weights and results"
        ) from error
    tracked = set(os.fsdecode(listed).split("\0"))
    if lacking := [file for file in files if os.path.normpath(file) not in tracked]:
        raise UserError(
            f"jobs that share no disk get the files that git tracks, and {', '.join(lacking)} "
            f"{'is' if len(lacking) == 1 else 'are'} not; expected `git add {' '.join(lacking)}`"
        )
