"""Nothing of a model's folder is loaded that is not what its manifest says."""

import json
import shutil
from pathlib import Path

import pytest
from manifests import describe
from transformers import AutoConfig, AutoModel, AutoTokenizer

from palimpsest.runtime import origins
from palimpsest.runtime.checkpoints import load_pretrained, model_manifest, verified
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_manifest
from palimpsest.text.tokenizers import load_tokenizer


@pytest.fixture
def folder(encoder, tmp_path):
    return describe(Path(shutil.copytree(encoder, tmp_path / "small.v2")))


def flip(path, at=None):
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def test_a_whole_folder_is_loaded(folder):
    assert verified(folder) == folder
    assert load_pretrained(AutoModel, folder).config.hidden_size == 16


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_flipped_bit_is_refused_also_after_it_was_loaded(folder, name):
    load_pretrained(AutoModel, folder)
    flip(folder / name)
    with pytest.raises(UserError, match=rf"{name}: its bytes differ .* Delete it to rebuild it"):
        load_pretrained(AutoModel, folder)


def test_a_tokenizer_is_loaded_without_a_look_at_the_tensors(folder):
    flip(folder / "model.safetensors")
    load_pretrained(AutoConfig, folder)
    load_tokenizer(folder / "tokenizer.json")
    flip(folder / "tokenizer.json")
    for load in (
        lambda: load_tokenizer(folder / "tokenizer.json"),
        lambda: load_pretrained(AutoTokenizer, folder),
    ):
        with pytest.raises(UserError, match=r"tokenizer\.json: its bytes differ"):
            load()


def test_a_file_that_the_manifest_does_not_name_is_refused(folder):
    (folder / ".nfs0001").touch()
    (folder / "README.md").touch()
    verified(folder)
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    with pytest.raises(
        UserError, match=r"chat_template\.jinja: .*small\.v2\.json does not name it"
    ):
        verified(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "config.json").unlink(), r"config\.json: cannot be read"),
        (lambda folder: Path(f"{folder}.json").unlink(), r"small\.v2\.json: cannot be read"),
        (lambda folder: Path(f"{folder}.json").write_text("[]"), "not a manifest"),
        (lambda folder: write_manifest(Path(f"{folder}.json"), {"files": []}), "'files' is list"),
        (lambda folder: write_manifest(Path(f"{folder}.json"), {"files": {}}), "does not name it"),
    ],
)
def test_a_folder_that_lacks_something_is_refused(folder, change, said):
    change(folder)
    with pytest.raises(UserError, match=said):
        load_pretrained(AutoModel, folder)


@pytest.mark.parametrize("job", [{}, {"llm": "small"}, {"model": "small"}, {"dataset": "gold"}])
def test_the_weights_of_another_model_are_refused(folder, monkeypatch, job):
    monkeypatch.setattr(origins, "_job", {"wildcards": {"weights": "small"}})
    monkeypatch.setattr(origins, "_read", {})
    describe(folder)
    path = Path(f"{folder}.json")
    assert json.loads(path.read_text())["wildcards"] == {"weights": "small"}
    monkeypatch.setattr(origins, "_job", {"wildcards": job})
    model_manifest(path, "identity")
    monkeypatch.setattr(origins, "_job", {"wildcards": {**job, "llm": "large"}})
    if "model" not in job:
        with pytest.raises(
            UserError, match="of the weights 'small', and is read as one of 'large'"
        ):
            model_manifest(path, "identity")
