"""Where jobs share no disk, they find state, notes and code elsewhere; nowhere else is it so."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from buckets import Bucket

from palimpsest.runtime import paths, pods
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.objects import Objects
from palimpsest.study.load import load_catalogue

ROOT = Path(__file__).parents[3]
ALL = ("input-output", "persistence", "sources")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    yield
    paths.lie_in(None)


def storage(provider: str | None, *usage: str) -> Any:
    return SimpleNamespace(
        default_storage_provider=provider,
        default_storage_prefix="s3://bucket/study",
        shared_fs_usage=usage,
    )


class Providers(dict):
    """The settings of Snakemake's plugins."""

    def __init__(self, **settings: str | None) -> None:
        names = ("endpoint_url", "region", "access_key", "secret_key", "token")
        given = SimpleNamespace(**(dict.fromkeys(names) | settings))
        super().__init__(s3=SimpleNamespace(get_settings=lambda: given))


@pytest.mark.parametrize("given", [storage(None), storage(None, *ALL), storage("s3", *ALL)])
def test_a_disk_that_is_shared_keeps_state(given: Any) -> None:
    os.environ[pods.PLACE] = "s3://of/another"
    assert not pods.among_pods(given, Providers())
    assert pods.PLACE not in os.environ and paths.are_read()


def test_settings_of_the_plugin_reach_programs_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pods, "own_objects", Bucket)
    os.environ["SNAKEMAKE_STORAGE_S3_ACCESS_KEY"] = "of the user"
    assert pods.among_pods(storage("s3", "sources"), Providers(endpoint_url="http://s3:9000"))
    assert os.environ[pods.PLACE] == "s3://bucket/study"
    assert os.environ["SNAKEMAKE_STORAGE_S3_ENDPOINT_URL"] == "http://s3:9000"
    assert os.environ["SNAKEMAKE_STORAGE_S3_ACCESS_KEY"] == "of the user"
    assert not paths.are_read()


def test_another_storage_is_refused_as_it_would_keep_no_state() -> None:
    with pytest.raises(UserError, match="default-storage-provider 'gcs'.*expected 's3'"):
        pods.among_pods(storage("gcs"), {})


@pytest.mark.parametrize("place", ["bucket/study", "gs://bucket/study", "s3://"])
def test_a_prefix_that_names_no_bucket_is_refused(place: str) -> None:
    with pytest.raises(UserError, match="expected s3://BUCKET/PREFIX"):
        Objects(place, {})


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("tracked.yaml", "other.yaml"):
        (tmp_path / name).touch()
    for command in (["init", "-q"], ["add", "tracked.yaml"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


def test_files_that_git_does_not_track_are_named(repository: Path) -> None:
    pods.check_deployed(["./tracked.yaml"])
    with pytest.raises(UserError, match=r"other.yaml is not; expected `git add other.yaml`"):
        pods.check_deployed(["tracked.yaml", "other.yaml"])


def test_without_git_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    pods.check_deployed([])
    with pytest.raises(UserError, match="git init"):
        pods.check_deployed(["a.yaml"])


def test_the_files_that_must_reach_jobs_are_those_that_loading_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    read: set[str] = set()
    text_of = Path.read_text

    def noted(path: Path, *given: Any, **named: Any) -> str:
        if path.suffix == ".yaml" and path.parts[0] == "config":
            read.add(str(path))
        return text_of(path, *given, **named)

    study = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    monkeypatch.setattr(Path, "read_text", noted)
    catalogue = load_catalogue(study, "config/config.yaml", Path("config"))
    assert len(read) > 8
    assert set(catalogue.recipe_files()) == read
