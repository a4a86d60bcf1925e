"""A study with a mistake is refused before the first job, by file, key and what was expected."""

import copy
import shutil

import pytest
import yaml
from declared import CONFIG, load, refused
from pydantic import TypeAdapter

from palimpsest.completions.config import Llm
from palimpsest.pretraining.config import Model
from palimpsest.requests.config import Prompt
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import canonical_json
from palimpsest.study.files import read_recipe, read_yaml

DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
NAMED = {
    f"{name}s" if name != "corpus" else "corpora": name
    for name in ("source", "corpus", "tokenizer", "evaluation", "dataset", "table", "figure")
}


@pytest.fixture
def demo():
    return copy.deepcopy(DEMO)


def edit(path, **changes):
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(value | changes), encoding="utf-8")


def test_the_demo_loads_and_its_objects_are_found_by_name(demo):
    catalogue = load(demo)
    for kind, look_up in NAMED.items():
        for entry in demo[kind]:
            assert getattr(catalogue, look_up)(entry["name"]).name == entry["name"]
    assert catalogue.shards("hospital") == ["000-of-001"]
    use, declared = catalogue.rewriting("hospital", "smollm2-135m-instruct", "medical")
    assert (use, declared.tokens) == ("rephrase", demo["rephrasings"][0]["tokens"])
    use, declared = catalogue.rewriting(
        "case-reports", "smollm2-135m-instruct", "brief-discharge-summary"
    )
    assert (use, declared.tokens) == ("synthesize", demo["syntheses"][0]["tokens"])
    assert catalogue.rewriting("hospital", "smollm2-135m-instruct", "other") is None
    assert catalogue.missing_files() == []


@pytest.mark.parametrize("name", ["paper.yaml", "examples/aci-bench.yaml"])
def test_the_other_studies_load(name):
    if not (CONFIG / name).exists():
        pytest.skip(f"no config/{name}")
    assert load(read_yaml(CONFIG / name), file=name).study.corpora


def test_the_order_of_keys_changes_no_identity(demo):
    turned = {key: demo[key] for key in reversed(demo)}
    texts = [canonical_json(load(study).study.model_dump(mode="json")) for study in (demo, turned)]
    assert texts[0] == texts[1]


def change(study, path, value):
    """Set the value at a dotted path, or delete it when the value is `...`."""
    *folders, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in folders:
        study = study[part]
    if value is ...:
        del study[last]
    else:
        study[last] = value


