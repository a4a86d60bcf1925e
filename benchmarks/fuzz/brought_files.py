"""Well-formed files for every reader, with a mark in each text that may show in no message."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MARK = "Markzqx"
WORDS = "pain fever mild he said no chest left knee since aspirin 5 mg daily BP 120/80".split()
ROWS = 20  # of a file
NOTES = {"text": "text", "note_id": "note_id", "patient_id": "patient_id", "category": "category"}
LABELS = ["problem", "treatment"]
Files = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """A reader with files for it.

    make: the files of some rows, by name. declared: keys of the source or dataset, besides its
    files. documents: how many are made at once. lines: rows of each. sound: whether the files
    can be read before they are damaged, as those with columns of odd types cannot.
    """

    make: Callable[[random.Random, int], Files]
    declared: dict[str, Any] = field(default_factory=dict)
    documents: int = ROWS
    lines: int = 1
    sound: bool = True


def text(dice: random.Random, lines: bool = False) -> str:
    """A text with the mark in front of each word, with quotes and maybe lines."""
    joints = [" ", " ", " ", ", ", ". ", ' "', '" ', " & ", "\n" if lines else " "]
    words = dice.choices(WORDS, k=dice.randrange(2, 14))
    return "".join(f"{MARK}{word}{dice.choice(joints)}" for word in words).strip()


def note_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "note_id": str(at), "patient_id": f"p{at // 2}", "category": "Letter",
            "text": text(dice, lines=True), "more": dice.choice([None, 1.5, "x"]),
        }
        for at in range(count)
    ]  # fmt: skip


def delimited(rows: list[dict[str, Any]], mark: str = ",") -> bytes:
    cells = [list(rows[0]), *([str(value or "") for value in row.values()] for row in rows)]
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in cells]
    return "".join(mark.join(row) + "\n" for row in quoted).encode()


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def odd_column(dice: random.Random, values: list[Any]) -> pa.Array:
    """A column as some program may type it."""
    numbers = list(range(len(values)))
    return dice.choice(
        [
            lambda: pa.array(values),
            lambda: pa.array(values, pa.large_string()),
            lambda: pa.array(values).dictionary_encode(),
            lambda: pa.array([str(value).encode() for value in values]),
            lambda: pa.array(numbers),
            lambda: pa.array([float(number) for number in numbers[:-1]] + [None]),
            lambda: pa.array([float("nan"), *map(float, numbers[1:])]),
            lambda: pa.array([1e300, *map(float, numbers[1:])]),
            lambda: pa.array(numbers, pa.float32()),
            lambda: pa.array(numbers).cast(pa.decimal128(30, 2)),
            lambda: pa.array(numbers, pa.timestamp("ms", tz="UTC")),
            lambda: pa.array([number % 2 == 0 for number in numbers]),
            lambda: pa.nulls(len(values)),
            lambda: pa.array([[str(value)] for value in values]),
            lambda: pa.array([{"a": value} for value in values]),
            lambda: pa.array([b"\xff" + str(value).encode() for value in values]).view(pa.string()),
        ]
    )()


def parquet(dice: random.Random, rows: list[dict[str, Any]], odd: float = 0.1) -> bytes:
    """A file of some rows, in which columns may have odd types."""
    columns, names = [], []
    for name in rows[0]:
        values = [None if row[name] is None else str(row[name]) for row in rows]
        columns.append(odd_column(dice, values) if dice.random() < odd else pa.array(values))
        names.append(name if dice.random() > 0.02 else "text")
    out = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, names=names), out)
    return out.getvalue().to_pybytes()


def saved(folder: Path, dice: random.Random, rows: list[dict[str, Any]]) -> None:
    """A data set of some rows, as the `datasets` library saves it."""
    import datasets

    made = [{**row, "more": str(row["more"])} for row in rows]
    datasets.disable_progress_bars()
    datasets.Dataset.from_list(made).save_to_disk(str(folder))


def labelled(dice: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "text": text(dice), "second": text(dice), "labels": dice.choice(LABELS),
            "patient_id": f"p{dice.random()}", "note_id": f"n{dice.random()}", "value": "1.5",
            "split": dice.choice(["train", "valid", "test"]),
        }
        for at in range(count)
    ]  # fmt: skip


def conll(dice: random.Random, count: int) -> Files:
    def line() -> str:
        tag = dice.choice(["O", "O", "B-problem", "B-treatment"])
        return f"{MARK}{dice.choice(WORDS)}\t{tag}\n"

    sentences = (
        "".join(line() for _ in range(6)) + f"{MARK}aspirin\tB-treatment\n" for _ in range(count)
    )
    return {"a.conll": "\n".join(sentences).encode()}


def _spots(content: str) -> list[tuple[int, int]]:
    """The first two words of each line."""
    spots, at = [], 0
    for line in content.split("\n"):
        for word in line.split(" ")[:2]:
            if word:
                spots.append((at, at + len(word)))
            at += len(word) + 1
        at += len(line) - len(" ".join(line.split(" ")[:2]))
    return spots


def _document(dice: random.Random) -> str:
    return "".join(f"{MARK}{dice.choice(WORDS)} {text(dice)}\n" for _ in range(3))


def i2b2_2010(dice: random.Random, count: int) -> Files:
    files: Files = {}
    for at in range(count):
        content = _document(dice)
        words = [line.split(" ")[:2] for line in content.splitlines()]
        spots = [
            f'c="{word}" {line}:{place} {line}:{place}'
            for line, pair in enumerate(words, start=1)
            for place, word in enumerate(pair)
        ]
        files[f"r{at}.txt"] = content.encode()
        files[f"r{at}.con"] = "".join(f'{spot}||t="problem"\n' for spot in spots).encode()
        files[f"r{at}.ast"] = "".join(
            f'{spot}||t="problem"||a="{dice.choice(["present", "absent"])}"\n' for spot in spots
        ).encode()
        files[f"r{at}.rel"] = f'{spots[0]}||r="TrAP"||{spots[1]}\n'.encode()
    return files


def i2b2_xml(dice: random.Random, count: int) -> Files:
    files: Files = {}
    for at in range(count):
        content = _document(dice)
        tags = "".join(
            f'<EVENT id="E{start}" start="{start}" end="{end}" text="{escape(content[start:end])}" '
            'modality="FACTUAL" type="problem" />\n'
            for start, end in _spots(content)
        )
        files[f"{at}.xml"] = (
            f'<?xml version="1.0" encoding="UTF-8" ?>\n<a><TEXT><![CDATA[{content}]]></TEXT>\n'
            f'<TAGS>\n{tags}<TLINK id="T1" fromID="E0" /></TAGS></a>\n'
        ).encode()
    return files


def brat(dice: random.Random, count: int) -> Files:
    files: Files = {}
    for at in range(count):
        content = _document(dice)
        rows = [
            f"T{number}\tproblem {start} {end}\t{content[start:end]}\n"
            f"A{number}\tSure T{number} {dice.choice(['Yes', 'No'])}\n"
            for number, (start, end) in enumerate(_spots(content), start=1)
        ]
        files[f"{at}.txt"] = content.encode()
        files[f"{at}.ann"] = ("".join(rows) + "R1\tTrAP Arg1:T1 Arg2:T2\n#1\tN T1\tx\n").encode()
    return files


def pubtator(dice: random.Random, count: int) -> Files:
    parts = []
    for at in range(count):
        title, abstract = (_document(dice).replace("\n", " ").strip() for _ in range(2))
        word = title.split(" ")[0]
        parts.append(
            f"{at}|t|{title}\n{at}|a|{abstract}\n{at}\t0\t{len(word)}\t{word}\tproblem\tD1\n"
            f"{at}\tCID\tD1\tD2\n"
        )
    return {"a.txt": "\n".join(parts).encode()}


def bioc(dice: random.Random, count: int) -> list[dict[str, Any]]:
    documents = []
    for at in range(count):
        content = _document(dice)
        annotations = [
            {
                "id": str(number), "infons": {"type": "problem", "sure": "Yes"},
                "text": content[start:end],
                "locations": [{"offset": start, "length": end - start}],
            }
            for number, (start, end) in enumerate(_spots(content))
        ]  # fmt: skip
        passage = {"offset": 0, "infons": {}, "text": content, "annotations": annotations}
        relation = {"infons": {"type": "TrAP"}, "nodes": [{"refid": "0"}, {"refid": "1"}]}
        documents.append({"id": str(at), "passages": [passage], "relations": [relation]})
    return documents


def bioc_json(dice: random.Random, count: int) -> Files:
    return {"a.json": json.dumps({"documents": bioc(dice, count)}).encode()}


def bioc_xml(dice: random.Random, count: int) -> Files:
    def escaped(content: str) -> str:
        return content.replace("&", "&amp;").replace("<", "&lt;")

    parts = []
    for document in bioc(dice, count):
        (passage,) = document["passages"]
        annotations = "".join(
            f'<annotation id="{one["id"]}"><infon key="type">problem</infon><location offset='
            f'"{one["locations"][0]["offset"]}" length="{one["locations"][0]["length"]}"/>'
            f"<text>{escaped(one['text'])}</text></annotation>"
            for one in passage["annotations"]
        )
        parts.append(
            f"<document><id>{document['id']}</id><passage><offset>0</offset><text>"
            f"{escaped(passage['text'])}</text>{annotations}</passage></document>\n"
        )
    return {"a.xml": f"<collection>{''.join(parts)}</collection>".encode()}


def mednli(dice: random.Random, count: int) -> Files:
    rows = [
        {"sentence1": text(dice), "sentence2": text(dice), "gold_label": dice.choice(LABELS)}
        for _ in range(count)
    ]
    return {"a.jsonl": json_lines(rows)}


def xml_rows(dice: random.Random, count: int) -> Files:
    rows = "".join(
        f'<row labels="{row["labels"]}"><text><![CDATA[{row["text"]}]]></text></row>\n'
        for row in labelled(dice, count)
    )
    return {"a.xml": f"<rows>\n{rows}</rows>".encode()}


def folders(dice: random.Random, count: int) -> Files:
    return {
        f"{dice.choice(LABELS)}/{at}.txt": text(dice, lines=True).encode() for at in range(count)
    }


def negex(dice: random.Random, count: int) -> Files:
    rows = []
    for at in range(count):
        content = f"{MARK}fever {text(dice)}"
        rows.append(f"{at}\t{MARK}fever\t{content}\t{dice.choice(LABELS)}\n")
    return {"a.txt": "".join(rows).encode()}


SENTENCES = ("text", "labels", "patient_id", "note_id", "split")
SPANS: dict[str, Any] = {"kind": "spans", "labels": LABELS, "overlaps": "longest"}
SAID: dict[str, Any] = {"kind": "assertion", "attribute": "Sure", "unmarked": "problem"}
PAIRS = {"text": "text", "second": "second", "labels": "labels"}
DOCUMENTS = {"text": "text", "labels": "labels", "patient": "patient_id", "split": "split"}
RELATED: dict[str, Any] = {
    "kind": "relations", "labels": ["TrAP", "none"], "none_label": "none",
    "pairs": [["problem", "problem"]],
}  # fmt: skip


def _table(name: str, write: Callable[[list[dict[str, Any]]], bytes], columns=None) -> Any:
    def make(dice: random.Random, count: int) -> Files:
        rows = labelled(dice, count)
        kept = [{key: row[key] for key in columns} for row in rows] if columns else rows
        return {name: write(kept)}

    return make


NOTE_CASES = {
    "csv": Case(lambda r, n: {"a.csv": delimited(note_rows(r, n))}),
    "tsv": Case(lambda r, n: {"a.tsv": delimited(note_rows(r, n), "\t")}),
    "jsonl": Case(lambda r, n: {"a.jsonl": json_lines(note_rows(r, n))}),
    "json": Case(lambda r, n: {"a.json": json.dumps(note_rows(r, n), indent=1).encode()}),
    "csv.gz": Case(lambda r, n: {"a.csv.gz": _gzip(delimited(note_rows(r, n)))}),
    "parquet": Case(lambda r, n: {"a.parquet": parquet(r, note_rows(r, n))}, sound=False),
    "folder": Case(lambda r, n: {f"p{at}/{at}.txt": text(r, True).encode() for at in range(n)}),
    "dataset": Case(lambda r, n: {}),
}
DATASET_CASES = {
    "conll": Case(conll, {**SPANS, "format": "conll"}, 8, 7),
    "i2b2-2010 spans": Case(i2b2_2010, {**SPANS, "format": "i2b2-2010"}, 4, 6),
    "i2b2-2010 assertion": Case(
        i2b2_2010,
        {"kind": "assertion", "format": "i2b2-2010", "labels": ["present", "absent"]}, 4, 6,
    ),
    "i2b2-2010 relations": Case(i2b2_2010, {**RELATED, "format": "i2b2-2010"}, 4, 6),
    "i2b2-2012": Case(i2b2_xml, {**SPANS, "format": "i2b2-2012"}, 4, 4),
    "i2b2-2014": Case(i2b2_xml, {**SPANS, "format": "i2b2-2014", "mismatches": "reject"}, 4, 3),
    "brat spans": Case(brat, {**SPANS, "format": "brat", "discontinuous": "hull"}, 4, 7),
    "brat assertion": Case(
        brat, {**SAID, "format": "brat", "labels": ["Yes", "No", "problem"]}, 4, 7
    ),
    "brat relations": Case(brat, {**RELATED, "format": "brat"}, 4, 7),
    "pubtator": Case(pubtator, {**SPANS, "format": "pubtator", "mismatches": "reject"}, 8, 3),
    "bioc json": Case(bioc_json, {**SPANS, "format": "bioc", "mismatches": "reject"}, 4, 3),
    "bioc relations": Case(bioc_json, {**RELATED, "format": "bioc"}, 4, 3),
    "bioc xml": Case(bioc_xml, {**SPANS, "format": "bioc"}, 4, 3),
    "mednli": Case(mednli, {"kind": "pairs", "format": "mednli", "labels": LABELS}),
    "table csv": Case(
        _table("a.csv", delimited),
        {"kind": "pairs", "format": "table", "labels": LABELS, "columns": PAIRS},
    ),
    "table jsonl": Case(
        _table("a.jsonl", json_lines),
        {
            "kind": "documents", "format": "table", "labels": LABELS, "answer": "several_labels",
            "columns": {key: value for key, value in DOCUMENTS.items() if key != "split"},
        },
    ),
    "table parquet": Case(
        lambda r, n: {"a.parquet": parquet(r, labelled(r, n))},
        {
            "kind": "pairs", "format": "table", "answer": "number",
            "columns": {"text": "text", "second": "second", "value": "value"},
        },
        sound=False,
    ),
    "xml": Case(
        xml_rows,
        {
            "kind": "documents", "format": "xml", "labels": LABELS,
            "columns": {"text": "text", "labels": "labels"},
        },
    ),
    "folders": Case(folders, {"kind": "documents", "format": "folders", "labels": LABELS}, 8),
    "negex": Case(negex, {"kind": "assertion", "format": "negex", "labels": LABELS}),
    "sentences csv": Case(_table("a.csv", delimited, SENTENCES), {"kind": "sentences"}),
    "sentences jsonl": Case(_table("a.jsonl", json_lines, SENTENCES), {"kind": "sentences"}),
    "sentences parquet": Case(
        lambda r, n: {"a.parquet": parquet(r, labelled(r, n))}, {"kind": "sentences"}, sound=False
    ),
}  # fmt: skip


def _gzip(content: bytes) -> bytes:
    import gzip

    return gzip.compress(content)
