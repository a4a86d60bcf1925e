"""The program that builds requests in a context tells each passage of its own note alone."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from manifests import describe
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.passages.cut import SCHEMA as PASSAGES
from palimpsest.requests.config import ContextSpec, Prompt, RephraseInContextSpec, RephraseSpec
from palimpsest.requests.rephrase import IN_CONTEXT, SCHEMA
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, write_table

SCRIPTS = Path(__file__).parents[3] / "scripts"
NOTE = (
    "Code {0}.\n\nThis is a {1}-year-old woman.\n\n"
    "Course:\nShe was given drug{0}. She is well{0}.\n"
)
LAST = "She is well{0}."
PROMPT = {"user": "{context}\n\nSay it:\n\n{passage}", "context": "Known:\n{context}"}
PARTS = ["demographics", "before"]


def note(number: int) -> dict:
    text = NOTE.format(number, 40 + number)
    named = {"note_id": f"n{number}", "patient_id": f"p{number}", "category": "Visit"}
    return {**named, "text": text, "split": "train", "shard": 0}


def passage(number: int) -> dict:
    text, whole = LAST.format(number), note(number)["text"]
    start = whole.index(text)
    place = {"start": start, "end": start + len(text), "text": text, "tokens": 3}
    return {**place, "note_id": f"n{number}", "patient_id": f"p{number}", "section": "Course"}


@pytest.fixture
def run(tmp_path):
    """Runs the program on notes and passages, and gives the path of what it wrote."""
    tokenizer = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    (tmp_path / "words").mkdir()
    tokenizer.save(str(tmp_path / "words" / "tokenizer.json"))
    describe(tmp_path / "words")

    def of(notes: list[dict], passages: list[dict], prompt=PROMPT, **changes) -> Path:
        for name, rows, schema in (("notes", notes, NOTES), ("passages", passages, PASSAGES)):
            write_table(tmp_path / f"{name}.parquet", pa.Table.from_pylist(rows, schema=schema))
        told = ContextSpec(**{"parts": PARTS, **changes})
        spec = RephraseInContextSpec(prompt=Prompt(**prompt), tokens=99, seed=1, context=told)
        arguments = SimpleNamespace(
            spec=spec,
            notes=tmp_path / "notes.parquet",
            passages=tmp_path / "passages.parquet",
            tokenizer=tmp_path / "words" / "tokenizer.json",
            out=tmp_path / "out.parquet",
        )
        runpy.run_path(str(SCRIPTS / "requests/rephrase_in_context.py"))["main"](arguments)
        return arguments.out

    return of


def test_each_passage_is_told_of_its_own_note(run):
    numbers = range(8)
    path = run([note(number) for number in numbers], [passage(number) for number in numbers])
    table = pq.read_table(path)
    assert table.schema == IN_CONTEXT and table.num_rows == 8
    for row in table.to_pylist():
        number = int(row["note_id"][1:])
        assert row["passage"] == LAST.format(number)
        assert row["context"].startswith(f"Patient: {40 + number}-year-old woman\nBefore this: ")
        assert f"drug{number}" in row["context"] and row["context"] in row["user"]
        for other in set(numbers) - {number}:
            assert f"drug{other}" not in row["user"] and f"{40 + other}-year" not in row["user"]
        for span in row["context_spans"]:
            words = note(number)["text"][span["start"] : span["end"]].split()
            assert " ".join(words) in row["context"].replace("\n", " ")
    manifest = read_manifest(path, "account", "told", "context_tokens", "asked_with")
    assert manifest["told"] == {"demographics": 8, "before": 8}
    assert manifest["account"]["kept"] == 8


def test_a_passage_of_another_note_or_patient_stops_the_job(run):
    notes = [note(1), note(2)]
    with pytest.raises(UserError, match="none of that note"):
        run(notes, [passage(1) | {"note_id": "n2", "patient_id": "p2"}])
    with pytest.raises(UserError, match="none of that note"):
        run(notes, [passage(1) | {"patient_id": "p2"}])
    with pytest.raises(UserError, match="'n3' is not in"):
        run(notes, [passage(3)])


def test_where_nothing_is_told_the_request_is_that_of_no_context(run, tmp_path):
    told = run([note(1)], [passage(1)], parts=["problems"])
    plain = tmp_path / "plain.parquet"
    arguments = SimpleNamespace(
        spec=RephraseSpec(prompt=Prompt(**PROMPT).without_context(), tokens=99, seed=1),
        passages=tmp_path / "passages.parquet",
        out=plain,
    )
    runpy.run_path(str(SCRIPTS / "requests/rephrase_requests.py"))["main"](arguments)
    one, other = pq.read_table(told), pq.read_table(plain)
    assert other.schema == SCHEMA  # as ever
    assert one.select(SCHEMA.names).to_pylist() == other.to_pylist()
    assert one["context"].to_pylist() == [""] and one["context_spans"].to_pylist() == [[]]


def test_what_it_was_asked_with_is_prompt_and_context_and_no_name(run):
    def asked_with(**changes) -> str:
        return read_manifest(run([note(1)], [passage(1)], **changes), "asked_with")["asked_with"]

    first = asked_with()
    assert first == asked_with() != asked_with(before_tokens=5)
    assert first != asked_with(prompt=PROMPT | {"context": "Else: {context}"})
