"""Sealing a pack, and finding what was changed: hashes of all files, a signature, one zip.

SHA256SUMS has a line for every other file, as `sha256sum --check` reads it. Where a key was
declared, SHA256SUMS.sig is an Ed25519 signature of it in hex, and `key.pub`, listed in it, is the
public key. A zip has its files stored, in order, with no times: the same pack is the same bytes,
and every byte of it is compared.
"""

import hashlib
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.errors import UserError

SUMS, SIGNATURE, PUBLIC = "SHA256SUMS", "SHA256SUMS.sig", "key.pub"
LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)")
DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip knows
MODE = 0o100644 << 16
BLOCK = 1 << 20
SEALS = {SUMS, SIGNATURE}
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError)
UNREADABLE += (ValueError, LookupError, zlib.error)


def files_below(folder: Path) -> list[str]:
    """Names of all files below a folder, sorted; Raises UserError for what is no plain file."""
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise UserError(f"{folder}: {name} is no plain file")
        if path.is_file():
            found.append(name)
    return sorted(found)


def seal(folder: Path, key: Path | None) -> None:
    """Write SHA256SUMS over all files of a folder, and sign it where there is a key.

    Raises UserError where the key is none.
    """
    private = read_private(key) if key else None
    if private:
        (folder / PUBLIC).write_bytes(_public_bytes(private.public_key()))
    sums = sums_of({name: _hash_file(folder / name) for name in files_below(folder)})
    (folder / SUMS).write_bytes(sums)
    if private:
        (folder / SIGNATURE).write_bytes(private.sign(sums).hex().encode() + b"\n")


def write_zip(folder: Path, target: Path) -> None:
    """Write a folder as one zip, below a folder of the zip's name: same files, same bytes."""
    with atomic_path(target) as temporary, temporary.open("wb") as stream:
        names = [(f"{target.stem}/{name}", folder / name) for name in files_below(folder)]
        _write(stream, ((name, path.stat().st_size, path.open("rb")) for name, path in names))


def faults(pack: Path, key: Path | None = None) -> list[str]:
    """What is not as it was sealed, a line each: which file, and how it differs.

    pack: a folder or a zip. key: the public key that it must be signed with.
    Raises UserError where there is no such pack, or the key is none.
    """
    public = key.read_bytes() if key and key.is_file() else None
    if key and public is None:
        raise UserError(f"{key}: no such file; expected the public key of whoever signed")
    if pack.is_dir():
        names = files_below(pack)
        read = {name: (pack / name) for name in names}
        return _differ({name: _hash_file(path) for name, path in read.items()},
                       {name: path.read_bytes() for name, path in read.items()
                        if name in SEALS | {PUBLIC}}, public)  # fmt: skip
    if not pack.is_file():
        raise UserError(f"{pack}: no such folder or file; expected an evidence pack")
    return _faults_of_zip(pack, public)


def sums_of(hashes: dict[str, str]) -> bytes:
    """The content of SHA256SUMS."""
    listed = [f"{hashes[name]}  {name}\n" for name in sorted(hashes) if name not in SEALS]
    return "".join(listed).encode()


def digest_of(pack: Path) -> str:
    """The SHA-256 of a pack's SHA256SUMS: one number that names all of it."""
    if pack.is_dir():
        return _hash_file(pack / SUMS)
    with zipfile.ZipFile(pack) as archive:
        name = next(name for name in archive.namelist() if name.endswith(f"/{SUMS}"))
        return hashlib.sha256(archive.read(name)).hexdigest()


def _differ(hashes: dict[str, str], seals: dict[str, bytes], public: bytes | None) -> list[str]:
    """How files differ from SHA256SUMS, and that from its signature."""
    if SUMS not in seals:
        return [f"{SUMS}: missing, so nothing can be told"]
    listed: dict[str, str] = {}
    for number, line in enumerate(seals[SUMS].decode("utf-8", "replace").splitlines(), start=1):
        if found := LINE.fullmatch(line):
            listed[found[2]] = found[1]
        else:
            return [f"{SUMS}: changed: line {number} is no hash and name"]
    there = set(hashes) - SEALS
    told = [f"{name}: missing" for name in sorted(set(listed) - there)]
    told += [f"{name}: added" for name in sorted(there - set(listed))]
    told += [f"{name}: changed" for name in sorted(there & set(listed))
             if hashes[name] != listed[name]]  # fmt: skip
    if not told and sums_of(hashes) != seals[SUMS]:
        told.append(f"{SUMS}: changed: its lines are not in order")
    return told + _unsigned(listed, seals, public)


