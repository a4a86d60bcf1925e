"""Every kind of dataset is learnt over every family of encoders, kept, and loaded again."""

import json

import numpy as np
import pyarrow as pa
import pytest
import torch
from manifests import describe
from tiny_datasets import (
    EVERY,
    finetuning,
    of_kind,
    sentences_dataset,
    spans_dataset,
    table,
    tagged,
)
from tiny_datasets import head as head_over
from tiny_trainings import TEXTS, encoder_recipe, run_in
from transformers import AutoModel, AutoModelForTokenClassification, AutoTokenizer

from palimpsest.finetuning.config import CARD, KEPT_FILES
from palimpsest.finetuning.kept import load_model, save_model
from palimpsest.finetuning.run import finetune
from palimpsest.pretraining.encoder import train_encoder
from palimpsest.runtime.dataset_tables import PREDICTIONS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sealed
from palimpsest.scoring.judged import judge
from palimpsest.scoring.metrics import metrics_of

FAMILIES = ["encoder", "roberta", "modernbert"]


def run_of(encoder, dataset, **changes):
    recipe = finetuning(**{"epochs": 8, "learning_rate": 0.01, "max_tokens": 32} | changes)
    train = [(row, 1.0) for row in dataset.of_split("train")]
    return finetune("run", encoder, dataset, [train], recipe, 1, 1)


def value(dataset, run):
    """The first metric on test."""
    judged, _ = judge(dataset, pa.Table.from_pylist(run.predictions, schema=PREDICTIONS))
    metric = next(iter(metrics_of(dataset).values()))
    return metric(judged["test"], np.ones((1, len(dataset.of_split("test")))))[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_spans(family, request):
    dataset = spans_dataset()
    run = run_of(request.getfixturevalue(family), dataset, learning_rate=0.02)
    assert value(dataset, run) == 1
    assert run.cut == {"train": 0, "valid": 0, "test": 0}


@pytest.mark.parametrize("family", ["bert", "roberta", "modernbert"])
def test_a_checkpoint_from_scratch_of_every_family_is_fine_tuned(family, marked_bpe, tmp_path):
    recipe = encoder_recipe(family, steps=2, context=48)
    pretraining = run_in(tmp_path, recipe)
    train_encoder(pretraining, recipe, TEXTS, marked_bpe.parent)
    run = run_of(describe(pretraining.target), of_kind("pairs", "one_label"), epochs=1)
    assert {row["split"] for row in run.predictions} == {"valid", "test"}
    assert run.cut == {"train": 0, "valid": 0, "test": 0}


@pytest.mark.parametrize("family", FAMILIES[1:])
def test_every_family_learns_pairs(family, request):
    dataset = of_kind("pairs", "one_label")
    assert value(dataset, run_of(request.getfixturevalue(family), dataset)) == 1


@pytest.mark.parametrize(("kind", "answer"), EVERY)
def test_every_kind_is_learnt(roberta, kind, answer):
    dataset = of_kind(kind, answer)
    assert value(dataset, run_of(roberta, dataset)) > 0.95


def test_an_encoder_that_cannot_tell_the_marks_apart_learns_no_relations(encoder):
    # Its vocabulary has neither of them.
    with pytest.raises(UserError, match="the same pieces for '@' and '#'"):
        head_over(encoder, of_kind("relations", "one_label"), max_tokens=32)


def test_entities_at_the_far_end_of_a_long_document_are_found_and_scored(encoder):
    """Of 5,000 tokens, as windows of 16: nothing of a long text is out of reach."""
    words = ["no", "pain", "."]
    train = [
        tagged(["no", word, "."] * 3, [(1, 2, label), (4, 5, label), (7, 8, label)], "train", turn)
        for turn, (label, word) in enumerate([("problem", "pain"), ("treatment", "aspirin")] * 8)
    ]
    long = ["the", "patient", "was", "admitted", "."] * 1000 + words
    at = len(long) - 2
    rows = train + [tagged(long, [(at, at + 1, "problem")], split) for split in ("valid", "test")]
    rows += [tagged(["the", "patient", "was", "."], (), "train", 99)] * 4
    dataset = table(rows, ["problem", "treatment"], "spans")
    run = run_of(encoder, dataset, max_tokens=16, learning_rate=0.02)
    start = dataset.of_split("test")[0]["tokens"][at]["start"]
    found = [row for row in run.predictions if row["split"] == "test"]
    assert len(long) > 5000 and start in {row["start"] for row in found}
    judged, _ = judge(dataset, pa.Table.from_pylist(run.predictions, schema=PREDICTIONS))
    assert judged["test"].counts[0, 0].tolist()[0::2] == [1, 1]
    # It is trained on as well: the label stands in one of the windows, once.
    head = head_over(encoder, dataset, max_tokens=16)
    labels = [label for row in head.encode([(rows[16], 1.0)]) for label in row["labels"]]
    assert labels.count(1) == 1 and len(labels) > 5000


def test_a_document_is_answered_from_all_of_its_windows(encoder):
    dataset = of_kind("documents", "one_label")
    head = head_over(encoder, dataset, max_tokens=8)
    row = {**dataset.rows[0], "text": "pain " * 40}
    encoded = head.encode([(row, 1.0)])
    model = head.fresh_model()
    torch.nn.init.normal_(model.head.weight)
    (scores,) = head.scores(model, encoded, 1)
    each = [head.scores(model, [{**window, "example": 0}], 1)[0] for window in encoded]
    assert len(encoded) > 5 and scores == pytest.approx(np.mean(each, axis=0), abs=1e-6)
    assert scores.sum() == pytest.approx(1)


def test_what_a_pair_or_a_marked_text_loses_is_counted(roberta):
    for kind in ("pairs", "assertion", "relations"):
        dataset = of_kind(kind, "one_label")
        run = run_of(roberta, dataset, max_tokens=8, epochs=1)
        assert run.cut == {"train": 12, "valid": 12, "test": 12}
        head = head_over(roberta, dataset, max_tokens=8)
        assert all(len(row["input_ids"]) <= 8 for row in head.read(dataset.rows))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_pair_has_token_types_where_the_encoder_has_them(family, request):
    head = head_over(request.getfixturevalue(family), of_kind("pairs", "one_label"), max_tokens=32)
    (row,) = head.read([{"text": "No pain.", "second": "Pain."}])
    assert ("token_type_ids" in row) == (family == "encoder")


def described(dataset):
    return {key: [row[key] for row in dataset.of_split("test")] for key in dataset.rows[0]}


@pytest.mark.parametrize(
    "dataset",
    [spans_dataset(), sentences_dataset(), of_kind("pairs", "one_label"),
     of_kind("relations", "one_label", none_label="no"), of_kind("pairs", "number")],
    ids=lambda dataset: f"{dataset.kind}-{dataset.answer}",
)  # fmt: skip
@pytest.mark.parametrize("family", FAMILIES)
def test_a_kept_model_predicts_what_its_run_predicted(family, dataset, request, tmp_path):
    if dataset.kind == "relations" and family == "encoder":
        pytest.skip("its vocabulary has no marks")
    run = run_of(request.getfixturevalue(family), dataset, epochs=1)
    save_model(tmp_path, run.head, run.model)
    assert {path.name for path in tmp_path.iterdir()} == set(KEPT_FILES) - {CARD}
    model = load_model(tmp_path)
    fields = ("kind", "answer", "labels", "none_label")
    assert [getattr(model.asked, name) for name in fields] == [
        getattr(dataset, name) for name in fields
    ]
    rows = described(dataset)
    found = model.predict_texts(rows["text"], rows.get("second"), rows.get("marks"))
    expected = [row for row in run.predictions if row["split"] == "test"]
    flat = [row for given in found for row in given]
    assert [row["label"] for row in flat] == [row["label"] for row in expected]
    assert [row["score"] for row in flat] == pytest.approx(
        [row["score"] for row in expected], abs=1e-5
    )
    if dataset.kind == "spans":
        assert [row["start"] for row in flat] == [row["start"] for row in expected]


def test_a_kept_tagger_is_one_of_transformers(roberta, tmp_path):
    run = run_of(roberta, spans_dataset(), epochs=1)
    save_model(tmp_path, run.head, run.model)
    loaded = AutoModelForTokenClassification.from_pretrained(tmp_path)
    assert loaded.config.id2label[1] == "B-problem"
    (row,) = run.head.read([tagged(["no", "pain"])])
    ids = torch.tensor([row["input_ids"]])
    with torch.inference_mode():
        assert torch.equal(loaded(ids).logits, run.model.eval()(ids).logits)
    words = AutoTokenizer.from_pretrained(tmp_path)(["no", "pain"], is_split_into_words=True)
    assert len(words["input_ids"]) > 3


def test_the_encoder_of_a_kept_model_is_one_of_transformers(modernbert, tmp_path):
    run = run_of(modernbert, sentences_dataset(), epochs=1)
    save_model(tmp_path, run.head, run.model)
    loaded = AutoModel.from_pretrained(tmp_path)
    for name, weight in run.model.encoder.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight)


