"""Two directions, with Snakemake for real: an LLM labels sentences and writes them, by rule.

The scripted server knows gold, so that what silver and bronze must come out as can be computed.
"""

import csv
import json
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from connections import beyond_loopback
from hermetic import Alone, all_alone
from labelling import (
    ADDED,
    CONTENT_FREE,
    KEEP,
    KNOWN,
    NAMES,
    PROMPTS,
    REQUESTS,
    SENTENCES,
    SETS,
    Annotator,
    study,
    taxonomy,
)
from project import Project, llm, write_yaml
from scripted_server import ScriptedServer

from palimpsest import __main__ as command
from palimpsest.finetuning.config import KEPT_FILES

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def gold_of(project: Project) -> dict[str, set[str] | None]:
    """The categories of silver's candidates by id: of the gold sentences that overlap by half.

    None where there is no such sentence.
    """
    notes = pq.read_table(project.folder / "results/notes/ward.parquet").to_pylist()
    by_note = {note["note_id"]: note["sentences"] for note in notes}
    found: dict[str, set[str] | None] = {}
    for row in sentences_of(project):
        start, end = row["start"], row["end"]
        same = [
            one["categories"]
            for one in by_note[row["note_id"]]
            if 2 * (min(end, one["end"]) - max(start, one["start"]))
            >= min(end - start, one["end"] - one["start"])
        ]
        found[row["sentence_id"]] = set().union(*same) if same else None
    return found


def sentences_of(project: Project) -> list[dict]:
    return pq.read_table(project.folder / "results/sentences/silver.parquet").to_pylist()


def text_of(row: dict) -> str:
    return " ".join(row["text"].split())


def truth_of(project: Project) -> dict[str, set[str]]:
    gold = gold_of(project)
    return {text_of(row): gold[row["sentence_id"]] or set() for row in sentences_of(project)}


