"""Rebuilding: after each kind of edit, exactly the jobs that lie downstream of it run.

Each test builds a copy of one built study again after an edit and compares the set of jobs.
"""

import ast
import json
import os
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from project import Project, note_text, study
from scripted_server import ScriptedServer

from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SHARDS = ("000-of-002", "001-of-002")


def sharded(*jobs: str) -> set[str]:
    return {f"{job} {shard}" for job in jobs for shard in SHARDS}


def downstream_of_corpora(*corpora: str) -> set[str]:
    """What lies downstream of some corpora in the tiny study."""
    jobs = {f"mix_corpus {corpus}" for corpus in corpora}
    jobs |= {"corpus_table table1", "collect_metrics"}
    for corpus in set(corpora) & {"original", "plain", "formal"}:
        jobs |= {f"measure_overlap evaluation.visits corpus.{corpus}", "overlap_table"}
        jobs |= {f"train_model small {corpus} 0", f"token_losses small {corpus} 0 visits"}
        jobs.add(f"measure_perplexity small {corpus} 0 visits")
        jobs.add(f"count_tokens small {corpus}")
        jobs.add("figure figure1")
    for corpus in set(corpora) & {"original", "plain"}:
        jobs |= {f"train_model tiny {corpus} 0", *experiment_jobs(corpus)}
        jobs.add(f"count_tokens tiny {corpus}")
        jobs.add(f"measure_overlap dataset.entities corpus.{corpus}")
    return jobs


def experiment_jobs(corpus: str) -> set[str]:
    """What lies downstream of the encoder that is adapted to a corpus."""
    system = f"tagging tiny {corpus} entities all"
    return {f"finetune {system} 0 1", f"score {system}", "comparison_table table2"}


def trained(project: Project) -> list[str]:
    """The training and fine-tuning logs that tell of a step."""
    logs = [*project.folder.glob("results/logs/train_model/**/*.log")]
    logs += project.folder.glob("results/logs/finetune/**/*.log")
    return [log.name for log in logs if re.search(r"steps done| on valid", log.read_text())]


def test_the_first_build_makes_everything(built: Project) -> None:
    assert "train_model small formal 0" in built.first_jobs
    assert len(built.first_jobs) == 65
    tables = ("table1.csv", "table2.csv", "metrics.csv", "screens.csv", "splits.csv", "overlap.csv")
    for name in (*tables, "figure1.svg"):
        assert built.read(f"results/{name}")


def test_a_second_run_has_nothing_to_do(project: Project) -> None:
    done = project.snakemake()
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_checkout_with_new_times_has_nothing_to_do(project: Project) -> None:
    for name in ("Snakefile", "rules", "scripts", "src", "config", "envs", "notes.csv", "encoder"):
        path = project.folder / name
        for file in [path, *path.rglob("*")] if path.is_dir() else [path]:
            os.utime(file)
    done = project.snakemake()
    assert "Nothing to be done" in done.stdout + done.stderr


def test_editing_one_prompt_reruns_only_what_is_downstream(
    project: Project, server: ScriptedServer
) -> None:
    project.replace("config/prompts/formal.yaml", "Say it", "Put it")
    jobs = project.build()
    assert jobs == downstream_of_corpora("formal", "mixed") | {"screens_table"} | sharded(
        "rephrase_requests clinic formal",
        "complete_requests alpha clinic.formal",
        "screen_completions alpha clinic.formal",
    )
    assert len(server.requests) == 36
    assert all("Put it formal" in body["messages"][-1]["content"] for body in server.requests)


def test_undoing_an_edit_costs_no_answer_and_no_training_step(
    project: Project, server: ScriptedServer
) -> None:
    tables = ("results/table1.csv", "results/table2.csv")
    before = [project.read(name) for name in tables]
    project.replace("config/prompts/plain.yaml", "Say it", "Put it")
    project.build(*tables)
    assert trained(project)
    project.forget_logs()
    server.requests.clear()
    project.replace("config/prompts/plain.yaml", "Put it", "Say it")
    jobs = project.build(*tables)
    assert "train_model tiny plain 0" in jobs
    assert server.requests == []
    assert trained(project) == []
    assert before == [project.read(name) for name in tables]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda llm: llm["weights"].update(revision="c" * 40), id="weights revision"),
        pytest.param(lambda llm: llm["sampling"].update(temperature=0.9), id="sampling"),
        pytest.param(
            lambda llm: llm.update(chat={"template_options": {"enable_thinking": False}}),
            id="chat template",
        ),
    ],
)
def test_editing_an_llm_reruns_that_llm(
    project: Project, server: ScriptedServer, change: object
) -> None:
    project.edit("config/llms/beta.yaml", change)
    jobs = project.build()
    assert jobs == downstream_of_corpora("mixed") | {"screens_table"} | sharded(
        "complete_requests beta clinic.plain", "screen_completions beta clinic.plain"
    )
    assert len(server.requests) == 36


