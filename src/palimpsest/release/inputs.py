"""What the programs of a release are given: which table is of what, and its hash."""

from pathlib import Path

from palimpsest.release.check import Released
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_manifest
from palimpsest.runtime.rows import Row


def named(paths: list[Path], key: str, expected: list[str], option: str) -> dict[str, Path]:
    """Tables by the wildcard that their manifest has. Raises UserError where one is missing."""
    found = {read_manifest(path, "wildcards")["wildcards"].get(key): path for path in paths}
    if sorted(map(str, found)) != sorted(expected):
        raise UserError(
            f"{option}: these are {sorted(map(str, found))}, expected {sorted(expected)}"
        )
    return {name: found[name] for name in expected}


def what_was_read(notes: Path, released: Released, checkpoints: list[Path]) -> Row:
    """The hashes of notes, texts and checkpoints."""
    hashes = {
        name: read_manifest(path)["sha256"]
        for name, path in zip(released.names, released.paths, strict=True)
    }
    for path in checkpoints:
        fields = read_fields(path, "identity", "wildcards")
        names = fields["wildcards"]
        hashes[f"checkpoint.{names['model']}.{names['corpus']}.{names['seed']}"] = fields[
            "identity"
        ]
    return {"notes": read_manifest(notes)["sha256"], "released": hashes}
