"""What is in a pack, what is not, and that it is the same bytes again."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
import yaml
from evidence_packs import build, catalogue

from palimpsest.evidence.checklists import CHECKLISTS, checklist
from palimpsest.evidence.seal import files_below
from palimpsest.graph import job_of
from palimpsest.runtime.errors import UserError

SIGNED = "Only for those who signed."


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def edited(tmp_path_factory) -> Path:
    """A pack of a source with duties, whose study answers an item."""

    def declare(study):
        study["sources"][0]["data_use"] = SIGNED

    folder = tmp_path_factory.mktemp("edited")
    return build(folder, edit=declare, answers={"tripod-llm.14a": "No funding."})


def rows_of(pack: Path, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO((pack / f"checklists/{name}.csv").read_text())))


def header_of(card: str) -> dict:
    return yaml.safe_load(card.split("---\n")[1])


def test_the_folder_and_the_zip_have_the_same_files(pack):
    with zipfile.ZipFile(pack.with_suffix(".zip")) as archive:
        names = [f"demo/{name}" for name in files_below(pack)]
        assert archive.namelist() == names
        assert all(archive.read(name) == (pack.parent / name).read_bytes() for name in names)


def test_the_same_study_gives_the_same_bytes(pack, tmp_path):
    again = build(tmp_path)
    assert again.with_suffix(".zip").read_bytes() == pack.with_suffix(".zip").read_bytes()


def test_what_is_shown_has_a_card_and_what_the_report_leaves_out_has_none(pack):
    corpora = {path.name for path in (pack / "corpora").iterdir()}
    assert {"original", "mixed"} <= corpora and not any("." in name for name in corpora)
    assert {path.name for path in (pack / "datasets").iterdir()} == {
        "entities", "gold", "silver", "bronze",
    }  # fmt: skip
    assert "llama-130k.mixed" in {path.name for path in (pack / "models").iterdir()}
    assert not (pack / "results/figure2.svg").exists()
    assert (pack / "results/figure1.svg").exists()


def test_cards_have_headers_and_terms(pack):
    for path in pack.glob("*/*/README.md"):
        assert header_of(path.read_text())["license"], path
    silver = (pack / "datasets/silver/README.md").read_text()
    assert "| `problem` | 3 | 3 | 3 |" in silver and "LLM `smollm2-135m-instruct`" in silver
    model = (pack / "models/llama-130k.mixed/README.md").read_text()
    assert f"| 0 | `{'ab' * 32}` | 2.5 | 2.75 |" in model and "licence apache-2.0" in model


def test_duties_are_carried_along(edited):
    named = ("README.md", "corpora/mixed/README.md", "models/minilm-l6.mixed/README.md")
    more = ("corpora/mixed/croissant.json", "datasets/entities/croissant.json")
    for name in (*named, *more, "ro-crate-metadata.json", "checklists/tripod-llm.csv"):
        assert SIGNED in (edited / name).read_text(), name


def test_no_name_of_a_file_with_notes_and_no_place_is_in_it(pack):
    for name in files_below(pack):
        content = (pack / name).read_bytes()
        assert b"MARY-SECRET" not in content and str(pack.parents[2]).encode() not in content, name


def test_most_of_the_methods_of_tripod_llm_is_filled(pack):
    rows = rows_of(pack, "tripod-llm")
    methods = [row for row in rows if row["part"] == "Methods"]
    filled = [row for row in methods if row["state"] in ("filled", "not applicable")]
    assert len(rows) == len(checklist("tripod-llm")["items"]) and len(methods) == 31
    assert len(filled) / len(methods) >= 0.8
    assert all(row["answer"] for row in filled)


def test_what_is_open_is_named_and_an_answer_of_the_study_closes_it(pack, edited):
    told = (pack / "checklists/tripod-llm.md").read_text()
    assert "14a" in told.split("Open, for the authors: ")[1].splitlines()[0]
    row = {row["item"]: row for row in rows_of(edited, "tripod-llm")}["14a"]
    assert (row["state"], row["answer"]) == ("declared", "No funding.")


def test_every_item_of_a_checklist_is_known_once():
    for name in CHECKLISTS:
        numbers = [item["id"] for item in checklist(name)["items"]]
        assert len(set(numbers)) == len(numbers) and all(type(one) is str for one in numbers)


def test_software_has_the_lock_and_the_weights_with_their_hashes(pack):
    bill = json.loads((pack / "software.cdx.json").read_text())
    found = {component["name"]: component for component in bill["components"]}
    assert found["snakemake"]["hashes"] and found["snakemake"]["purl"].startswith("pkg:pypi/")
    weights = found["smollm2-135m-instruct"]
    assert weights["type"] == "machine-learning-model" and weights["components"][0]["hashes"]
    assert "timestamp" not in bill["metadata"]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"corpora": ["nowhere"]}, "evidence.demo.corpora: 'nowhere'"),
        ({"answers": {"tripod-llm.99": "x"}}, "evidence.demo.answers: 'tripod-llm.99'"),
        ({"published": "soon"}, "expected a day such as"),
    ],
)
def test_a_pack_that_cannot_be_is_refused(changes, said):
    with pytest.raises(UserError, match=said):
        catalogue(**changes)


def test_a_corpus_that_is_declared_comes_as_an_export():
    job = job_of("evidence_pack", catalogue(corpora=["mixed"]), [("evidence", "demo")])
    assert "<results>/export/mixed/data/train.parquet" in job.reads()["exported"]