def _unsigned(listed: dict[str, str], seals: dict[str, bytes], public: bytes | None) -> list[str]:
    if PUBLIC not in listed:
        told = [f"{SIGNATURE}: added"] if SIGNATURE in seals else []
        return [*told, f"{SIGNATURE}: missing: the pack is not signed"] if public else told
    if SIGNATURE not in seals:
        return [f"{SIGNATURE}: missing"]
    own = seals.get(PUBLIC, b"")
    told = []
    if public is not None and _canonical(public) != own:
        told.append(f"{PUBLIC}: it is another key than the one given")
    if not _verifies(own, seals[SIGNATURE], seals[SUMS]):
        told.append(f"{SIGNATURE}: it is no signature of {SUMS} by {PUBLIC}")
    return told


def _faults_of_zip(path: Path, public: bytes | None) -> list[str]:
    hashes, seals, told = dict[str, str](), dict[str, bytes](), list[str]()
    try:
        archive = zipfile.ZipFile(path)
    except UNREADABLE as error:
        return [f"{path.name}: no whole zip ({type(error).__name__})"]
    with archive:
        infos = archive.infolist()
        top = os.path.commonprefix([info.filename for info in infos]).partition("/")[0] + "/"
        for info in infos:
            name = info.filename.removeprefix(top)
            if name in hashes:
                told.append(f"{name}: added a second time")
            try:
                with archive.open(info) as stream:
                    content = hashlib.sha256()
                    while block := stream.read(BLOCK):
                        content.update(block)
                        if name in SEALS | {PUBLIC}:
                            seals[name] = seals.get(name, b"") + block
                hashes[name] = content.hexdigest()
            except UNREADABLE as error:
                told.append(f"{name}: changed: it cannot be read ({type(error).__name__})")
                hashes.setdefault(name, "")
        lines = _differ(hashes, seals, public)
        named = {line.partition(":")[0] for line in told}
        told += [line for line in lines if line.partition(":")[0] not in named]
        return told or _other_bytes(path, archive)


def _other_bytes(path: Path, archive: zipfile.ZipFile) -> list[str]:
    """Where a zip differs from one that is written anew with the same files."""
    infos = sorted(archive.infolist(), key=lambda info: info.filename)
    with tempfile.TemporaryFile() as again, path.open("rb") as given:
        _write(again, ((info.filename, info.file_size, archive.open(info)) for info in infos))
        again.seek(0)
        place = 0
        while True:
            one, other = given.read(BLOCK), again.read(BLOCK)
            if one != other:
                at = place + next(
                    (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
                    min(len(one), len(other)),
                )
                before = [info.filename for info in infos if info.header_offset <= at]
                whose = before[-1] if before and at < archive.start_dir else "its directory"
                return [f"{path.name}: changed at byte {at}, in what it says of {whose}"]
            if not one:
                return []
            place += len(one)


def _write(stream: IO[bytes], files: Iterator[tuple[str, int, IO[bytes]]]) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, size, content in files:
            info = zipfile.ZipInfo(name, DAY)
            info.create_system, info.external_attr, info.file_size = 3, MODE, size
            with content, archive.open(info, "w") as out:
                while block := content.read(BLOCK):
                    out.write(block)


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_private(path: Path) -> Any:
    """An Ed25519 private key. Raises UserError where the file is none."""
    serialization, ed25519, unsupported = _library()
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, unsupported) as error:
        raise UserError(
            f"{path}: no private key in PEM without a passphrase ({type(error).__name__})"
        ) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UserError(f"{path}: expected an Ed25519 key: `openssl genpkey -algorithm ed25519`")
    return key


def _library() -> tuple[Any, Any, Any]:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise UserError(
            "signatures need the package `cryptography`, which is in requirements.lock and not in "
            "this environment"
        ) from error
    return serialization, ed25519, UnsupportedAlgorithm


def _public_bytes(key: Any) -> bytes:
    serialization, *_ = _library()
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    written: bytes = key.public_bytes(encoding, form)
    return written


def _canonical(pem: bytes) -> bytes:
    """A public key as this module writes it. Raises UserError where it is none."""
    serialization, ed25519, unsupported = _library()
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, unsupported) as error:
        raise UserError("the key that was given is no public key in PEM") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UserError("the key that was given is no Ed25519 key")
    return _public_bytes(key)


def _verifies(pem: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    serialization, *_ = _library()
    try:
        given = bytes.fromhex(signature.decode().removesuffix("\n"))
        if given.hex().encode() + b"\n" != signature or _canonical(pem) != pem:
            return False
        serialization.load_pem_public_key(pem).verify(given, message)
    except (InvalidSignature, ValueError, UserError):
        return False
    return True