def rows_of(project: Project, path: str) -> list[dict[str, str]]:
    with (project.folder / "results" / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def requests_of(project: Project, name: str) -> list[dict]:
    path = project.folder / f"results/requests/{name}/000-of-001.parquet"
    return pq.read_table(path).to_pylist()


def trained(project: Project) -> list[str]:
    """The logs that tell of a fine-tuning's steps."""
    logs = project.folder.glob("results/logs/*/signs/**/run*.log")
    return [str(log) for log in logs if " on valid" in log.read_text()]


@pytest.fixture(scope="module")
def annotated() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def finished(annotated: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The study, built with an annotator who knows gold."""
    project = Project.create(tmp_path_factory.mktemp("labelled") / "project", annotated.url)
    write_yaml(project.folder / "config/config.yaml", study())
    write_yaml(project.folder / "config/taxonomies/signs.yaml", taxonomy(*NAMES))
    write_yaml(project.folder / "config/taxonomies/homes.yaml", taxonomy(*NAMES))
    for name, text in PROMPTS.items():
        write_yaml(project.folder / f"config/prompts/{name}.yaml", {"user": text})
    declared = llm(annotated.url, "a")
    declared["engine"] |= {"window": 256, "concurrency": 8}
    write_yaml(project.folder / "config/llms/alpha.yaml", declared)
    lines = [
        {"text": f"Sentence {number} of an expert.", "labels": [NAMES[number % 3]]}
        | {"patient_id": f"p{number}", "note_id": f"n{number}"}
        for number in range(30)
    ]
    (project.folder / "homes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    project.build("results/sentences/silver.parquet", "results/datasets/homes.parquet")
    annotated.judge = Annotator(truth_of(project))
    project.first_jobs = project.build()
    return project


@pytest.fixture
def edited(finished: Project, annotated: ScriptedServer, tmp_path: Path) -> Project:
    """A built copy, to be edited; the server's count starts at zero."""
    annotated.requests.clear()
    annotated.judge = Annotator(truth_of(finished))
    made = finished.copy(tmp_path / "project")
    made.forget_logs()
    return made


def test_a_perfect_annotator_gives_gold(finished: Project) -> None:
    gold = {name: found for name, found in gold_of(finished).items() if found}
    silver = pq.read_table(finished.folder / "results/datasets/silver.parquet").to_pylist()
    assert len(silver) == SENTENCES
    for row in silver:
        assert row["labels"] == [name for name in NAMES if name in gold.get(row["example_id"], ())]
    found = [name for row in silver for name in row["labels"]]
    assert min(found.count(name) for name in NAMES) >= 10
    rows = rows_of(finished, "silver.quality.csv")
    assert {(row["category"], row["stage"]) for row in rows} == {
        (name, stage)
        for name in (*NAMES, "any")
        for stage in ("uncalibrated", "labelled", "checked")
    }
    assert {float(row["kappa"]) for row in rows if row["stage"] != "uncalibrated"} == {1.0}
    # It leans to yes, whatever it is asked.
    leaning = [row for row in rows if row["stage"] == "uncalibrated"]
    assert {int(row["silver_positives"]) for row in leaning} == {SENTENCES}


@pytest.fixture(scope="module")
def alone(
    finished: Project, annotated: ScriptedServer, tmp_path_factory: pytest.TempPathFactory
) -> Alone:
    annotated.judge = Annotator(truth_of(finished))
    return all_alone(finished, tmp_path_factory.mktemp("alone"))


def test_every_job_makes_the_same_bytes_from_its_declared_inputs_alone(alone: Alone) -> None:
    assert alone.differences == []


def test_no_job_connects_beyond_loopback(alone: Alone) -> None:
    if alone.addresses is None:
        pytest.skip(alone.unwatched)
    assert alone.addresses  # the scripted server is seen
    assert beyond_loopback(alone.addresses) == set()


def test_every_table_figure_and_annotation_sheet_is_made(finished: Project) -> None:
    for name in ("table3.csv", "table4.csv", "figure3.svg", "metrics.csv", "bronze.quality.csv"):
        assert finished.read(f"results/{name}")
    assert not (finished.folder / "results/screens.csv").exists()
    assert {row["mixture"] for row in rows_of(finished, "table3.csv")} == {"gold", "both-gold"}
    for name in ("silver", "bronze"):
        sheet = rows_of(finished, f"annotation/{name}.csv")
        assert len(sheet) == 20 and {*NAMES, *(f"{name}?" for name in NAMES)} <= set(sheet[0])
    assert len(trained(finished)) == 3
    done = finished.snakemake()
    assert "Nothing to be done" in done.stdout + done.stderr


def test_what_was_asked_is_kept_or_rejected_for_a_reason(finished: Project) -> None:
    accounts = {
        name: finished.manifest(f"results/datasets/{name}.json")["account"]
        for name in ("silver", "bronze")
    }
    for account in accounts.values():
        not_kept = [*account["rejected"].values(), *account["failed"].values()]
        assert account["in"] == account["kept"] + sum(not_kept)
    assert accounts["silver"]["in"] == len(sentences_of(finished)) == SENTENCES
    asked = requests_of(finished, "bronze.plain-write")
    assert accounts["bronze"]["in"] == len(asked) == REQUESTS * (len(NAMES) + 1)
    assert {"refusal", "not_confirmed"} <= set(accounts["bronze"]["rejected"])
    bronze = pq.read_table(finished.folder / "results/datasets/bronze.parquet").to_pylist()
    kept = [(*row["labels"], "none")[0] for row in bronze]
    assert len(kept) == accounts["bronze"]["kept"] and set(kept) == {*NAMES, "none"}
    assert max(kept.count(name) for name in kept) <= KEEP
    for row in bronze:
        assert [name for name in NAMES if name in row["text"].split()] == row["labels"]


def kappa(pairs: list[tuple[bool, bool]]) -> float:
    """Cohen's kappa of two annotators, from its definition."""
    total = len(pairs)
    agreed = sum(one == other for one, other in pairs) / total
    shares = [sum(pair[side] for pair in pairs) / total for side in (0, 1)]
    chance = math.prod(shares) + math.prod(1 - share for share in shares)
    return (agreed - chance) / (1 - chance)


def test_quality_says_how_often_the_annotator_erred(
    edited: Project, annotated: ScriptedServer
) -> None:
    judge = annotated.judge = Annotator(truth_of(edited), errs=0.2, finds=0.5)
    edited.edit("config/llms/alpha.yaml", lambda value: value["weights"].update(revision="b" * 40))
    edited.build("results/silver.quality.csv")
    gold = gold_of(edited)
    texts = [text_of(row) for row in sentences_of(edited) if gold[row["sentence_id"]] is not None]
    assert len(texts) > SENTENCES / 2

    def labelled(text: str, category: str, stage: str) -> bool:
        confirmed = stage == "labelled" or judge.confirm(text, category)
        return judge.label(text, category) and confirmed

    for row in rows_of(edited, "silver.quality.csv"):
        if row["stage"] == "uncalibrated":
            continue
        names = NAMES if row["category"] == "any" else [row["category"]]
        pairs = [
            (
                any(judge.holds(text, name) for name in names),
                any(labelled(text, name, row["stage"]) for name in names),
            )
            for text in texts
        ]
        assert float(row["kappa"]) == pytest.approx(kappa(pairs), abs=0.02)
        assert 0 < float(row["kappa"]) < 0.9
        assert int(row["fp"]) == sum(said and not held for held, said in pairs)
        assert int(row["fn"]) == sum(held and not said for held, said in pairs)
    better = {(row["category"], row["stage"]): float(row["kappa"]) for row in rows_of(
        edited, "silver.quality.csv"
    )}  # fmt: skip
    for name in NAMES:
        assert better[name, "checked"] > better[name, "labelled"]


def test_a_definition_reasks_what_has_it_and_its_undoing_asks_nothing(
    edited: Project, annotated: ScriptedServer
) -> None:
    path = "config/taxonomies/signs.yaml"
    before = edited.read("results/table4.csv"), edited.read("results/silver.quality.csv")
    asked_before = {row["request_key"] for name in SETS for row in requests_of(edited, name)}
    definition = "Recent words or days are lost, in this other wording."
    edited.edit(path, lambda value: value["categories"][0].update(definition=definition))
    tables = ("results/table4.csv", "results/silver.quality.csv")
    jobs = edited.build(*tables)
    has_it = {
        row["request_key"]
        for name in SETS
        for row in requests_of(edited, name)
        if definition in row["user"]
    }
    asked = [body["messages"][-1]["content"] for body in annotated.requests]
    # Two sets that ask with one prompt have their questions without content in common; where they
    # ask at the same time, each asks for itself.
    assert len(set(asked)) == len(has_it) > SENTENCES
    assert len(asked) <= len(has_it) + len(CONTENT_FREE)
    assert all(definition in text for text in asked)
    assert not has_it & asked_before
    again = {row["request_key"] for name in SETS for row in requests_of(edited, name)}
    assert again - has_it <= asked_before
    # The answers are as before, and so is all that is made of them: nothing is trained.
    rules = {job.split()[0] for job in jobs}
    assert {"label_requests", "check_requests", "generate_requests", "complete_requests"} <= rules
    assert not rules & {"generate_notes", "choose_candidates", "collect_examples"}
    assert trained(edited) == []
    assert before == (edited.read("results/table4.csv"), edited.read("results/silver.quality.csv"))
    annotated.requests.clear()
    edited.edit(
        path,
        lambda value: value["categories"][0].update(definition=KNOWN[NAMES[0]]["definition"]),
    )
    edited.build(*tables)
    assert annotated.requests == [] and trained(edited) == []
    assert before == (edited.read("results/table4.csv"), edited.read("results/silver.quality.csv"))


def test_kept_models_change_no_table_and_tag_notes(
    edited: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unchanged = ("table3.csv", "table4.csv", "metrics.csv")
    before = [edited.read(f"results/{name}") for name in unchanged]

    def keep(value: dict) -> None:
        value["experiments"][0]["keep"] = True

    edited.edit("config/config.yaml", keep)
    edited.build()
    # Runs on all examples, not those of the learning curve, and each once.
    mixtures = ("gold", "both-gold")
    folder = edited.folder / "results/models/signs/tiny/none"
    runs = [folder / mixture / "all/seed0/run1" for mixture in mixtures]
    assert len(trained(edited)) == len(runs)
    for run in runs:
        assert {path.name for path in run.iterdir()} == set(KEPT_FILES)
        manifest = json.loads(run.with_suffix(".json").read_text())
        assert manifest["labels"] == list(NAMES) and manifest["wildcards"]["run"] == "1"
    assert [edited.read(f"results/{name}") for name in unchanged] == before
    given = ["palimpsest", "tag", "results/notes/ward.parquet", "--model", str(runs[0])]
    monkeypatch.chdir(edited.folder)
    monkeypatch.setattr(sys, "argv", [*given, "--out", "tagged"])
    command.main()
    notes = edited.manifest("results/notes/ward.json")["rows"]
    assert f"{notes:,} of {notes:,} notes tagged" in capsys.readouterr().out
    # Removed and asked for again: what was trained is there.
    edited.forget_logs()
    shutil.rmtree(edited.folder / "results/models")
    edited.build()
    assert all(run.is_dir() for run in runs) and trained(edited) == []


def test_gold_to_compare_with_is_asked_about_alone_and_trains_nothing(
    edited: Project, annotated: ScriptedServer
) -> None:
    gold = pq.read_table(edited.folder / "results/datasets/gold.parquet").to_pylist()
    truth = {text_of(row): set(row["labels"]) for row in gold}
    annotated.judge = Annotator(truth_of(edited) | truth)
    unchanged = ("datasets/silver.parquet", "datasets/silver.json", "table4.csv")
    before = [(edited.folder / "results" / name).read_bytes() for name in unchanged]
    asked_before = {row["request_key"] for row in requests_of(edited, "silver.plain-label")}
    edited.edit("config/config.yaml", lambda value: value["datasets"][2].update(compare="gold"))
    edited.build()
    seen = {text_of(row) for row in gold if row["split"] != "test"}
    asked = {
        body["messages"][-1]["content"].split("\n\n", 1)[1].strip() for body in annotated.requests
    }
    assert asked and asked <= seen
    again = {row["request_key"] for row in requests_of(edited, "silver.plain-label")}
    assert asked_before < again
    assert [(edited.folder / "results" / name).read_bytes() for name in unchanged] == before
    assert trained(edited) == []
    rows = rows_of(edited, "silver.quality.csv")
    assert {row["gold"] for row in rows} == {"notes", "gold"}
    assert {row["asked"] for row in rows} == {str(SENTENCES)}
    compared = [row for row in rows if row["gold"] == "gold" and row["stage"] != "uncalibrated"]
    assert {row["compared"] for row in compared} == {"60"}  # train and valid
    assert {float(row["f1"]) for row in compared} == {1.0}
    annotated.requests.clear()
    edited.edit("config/config.yaml", lambda value: value["datasets"][2].pop("compare"))
    edited.build()
    assert annotated.requests == [] and trained(edited) == []


def test_another_taxonomy_or_what_no_step_uses_runs_nothing(edited: Project) -> None:
    def reword(value: dict) -> None:
        value["guideline"] = "Something else holds for all."
        value["categories"][1] |= {"definition": "Other.", "keywords": ["other"]}

    edited.edit("config/taxonomies/homes.yaml", reword)
    edited.edit("config/taxonomies/signs.yaml", lambda value: value.update(title="Signs"))
    edited.edit("config/config.yaml", lambda value: value["datasets"][3].update(max_tokens=60))
    assert edited.build("all", "results/datasets/homes.parquet") == set()


def test_a_category_in_the_taxonomy_file_is_all_that_it_takes(
    edited: Project, annotated: ScriptedServer
) -> None:
    write_yaml(edited.folder / "config/taxonomies/signs.yaml", taxonomy(*NAMES, ADDED))
    edited.build("results/sentences/silver.parquet")
    annotated.judge = Annotator(truth_of(edited))
    sheets = [f"results/annotation/{name}.csv" for name in ("silver", "bronze")]
    qualities = [f"results/{name}.quality.csv" for name in ("silver", "bronze")]
    edited.build("results/table4.csv", *sheets, *qualities)
    assert {row["label"] for row in rows_of(edited, "table4.csv")} >= {*NAMES, ADDED}
    for table in ("silver.quality.csv", "bronze.quality.csv"):
        assert {row["category"] for row in rows_of(edited, table)} >= {*NAMES, ADDED}
    for name in ("silver", "bronze"):
        assert {ADDED, f"{ADDED}?"} <= set(rows_of(edited, f"annotation/{name}.csv")[0])
    quality = {row["category"]: row for row in rows_of(edited, "silver.quality.csv")}
    assert float(quality[ADDED]["kappa"]) == 1.0 and int(quality[ADDED]["tp"]) > 0


def test_a_plan_counts_what_is_known_before_any_answer(edited: Project) -> None:
    edited.edit("config/llms/alpha.yaml", lambda value: value["weights"].update(revision="b" * 40))
    edited.snakemake("plan")
    rows = {(row["source"], row["prompt"]): row for row in rows_of(edited, "plan.csv")}
    assert set(rows) == {("silver", "plain-label"), ("bronze", "plain-write")}
    labels = rows["silver", "plain-label"]
    assert labels["held"] == "0"
    content_free = len(CONTENT_FREE) * len(NAMES)
    assert int(labels["requests"]) == SENTENCES * len(NAMES) + content_free
    assert int(rows["bronze", "plain-write"]["requests"]) == REQUESTS * (len(NAMES) + 1)