def test_tuning_the_engines_reruns_nothing(project: Project) -> None:
    def tune(llm: dict) -> None:
        llm["engine"].update(window=32, concurrency=8, gpus=1, vllm={"block_size": 16})

    project.edit("config/llms/beta.yaml", tune)
    project.edit(
        "config/models/tiny.yaml",
        lambda model: model.update(resources={"device_batch_size": 1, "checkpoint_steps": 7}),
    )
    assert project.build() == set()


def test_comments_docstrings_and_layout_rerun_nothing(project: Project) -> None:
    for path in (project.folder / "config").rglob("*.yaml"):
        value = yaml.safe_load(path.read_text())
        path.write_text(f"# a comment\n{json.dumps(value, indent=4, sort_keys=True)}\n")
    for name in ("scripts", "src"):
        for path in (project.folder / name).rglob("*.py"):
            layout = ast.unparse(ast.parse(path.read_text()))  # drops comments and line breaks
            docstring = re.match(r'"""(.*?)"""', path.read_text(), re.S)
            if docstring:
                layout = layout.split('"""', 2)[2]
            path.write_text(f'"""Another docstring."""\n# a comment\n{layout}\n')
    assert project.build() == set()


def test_editing_a_function_reruns_only_the_rules_that_import_it(project: Project) -> None:
    path = "src/palimpsest/reports/figures/perplexity.py"
    project.replace(path, 'set_xlabel("prompt")', 'set_xlabel("prompts")')
    assert project.build() == {"figure figure1", "collect_metrics"}


def test_editing_a_metric_computes_no_loss(project: Project) -> None:
    project.replace("src/palimpsest/perplexity/score.py", "-np.log(counts /", "-2 * np.log(counts /")
    jobs = {f"measure_perplexity small {name} 0 visits" for name in ("original", "plain", "formal")}
    assert project.build() == jobs | {"figure figure1", "collect_metrics"}


def test_editing_a_function_reaches_rules_that_import_it_indirectly(project: Project) -> None:
    # screens -> text.loops; no other script that runs here imports it.
    project.replace("src/palimpsest/text/loops.py", "TIMES = 3", "TIMES = 4")
    jobs = project.build()
    assert (
        sharded(
            "screen_completions alpha clinic.formal",
            "screen_completions alpha clinic.plain",
            "screen_completions beta clinic.plain",
        )
        <= jobs
    )
    assert "mix_corpus plain" in jobs and "mix_corpus original" not in jobs
    assert not {job for job in jobs if job.startswith(("complete_requests", "read_notes"))}


def test_one_more_note_asks_about_its_passages_only(
    project: Project, server: ScriptedServer
) -> None:
    patient = next(
        name
        for name in (f"new{number}" for number in range(100))
        if split_of(name, Splits(**study()["splits"]), study()["seed"]) == "train"
    )
    text = note_text(3).replace("The patient", "This new patient").replace("Home", "This new home")
    with (project.folder / "notes.csv").open("a", newline="") as notes:
        notes.write(f'n900,{patient},"{text}"\r\n')
    before = asked_keys(project)
    project.build("results/table1.csv")
    new = asked_keys(project) - before
    assert new
    asked = [body["messages"][-1]["content"] for body in server.requests]
    assert all("This new" in message for message in asked)
    assert project.manifest("results/notes/clinic.json")["rows"] == 61


def test_notes_of_another_source_are_checked_and_ask_nothing_again(
    project: Project, server: ScriptedServer
) -> None:
    project.edit("config/config.yaml", lambda value: value["sources"][1].update(patients=13))
    jobs = project.build("results/table2.csv")
    assert {"generate_notes ward", "check_splits", "train_model tiny plain 0"} <= jobs
    assert server.requests == []
    logs = project.folder.glob("results/logs/train_model/**/*.log")
    assert not [log for log in logs if "steps done" in log.read_text()]


def test_an_edit_beside_a_note_of_another_source_is_seen_at_once(
    project: Project, server: ScriptedServer
) -> None:
    project.edit("config/config.yaml", lambda value: value["sources"][1].update(patients=13))
    project.replace("config/prompts/formal.yaml", "Say it", "Put it")
    jobs = project.build("results/table1.csv")
    assert {"check_splits", *sharded("rephrase_requests clinic formal")} <= jobs
    assert len(server.requests) == 36


