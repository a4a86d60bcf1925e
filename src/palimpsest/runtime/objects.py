"""Objects in a bucket, for jobs that share no disk: each lies under the path that a file has.

Snakemake stages inputs and outputs of such jobs through its S3 plugin. What a job keeps for the
next one (`results/state`) and what lies outside the results (notes, weights) are no outputs of any
job, and lie under the same prefix. Programs find it in the environment, as the plugin finds the
credentials, so that it is part of no identity.
"""

import os
import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sha256_file

PLACE = "PALIMPSEST_OBJECTS"  # s3://BUCKET/PREFIX
OF_PLUGIN = "SNAKEMAKE_STORAGE_S3_"  # Snakemake hands these variables to the jobs of a cluster
SETTINGS = {  # of the plugin, as boto3 calls them
    "endpoint_url": "endpoint_url",
    "region": "region_name",
    "access_key": "aws_access_key_id",
    "secret_key": "aws_secret_access_key",
    "token": "aws_session_token",
}
ATTEMPTS = 5  # of a request, with growing pauses
SHA256 = "sha256"  # metadata of an object
CONFLICTS = {"PreconditionFailed", "ConditionalRequestConflict"}
ABSENT = {"404", "NoSuchKey", "NotFound"}
WITHOUT_CONDITIONS = {"NotImplemented", "501"}


class Stamp(NamedTuple):
    """What tells a file from another one of its name. size: in bytes."""

    size: int
    version: str | int


class ChangedError(UserError):
    """Another process wrote the object meanwhile."""


class Objects:
    """The objects below a prefix of a bucket, by the paths of files."""

    def __init__(self, place: str, settings: Mapping[str, str]) -> None:
        """place: s3://BUCKET/PREFIX. settings: SETTINGS of the plugin; what lacks is boto3's."""
        scheme, _, rest = place.partition("://")
        self.bucket, _, self.prefix = rest.partition("/")
        if scheme != "s3" or not self.bucket:
            raise UserError(f"{place}: expected s3://BUCKET/PREFIX")
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise UserError(
                "files are in S3, and boto3 is not installed here: it comes with Snakemake's S3 "
                "plugin (docs/kubernetes.md)"
            ) from error
        config = Config(
            retries={"max_attempts": ATTEMPTS, "mode": "standard"},
            # Servers other than Amazon's may store these checksums as part of the object.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        given = {SETTINGS[name]: value for name, value in settings.items()}
        self.client = boto3.client("s3", config=config, **given)

    def key(self, path: str | Path) -> str:
        """The key of a file's object, as Snakemake's plugin makes it."""
        return posixpath.normpath(f"{self.prefix}/{path}").lstrip("/")

    def name(self, path: str | Path) -> str:
        """An object, for messages."""
        return f"s3://{self.bucket}/{self.key(path)}"

    def fetch(self, path: Path) -> str | None:
        """Make a file that of the bucket; returns its version, or None where it has none."""
        with self._faults(path):
            try:
                got = self.client.get_object(Bucket=self.bucket, Key=self.key(path))
            except self.client.exceptions.ClientError as error:
                if _code(error) in ABSENT:
                    return None
                raise
            with atomic_path(path) as temporary, temporary.open("wb") as stream:
                for part in got["Body"].iter_chunks(1 << 20):
                    stream.write(part)
            return str(got["ETag"])

    def store(self, path: Path, version: str | None) -> str:
        """Put a file into the bucket in place of a version; returns the new one.

        version: from `fetch` or `store`; None: there must be none.
        Raises ChangedError where another process has written it since.
        """
        sha256 = sha256_file(path)
        where = {"Bucket": self.bucket, "Key": self.key(path)}
        condition = {"IfMatch": version} if version else {"IfNoneMatch": "*"}
        with self._faults(path), path.open("rb") as stream:
            put = {**where, "Metadata": {SHA256: sha256}}
            try:
                done = self.client.put_object(**put, Body=stream, **condition)
            except self.client.exceptions.ClientError as error:
                if _code(error) in WITHOUT_CONDITIONS:
                    stream.seek(0)
                    return str(self.client.put_object(**put, Body=stream)["ETag"])
                if _code(error) not in CONFLICTS | ABSENT:
                    raise
                there = self._head(where)
                # A request whose response was lost is sent again, and finds its own object.
                if there is None or there["Metadata"].get(SHA256) != sha256:
                    raise ChangedError(
                        f"{self.name(path)}: another process has written or removed it meanwhile. "
                        "Wait for it, or end it (a pod that outlived its Snakemake)"
                    ) from error
                return str(there["ETag"])
            return str(done["ETag"])

    def _head(self, where: dict[str, str]) -> Any:
        try:
            return self.client.head_object(**where)
        except self.client.exceptions.ClientError as error:
            if _code(error) in ABSENT:
                return None
            raise

    def upload(self, path: Path, target: Path) -> None:
        """Put a file of any size into the bucket, under another name than it has here."""
        with self._faults(target):
            self.client.upload_file(str(path), self.bucket, self.key(target))

    def download(self, source: Path, path: Path) -> bool:
        """Make a file of any size that of the bucket that has another name there.

        Returns whether it is there.
        """
        where = {"Bucket": self.bucket, "Key": self.key(source)}
        with self._faults(source):
            if self._head(where) is None:
                return False
            with atomic_path(path) as temporary, temporary.open("wb") as stream:
                self.client.download_fileobj(**where, Fileobj=stream)
        return True

    def listed(self, folder: str | Path) -> dict[str, Stamp]:
        """The objects below a folder, by their paths below it; that of the folder's own name, too,
        under an empty one."""
        key = self.key(folder)
        key = "" if key == "." else key
        found = {}
        with self._faults(folder):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=key):
                for entry in page.get("Contents", []):
                    name = entry["Key"]
                    if name.endswith("/"):
                        continue  # a folder, as consoles make them
                    if not key or name == key or name.startswith(f"{key}/"):
                        below = name.removeprefix(key).lstrip("/")
                        found[below] = Stamp(entry["Size"], entry["ETag"])
        return found

    def remove(self, folder: Path) -> None:
        """Remove the objects below a folder, and that of its own name."""
        with self._faults(folder):
            for name in self.listed(folder):
                self.client.delete_object(Bucket=self.bucket, Key=self.key(folder / name))

    @contextmanager
    def _faults(self, path: str | Path) -> Iterator[None]:
        """Turn what boto3 raises into a UserError that names the object, and no credentials."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, Boto3Error, ClientError) as error:
            reason = _code(error) if isinstance(error, ClientError) else type(error).__name__
            raise UserError(
                f"{self.name(path)}: cannot be read or written ({reason}). Look at the endpoint, "
                "the credentials and what they allow, and run the same command again"
            ) from error


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@cache
def _at(place: str) -> Objects:
    """Those of this process's environment."""
    given = {name: os.environ.get(f"{OF_PLUGIN}{name.upper()}") for name in SETTINGS}
    return Objects(place, {name: value for name, value in given.items() if value})


def own_objects() -> Objects | None:
    """Where this job's state lies, or None where its results folder is on a disk that remains."""
    place = os.environ.get(PLACE)
    return _at(place) if place else None
