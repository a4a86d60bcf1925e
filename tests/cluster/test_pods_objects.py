"""Objects of an S3 server: conditions hold, prefixes do not mix, and errors say no secret."""

from pathlib import Path

import pytest
from pods import ACCESS, ObjectStore

from palimpsest.runtime import objects as module
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.objects import ChangedError, Objects


@pytest.fixture
def objects(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Objects:
    monkeypatch.chdir(tmp_path)
    assert store.client  # which puts boto3 on the path
    return Objects(f"s3://hospital/{tmp_path.name}/x", {"endpoint_url": store.url, **ACCESS})


def written(text: str, path: str = "state/a.sqlite") -> Path:
    made = Path(path)
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(text)
    return made


def test_a_file_comes_back_and_what_is_not_there_is_told(objects: Objects) -> None:
    path = written("one")
    assert objects.fetch(path) is None and path.read_text() == "one"
    version = objects.store(path, None)
    written("here")
    assert objects.fetch(path) == version and path.read_text() == "one"


def test_a_version_that_is_no_more_is_not_replaced(objects: Objects) -> None:
    path = written("one")
    first = objects.store(path, None)
    second = objects.store(written("two"), first)
    for version in (first, None):
        with pytest.raises(ChangedError, match="another process has written"):
            objects.store(written("three"), version)
    assert objects.fetch(path) == second and path.read_text() == "two"
    objects.remove(path)
    with pytest.raises(ChangedError):
        objects.store(written("three"), second)


def test_what_was_sent_twice_as_its_response_was_lost_is_no_conflict(objects: Objects) -> None:
    first = objects.store(written("one"), None)
    second = objects.store(written("two"), first)
    assert objects.store(written("two"), first) == second


def test_a_server_without_conditions_stores_all_the_same(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = objects.client.put_object

    def without(**given: object) -> object:
        if "IfMatch" in given or "IfNoneMatch" in given:
            response = {"Error": {"Code": "NotImplemented"}}
            raise objects.client.exceptions.ClientError(response, "PutObject")
        return put(**given)

    monkeypatch.setattr(objects.client, "put_object", without)
    version = objects.store(written("one"), None)
    assert objects.fetch(Path("state/a.sqlite")) == version


def test_folders_are_listed_without_their_neighbours(objects: Objects) -> None:
    for name in ("data/a.csv", "data/below/b.csv", "data-old/c.csv", "data.csv"):
        objects.upload(written(name, name), Path(name))
    assert sorted(objects.listed("data")) == ["a.csv", "below/b.csv"]
    assert sorted(objects.listed("data/a.csv")) == [""]
    assert sorted(objects.listed(".")) == ["data-old/c.csv", "data.csv", "data/a.csv"] + [
        "data/below/b.csv"
    ]
    objects.remove(Path("data"))
    assert sorted(objects.listed(".")) == ["data-old/c.csv", "data.csv"]


def test_large_files_go_in_parts_and_absent_ones_are_told(objects: Objects) -> None:
    data = bytes(range(256)) * 80_000  # 20 MB: more than one part
    Path("model").write_bytes(data)
    objects.upload(Path("model"), Path("kept/0123"))
    assert objects.download(Path("kept/0123"), Path("copy")) and Path("copy").read_bytes() == data
    assert not objects.download(Path("kept/4567"), Path("other")) and not Path("other").exists()


@pytest.mark.parametrize("path", ["./a.csv", "b/../a.csv", "a.csv", "/a.csv"])
def test_keys_are_those_of_snakemakes_plugin(store: ObjectStore, path: str) -> None:
    from urllib.parse import urlparse

    import snakemake_storage_plugin_s3 as plugin

    made = plugin.StorageObject.__new__(plugin.StorageObject)
    made.query = f"s3://hospital/study/{Path(path) if path != '/a.csv' else path}"
    made.is_valid_query = lambda: True
    made.__post_init__()
    ours = Objects("s3://hospital/study", {"endpoint_url": store.url, **ACCESS})
    assert ours.key(path) == made.key == urlparse("s3://x/study/a.csv").path[1:]


def test_errors_name_the_object_and_no_credentials(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 1)
    closed = Objects("s3://hospital/x", {"endpoint_url": "http://127.0.0.1:9", **ACCESS})
    missing = Objects("s3://no-such-bucket/x", {"endpoint_url": objects.client.meta.endpoint_url})
    for of, reason in ((closed, "EndpointConnectionError"), (missing, "Credentials|NoSuchBucket")):
        with pytest.raises(UserError, match=rf"s3://.*/x/a\b.*\(.*({reason})") as error:
            of.store(written("one", "a"), None)
        assert not any(value in str(error.value) for value in ACCESS.values())
