"""What a study's files have against it is said before the first job."""

import copy
import json

import pytest
import yaml
from declared import CONFIG, load

from palimpsest.runtime.errors import UserError
from palimpsest.study.inputs import check_inputs

DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
FILES = ("train", "valid", "test")


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The demo with a dataset of experts in files that are there."""
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        (tmp_path / f"{name}.conll").write_text("Pain B-x\n\n")
    files = {name: f"{name}.conll" for name in FILES}
    declared = {"kind": "spans", "made_by": "experts", "labels": ["x"], "files": files}
    value = copy.deepcopy(DEMO)
    value["datasets"].append({"name": "ner", **declared})
    return value


@pytest.fixture
def encoder(library, tmp_path):
    """MiniLM's recipe with weights in a folder: 100 tokens, 128 positions."""
    recipe = yaml.safe_load((library / "models/minilm-l6.yaml").read_text(encoding="utf-8"))
    recipe["weights"] = {"path": str(tmp_path / "encoder")}
    recipe["training"]["context"] = 64
    (library / "models/minilm-l6.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    (tmp_path / "encoder").mkdir()

    def write(tokens=100, **config):
        vocab = {f"t{number}": number for number in range(tokens)}
        tokenizer = {"version": "1.0", "added_tokens": [], "normalizer": None, "decoder": None}
        tokenizer |= {"pre_tokenizer": {"type": "Whitespace"}, "post_processor": None}
        tokenizer |= {"model": {"type": "WordLevel", "vocab": vocab, "unk_token": "t0"}}
        (tmp_path / "encoder/tokenizer.json").write_text(json.dumps(tokenizer))
        known = {"model_type": "bert", "vocab_size": 100, "max_position_embeddings": 128}
        (tmp_path / "encoder/config.json").write_text(json.dumps(known | config))

    write()
    return write


def refused(study, library):
    with pytest.raises(UserError) as raised:
        check_inputs("study.yaml", load(study, library))
    return str(raised.value)


def test_files_that_fit_are_no_problem(study, encoder, library):
    check_inputs("study.yaml", load(study, library))


@pytest.mark.parametrize("spelt", ["./train.conll", "link.conll", "t[r]ain.conll"])
def test_one_file_under_two_names_is_of_two_splits(study, library, tmp_path, spelt):
    (tmp_path / "link.conll").symlink_to("train.conll")
    study["datasets"][-1]["files"]["test"] = spelt
    message = refused(study, library)
    assert "study.yaml: datasets.ner.files: train.conll is of 'train' and of 'test'" in message
    assert len(message.splitlines()) == 1


def test_more_tokens_than_positions_are_named(study, encoder, library):
    for entry in study["experiments"]:
        entry["finetuning"]["max_tokens"] = 512
    message = refused(study, library)
    assert "study.yaml: experiments.entities.finetuning.max_tokens: " in message
    assert "512 tokens at once are asked for, and the model has 128 positions" in message
    assert len(message.splitlines()) == len(study["experiments"]) + 1  # with that of figure 2


def test_a_longer_context_than_positions_is_named(study, encoder, library):
    encoder(max_position_embeddings=96, model_type="roberta", pad_token_id=60)
    message = refused(study, library)
    assert "config/models/minilm-l6.yaml: training.context: " in message
    assert "64 tokens at once are asked for, and the model has 35 positions" in message


def test_a_tokenizer_with_more_ids_than_embeddings_is_named(study, encoder, library):
    encoder(tokens=101)
    assert "the tokenizer has ids up to 100, and the model has embeddings for ids below 100" in (
        refused(study, library)
    )


def test_weights_that_say_nothing_are_left_to_their_job(study, encoder, library, tmp_path):
    for content in ("{", "[]", "{}", '{"vocab_size": 1}'):
        (tmp_path / "encoder/config.json").write_text(content)
        check_inputs("study.yaml", load(study, library))
    (tmp_path / "encoder/config.json").unlink()
    check_inputs("study.yaml", load(study, library))
