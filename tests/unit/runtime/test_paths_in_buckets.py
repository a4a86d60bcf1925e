"""Declared paths stand for the same files whether these lie on a disk or in a bucket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from buckets import Bucket

from palimpsest.graph.outside import outside_digest
from palimpsest.runtime import paths

FILES = (
    "notes.csv",
    "notes.csv.gz",
    "data/a.csv",
    "data/b.csv",
    "data/.hidden.csv",
    "data/2024/c.csv",
    "data/2024/deep/d.CSV",
    "data/.git/e.csv",
    "data/[x].csv",
    "folder/one.txt",
    "folder/below/two.TXT",
    "folder/three.ann",
)
PATTERNS = (
    "notes.csv",
    "notes.*",
    "no-such.csv",
    "no-such/*.csv",
    "data",
    "data/",
    "data/*",
    "data/*.csv",
    "data/.h*",
    "data/[ab].csv",
    "data/[x].csv",
    "data/[!a].csv",
    "data/?.csv",
    "data/*/*.csv",
    "data/**/*.csv",
    "data/**",
    "**/*.csv",
    "**",
    "*/*.txt",
    "./data/*.csv",
    "folder",
    "d*",
)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """The FILES on this disk, in the working folder, and in a bucket."""
    monkeypatch.chdir(tmp_path)
    made = Bucket()
    for name in FILES:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        made.objects[name] = name.encode()
    yield made
    paths.lie_in(None)


def plain(found: list) -> list[str]:
    return [str(Path(path)) for path in found]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_stands_for_the_same_files(bucket: Bucket, pattern: str) -> None:
    on_disk = plain(paths.matching([pattern]))
    paths.lie_in(bucket)
    assert plain(paths.matching([pattern])) == on_disk


@pytest.mark.parametrize("name", ["notes.csv", "data", "data/2024", "folder", "no-such", "data/a"])
def test_files_and_folders_are_told_apart(bucket: Bucket, name: str) -> None:
    def seen() -> list:
        there = [paths.is_file(name), paths.is_folder(name)]
        if there == [True, False]:
            return there
        below = [plain(paths.all_files(name)), plain(paths.text_files(name, (".txt", ".csv")))]
        return [*there, *below, plain(paths.files_in(name)) if there[1] else []]

    on_disk = seen()
    paths.lie_in(bucket)
    assert seen() == on_disk


def test_what_a_bucket_has_and_a_disk_has_not_is_found(bucket: Bucket) -> None:
    paths.lie_in(bucket)
    bucket.objects["data/new.csv"] = b"new"
    assert "data/new.csv" in paths.matching(["data/*.csv"])


def test_the_digest_of_objects_changes_with_them_and_not_with_their_times(bucket: Bucket) -> None:
    def digest() -> str:
        paths.lie_in(bucket)  # which is seen anew, as by another Snakemake
        return outside_digest(["notes.csv", "data"], paths.all_files)

    before = digest()
    assert before and digest() == before
    bucket.objects["data/a.csv"] = b"DATA/a.csv"
    changed = digest()
    assert changed != before
    bucket.objects["data/a.csv"] = b"data/a.csv"
    assert digest() == before
    bucket.objects["data/f.csv"] = b""
    assert digest() not in (before, changed)