def test_what_is_no_kept_model_is_refused(encoder, tmp_path):
    with pytest.raises(UserError, match="not a kept model: lacks"):
        load_model(encoder)
    run = run_of(encoder, of_kind("pairs", "one_label"), epochs=1)
    save_model(tmp_path, run.head, run.model)
    with pytest.raises(UserError, match="'pairs': expected second texts"):
        load_model(tmp_path).predict_texts(["Pain."])
    path = tmp_path / "head.json"
    head = json.loads(path.read_text()) | {"kind": "poems"}
    path.write_text(json.dumps(head))
    with pytest.raises(UserError, match="head.json: it is not what was written"):
        load_model(tmp_path)
    path.write_text(json.dumps(sealed({key: head[key] for key in head if key != "digest"})))
    with pytest.raises(UserError, match="'poems' answered with 'one_label' is no kind"):
        load_model(tmp_path)


def test_more_tokens_than_the_encoder_has_positions_are_one_line(encoder, roberta):
    with pytest.raises(UserError, match=r"65 tokens at once .* the model has 64 positions"):
        head_over(encoder, spans_dataset(), max_tokens=65)
    # RoBERTa's first two positions are the padding's.
    assert head_over(roberta, spans_dataset(), max_tokens=40)
    with pytest.raises(UserError, match="the model has 40 positions"):
        head_over(roberta, spans_dataset(), max_tokens=41)


def test_a_tokenizer_with_ids_beyond_the_embeddings_is_one_line(encoder, tmp_path):
    for path in encoder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    few = config["vocab_size"] - 1
    (tmp_path / "config.json").write_text(json.dumps(config | {"vocab_size": few}))
    with pytest.raises(UserError, match=f"has ids up to {few}, .* for ids below {few}"):
        head_over(describe(tmp_path), spans_dataset(), max_tokens=32)
