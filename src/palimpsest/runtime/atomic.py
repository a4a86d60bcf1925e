"""Final names for finished bytes: a file or a folder is complete, or absent.

What is being written has a temporary name beside the final one, `.NAME.0.tmp`, and is locked. The
lock of a killed process is gone, so the next writer of that name takes the temporary over; one
that another process is writing is locked, and a second writer takes `.NAME.1.tmp`. Temporary files
may hold note text: none outlives the next run.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import DISK
from palimpsest.runtime.locks import NoLocksError, lock

BEYOND = 4  # further temporaries of a name that are looked at for what killed writers left
MOST = 100  # temporaries of one name, before something else is wrong
FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
ENDINGS = "csv|json|jsonl|md|parquet|safetensors|svg|tex|txt"
# The latter were named by development versions before 0.1.
LEFT = re.compile(rf"\..+\.\d+\.tmp|\..+\.({ENDINGS})\.([a-z0-9_]{{8}}|link)")
LEFT_FOLDER = re.compile(r"\.exported\.[a-z0-9_]{8}")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it becomes `path`."""
    path = Path(path)
    with _reserved(path) as temporary:
        try:
            yield temporary
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
            sync_directory(path.parent)
        except OSError as error:
            if error.errno in DISK and error.filename in (None, str(temporary)):
                error.filename = str(path)  # errors of writing name no file
            raise


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, which is gone after the block, if it was not renamed."""
    with _reserved(path) as temporary:
        folder = _folder_of(temporary)
        folder.mkdir(0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; when the block ends well, it becomes `path`.

    Raises UserError when `path` is there.
    """
    if path.exists():
        raise UserError(f"{path}: it is there already; expected the name of a new folder")
    with temporary_folder(path) as temporary:
        yield temporary
        os.chmod(temporary, 0o777 & ~_umask())
        os.rename(temporary, path)
        sync_directory(path.parent)


def sweep(folder: Path, dry_run: bool = False) -> list[Path]:
    """Remove, or only list, the temporaries below a folder whose writers are gone."""
    found = []
    for path in sorted(folder.rglob(".*")):
        if LEFT.fullmatch(path.name) and path.is_file() and _free(path, remove=not dry_run):
            found.append(path)
        elif LEFT_FOLDER.fullmatch(path.name) and path.is_dir():
            found.append(path)
            if not dry_run:
                shutil.rmtree(path, ignore_errors=True)
    return found


def sync_directory(directory: Path) -> None:
    """Return when the names in a directory are on disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _reserved(path: Path) -> Iterator[Path]:
    """An empty temporary file beside `path` that no other process has; its lock is held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, handle = _take(path)
    try:
        yield temporary
    finally:
        # Once it was renamed, its name may be another writer's.
        if _is(handle, temporary):
            temporary.unlink(missing_ok=True)
        os.close(handle)


def _take(path: Path) -> tuple[Path, int]:
    """The first temporary of a name that no other process has, locked; the rest is swept."""
    for number in range(MOST):
        temporary = _temporary(path, number)
        try:
            if (handle := _locked(temporary, path, create=True)) is None:
                continue
        except NoLocksError:  # then none can be told from one that is being written
            temporary.unlink(missing_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            return Path(name), handle
        except PermissionError:
            if not temporary.exists():
                raise
            continue  # another user's
        os.ftruncate(handle, 0)
        os.fchmod(handle, 0o600)
        shutil.rmtree(_folder_of(temporary), ignore_errors=True)
        for further in range(number + 1, number + 1 + BEYOND):
            _free(_temporary(path, further), remove=True)
        return temporary, handle
    raise UserError(f"{path}: {MOST} other processes are writing it, or left temporary files there")


def _locked(temporary: Path, path: Path, create: bool) -> int | None:
    """An open file with its lock held; None where another process has it."""
    while True:
        handle = os.open(temporary, FLAGS | (os.O_CREAT if create else 0), 0o600)
        try:
            had = lock(handle, path)
        except BaseException:
            os.close(handle)
            raise
        if had and _is(handle, temporary):
            return handle
        os.close(handle)
        if not had:
            return None
        # It was renamed or removed between opening and locking.


def _free(temporary: Path, remove: bool) -> bool:
    """Whether a temporary's writer is gone; then it is removed, if that is asked for."""
    try:
        handle = _locked(temporary, temporary, create=False)
    except (OSError, NoLocksError):
        return False
    if handle is None:
        return False
    if remove:
        shutil.rmtree(_folder_of(temporary), ignore_errors=True)
        temporary.unlink(missing_ok=True)
    os.close(handle)
    return True


def _is(handle: int, path: Path) -> bool:
    """Whether an open file is the one that has a path."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _temporary(path: Path, number: int) -> Path:
    return path.with_name(f".{path.name}.{number}.tmp")


def _folder_of(temporary: Path) -> Path:
    """The folder that goes with a temporary file, whose lock is also the folder's."""
    return temporary.with_suffix(".folder")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
