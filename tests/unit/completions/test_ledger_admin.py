"""`palimpsest ledger` tells, checks, writes out and prunes what the ledgers hold."""

import fcntl
import json
import sqlite3
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from palimpsest import __main__ as command
from palimpsest.completions.config import Llm
from palimpsest.completions.ledger import (
    Completion,
    Ledger,
    completion_key,
    ledger_path,
    llm_identity,
    request_seed,
)
from palimpsest.runtime.files import write_table

SERVER = {
    "weights": {"hub": "a/b", "revision": "c" * 40},
    "engine": {"backend": "server", "url": "http://127.0.0.1:9/v1", "served_model": "m"},
}
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [{"name": "ward", "kind": "generated", "patients": 9}],
    "passages": {"tokenizer": "tiny", "max_tokens": 60},
    "rephrasings": [{"source": "ward", "llms": ["tiny"], "prompts": ["plain"], "tokens": 99}],
    "screens": [{"name": "truncated"}],
    "corpora": [{"name": "all", "parts": [{"kind": "notes", "source": "ward", "tokens": 9}]}],
}
IDENTITY = llm_identity(Llm(**SERVER), f"a/b@{'c' * 40}")
PROMPT = "b" * 64
NAMED = {"llm": IDENTITY, "llm_name": "tiny", "asked_with": PROMPT, "prompt_name": "plain"}
NAMED |= {"source": "ward", "shard": "000-of-001"}


def fill(root, *requests, llm=IDENTITY, prompt=PROMPT, **named):
    """A ledger with an answer to each request; returns its path."""
    path = ledger_path(root / "results" / "state" / "ledger", llm, prompt, "ward", "000-of-001")
    answers = {}
    for request in requests:
        key = completion_key(request, llm)
        answers[key] = Completion(f"re: {request}", "stop", 5, 3, request_seed(key), "vllm", "1")
    with Ledger.open(path, **(NAMED | {"llm": llm, "asked_with": prompt} | named)) as ledger:
        ledger.commit(answers)
    return path


def ask(root, name, *requests, prompt=PROMPT):
    """A table of requests."""
    path = root / "results" / "requests" / name / "000-of-001.parquet"
    write_table(path, pa.table({"request_key": pa.array(requests, pa.string())}), asked_with=prompt)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with a study, its recipes and requests `a` and `b`; the working directory."""
    monkeypatch.chdir(tmp_path)
    files = {"config.yaml": STUDY, "llms/tiny.yaml": SERVER, "prompts/plain.yaml": {}}
    files["prompts/plain.yaml"] = {"user": "Say it: {passage}"}
    for name, value in files.items():
        path = tmp_path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(value))
    ask(tmp_path, "ward.plain", "a", "b")
    return tmp_path


@pytest.fixture
def palimpsest(monkeypatch, capsys):
    """Runs the command; returns exit status and what it wrote."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["palimpsest", "ledger", *arguments])
        try:
            command.main()
            status = 0
        except SystemExit as error:
            status = error.code
        written = capsys.readouterr()
        return status, written.out + written.err

    return run


def held(path):
    with sqlite3.connect(path) as connection:
        texts = {text for (text,) in connection.execute("SELECT text FROM answers")}
    connection.close()
    return texts


def test_list_counts_answers_by_llm_and_prompt(root, palimpsest):
    fill(root, "a", "b", "c")
    fill(root, "d", prompt="d" * 64, prompt_name="formal")
    status, written = palimpsest("list")
    lines = [line.split() for line in written.splitlines()]
    assert status == 0
    digits = IDENTITY[:8]
    assert lines[1][:8] == ["tiny", digits, "formal", "d" * 8, "1", "1", "5", "3"]
    assert lines[2][:8] == ["tiny", digits, "plain", "b" * 8, "1", "3", "15", "9"]


def test_a_ledger_of_an_earlier_version_is_listed_without_names(root, palimpsest):
    path = fill(root, "a")
    with sqlite3.connect(path) as connection:
        connection.executescript("DROP TABLE about; DROP TABLE speed")
    connection.close()
    assert "unnamed" in palimpsest("list")[1]
    assert palimpsest("verify")[0] == 0


