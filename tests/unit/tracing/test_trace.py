"""`palimpsest trace`: from a record back to its note and its request, without a word of either."""

from pathlib import Path

import pyarrow as pa
import pytest
import trace_records
import yaml
from trace_records import WORDS, key_of

from palimpsest import __main__ as command
from palimpsest.completions.ledger import completion_key
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table, write_table
from palimpsest.tracing.trace import trace

RECORDS = 400


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    trace_records.write(folder, RECORDS)
    return folder


def test_a_record_is_found_by_its_row_its_request_and_its_place(results: Path) -> None:
    corpus = read_table(results / "corpora/mixed.parquet", ["note_id", "start", "request_key"])
    row = corpus.to_pylist()[123]
    place = f"{row['note_id']}:{row['start']}-{row['start'] + 700}"
    found = [trace(f"mixed:{which}", results) for which in ("124", row["request_key"], place)]
    assert found[0] == found[1] == found[2]
    assert found[0]["row"] == 124
    assert found[0]["note"]["note_id"] == row["note_id"]
    assert found[0]["note"]["start"] == row["start"]
    number = int(row["note_id"].removeprefix("note-")) * 20 + row["start"] // 700
    (request,) = found[0]["requests"]
    assert request["request_key"] == row["request_key"] == key_of(number)
    assert request["answered"]["seed"] == number
    assert request["llm"]["weights"] == "hub at revision"
    assert request["prompt"] == {"name": "medical", "sha256": "p" * 64}
    assert request["engine"] == {"name": "vllm", "version": "0"}
    assert request["context"] == "none"
    assert request["screened"] == {"outcome": "kept", "length_ratio": 1.0}


def test_the_key_in_the_ledger_is_that_of_the_completion(results: Path) -> None:
    (request,) = trace("mixed:1", results)["requests"]
    assert request["ledger_key"] == completion_key(request["request_key"], "l" * 64)


def test_no_text_is_printed(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    arguments = ["palimpsest", "trace", "mixed:7", "--results", str(results)]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    printed = capsys.readouterr().out
    assert yaml.safe_load(printed)["row"] == 7
    assert not any(word in printed for word in WORDS.split()[:20])


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("mixed:0", "no row 0; it has 400"),
        ("mixed:401", "no row 401; it has 400"),
        (f"mixed:{'0' * 64}", "no record"),
        ("mixed:note-1:0-1", "no record"),
        ("mixed", "expected NAME:WHICH"),
        ("other:1", r"'other' is no corpus and no dataset below .*; there are \['mixed'\]"),
    ],
)
def test_what_is_not_there_is_named(results: Path, record: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        trace(record, results)


def test_a_written_sentence_leads_to_the_request_and_to_its_check(tmp_path: Path) -> None:
    sentence = {"example_id": "fall.00001", "made_by": "llm_writes", "split": "train"}
    sentence |= {"text": "SECRET", "labels": ["fall"], "note_id": None}
    write_table(tmp_path / "datasets/bronze.parquet", pa.Table.from_pylist([sentence]))
    for prompt, seed in (("write", 5), ("check", 6)):
        key = key_of(seed)
        asked = {"request_key": key, "sentence_id": "fall.00001", "category": "fall"}
        asked |= {"user": "SECRET", "max_tokens": 9}
        place = f"bronze.{prompt}/000-of-001.parquet"
        write_table(tmp_path / "requests" / place, pa.Table.from_pylist([asked]))
        said = {"request_key": key, "text": "SECRET", "failure": "", "finish_reason": "stop"}
        said |= {"tokens_in": 1, "tokens_out": 2, "seed": seed, "engine": "vllm"}
        said |= {"engine_version": "0"}
        names = {"llm": "large", "request_set": f"bronze.{prompt}", "shard": "000-of-001"}
        write_table(
            tmp_path / "completions/large" / place, pa.Table.from_pylist([said]),
            wildcards=names, asked_with=prompt, llm="l" * 64, asked_of={"weights": "w"},
        )  # fmt: skip
    answer = {"request_key": key_of(6), "answer": True, "score": 1.5, "failure": None}
    write_table(tmp_path / "labels/bronze.check.parquet", pa.Table.from_pylist([answer]))
    found = trace("bronze:fall.00001", tmp_path)
    assert [request["answered"]["seed"] for request in found["requests"]] == [6, 5]
    assert found["requests"][0]["answer"] == {"answer": True, "score": 1.5, "failure": None}
    assert "SECRET" not in yaml.safe_dump(found)


def test_a_flipped_byte_of_what_is_read_is_an_error(results: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpora/mixed.parquet"
    corpus.parent.mkdir()
    data = bytearray((results / "corpora/mixed.parquet").read_bytes())
    data[len(data) // 3] ^= 4
    corpus.write_bytes(data)
    manifest = (results / "corpora/mixed.json").read_bytes()
    corpus.with_suffix(".json").write_bytes(manifest)
    with pytest.raises(UserError, match="its bytes are damaged"):
        for number in range(1, RECORDS + 1):
            trace(f"mixed:{number}", tmp_path)