def test_a_larger_budget_asks_only_about_the_new_tokens(
    project: Project, server: ScriptedServer
) -> None:
    before = asked_keys(project)
    rephrasings = study(tokens=1400)["rephrasings"]
    project.edit("config/config.yaml", lambda value: value.update(rephrasings=rephrasings))
    jobs = project.build("results/table1.csv", "results/figure1.svg")
    assert before < asked_keys(project)
    new = {name: len(requests_of(project, name)) - 36 for name in ("clinic.plain", "clinic.formal")}
    assert len(server.requests) == 2 * new["clinic.plain"] + new["clinic.formal"] > 0
    assert "read_notes clinic" not in jobs
    # The corpora's own budgets are as before and take the same documents: nothing trains.
    assert "train_model small formal 0" in jobs
    assert trained(project) == []


def test_a_corpus_with_another_budget_is_mixed_again_and_no_other(
    project: Project, server: ScriptedServer
) -> None:
    project.edit(
        "config/config.yaml", lambda value: value["corpora"][3]["parts"][0].update(tokens=300)
    )
    assert project.build() == downstream_of_corpora("mixed")
    assert server.requests == []


def test_a_row_added_to_a_table_runs_that_rows_jobs_only(project: Project) -> None:
    def add(value: dict) -> None:
        value["experiments"][0]["encoders"].append({"encoder": "tiny", "corpus": "formal"})

    project.edit("config/config.yaml", add)
    assert project.build() == {
        "train_model tiny formal 0",
        "count_tokens tiny formal",
        "corpus_table table1",
        *experiment_jobs("formal"),
        "measure_overlap dataset.entities corpus.formal",
        "overlap_table",
        "collect_metrics",
    }


def test_a_new_metric_scores_again_and_trains_nothing(project: Project) -> None:
    project.replace(
        "src/palimpsest/scoring/metrics.py",
        '"strict_f1": micro_f1,',
        '"strict_f1": micro_f1, "macro_f1": macro_f1,',
    )
    systems = [f"score tagging tiny {name} entities all" for name in ("none", "original", "plain")]
    systems.append("score tagging dictionary none entities all")
    assert project.build() == {*systems, "comparison_table table2", "collect_metrics"}
    assert b",macro_f1," in project.read("results/table2.csv")


def test_a_log_line_and_an_error_class_train_nothing(
    project: Project, server: ScriptedServer
) -> None:
    tables = ("results/table1.csv", "results/table2.csv")
    before = [project.read(name) for name in tables]
    project.replace(
        "src/palimpsest/finetuning/training.py", "on valid {value", "on valid examples {value"
    )
    with (project.folder / "src/palimpsest/runtime/errors.py").open("a") as stream:
        stream.write("\n\nclass OtherError(UserError):\n    code = 1\n")
    assert "finetune tagging tiny plain entities all 0 1" in project.build(*tables)
    assert trained(project) == [] and server.requests == []
    assert before == [project.read(name) for name in tables]


def test_renaming_a_prompt_asks_nothing_again(project: Project, server: ScriptedServer) -> None:
    Path(project.folder / "config/prompts/formal.yaml").rename(
        project.folder / "config/prompts/official.yaml"
    )
    text = (project.folder / "config/config.yaml").read_text()
    text = text.replace("- formal\n", "- official\n", 1).replace(
        "prompt: formal", "prompt: official"
    )
    (project.folder / "config/config.yaml").write_text(text)
    jobs = project.build("results/table1.csv")
    assert "complete_requests alpha clinic.official 000-of-002" in jobs
    assert server.requests == []


def test_another_number_of_shards_asks_only_what_was_not_asked(
    project: Project, server: ScriptedServer
) -> None:
    before = asked_keys(project)
    project.edit("config/config.yaml", lambda value: value["sources"][0].update(shards=1))
    jobs = project.build("results/rephrases/alpha/clinic.formal/000-of-001.json")
    assert "complete_requests alpha clinic.formal 000-of-001" in jobs
    keys = {row["request_key"] for row in requests_of(project, "clinic.formal", "000-of-001")}
    assert len(keys & before) > 30
    assert len(server.requests) == len(keys - before)


def requests_of(project: Project, request_set: str, shard: str = "*") -> list[dict]:
    folder = project.folder / "results" / "requests" / request_set
    tables = [pq.read_table(path) for path in sorted(folder.glob(f"{shard}.parquet"))]
    return [row for table in tables for row in table.to_pylist()]


def asked_keys(project: Project) -> set[str]:
    """The keys of all requests that are laid out at present."""
    sets = ("clinic.plain", "clinic.formal")
    return {row["request_key"] for name in sets for row in requests_of(project, name)}
