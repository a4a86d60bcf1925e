"""Every changed, lost and added byte of a pack is found, in the folder and in the zip."""

import hashlib
import random
import shutil
import zipfile
from argparse import Namespace
from pathlib import Path

import pytest

from palimpsest.cli.commands import verify
from palimpsest.evidence.seal import SIGNATURE, SUMS, faults, files_below, seal, write_zip
from palimpsest.runtime.errors import UserError

FLIPS = 100
FILES = {"README.md": b"# A pack\n", "results/table1.csv": b"a,b\n1,2\n", "empty": b"",
         "corpora/x/data.bin": bytes(range(256)) * 8}  # fmt: skip


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> Path:
    pytest.importorskip("cryptography", reason="signatures need `cryptography`")
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = tmp_path_factory.mktemp("key") / "key.pem"
    made = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    path.write_bytes(
        made.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    )
    return path


def pack_in(folder: Path, key: Path | None = None) -> Path:
    for name, content in FILES.items():
        (folder / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pack" / name).write_bytes(content)
    seal(folder / "pack", key)
    write_zip(folder / "pack", folder / "pack.zip")
    return folder / "pack"


def flip(path: Path, at: int, bit: int) -> bytes:
    """Flip a bit of a file; what it was before."""
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ 1 << bit]) + before[at + 1 :])
    return before


def test_a_whole_pack_has_no_fault(tmp_path):
    pack = pack_in(tmp_path)
    assert faults(pack) == [] and faults(pack.with_suffix(".zip")) == []


@pytest.mark.parametrize("signed", [False, True])
def test_any_flipped_bit_of_the_folder_is_found_in_its_file(tmp_path, key, signed):
    pack, draw = pack_in(tmp_path, key if signed else None), random.Random(7)
    sizes = {name: (pack / name).stat().st_size for name in files_below(pack)}
    places = [(name, at) for name, size in sizes.items() for at in range(size)]
    for name, at in draw.sample(places, FLIPS):
        before = flip(pack / name, at, draw.randrange(8))
        told = faults(pack)
        assert told, (name, at)
        if name != SUMS:  # a name or hash there is told of the file that it was of
            assert any(line.startswith(f"{name}:") or SIGNATURE in line for line in told), told
        (pack / name).write_bytes(before)
    assert faults(pack) == []


@pytest.mark.parametrize("signed", [False, True])
def test_any_flipped_bit_of_the_zip_is_found(tmp_path, key, signed):
    path, draw = pack_in(tmp_path, key if signed else None).with_suffix(".zip"), random.Random(8)
    size = path.stat().st_size
    for at in draw.sample(range(size), FLIPS) + list(range(60)) + list(range(size - 60, size)):
        before = flip(path, at, draw.randrange(8))
        assert faults(path), at
        path.write_bytes(before)


def test_lost_and_added_files_are_named(tmp_path):
    pack = pack_in(tmp_path)
    (pack / "README.md").unlink()
    (pack / "results/more.csv").write_text("x\n")
    assert faults(pack) == ["README.md: missing", "results/more.csv: added"]
    (pack / SUMS).unlink()
    assert faults(pack) == [f"{SUMS}: missing, so nothing can be told"]


def test_what_is_added_to_a_zip_is_named(tmp_path):
    path = pack_in(tmp_path).with_suffix(".zip")
    shutil.copy(path, tmp_path / "more.zip")
    with zipfile.ZipFile(tmp_path / "more.zip", "a") as archive:
        archive.writestr("pack/more.csv", "x\n")
    assert faults(tmp_path / "more.zip") == ["more.csv: added"]
    shutil.copy(path, tmp_path / "twice.zip")
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(tmp_path / "twice.zip", "a") as archive,
    ):
        archive.writestr("pack/README.md", FILES["README.md"])
    assert faults(tmp_path / "twice.zip") == ["README.md: added a second time"]
    (tmp_path / "tail.zip").write_bytes(path.read_bytes() + b"x")
    assert len(faults(tmp_path / "tail.zip")) == 1


def test_a_signature_is_held_against_the_key_that_is_given(tmp_path, key):
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pack = pack_in(tmp_path, key)
    public = tmp_path / "public.pem"
    shutil.copy(pack / "key.pub", public)
    assert faults(pack, public) == [] and faults(pack.with_suffix(".zip"), public) == []
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key()
    public.write_bytes(other.public_bytes(forms.Encoding.PEM,
                                          forms.PublicFormat.SubjectPublicKeyInfo))  # fmt: skip
    assert faults(pack, public) == ["key.pub: it is another key than the one given"]
    for name in ("key.pub", SIGNATURE):  # who takes the signature away is found, too
        (pack / name).unlink()
    assert faults(pack) == ["key.pub: missing", f"{SIGNATURE}: missing"]


def test_a_file_that_is_no_key_is_refused(tmp_path):
    pytest.importorskip("cryptography", reason="signatures need `cryptography`")
    (tmp_path / "key").write_text("no key")
    with pytest.raises(UserError, match="no private key in PEM"):
        pack_in(tmp_path, tmp_path / "key")


def test_what_is_no_pack_is_refused(tmp_path):
    with pytest.raises(UserError, match="expected an evidence pack"):
        faults(tmp_path / "nothing")
    (tmp_path / "x.zip").write_text("none")
    assert faults(tmp_path / "x.zip") == ["x.zip: no whole zip (BadZipFile)"]


def test_the_command_names_what_differs_or_one_number_for_all(tmp_path, capsys):
    pack = pack_in(tmp_path)
    verify.run(Namespace(pack=pack.with_suffix(".zip"), key=None))
    whole = hashlib.sha256((pack / SUMS).read_bytes()).hexdigest()
    assert capsys.readouterr().out.strip().endswith(whole)
    (pack / "README.md").write_text("# Another\n")
    with pytest.raises(UserError, match="not as it was sealed"):
        verify.run(Namespace(pack=pack, key=None))
    assert capsys.readouterr().out == "README.md: changed\n"