TABLE_SOURCE = {
    "name": "hospital",
    "kind": "table",
    "paths": ["notes.csv"],
    "columns": {"text": "t", "note_id": "n", "patient_id": "p"},
}
MISTAKES = [
    # path, value, what the message must hold
    ("sedd", 1, ["study.yaml: sedd: unknown key"]),
    ("sources.0.patient", 3, ["sources.0.generated.patient: unknown key"]),
    ("seed", ..., ["study.yaml: seed: missing"]),
    ("splits.test", ..., ["splits.test: missing"]),
    ("seed", "many", ["seed", "valid integer", "found 'many'"]),
    ("corpora", "original", ["corpora", "valid list", "found 'original'"]),
    ("passages", None, ["passages: missing", "for the rephrasings and syntheses and corpora"]),
    ("passages", ..., ["passages: missing", "datasets that an LLM makes"]),
    ("passages", 3, ["passages", "found 3"]),
    ("passages.max_tokens", 0, ["passages.max_tokens", "greater than 0", "found 0"]),
    ("results", "src", ["results: the project has a folder of that name"]),
    ("results", "config/mine", ["results: the project has a folder of that name"]),
    ("splits.train", 0.6, ["splits", "add up to 1, not 0."]),
    ("splits.train", 1.7, ["splits.train", "less than or equal to 1", "found 1.7"]),
    ("splits.train", float("nan"), ["splits.train", "found nan"]),
    ("sources.0.name", "my notes", ["name", "pattern", "found 'my notes'"]),
    ("sources.0.name", "../up", ["name", "pattern", "found '../up'"]),
    ("sources.0.shards", 10**9, ["sources.0.generated.shards", "less than or equal to 10000"]),
    ("sources.0.kind", "csv", ["sources.0", "'generated'", "'table'"]),
    ("sources.0", TABLE_SOURCE, ["sources.0", "either 'columns.category' or 'category'"]),
    ("results", "/tmp/results", ["results", "found '/tmp/results'"]),
    ("results", "results/../../elsewhere", ["results"]),
    ("rephrasings.0.source", "clinic", ["0.source: 'clinic' is not declared", "'hospital', "]),
    ("rephrasings.0.llms", ["gpt"], ["llms/gpt.yaml: no such file", "'smollm2-135m-instruct'"]),
    ("rephrasings.0.llms", ["../gpt"], ["rephrasings.0.llms.0", "pattern"]),
    ("rephrasings.0.prompts", ["wiki"], ["prompts/wiki.yaml: no such file", "'wikipedia'"]),
    ("rephrasings.0.prompts", [], ["rephrasings.0.prompts", "at least 1 item"]),
    ("passages.tokenizer", "bert", ["models/bert.yaml: no such file", "'bert'"]),
    ("screens.0.name", "truncate", ["screens.0", "'truncated'"]),
    ("screens.0.max_share", 0.1, ["screens.0.injection.max_share: unknown key"]),
    ("screens.8.max_share", 2, ["screens.8", "max_share", "found 2"]),
    ("corpora.0.name", "none", ["'none' is reserved"]),
    ("corpora.0.parts", [], ["corpora.0.parts", "at least 1 item"]),
    ("corpora.0.parts.0.source", "ward", ["original.parts.0.source: 'ward'", "'hospital', "]),
    ("corpora.1.parts.0.prompt", "formal", ["wikipedia.parts.0: no rephrasing", "'formal'"]),
    ("corpora.1.parts.0.llm", "other", ["corpora.wikipedia.parts.0: no rephrasing", "'other'"]),
    ("corpora.3.parts.0.source", "hospital", ["synthesis.parts.0: no synthesis declares source"]),
    ("corpora.3.parts.0.prompt", "medical", ["synthesis.parts.0: no synthesis declares source"]),
    ("corpora.1.parts.0.kind", "synthetic_notes", ["wikipedia.parts.0: no synthesis declares"]),
    ("syntheses.0.source", "clinic", ["syntheses.0.source: 'clinic' is not declared"]),
    ("syntheses.0.prompts", ["medical"], ["'medical' is used to rephrase and to synthesize"]),
    ("syntheses.0.retry", {"times": 1, "reasons": ["odd"]}, ["syntheses.0.retry", "'odd'"]),
    ("tokenizers.0.source", "ward", ["tokenizers.clinical-bpe.source: 'ward' is not declared"]),
    ("tokenizers.0.per_corpus", True, ["tokenizers.0", "either 'source' or 'per_corpus: true'"]),
    ("tokenizers.0.marks", "encoder", ["'clinical-bpe' has the marks of encoders, expected"]),
    ("validation", "icu", ["validation: 'icu' is not declared"]),
    ("validation", "radiology-reports", ["'radiology-reports' is of the split 'test', expected"]),
    ("tokenizers.0.name", "bpe", ["llama-130k.yaml: tokenizer: 'clinical-bpe'", "['bpe']"]),
    ("evaluations.0.source", "ward", ["evaluations.discharge-summaries.source: 'ward'"]),
    ("evaluations.0.split", "train", ["evaluations.0.split", "'valid' or 'test'", "found 'train'"]),
    ("splits", {"train": 1, "valid": 0, "test": 0}, ["evaluations.disch", "no 'test' patients"]),
    ("tables.0.corpora", ["originals"], ["tables.table1.corpora: 'originals' is not declared"]),
    ("tables.0.name", "figure1", ["tables and figures: 'figure1' is declared 2 times"]),
    ("tables.0.name", "metrics", ["'metrics'"]),
    ("experiments.0.encoders.1.corpus", "mimic", ["entities.encoders.corpus: 'mimic' is not decl"]),
    ("experiments.0.encoders.1.encoder", "bert", ["models/bert.yaml: no such file", "'minilm-l6'"]),
    ("figures.0.model", "llama", ["models/llama.yaml: no such file", "'llama-130k'"]),
    ("figures.0.evaluations", ["icu"], ["figures.figure1.evaluations: 'icu' is not declared"]),
    ("figures.0.references", ["mimic"], ["figures.figure1.references: 'mimic' is not declared"]),
    ("figures.0.corpora", ["mimic"], ["figures.figure1.corpora: 'mimic' is not declared"]),
    ("figures.0.corpora", ["mixed"], ["'mixed' has no single LLM", "one rephrases part"]),
    ("figures.0.corpora", ["original"], ["'original' has no single LLM", "under 'references'"]),
    ("passages.tokenizer", "llama-130k", ["passages.tokenizer", "'llama-130k' is a decoder"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    MISTAKES,
    ids=[f"{path}={value}"[:60] for path, value, _ in MISTAKES],
)
def test_a_mistake_is_named_with_its_key_and_what_was_expected(demo, path, value, wanted):
    change(demo, path, value)
    refused(demo, "study.yaml" if ".yaml: no such file" not in wanted[0] else "study", *wanted)


@pytest.mark.parametrize("kind", ["sources", "corpora", "tokenizers", "evaluations", "datasets"])
def test_a_name_that_is_declared_twice_is_refused(demo, kind):
    demo[kind].append(copy.deepcopy(demo[kind][0]))
    refused(
        demo, f"study.yaml: {kind}: '{demo[kind][0]['name']}' is declared 2 times, expected once"
    )


def test_a_rephrasing_that_is_declared_twice_is_refused(demo):
    demo["rephrasings"].append({**demo["rephrasings"][0], "prompts": ["medical"]})
    refused(demo, "rephrasings: 'smollm2-135m-instruct with medical on hospital' is declared 2")


def test_llms_are_compared_on_one_budget(demo, library):
    shutil.copy(library / "llms/smollm2-135m-instruct.yaml", library / "llms/other.yaml")
    demo["rephrasings"].append({**demo["rephrasings"][0], "llms": ["other"], "tokens": 9})
    known = demo["rephrasings"][0]["tokens"]
    refused(demo, f"have the budgets {known} and 9", "expected one budget", library=library)


def test_a_name_is_not_both_an_llm_and_a_model(demo, library):
    shutil.copy(library / "llms/smollm2-135m-instruct.yaml", library / "llms/minilm-l6.yaml")
    demo["rephrasings"][0]["llms"].append("minilm-l6")
    refused(demo, "'minilm-l6' is both an LLM and a model", library=library)


def test_an_encoder_without_training_is_not_adapted(demo, library):
    edit(library / "models/minilm-l6.yaml", training=None)
    refused(demo, "minilm-l6.yaml has no 'training'", "corpus 'original'", library=library)


def test_gold_spans_are_not_expected_of_a_table(demo):
    demo["sources"].append(TABLE_SOURCE | {"name": "ward", "category": "Visit"})
    demo["datasets"][0]["source"] = "ward"
    refused(demo, "datasets.entities.source", "'ward'", "spans")


def test_a_figure_has_one_corpus_at_each_place(demo):
    twin = copy.deepcopy(demo["corpora"][1])
    demo["corpora"].append(twin | {"name": "smaller"})
    demo["figures"][0]["corpora"].append("smaller")
    refused(demo, "figures.figure1.corpora", "'wikipedia'", "'smaller'")


def test_all_mistakes_of_the_schema_are_reported_at_once(demo):
    demo["sedd"] = 1
    demo["passages"]["max_tokens"] = -1
    del demo["splits"]
    message = refused(demo, "sedd", "passages.max_tokens", "splits: missing")
    assert len(message.splitlines()) == 3


def test_all_names_without_a_declaration_are_reported_at_once(demo):
    for corpus in demo["corpora"]:
        corpus["parts"][0]["source"] = "ward"
    demo["datasets"][0]["source"] = "ward"
    demo["figures"][0]["references"] = ["gone"]
    message = refused(demo, "datasets.entities.source", "figures.figure1.references")
    assert message.count(".parts.0.source: 'ward' is not declared") == len(demo["corpora"])


def test_a_corpus_has_no_part_twice(demo):
    parts = demo["corpora"][0]["parts"]
    parts.append(parts[0] | {"tokens": 7})
    refused(demo, "corpora.original.parts: 'notes hospital' is declared 2 times")


def test_all_missing_recipes_are_reported_at_once(demo, library):
    demo["rephrasings"][0]["prompts"] = ["one", "two"]
    demo["figures"][0]["model"] = "three"
    edit(library / "models/minilm-l6.yaml", sedd=1)
    refused(demo, "one.yaml", "two.yaml", "three.yaml", "sedd", library=library)


def test_data_files_that_are_not_there_are_listed(demo, tmp_path, monkeypatch, library):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.csv").touch()
    paths = ["notes.csv", "gone.csv"]
    demo["sources"].append(TABLE_SOURCE | {"name": "ward", "category": "Visit", "paths": paths})
    (tmp_path / "test.conll").touch()
    files = {"train": "notes.csv", "valid": "lost.conll", "test": "test.conll"}
    declared = {"kind": "spans", "made_by": "experts", "labels": ["x"], "files": files}
    demo["datasets"].append({"name": "ner", **declared, "examples": dict.fromkeys(files, 9)})
    edit(library / "models/minilm-l6.yaml", weights={"path": "nowhere"})
    assert load(demo, library).missing_files() == [
        "source 'ward': gone.csv",
        "dataset 'ner': lost.conll",
        "weights of 'minilm-l6': nowhere",
    ]


def test_data_files_with_names_that_no_job_can_be_given_are_listed(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a{b}.csv", "caf\udce9.csv", "good {.csv", "whole/x<y>.csv", "letters/{a}.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    columns = {"text": "t", "note_id": "n", "patient_id": "p"}
    table = {"kind": "table", "paths": ["*.csv", "whole"], "columns": columns}
    folder = {"kind": "folder", "paths": ["letters"], "patient_id": "file"}
    for name, source in (("ward", table), ("letters", folder)):
        demo["sources"].append({**source, "name": name, "category": "Visit"})
    told = load(demo).unfit_files()
    assert [line.split(": ")[:2] for line in told] == [
        ["source 'ward'", "a{b}.csv"],
        ["source 'ward'", "caf\\xe9.csv"],
        ["source 'ward'", "whole/x<y>.csv"],
    ]


RECIPES = {
    "llm": (TypeAdapter(Llm), CONFIG / "llms/smollm2-135m-instruct.yaml"),
    "prompt": (TypeAdapter(Prompt), CONFIG / "prompts/medical.yaml"),
    "decoder": (TypeAdapter(Model), CONFIG / "models/llama-130k.yaml"),
    "encoder": (TypeAdapter(Model), CONFIG / "models/minilm-l6.yaml"),
}
SERVER = {"backend": "server", "url": "http://127.0.0.1/v1"}
RECIPE_MISTAKES = [
    ("llm", "temprature", 1, "temprature: unknown key"),
    ("llm", "sampling.top_p", 0, "sampling.top_p: .*greater than 0.*found 0"),
    ("llm", "sampling.temperature", float("inf"), "sampling.temperature: .*finite"),
    ("llm", "weights", {"hub": "a/b"}, "weights: 'hub' needs 'revision'.*40 hex digits"),
    ("llm", "weights", {"hub": "a/b", "revision": "main"}, "weights: 'hub' needs 'revision'"),
    ("llm", "weights", {}, "weights: expected exactly one of 'package', 'hub' and 'path'"),
    ("llm", "weights", {"package": "a", "file": "b", "path": "c"}, "weights: expected exactly one"),
    ("llm", "weights", {"package": "a"}, "weights: 'package' needs 'file'"),
    ("llm", "dtype", "int4", "dtype: .*'bfloat16'.*found 'int4'"),
    ("llm", "engine.backend", "ollama", "engine.backend: .*'server'.*found 'ollama'"),
    ("llm", "engine", SERVER, "engine: backend 'server' needs 'url' and 'served_model'"),
    ("llm", "engine.window", 0, "engine.window: .*greater than 0"),
    ("prompt", "user", "Rewrite this.", r"user: expected '\{passage\}' exactly once"),
    ("prompt", "user", "{passage} {passage}", r"user: expected '\{passage\}' exactly once"),
    ("prompt", "user", ..., "user: missing"),
    ("prompt", "lead_in", ["(sure"], r"lead_in: '\(sure' is not a regular expression"),
    ("prompt", "max_output_ratio", 0, "max_output_ratio: .*greater than 0"),
    ("decoder", "kind", "llama", "'decoder', 'encoder'"),
    ("decoder", "tokenizer", ..., "tokenizer: missing"),
    ("decoder", "weights", {"path": "x"}, "weights: unknown key"),
    ("decoder", "architecture.layers", "four", "architecture.layers: .*integer.*found 'four'"),
    ("decoder", "architecture.heads", 3, "architecture: .*hidden_size.*heads"),
    ("decoder", "training.steps", 0, "training.steps: .*greater than 0"),
    ("decoder", "training.context", 1, "training.context"),
    ("encoder", "training.context", 2, "training.context"),
    ("encoder", "mask_probability", 1.5, "mask_probability: .*found 1.5"),
    ("encoder", "resources.device_batch_size", 3, "device_batch_size"),
]


@pytest.mark.parametrize(
    ("kind", "path", "value", "wanted"),
    RECIPE_MISTAKES,
    ids=[f"{kind} {path}={value}"[:60] for kind, path, value, _ in RECIPE_MISTAKES],
)
def test_a_mistake_in_a_recipe_is_named(tmp_path, kind, path, value, wanted):
    schema, original = RECIPES[kind]
    recipe = yaml.safe_load(original.read_text(encoding="utf-8"))
    change(recipe, path, value)
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    with pytest.raises(UserError, match=rf"recipe\.yaml: .*{wanted}"):
        read_recipe(tmp_path / "recipe.yaml", schema)


@pytest.mark.parametrize("kind", RECIPES)
def test_the_demos_recipes_are_read(kind):
    schema, path = RECIPES[kind]
    assert read_recipe(path, schema)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: 1\nb: 2\na: 3\n", r":3: key 'a' stands twice, expected once"),
        ("a:\n  - b: 1\n    c: 2\n    b: 3\n", r":4: key 'b' stands twice"),
        ("a: 1\nb: [1\nc: 2\n", r":[34]: not valid YAML"),
        ("a: 1\n\tb: 2\n", r":2: not valid YAML"),
        ("a: !!python/object/apply:os.getcwd []\n", r":1: not valid YAML"),
        ("? [a, b]\n: 1\n", r":1: not valid YAML"),
        ("a: *b\n", r":1: not valid YAML"),
    ],
)
def test_invalid_yaml_is_named_with_its_line(tmp_path, text, wanted):
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(UserError, match=rf"study\.yaml{wanted}"):
        read_yaml(tmp_path / "study.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.yaml: cannot be read: No such file"):
        read_yaml(tmp_path / "gone.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: caf\xe9\n")
    with pytest.raises(UserError, match=r"latin\.yaml: not UTF-8 at byte 6"):
        read_yaml(tmp_path / "latin.yaml")


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_mapping_is_refused(value):
    refused(value, "study.yaml: ")
