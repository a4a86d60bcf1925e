"""Tables of passages, requests and rephrases, as earlier stages write them, and their mixing."""

from pathlib import Path

import pyarrow as pa
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from palimpsest.corpora.mix import Mixer, Source
from palimpsest.corpora.parts import MatchedNotesPart, NotesPart, RephrasesPart
from palimpsest.passages.cut import SCHEMA as PASSAGES
from palimpsest.requests.rephrase import SCHEMA as REQUESTS
from palimpsest.runtime.files import write_table
from palimpsest.screens.rephrases import SCHEMA as REPHRASES

ASKED = {"source": "ward", "llm": "small", "prompt": "p"}
SENTENCES = ["He has pain.", "Aspirin was given today.", "Home.", "No fever was seen at night."]


def tokenizer() -> Tokenizer:
    """One token a word."""
    made = Tokenizer(models.WordLevel({"?": 0}, "?"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return made


def text_of(sizes: list[int]) -> str:
    return " ".join(SENTENCES[size % len(SENTENCES)] for size in sizes)


def document(note: str, start: int, text: str) -> dict:
    place = {"note_id": note, "start": start, "end": start + len(text)}
    return {**place, "text": text, "tokens": len(text.split()), "request_key": f"{note}-{start}"}


DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from(["n1", "n2", "n3", "ñ"]),
        st.integers(0, 30),
        st.lists(st.integers(0, 3), min_size=1, max_size=6),
    ),
    unique_by=lambda row: row[:2],
    min_size=1,
    max_size=20,
).map(lambda rows: [document(note, at, text_of(sizes)) for note, at, sizes in rows])


def total(documents: list[dict]) -> int:
    return sum(row["tokens"] for row in documents)


def write(path: Path, rows: list[dict], schema: pa.Schema) -> Path:
    """A table of which absent columns are null."""
    write_table(path, pa.Table.from_pylist(rows, schema=schema))
    return path


def notes(folder: Path, *tables: list[dict], repeat: int = 1) -> Source:
    """A part of original notes, of some shards."""
    paths = [
        write(folder / "passages" / f"{n}.parquet", rows, PASSAGES) for n, rows in enumerate(tables)
    ]
    part = NotesPart(kind="notes", source="ward", tokens=1, repeat=repeat)
    return Source(part, 1, [paths], [], "corpus 'plain', part 1")


def rephrased(folder: Path, *rounds: list[dict], matched: dict | None = None) -> Source:
    """A part of rephrases, of some rounds of one shard.

    matched: the passages of the rephrases by request key, for the part that takes these.
    """
    made, asked = [], []
    for number, rows in enumerate(rounds):
        made.append([write(folder / "rephrases" / f"{number}.parquet", rows, REPHRASES)])
        if matched is not None:
            passages = [{**row, **matched[number][row["request_key"]]} for row in rows]
            asked.append([write(folder / "requests" / f"{number}.parquet", passages, REQUESTS)])
    kind, name = (RephrasesPart, "rephrases")
    if matched is not None:
        kind, name = (MatchedNotesPart, "matched_notes")
    return Source(kind(kind=name, **ASKED, tokens=1), 1, made, asked, "corpus 'plain', part 1")


def mixed(folder: Path, source: Source, budget: int, seed: int = 0) -> list[dict]:
    mixer = Mixer(seed, tokenizer(), folder)
    return [row for table in mixer.mix(source, budget) for row in table.to_pylist()]