def test_a_folder_without_ledgers_is_an_error(root, palimpsest):
    status, written = palimpsest("list", "--results", "elsewhere")
    assert status == 1 and "elsewhere" in written and "no ledgers" in written


def test_verify_passes_over_sound_ledgers(root, palimpsest):
    path = fill(root, "a", "b")
    status, written = palimpsest("verify")
    assert (status, written) == (0, f"{path.relative_to(root)}: sound, 2 completions\n")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE answers SET key = upper(key)", "2 malformed keys"),
        ("UPDATE answers SET text = NULL WHERE rowid = 1", "1 completions without text"),
        ("UPDATE answers SET seed = seed + 1", "2 seeds of other keys"),
        ("UPDATE answers SET finish_reason = 'tired'", "2 unknown finish reasons"),
        ("UPDATE answers SET tokens_out = -1", "2 impossible numbers of tokens"),
        ("UPDATE answers SET text = 're: c' WHERE rowid = 1", "1 completions that are not what"),
        ("ALTER TABLE answers RENAME TO answerz", "unknown tables ['answerz']"),
        ("UPDATE about SET value = 'other' WHERE name = 'llm'", "folder of another LLM"),
        ("UPDATE about SET value = 'other' WHERE name = 'asked_with'", "another prompt"),
    ],
)
def test_verify_names_what_is_wrong(root, palimpsest, damage, said):
    path = fill(root, "a", "b")
    with sqlite3.connect(path) as connection:
        connection.execute(damage)
    connection.close()
    status, written = palimpsest("verify")
    assert status == 1 and said in written and "re: a" not in written


def test_verify_finds_flipped_bytes(root, palimpsest):
    path = fill(root, *map(str, range(400)))
    data = bytearray(path.read_bytes())
    data[8192:8300] = b"\xff" * 108
    path.write_bytes(data)
    status, written = palimpsest("verify")
    assert status == 1 and "SQLite" in written


def damage_pages(path, first, count=1):
    data = bytearray(path.read_bytes())
    data[4096 * first : 4096 * (first + count)] = b"\xff" * 4096 * count
    path.write_bytes(data)


def test_repair_keeps_every_sound_answer_and_the_damaged_file(root, palimpsest):
    path = fill(root, *map(str, range(400)))
    sound = fill(root, "d", prompt="d" * 64)
    before = path.read_bytes(), sound.read_bytes()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET text = 'changed' WHERE text = 're: 390'")
    connection.close()
    damage_pages(path, 5, 2)
    damaged = path.read_bytes()
    status, written = palimpsest("repair")
    assert status == 0 and "1 broken rows left out" in written
    assert written.count("completions kept") == 1
    texts = held(path)
    assert texts < {f"re: {number}" for number in range(400)} - {"re: 390"} and len(texts) > 300
    assert path.with_suffix(".sqlite.damaged").read_bytes() == damaged != before[0]
    assert sound.read_bytes() == before[1]
    assert palimpsest("verify")[0] == 0
    with Ledger.open(path, **NAMED) as ledger:  # what was lost is asked again
        keys = [completion_key(str(number), IDENTITY) for number in range(400)]
        assert ledger.rowids(keys).count(0) == 400 - len(texts)


def test_a_changed_answer_is_not_exported(root, palimpsest):
    path = fill(root, "a", "b")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET text = 'Secret' WHERE text = 're: a'")
    connection.close()
    status, written = palimpsest("export", "--out", "answers.jsonl")
    assert status == 1 and "not what was stored" in written and "Secret" not in written
    assert not (root / "answers.jsonl").exists()


def test_prune_leaves_no_byte_of_what_it_removes(root, palimpsest):
    requests = [f"planted {number} " * 300 for number in range(20)]
    path = fill(root, "a", *requests)
    assert b"planted 7" in path.read_bytes()
    assert palimpsest("prune", "--study", "config/config.yaml")[0] == 0
    found = [other for other in path.parent.iterdir() if b"planted" in other.read_bytes()]
    assert found == [] and held(path) == {"re: a"}


