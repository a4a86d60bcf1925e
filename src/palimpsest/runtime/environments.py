"""The environment in which jobs run, where Snakemake itself runs in another one."""

import sys
from pathlib import Path

from palimpsest.runtime.errors import UserError

# In the folder of Snakemake's environment: a line with the folder of that of the jobs.
JOBS_FILE = "palimpsest-jobs.txt"


def jobs_environment(prefix: str = sys.prefix) -> Path | None:
    """The folder of the environment in which jobs run; None where it is Snakemake's own.

    prefix: the folder of Snakemake's. Raises UserError where the one that it names is none, or is
    of another Python: files that are planned with one are read with the other.
    """
    named = Path(prefix) / JOBS_FILE
    try:
        folder = (Path(prefix) / named.read_text(encoding="utf-8").strip()).resolve()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise UserError(f"{named}: cannot be read: {type(error).__name__}") from error
    if not packages_of(folder).is_dir() or not (folder / "bin" / "python").is_file():
        raise UserError(
            f"{named}: expected the folder of an environment of Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}, in which jobs run, found {folder}"
        )
    return folder


def packages_of(environment: Path) -> Path:
    """Where an environment has its packages."""
    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return environment / "lib" / python / "site-packages"
