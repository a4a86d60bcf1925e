"""Final names for finished bytes: a file or a folder is complete, or absent.

What is being written has a temporary name beside the final one, `.NAME.0.tmp`, and is locked. Where
a scratch disk is declared, it is written there, and copied to that name when it is whole. The
lock of a killed process is gone, so the next writer of that name takes the temporary over; one
that another process is writing is locked, and a second writer takes `.NAME.1.tmp`. Temporary files
may hold note text: none outlives the next run.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import DISK, full_disk
from palimpsest.runtime.locks import NoLocksError, lock

BEYOND = 4  # further temporaries of a name that are looked at for what killed writers left
MOST = 100  # temporaries of one name, before something else is wrong
FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
ENDINGS = "csv|json|jsonl|md|parquet|safetensors|svg|tex|txt"
SCRATCH = "PALIMPSEST_SCRATCH"  # a disk of this machine for work in progress; set by `job_prefix`
_swept = set[Path]()  # scratch folders from which this process removed what others left
# The latter were named by development versions before 0.1.
LEFT = re.compile(rf"\..+\.\d+\.tmp|\..+\.({ENDINGS})\.([a-z0-9_]{{8}}|link)")
LEFT_FOLDER = re.compile(r"\.exported\.[a-z0-9_]{8}")


@contextmanager
def atomic_path(path: Path, beside: bool = False) -> Iterator[Path]:
    """Give a temporary path; when the block ends well, what is there becomes `path`.

    It is on the scratch disk, if there is one. beside: it is beside `path` in any case, as for
    small files, and for copies, which may share bytes there.
    """
    path = Path(path)
    near = None if beside else _on_scratch(path)
    with _reserved(path) as temporary, _reserved(near) if near else nullcontext(temporary) as work:
        try:
            yield work
            if near:
                shutil.copyfile(work, temporary)
                work.unlink()
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
            sync_directory(path.parent)
        except OSError as error:
            if error.errno in DISK and error.filename in (None, str(temporary), str(work)):
                # Errors of writing name no file.
                error.filename = str(near and full_disk([near]) or path)
            raise


@contextmanager
def temporary_folder(path: Path, beside: bool = False) -> Iterator[Path]:
    """An empty folder for what becomes `path`; it is gone after the block, if it was not renamed.

    beside: it is beside `path`, to be renamed; else on the scratch disk, if there is one.
    """
    with _reserved((None if beside else _on_scratch(path)) or path) as temporary:
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
    with temporary_folder(path, beside=True) as temporary:
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


def _on_scratch(path: Path) -> Path | None:
    """What stands for a path on the scratch disk; None where none was declared.

    One path has one name there, so that its next writer on this machine removes what a killed one
    left; what killed writers of other paths left goes when a process first asks.
    Raises UserError where the disk cannot be used.
    """
    if not (declared := os.environ.get(SCRATCH)):
        return None
    folder = Path(declared) / f"palimpsest-{os.getuid()}"
    if folder not in _swept:
        try:
            folder.mkdir(0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{folder}: {error.strerror}; expected the folder of a disk of this machine in "
                "`tmpdir` of the profile's default-resources"
            ) from error
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise UserError(f"{folder}: it is another user's; remove it, or declare another tmpdir")
        sweep(folder)
        _swept.add(folder)
    return folder / hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]


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