@pytest.mark.parametrize("name", ["answers.jsonl", "answers.parquet"])
def test_export_writes_every_answer_with_what_it_is_of(root, palimpsest, name):
    fill(root, "a", "b")
    fill(root, "d", prompt="d" * 64, prompt_name="formal")
    status, written = palimpsest("export", "--out", name)
    assert status == 0 and "3 completions" in written
    if name.endswith("jsonl"):
        rows = [json.loads(line) for line in (root / name).read_text().splitlines()]
    else:
        rows = pq.read_table(root / name).to_pylist()
    assert sorted(row["text"] for row in rows) == ["re: a", "re: b", "re: d"]
    (row,) = [row for row in rows if row["text"] == "re: a"]
    assert row["key"] == completion_key("a", IDENTITY)
    assert NAMED.items() <= row.items()
    assert (row["tokens_in"], row["tokens_out"], row["finish_reason"]) == (5, 3, "stop")


def test_export_takes_one_llm_or_prompt(root, palimpsest):
    fill(root, "a")
    fill(root, "d", prompt="d" * 64, prompt_name="formal")
    palimpsest("export", "--out", "one.jsonl", "--prompt", "formal", "--llm", "tiny")
    assert [json.loads(line)["text"] for line in open("one.jsonl")] == ["re: d"]
    status, written = palimpsest("export", "--out", "none.jsonl", "--llm", "large")
    assert status == 1 and "'large'" in written and "tiny" in written
    status, written = palimpsest("export", "--out", "one.txt")
    assert status == 1 and "one.txt" in written and not (root / "one.txt").exists()


def test_prune_removes_what_no_current_study_asks_for(root, palimpsest):
    path = fill(root, "a", "b", "stale")
    other_llm = fill(root, "a", llm="e" * 64)
    other_prompt = fill(root, "a", prompt="d" * 64)
    ask(root, "tiny/ward.plain.retry1", "further")
    further = fill(root, "further")
    status, written = palimpsest("prune", "--study", "config/config.yaml")
    assert status == 0 and "3 completions were removed" in written
    assert path == further and held(path) == {"re: a", "re: b", "re: further"}
    assert held(other_llm) == held(other_prompt) == set()
    assert palimpsest("verify")[0] == 0


def test_a_dry_run_of_prune_removes_nothing(root, palimpsest):
    path = fill(root, "a", "stale")
    status, written = palimpsest("prune", "--study", "config/config.yaml", "--dry-run")
    assert status == 0 and "1 completions would be removed" in written
    assert held(path) == {"re: a", "re: stale"}


def test_prune_keeps_what_another_study_asks_for(root, palimpsest):
    other = STUDY | {"rephrasings": [STUDY["rephrasings"][0] | {"prompts": ["formal"]}]}
    (root / "config/other.yaml").write_text(yaml.safe_dump(other))
    (root / "config/prompts/formal.yaml").write_text(yaml.safe_dump({"user": "{passage}"}))
    ask(root, "ward.formal", "x", prompt="d" * 64)
    plain = fill(root, "a", "x")
    formal = fill(root, "x", "stale", prompt="d" * 64)
    both = ["--study", "config/config.yaml", "--study", "config/other.yaml"]
    assert palimpsest("prune", *both)[0] == 0
    assert held(plain) == {"re: a"}  # `x` is asked with the other prompt only
    assert held(formal) == {"re: x"}


def test_prune_refuses_while_a_job_writes(root, palimpsest):
    path = fill(root, "stale")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, written = palimpsest("prune", "--study", "config/config.yaml")
    assert status == 1 and "another process" in written
    assert held(path) == {"re: stale"}


def test_prune_refuses_without_the_requests_of_a_study(root, palimpsest):
    path = fill(root, "stale")
    (root / "results/requests/ward.plain/000-of-001.parquet").unlink()
    status, written = palimpsest("prune", "--study", "config/config.yaml")
    assert status == 1 and "ward.plain/000-of-001.parquet" in written
    assert held(path) == {"re: stale"}


def test_prune_refuses_a_study_with_results_elsewhere(root, palimpsest):
    (root / "config/other.yaml").write_text(yaml.safe_dump(STUDY | {"results": "others"}))
    path = fill(root, "stale")
    status, written = palimpsest("prune", "--study", "config/other.yaml")
    assert status == 1 and "'others'" in written and held(path) == {"re: stale"}
