"""Weights in a folder become a fixed list of files that load as the folder's own do."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sha256_file, write_json, write_text
from palimpsest.runtime.schema import Weights
from palimpsest.weights.config import WeightsSpec
from palimpsest.weights.packed import pack_weights
from palimpsest.weights.prepare import FILES, prepare_weights

LOCAL = WeightsSpec(package=None, file=None, hub=None, revision=None, versions={})
TENSORS = {"layer.a": np.arange(4, dtype=np.float32), "layer.b": np.ones((2, 2), np.float32)}
IDENTITY = "3d060685e9ef3deb3b7b0cfd7b142eb57d623d8bcf084aa37784bf47193bcfe5"
FAST = "PreTrainedTokenizerFast"
TEMPLATE = "{% for message in messages %}{{ message['content'] }}{{ eos_token }}{% endfor %}"


@pytest.fixture
def folder(tmp_path):
    """Weights as hubs hold them: tensors in two files, and a tokenizer in four."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    found = tmp_path / "found"
    words = {word: number for number, word in enumerate(["[UNK]", "<s>", "</s>", "chest", "pain"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<s>", "</s>"])
    write_text(found / "tokenizer.json", tokenizer.to_str())
    config = {"tokenizer_class": FAST, "bos_token": "<s>"}
    write_json(found / "tokenizer_config.json", config)
    write_json(found / "special_tokens_map.json", {"eos_token": "</s>", "unk_token": "[UNK]"})
    write_text(found / "chat_template.jinja", TEMPLATE)
    write_json(found / "config.json", {"model_type": "llama", "transformers_version": "5.0"})
    parts = {}
    for number, name in enumerate(TENSORS, start=1):
        parts[name] = f"model-0000{number}-of-00002.safetensors"
        save_file({name: TENSORS[name]}, found / parts[name], metadata={"format": "pt"})
    write_json(found / "model.safetensors.index.json", {"metadata": {}, "weight_map": parts})
    write_text(found / "README.md", "A model.")
    write_text(found / "pytorch_model.bin", "pickled")
    return found


def prepare(folder, target):
    return prepare_weights(LOCAL, sorted(folder.iterdir()), target, network=False)


def test_the_files_are_the_same_for_all_weights(folder, tmp_path):
    target = tmp_path / "weights" / "small"
    manifest = prepare(folder, target)
    assert sorted(path.name for path in target.iterdir()) == sorted(FILES)
    assert [path.name for path in target.parent.iterdir()] == ["small"]
    assert manifest["files"] == {name: sha256_file(target / name) for name in FILES}
    merged = load_file(target / "model.safetensors")
    assert merged.keys() == TENSORS.keys()
    assert all((merged[name] == tensor).all() for name, tensor in TENSORS.items())


def test_the_tokenizer_is_that_of_the_folder(folder, tmp_path):
    from transformers import AutoTokenizer

    prepare(folder, tmp_path / "weights")
    theirs, ours = map(AutoTokenizer.from_pretrained, (folder, tmp_path / "weights"))
    assert ours.special_tokens_map == theirs.special_tokens_map
    assert (ours.bos_token, ours.eos_token, ours.unk_token) == ("<s>", "</s>", "[UNK]")
    assert ours.chat_template == theirs.chat_template == TEMPLATE
    messages = [{"role": "user", "content": "chest pain"}]
    rendered = [each.apply_chat_template(messages, tokenize=False) for each in (ours, theirs)]
    assert rendered == ["chest pain</s>"] * 2
    assert ours("<s> chest pain </s> fever").input_ids == [1, 3, 4, 2, 0]
    assert theirs("<s> chest pain </s> fever").input_ids == [1, 3, 4, 2, 0]


@pytest.mark.parametrize(
    "config",
    [
        {"bos_token": "<s>"},
        {"bos_token": "<s>", "eos_token": "</s>", "added_tokens_decoder": {}},
    ],
    ids=["older", "newer"],
)
@pytest.mark.parametrize(
    "marks",
    [
        {"bos_token": "</s>", "unk_token": "[UNK]"},
        {"bos_token": {"content": "</s>", "lstrip": True}, "unk_token": {"content": "[UNK]"}},
    ],
    ids=["words", "objects"],
)
def test_the_map_of_special_tokens_counts_as_it_does_in_the_folder(folder, tmp_path, config, marks):
    from transformers import AutoTokenizer

    write_json(folder / "tokenizer_config.json", {**config, "tokenizer_class": FAST})
    write_json(folder / "special_tokens_map.json", marks)
    prepare(folder, tmp_path / "weights")
    theirs, ours = map(AutoTokenizer.from_pretrained, (folder, tmp_path / "weights"))
    assert ours.special_tokens_map == theirs.special_tokens_map
    assert ours.bos_token == ("<s>" if "added_tokens_decoder" in config else "</s>")
    assert ours.added_tokens_decoder == theirs.added_tokens_decoder
    text = "<s> chest  </s> pain [UNK]"
    assert ours(text).input_ids == theirs(text).input_ids


def test_the_identity_is_that_of_version_0_1(folder, tmp_path):
    """The digest was computed by that version: with another no ledger of it would be found."""
    assert prepare(folder, tmp_path / "weights")["identity"] == IDENTITY


def test_the_identity_is_of_the_content_of_the_files_that_are_wanted(folder, tmp_path):
    before = prepare(folder, tmp_path / "a")["identity"]
    write_text(folder / "README.md", "Other words.")
    write_json(folder / "config.json", {"transformers_version": "9", "model_type": "llama"})
    assert prepare(folder, tmp_path / "b")["identity"] == before
    write_text(folder / "chat_template.jinja", "{{ messages }}")
    assert prepare(folder, tmp_path / "c")["identity"] != before


def test_weights_of_one_file_are_given_as_they_are(folder, tmp_path):
    for part in folder.glob("*.safetensors*"):
        part.unlink()
    save_file(TENSORS, folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "generation_config.json", {"eos_token_id": 2})
    prepare(folder, tmp_path / "weights")
    given = tmp_path / "weights" / "model.safetensors"
    assert given.read_bytes() == (folder / "model.safetensors").read_bytes()
    generation = json.loads((tmp_path / "weights" / "generation_config.json").read_text())
    assert generation == {"eos_token_id": 2}


def test_links_are_followed_as_in_the_hubs_cache(folder, tmp_path):
    linked = tmp_path / "snapshot"
    linked.mkdir()
    for number, path in enumerate(sorted(folder.iterdir())):
        blob = tmp_path / f"blob{number}"
        path.rename(blob)
        (linked / path.name).symlink_to(blob)
    manifest = prepare(linked, tmp_path / "weights")
    assert not any(path.is_symlink() for path in (tmp_path / "weights").iterdir())
    assert manifest["identity"] == IDENTITY


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("*.safetensors", r"found: no safetensors .*Pickled weights are not read"),
        ("config.json", r"found: no configuration \(config\.json\)"),
        ("tokenizer.json", r"found: no tokenizer\.json"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(folder, tmp_path, missing, said):
    for path in folder.glob(missing):
        path.unlink()
    with pytest.raises(UserError, match=said):
        prepare(folder, tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_no_files_are_an_error(tmp_path):
    with pytest.raises(UserError, match="no files in the folder that `path` names"):
        prepare_weights(LOCAL, [], tmp_path / "weights", network=False)


def test_variants_beside_the_model_are_left_out(folder, tmp_path):
    save_file({"layer.a": TENSORS["layer.b"]}, folder / "model.fp16.safetensors")
    prepare(folder, tmp_path / "weights")
    merged = load_file(tmp_path / "weights" / "model.safetensors")
    assert merged["layer.a"].shape == TENSORS["layer.a"].shape


def test_a_part_that_is_not_there_is_named(folder, tmp_path):
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(UserError, match="names model-00002-of-00002.safetensors, which is not"):
        prepare(folder, tmp_path / "weights")


def test_what_another_version_left_is_gone(folder, tmp_path):
    target = tmp_path / "weights"
    write_text(target / "vocab.txt", "chest")
    prepare(folder, target)
    assert sorted(path.name for path in target.iterdir()) == sorted(FILES)


def test_names_of_code_that_lies_beside_weights_are_left_out_with_a_message(
    folder, tmp_path, capsys
):
    plain = prepare(folder, tmp_path / "plain")["files"]
    code = {"AutoModelForCausalLM": "modeling.Odd"}
    for name in ("config.json", "tokenizer_config.json"):
        value = json.loads((folder / name).read_text())
        write_json(folder / name, value | {"auto_map": code, "inner": {"auto_map": code}})
    (folder / "modeling.py").write_text("raise SystemExit")
    prepare(folder, tmp_path / "coded")
    assert "config.json names Python code of its own, which is never run" in capsys.readouterr().err
    for path in (tmp_path / "coded").iterdir():
        assert path.suffix != ".py" and b"auto_map" not in path.read_bytes()
    assert plain["model.safetensors"] == sha256_file(tmp_path / "coded" / "model.safetensors")


REVISION = "a" * 40
ON_THE_HUB = Weights(hub="owner/model.v0.3", revision=REVISION)


@pytest.fixture
def bundled(folder, tmp_path, monkeypatch):
    """Weights of the hub, packed from its cache, where a bundle was unpacked; it is the cwd."""
    cache = tmp_path / "cache" / "models--owner--model.v0.3" / "snapshots" / REVISION
    shutil.copytree(folder, cache)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    place = pack_weights(ON_THE_HUB, tmp_path / "there" / "bundle")
    shutil.rmtree(tmp_path / "cache")
    monkeypatch.chdir(tmp_path / "there")
    return tmp_path / "there" / "bundle" / place


def test_a_bundle_has_the_weights_of_the_hub_as_one_safetensors_file(bundled):
    assert sorted(path.name for path in bundled.iterdir()) == sorted(FILES)
    assert load_file(bundled / "model.safetensors").keys() == TENSORS.keys()


def test_what_a_bundle_brings_is_prepared_to_the_same_bytes_and_identity(bundled, tmp_path):
    files = [path.relative_to(tmp_path / "there") for path in sorted(bundled.iterdir())]
    spec = WeightsSpec(**ON_THE_HUB.model_dump(exclude={"path"}), versions={})
    manifest = prepare_weights(spec, files, tmp_path / "target", network=False)
    assert manifest["identity"] == f"owner/model.v0.3@{REVISION}"
    assert manifest["files"] == {name: sha256_file(bundled / name) for name in FILES}


def test_a_flipped_bit_of_what_a_bundle_brings_is_refused_with_its_name(bundled, tmp_path):
    path = bundled / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    spec = WeightsSpec(**ON_THE_HUB.model_dump(exclude={"path"}), versions={})
    with pytest.raises(UserError, match="model.safetensors: its bytes differ"):
        prepare_weights(spec, sorted(bundled.iterdir()), tmp_path / "target", network=False)
