"""A bucket in memory, in place of `runtime.objects.Objects`."""

import hashlib
import posixpath
from pathlib import Path

from palimpsest.runtime.objects import ChangedError, Stamp


class Bucket:
    """Objects by the paths of files; `puts` and `gets` are what was asked for, in order."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.gets: list[str] = []

    def key(self, path: str | Path) -> str:
        return posixpath.normpath(str(path)).lstrip("/")

    def _version(self, key: str) -> str:
        return hashlib.md5(self.objects[key]).hexdigest()

    def fetch(self, path: Path) -> str | None:
        return self._version(self.key(path)) if self.download(path, path) else None

    def store(self, path: Path, version: str | None) -> str:
        key = self.key(path)
        if (self._version(key) if key in self.objects else None) != version:
            raise ChangedError(f"{key}: another process has written it")
        self.upload(path, path)
        return self._version(key)

    def upload(self, path: Path, target: Path) -> None:
        self.objects[self.key(target)] = path.read_bytes()
        self.puts.append(self.key(target))

    def download(self, source: Path, path: Path) -> bool:
        if self.key(source) not in self.objects:
            return False
        self.gets.append(self.key(source))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.objects[self.key(source)])
        return True

    def listed(self, folder: str | Path) -> dict[str, Stamp]:
        key = "" if self.key(folder) == "." else self.key(folder)
        return {
            name.removeprefix(key).lstrip("/"): Stamp(len(value), self._version(name))
            for name, value in sorted(self.objects.items())
            if not key or name == key or name.startswith(f"{key}/")
        }

    def remove(self, folder: Path) -> None:
        for name in self.listed(folder):
            del self.objects[self.key(folder / name)]
