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

    def write(tokens=100, marks=("[CLS]", "[SEP]", "[MASK]"), **config):
        words = [f"t{number}" for number in range(tokens - len(marks))]
        vocab = {word: number for number, word in enumerate([*words, *marks])}
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


def test_a_tokenizer_without_a_mask_is_named_where_the_encoder_is_trained(study, encoder, library):
    encoder(marks=("[CLS]", "[SEP]"))
    message = refused(study, library)
    assert "config/models/minilm-l6.yaml: training: " in message
    assert "the encoder's tokenizer has none of the marks" in message


def edited(library, name, change):
    path = library / f"models/{name}.yaml"
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(recipe)
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")


def test_documents_that_an_encoder_cannot_keep_apart_are_named(study, encoder, library):
    edited(library, "minilm-l6", lambda recipe: recipe["training"].update(document_masking=True))
    check_inputs("study.yaml", load(study, library))
    encoder(model_type="deberta-v2")
    assert "training.document_masking: " in refused(study, library)


def test_weights_of_the_hub_are_looked_at_where_they_are_cached(
    study, encoder, library, tmp_path, monkeypatch
):
    encoder(max_position_embeddings=8)
    edited(
        library,
        "minilm-l6",
        lambda recipe: recipe.update(weights={"hub": "a/b", "revision": "c" * 40}),
    )
    check_inputs("study.yaml", load(study, library))
    asked = []

    def cached(hub, name, revision):
        asked.append((hub, name, revision))
        return str(tmp_path / "encoder" / name)

    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", cached)
    assert "the model has 8 positions" in refused(study, library)
    assert asked == [("a/b", "config.json", "c" * 40)]


def test_an_encoder_from_scratch_has_as_many_positions_as_its_context(study, library):
    def from_scratch(recipe):
        del recipe["weights"]
        shape = {"hidden_size": 8, "intermediate_size": 8, "layers": 1, "heads": 1}
        recipe.update(architecture=shape, tokenizer="marked")
        recipe["training"]["context"] = 80

    edited(library, "minilm-l6", from_scratch)
    marked = {"name": "marked", "source": "hospital", "vocab_size": 400, "marks": "encoder"}
    study["tokenizers"].append(marked)
    for entry in study["experiments"]:
        rows = entry["encoders"]
        entry["encoders"] = [row for row in rows if row["corpus"] != "none"] or [
            {"encoder": "minilm-l6", "corpus": "original"}
        ]
        entry["finetuning"]["max_tokens"] = 80
    study["tables"] = study["figures"] = []
    study["report"] = {}
    check_inputs("study.yaml", load(study, library))
    study["experiments"][0]["finetuning"]["max_tokens"] = 81
    assert "81 tokens at once are asked for, and config/models/minilm-l6.yaml builds" in (
        refused(study, library)
    )
