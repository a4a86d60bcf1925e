"""A bundle: what is packed is all that a study needs, and is verified where it is unpacked."""

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from palimpsest.bundle.pack import pack as write_bundle
from palimpsest.bundle.pack import project_files, study_file
from palimpsest.runtime.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
BROUGHT = {"wheels/a-1-py3-none-any.whl": b"wheel", "weights/o--m/r/model.safetensors": b"tensors"}


@pytest.fixture(autouse=True)
def project_scripts(monkeypatch):
    """The programs under scripts/project import their neighbours by name."""
    monkeypatch.syspath_prepend(ROOT / "scripts" / "project")


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def project(tmp_path):
    files = {"Makefile": b"demo:\n", "src/a.py": b"a = 1\n", "config/config.yaml": b"seed: 1\n"}
    others = {"notes.csv": b"a note", "results/table1.csv": b"1", "src/__pycache__/a.pyc": b"0"}
    return write(tmp_path / "project", {**files, "studies/ward.yaml": b"seed: 2\n", **others})


def packed(project: Path, tmp_path: Path, name: str = "b.tar") -> Path:
    gathered = write(tmp_path / f"gathered-{name}", BROUGHT)
    write_bundle(tmp_path / name, project, [project / "studies/ward.yaml"], gathered)
    return tmp_path / name


@pytest.fixture
def unpacked(project, tmp_path):
    with tarfile.open(packed(project, tmp_path)) as archive:
        archive.extractall(tmp_path / "there")
    return tmp_path / "there" / "palimpsest"


def test_every_file_under_version_control_but_those_of_ci_is_packed():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no checkout")
    tracked = {name for name in listed.stdout.split("\0")[:-1] if (ROOT / name).exists()}
    missing = tracked - {path.as_posix() for path in project_files(ROOT)}
    assert {name for name in missing if not name.startswith(".ci/")} == set()


def test_notes_and_results_are_not_packed_and_a_named_study_is(unpacked):
    from bundled import read_manifest

    names = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    project = {"Makefile", "config/config.yaml", "src/a.py", "studies/ward.yaml"}
    assert names == project | {f"bundle/{name}" for name in (*BROUGHT, "manifest.json")}
    assert names - {"bundle/manifest.json"} == set(read_manifest(unpacked)["files"])


def test_the_same_files_give_the_same_bytes(project, tmp_path):
    first = packed(project, tmp_path, "1.tar").read_bytes()
    (project / "src/a.py").touch()
    assert packed(project, tmp_path, "2.tar").read_bytes() == first


def test_a_study_elsewhere_is_refused(project, tmp_path):
    with pytest.raises(UserError, match="expected a study within it"):
        study_file(tmp_path / "elsewhere.yaml", project)


def test_what_only_the_driver_needs_is_not_installed_beside_what_jobs_need(tmp_path):
    from bundled import wheels

    names = ["bundle/wheels/numpy-2.3.whl", "bundle/wheels-slurm/numpy-2.4.whl", "src/a.py"]
    assert wheels(tmp_path, dict.fromkeys(names, "")) == [str(tmp_path / names[0])]


def flipped(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def verified(folder: Path) -> None:
    from bundled import read_manifest, verify

    verify(folder, read_manifest(folder)["files"])


def test_a_flipped_bit_of_any_file_is_refused_with_its_name(unpacked):
    verified(unpacked)
    files = sorted(path for path in unpacked.rglob("*") if path.is_file())
    assert len(files) == 7
    for path in files:
        sound = path.read_bytes()
        for bit in {0, 4 * len(sound), 8 * len(sound) - 1}:
            flipped(path, bit)
            with pytest.raises(RuntimeError, match="it is not what was packed") as refused:
                verified(unpacked)
            assert str(refused.value).startswith(f"{path}: ")
            path.write_bytes(sound)
    verified(unpacked)


def test_a_missing_file_and_one_too_many_are_refused_with_their_names(unpacked):
    wheel = unpacked / "bundle" / "wheels" / "a-1-py3-none-any.whl"
    other = write(unpacked, {"bundle/wheels/b-1-py3-none-any.whl": b""})
    with pytest.raises(RuntimeError, match="b-1-py3-none-any.whl: it was not packed"):
        verified(other)
    wheel.unlink()
    with pytest.raises(RuntimeError, match="a-1-py3-none-any.whl: it is missing"):
        verified(unpacked)


def test_another_python_or_machine_is_refused_before_anything_is_installed(unpacked):
    from bundled import check_target, read_manifest
    from install import target

    manifest = read_manifest(unpacked)
    check_target(manifest, target())
    with pytest.raises(RuntimeError, match=r"for Python .*, and this is Python 3.12 riscv64"):
        check_target(manifest, "3.12 riscv64")


def test_a_manifest_that_is_none_is_refused(unpacked):
    for text in ("", "[]", "{}", json.dumps({"digest": "x"})):
        (unpacked / "bundle" / "manifest.json").write_text(text)
        with pytest.raises(RuntimeError, match="manifest.json: it is not what was packed"):
            verified(unpacked)
