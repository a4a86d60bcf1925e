"""What jobs read and depend on, asked of the graph without Snakemake."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from palimpsest.graph import Data, job_of
from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def demo():
    study = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
    return load_catalogue(study, "config.yaml", CONFIG)


def job(catalogue, rule, **wildcards):
    return job_of(rule, catalogue, wildcards.items())


def spec(catalogue, rule, **wildcards):
    return json.loads(job(catalogue, rule, **wildcards).spec_json())


def test_a_corpus_reads_the_tables_of_its_parts_in_order(demo):
    read = job(demo, "mix_corpus", corpus="mixed").reads()
    assert [path.split("/")[1:3] for path in read["parts"]] == [
        ["passages", "hospital"],
        *[["rephrases", "smollm2-135m-instruct"]] * 2,
    ]
    assert all(isinstance(path, Data) for path in read["parts_tables"])
    assert not any(isinstance(path, Data) for path in read["parts_manifests"])


def test_a_corpus_reads_what_is_judged_only_to_leave_it_out(demo):
    read = job(demo, "mix_corpus", corpus="mixed")
    assert read.reads()["judged"] == [] and read.spec().evaluations == []
    study = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
    (mixed,) = [corpus for corpus in study["corpora"] if corpus["name"] == "mixed"]
    mixed["decontaminate"] = True
    read = job(load_catalogue(study, "config.yaml", CONFIG), "mix_corpus", corpus="mixed")
    assert read.reads()["judged"] == [
        "<results>/notes/hospital.parquet",
        "<results>/datasets/entities.parquet",
        "<results>/datasets/gold.parquet",
    ]
    assert [entry.name for entry in read.spec().evaluations] == [
        "discharge-summaries", "radiology-reports", "valid-notes",
    ]  # fmt: skip


def test_synthetic_notes_are_mixed_from_a_room_of_their_own(demo):
    read = job(demo, "mix_corpus", corpus="synthesis").reads()
    room = "<results>/synthetic-notes/smollm2-135m-instruct/case-reports.brief-discharge-summary"
    assert read["parts"] == [f"{room}/000-of-001.json"]


def test_an_export_reads_its_corpus_and_the_answers_that_it_was_mixed_from(demo):
    read = job(demo, "export_corpus", corpus="mixed").reads()
    assert read["corpus"] == "<results>/corpora/mixed.parquet"
    sets = [f"smollm2-135m-instruct/hospital.{prompt}" for prompt in ("wikipedia", "medical")]
    assert read["completions"] == [f"<results>/completions/{name}/000-of-001.json" for name in sets]
    assert job(demo, "export_corpus", corpus="original").reads()["completions"] == []


def test_an_export_says_licences_and_names_no_path(demo):
    told = spec(demo, "export_corpus", corpus="mixed")
    assert [llm["licence"] for llm in told["llms"]] == ["apache-2.0"]
    assert [source["licence"] for source in told["sources"]] == ["apache-2.0"]
    assert [part["use"] for part in told["parts"]] == [None, "rephrase", "rephrase"]
    assert "results" not in json.dumps(told)


def test_the_tuning_of_an_engine_is_read_and_is_no_identity(demo):
    asked = job(
        demo,
        "complete_requests",
        llm="smollm2-135m-instruct",
        request_set="hospital.medical",
        shard="000-of-001",
    )
    assert isinstance(asked.reads()["llm"], Data)
    assert '"window"' not in asked.spec_json() and "threads" not in asked.spec_json()


def test_how_answers_are_cleaned_changes_no_request(demo):
    asked = {"source": "hospital", "prompt": "medical", "shard": "000-of-001"}
    assert "lead_in" not in spec(demo, "rephrase_requests", **asked)["prompt"]


def test_specifications_hold_no_path(demo):
    for rule, wildcards in (
        ("read_notes", {"source": "hospital"}),
        ("mix_corpus", {"corpus": "mixed"}),
        ("train_model", {"model": "minilm-l6", "corpus": "mixed", "seed": "0"}),
        ("figure", {"figure": "figure1"}),
        ("prepare_weights", {"weights": "minilm-l6"}),
    ):
        assert "results/" not in job(demo, rule, **wildcards).spec_json()


def test_a_round_beyond_those_declared_is_named(demo):
    asked = {"source": "hospital", "llm": "smollm2-135m-instruct", "prompt": "medical"}
    with pytest.raises(UserError, match="is asked 'hospital.medical.retry1'; declared are"):
        job(demo, "retry_requests", **asked, round="1", shard="000-of-001").reads()


def test_wildcards_are_part_of_what_manifests_record(demo):
    assert spec(demo, "mix_corpus", corpus="mixed")["wildcards"] == {"corpus": "mixed"}


def test_a_folder_is_a_table_whose_files_are_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("t.parquet/part-0.parquet", "t.parquet/_SUCCESS", "more/a.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    columns = {"text": "t", "note_id": "n", "patient_id": "p"}
    source = {"name": "ward", "kind": "table", "columns": columns, "category": "Visit"}
    study = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
    study["sources"].append({**source, "paths": ["*.parquet", "**/*.csv"]})
    ward = job(load_catalogue(study, "config.yaml", CONFIG), "read_notes", source="ward")
    reads = ward.reads()
    assert reads["files"] == ["t.parquet", "more/a.csv"] and isinstance(reads["files"][0], Data)
    assert reads["parts"] == ["t.parquet/_SUCCESS", "t.parquet/part-0.parquet"]
    monkeypatch.setattr("palimpsest.graph.notes.LONGEST_LIST", 9)
    with pytest.raises(UserError, match="'ward': 2 files, more than a command can name; expected"):
        ward.reads()


def test_a_training_reads_the_valid_notes_and_waits_for_the_check(demo):
    trained = {"corpus": "mixed", "seed": "0"}
    for model in ("llama-130k", "minilm-l6"):
        asked = job(demo, "train_model", model=model, **trained)
        assert asked.reads()["valid"] == "<results>/notes/hospital.parquet"
        assert asked.reads()["checked"] == "<results>/splits.json"
        assert asked.spec().validation.split == "valid"
    without = edited(validation=None)
    asked = job(without, "train_model", model="llama-130k", **trained)
    assert asked.reads()["valid"] == [] and asked.spec().validation is None


def edited(**changes):
    study = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
    return load_catalogue(study | {"report": {}} | changes, "config.yaml", CONFIG)


def test_a_tokenizer_of_each_corpus_is_trained_on_it(demo):
    own = {"name": "clinical-bpe", "per_corpus": True, "vocab_size": 300}
    study = edited(tokenizers=[own], figures=[{**PERPLEXITIES, "metric": "bits_per_byte"}])
    trained = job(study, "train_model", model="llama-130k", corpus="mixed", seed="0")
    assert trained.reads()["start"] == "<results>/tokenizers/clinical-bpe/mixed.json"
    names = {"tokenizer": "clinical-bpe", "corpus": "mixed"}
    made = job(study, "train_corpus_tokenizer", **names)
    assert made.reads()["corpus"] == "<results>/corpora/mixed.parquet"
    assert made.spec().identity() == {"vocab_size": 300, "marks": "decoder"}
    with pytest.raises(UserError, match="expected no corpus"):
        job(demo, "train_corpus_tokenizer", **names).reads()
    with pytest.raises(UserError, match="expected a corpus"):
        job(study, "train_tokenizer", tokenizer="clinical-bpe").reads()


def test_loss_curves_are_read_by_their_figure():
    curve = {"name": "losses", "kind": "training_curve", "model": "minilm-l6"}
    study = edited(figures=[{**curve, "corpora": ["original", "mixed"], "seeds": [0, 1]}])
    read = job(study, "figure", figure="losses").reads()
    assert len(read["scores"]) == 4
    assert read["scores"][0] == "<results>/curves/minilm-l6/original/seed0.parquet"


OWN = {"name": "clinical-bpe", "per_corpus": True, "vocab_size": 300}
SCORED = {"model": "llama-130k", "evaluations": ["discharge-summaries"]}
PERPLEXITIES = {"name": "figure1", "kind": "perplexity", **SCORED}
PERPLEXITIES |= {"corpora": ["medical"], "references": ["original"]}
BUDGETS = {"name": "figure2", "kind": "token_budget", **SCORED, "budgets": [90]}
BUDGETS |= {"corpora": [{"corpus": "original"}, {"corpus": "mixed"}]}


@pytest.mark.parametrize("figure", [PERPLEXITIES, BUDGETS], ids=lambda figure: figure["kind"])
def test_perplexities_of_other_tokens_are_not_compared(figure):
    with pytest.raises(UserError, match="a 'clinical-bpe' of its own.* 'metric: bits_per_byte'"):
        edited(tokenizers=[OWN], figures=[figure])
    edited(tokenizers=[OWN], figures=[{**figure, "metric": "bits_per_byte"}])


@pytest.mark.parametrize("own", [True, False])
def test_the_caption_of_curves_says_where_tokens_differ(own):
    curve = {"name": "losses", "kind": "training_curve", "model": "llama-130k"}
    tokenizers = [OWN] if own else [{**OWN, "per_corpus": False, "source": "hospital"}]
    study = edited(tokenizers=tokenizers, figures=[{**curve, "corpora": ["original"]}])
    assert job(study, "figure", figure="losses").spec().own_tokens == own


@pytest.mark.parametrize(("declared", "wanted"), [(0, 0), (1, 1), (4, 1)])
def test_what_is_one_process_asks_for_one_gpu(declared, wanted, tmp_path):
    shutil.copytree(CONFIG, tmp_path / "config")
    for model in ("llama-130k", "minilm-l6"):
        path = tmp_path / "config" / "models" / f"{model}.yaml"
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
        recipe["resources"] = {**recipe.get("resources", {}), "gpus": declared, "memory_mb": 7000}
        path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    study = load_catalogue(
        yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8")),
        "config.yaml",
        tmp_path / "config",
    )
    trained = {"corpus": "mixed", "seed": "0"}
    run = {**trained, "experiment": "entities", "model": "minilm-l6", "size": "all", "run": "42"}
    run["mixture"] = study.experiment("entities").mixtures[0].name
    scored = {**trained, "model": "llama-130k", "evaluation": "discharge-summaries"}
    for rule, names in (("finetune", run), ("keep_model", run), ("token_losses", scored)):
        asked = job(study, rule, **names).resources()
        assert (asked.gpus, asked.memory_mb) == (wanted, 7000), rule
    assert job(study, "train_model", model="llama-130k", **trained).resources().gpus == declared
