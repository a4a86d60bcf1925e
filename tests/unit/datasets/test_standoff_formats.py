"""Formats with offsets: gold against itself is right, and counts are those of the raw files."""

import re
from collections import Counter
from pathlib import Path

import pytest
from collecting import collect, gold_against_itself, same_in_each_split, write_files
from fixtures_of_formats import (
    BIOC_JSON,
    BIOC_XML,
    BRAT,
    BRAT_ANN,
    BRAT_TEXT,
    I2B2_2010,
    I2B2_2012,
    I2B2_2014,
    I2B2_CON,
    LABELS,
    pubtator,
)

from palimpsest.runtime.errors import UserError

SPLITS = {"train": "train", "valid": "valid", "test": "test"}
DRUGS = ["Drug", "Dosage", "ADE"]


def numbered(contents):
    """The files of each split; each split's text is another, as no document may stand twice."""
    files = same_in_each_split(contents)
    for name, content in files.items():
        files[name] = content.replace("SPLIT", name.partition("/")[0])
    return files


def spans(monkeypatch, folder, contents, labels, **declared):
    write_files(folder, numbered(contents))
    return collect(monkeypatch, folder, kind="spans", files=SPLITS, labels=labels, **declared)


def with_split(content, where):
    """A text whose end names the split."""
    return content.replace(where, f"{where}SPLIT")


FORMATS = [
    # format, files, labels, more keys, mentions of one document, pattern of an entity in the file
    (
        "i2b2-2010",
        {**I2B2_2010, "txt/r1.txt": I2B2_2010["txt/r1.txt"] + "SPLIT\n"},
        LABELS,
        {},
        {
            ("chest  pain", "problem"): 1, ("a fever", "problem"): 1, ('" cold "', "problem"): 1,
            ("Tylenol", "treatment"): 1, ("fever", "problem"): 1, ("the CXR", "test"): 1,
            ("pneumonia", "problem"): 1,
        },
        (r't="', "concept/r1.con"),
    ),
    (
        "i2b2-2012",
        {"a.xml": with_split(I2B2_2012, "sats .\n")},
        ["OCCURRENCE", "PROBLEM", "TIMEX3"],
        {"leave_out": ["SECTIME"]},
        {("Admission", "OCCURRENCE"): 1, ("a fever", "PROBLEM"): 1, ("2031-04-05", "TIMEX3"): 1},
        ("<EVENT|<TIMEX3", "a.xml"),
    ),
    (
        "i2b2-2014",
        {"110-01.xml": with_split(I2B2_2014, "Dr. X.\n")},
        ["NAME", "AGE", "DATE", "LOCATION"],
        {},
        {
            ("2067-05-03", "DATE"): 1, ("Ana\nNoone", "NAME"): 1, ("91", "AGE"): 1,
            ("HFM", "LOCATION"): 1, ("X", "NAME"): 1,
        },
        ('TYPE="', "110-01.xml"),
    ),
    (
        "brat",
        {"d1.txt": BRAT_TEXT + "SPLIT\n", "d1.ann": BRAT_ANN},
        DRUGS,
        {"discontinuous": "hull"},
        {
            ("warfarin", "Drug"): 1, ("5 mg", "Dosage"): 1, ("heparin", "Drug"): 1,
            ("rash", "ADE"): 1, ("Pain in left and right knee", "ADE"): 1,
        },
        ("(?m)^T", "d1.ann"),
    ),
    (
        "pubtator",
        {"a.txt": pubtator().replace("|a|Sel", "|a|Sel").replace("dizziness.", "dizziness. SPLIT")},
        ["Chemical", "Disease"],
        {},
        {
            ("Selegiline", "Chemical"): 2, ("postural hypotension", "Disease"): 1,
            ("low blood pressure", "Disease"): 1, ("dizziness", "Disease"): 1,
        },
        ("\tD0.*\n", "a.txt"),
    ),
    (
        "bioc",
        {"a.json": BIOC_JSON.replace("hair loss.", "hair loss. SPLIT")},
        ["Chemical", "Disease"],
        {"discontinuous": "hull"},
        {("rash", "Disease"): 1, ("Zinc", "Chemical"): 1, ("skin and hair loss", "Disease"): 1},
        ('"locations"', "a.json"),
    ),
    (
        "bioc",
        {"a.xml": BIOC_XML.replace("hair loss.", "hair loss. SPLIT")},
        ["Chemical", "Disease"],
        {"discontinuous": "first"},
        {("rash", "Disease"): 1, ("Zinc", "Chemical"): 1, ("skin", "Disease"): 1},
        ("<annotation ", "a.xml"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "contents", "labels", "more", "mentions", "counted"),
    FORMATS,
    ids=["i2b2-2010", "i2b2-2012", "i2b2-2014", "brat", "pubtator", "bioc JSON", "bioc XML"],
)
def test_gold_is_read_whole(monkeypatch, tmp_path, name, contents, labels, more, mentions, counted):
    made = spans(monkeypatch, tmp_path, contents, labels, format=name, **more)
    assert made.mentions() == {mention: 3 * times for mention, times in mentions.items()}
    total = sum(mentions.values())
    assert gold_against_itself(made.dataset) == (2 * total,) * 3
    pattern, file = counted
    raw = len(re.findall(pattern, contents[file]))
    if name == "pubtator":  # a line of a relation ends like one of an entity
        raw -= 1
    assert raw == total
    left_out = 3 * sum(label in contents[file] for label in more.get("leave_out", []))
    assert made.manifest["entities"] == {
        "in": 3 * total + left_out, "kept": 3 * total, "failed": {},
        "rejected": {"label_left_out": left_out} if left_out else {},
    }  # fmt: skip
    assert made.manifest["unit"] == "document" and made.rejects == []
    for row in made.dataset.rows:
        starts = {token["start"] for token in row["tokens"]}
        ends = {token["end"] for token in row["tokens"]}
        assert all(one["start"] in starts and one["end"] in ends for one in row["spans"])


def test_what_no_dataset_has_is_counted(monkeypatch, tmp_path):
    contents = {"d1.txt": BRAT_TEXT + "SPLIT", "d1.ann": BRAT_ANN, "d2.txt": "Alone. SPLIT"}
    made = spans(
        monkeypatch, tmp_path, contents, ["Drug"], format="brat", discontinuous="reject",
        leave_out=["ADE"], rename={"Dosage": "Drug"},
    )  # fmt: skip
    ignored = dict.fromkeys(["equivalence", "event", "normalization", "note"], 3)
    assert made.manifest["ignored"] == ignored
    assert made.manifest["left_out"] == {"ADE": 6}
    assert made.labels() == {"Drug": 9}
    assert made.manifest["account"]["rejected"]["without_annotations"] == 3
    assert [row[0] for row in made.rejects] == ["d2.txt"] * 3


def test_patients_are_found_in_the_names_of_documents(monkeypatch, tmp_path):
    contents = {f"{split}/{number}-01.xml": with_split(I2B2_2014, "X.\n").replace("SPLIT", split)
                for number, split in enumerate(SPLITS)}  # fmt: skip
    write_files(tmp_path, contents)
    made = collect(
        monkeypatch, tmp_path, kind="spans", format="i2b2-2014", files=SPLITS, patient=r"^(\d+)-",
        labels=["PATIENT", "DOCTOR", "AGE", "DATE", "HOSPITAL"],
    )  # fmt: skip
    assert made.manifest["unit"] == "patient"
    assert {row["group"] for row in made.dataset.rows} == {"0", "1", "2"}
    assert made.labels() == dict.fromkeys(["PATIENT", "DOCTOR", "AGE", "DATE", "HOSPITAL"], 3)
    write_files(tmp_path, {"test/0-02.xml": I2B2_2014})
    with pytest.raises(UserError, match=r"0-02\.xml: the patient is of test, and of train at"):
        collect(
            monkeypatch, tmp_path, kind="spans", format="i2b2-2014", files=SPLITS,
            patient=r"^(\d+)-", labels=["NAME", "AGE", "DATE", "LOCATION"],
        )  # fmt: skip


def test_offsets_may_count_one_character_for_each_line_end(monkeypatch, tmp_path):
    windows = {"d1.txt": BRAT_TEXT.replace("\n", "\r\n") + "SPLIT", "d1.ann": BRAT_ANN}
    made = spans(monkeypatch, tmp_path, windows, DRUGS, format="brat", discontinuous="hull")
    assert made.mentions()["rash", "ADE"] == 3
    moved = {"d1.txt": windows["d1.txt"], "d1.ann": "T1\tADE 53 57\trash\n"}
    made = spans(monkeypatch, tmp_path, moved, DRUGS, format="brat")
    assert made.mentions() == {("rash", "ADE"): 3}


def changed(contents, name, old, new):
    assert old in contents[name]
    return {**contents, name: contents[name].replace(old, new)}


MALFORMED = [
    # format, files, what is wrong
    ("i2b2-2010", changed(I2B2_2010, "concept/r1.con", "3:3 3:4", "3:3 3:40"),
     r"r1\.con:1: names token 40 of line 3, but that line has 15, co"),
    ("i2b2-2010", changed(I2B2_2010, "concept/r1.con", "3:3 3:4", "9:3 9:4"),
     r"r1\.con:1: names line 9, but the text has 5 lines"),
    ("i2b2-2010", changed(I2B2_2010, "concept/r1.con", "3:3 3:4", "3:2 3:3"),
     r"r1\.con:1: an entity from \d+ to \d+, where the text is not what the file says"),
    ("i2b2-2010", changed(I2B2_2010, "concept/r1.con", 't="test"', 't="drug"'),
     r"r1\.con:6: unknown labels \{'drug': 1\}; expected some of \['problem', 'treat"),
    ("i2b2-2010", changed(I2B2_2010, "concept/r1.con", '||t="test"', "|t=test"),
     r"r1\.con:6: expected c=.* separated by"),
    ("i2b2-2010", {**I2B2_2010, "more/r1.con": I2B2_CON}, r"r1\.con: .*has the same name"),
    ("i2b2-2010", {"concept/r2.con": I2B2_CON, **I2B2_2010}, r"r2\.con: there is no r2\.txt am"),
    ("brat", changed(BRAT, "d1.ann", "52 56", "52 560"), r"d1\.ann:5: .*but the text has 98 "),
    ("brat", changed(BRAT, "d1.ann", "52 56", "56 52"), r"d1\.ann:5: .*which has no character"),
    ("brat", changed(BRAT, "d1.ann", "52 56\trash", "14 17\tmg"), r"d1\.ann:5: .*is not what the"),
    ("brat", changed(BRAT, "d1.ann", "52 56\trash", "16 18\tmg"), r"d1\.ann:5: the entity from 16 "
     r"to 18 overlaps the one at .*d1\.ann:2"),
    ("brat", BRAT, r"d1\.ann:7: an entity with gaps, from 58 to 85; declare `discontinuous`"),
    ("brat", changed(BRAT, "d1.ann", "T4\tADE", "T4 ADE"), r"d1\.ann:5: expected a line of BRAT"),
    ("brat", changed(BRAT, "d1.ann", "T4\tADE", "T1\tADE"), r"d1\.ann:5: T1 stands at .*ann:1, "),
    ("brat", changed(BRAT, "d1.ann", "Arg1:T2", "Arg1:T9"), r"d1\.ann:3: there is no T9 among"),
    ("i2b2-2012", {"a.xml": I2B2_2012.replace('end="58"', 'end="x"')},
     r"a\.xml:10: EVENT has no whole number as 'end'"),
    ("i2b2-2012", {"a.xml": I2B2_2012.replace('start="51"', 'start="53"')},
     r"a\.xml:10: an entity from 53 to 58, where the text is not"),
    ("i2b2-2012", {"a.xml": I2B2_2012.replace("</TAGS>", "")}, r"a\.xml:15: expected XML: mismat"),
    ("i2b2-2012", {"a.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "declares an entity"),
    ("i2b2-2012", {"a.xml": "<a/>"}, r"a\.xml: expected one element TEXT"),
    ("pubtator", {"a.txt": pubtator().replace("81|t", "82|t")}, r"a\.txt:2: expected a title and"),
    ("pubtator", {"a.txt": pubtator().replace("\tDisease", " Disease")}, r"a\.txt:\d: unknown l"),
    ("pubtator", {"a.txt": "lorem\n"}, r"a\.txt:1: expected `id\|t\|title`"),
    ("bioc", {"a.json": BIOC_JSON.replace('"offset": 18, "infons"', '"offset": 9, "infons"')},
     r"a\.json: document '81': a passage at 9 overlaps"),
    ("bioc", {"a.json": BIOC_JSON.replace('"length"', '"size"')},
     r"a\.json: document '81': expected BioC .*KeyError"),
    ("bioc", {"a.json": "[]"}, r"a\.json: expected BioC with documents, found none"),
    ("bioc", {"a.json": "{"}, r"a\.json: expected JSON"),
    ("bioc", {"a.xml": BIOC_XML.replace('<location offset="18"', '<location offset="19"')},
     r"a\.xml:10: an entity from 19 to 23, where the text is not"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "contents", "message"), MALFORMED)
def test_what_is_malformed_is_named_with_its_line_and_without_its_text(
    monkeypatch, tmp_path, name, contents, message
):
    declared = {
        "i2b2-2010": {"labels": LABELS},
        "i2b2-2012": {"labels": ["PROBLEM", "OCCURRENCE", "TIMEX3"], "leave_out": ["SECTIME"]},
        "brat": {"labels": DRUGS} | ({} if contents is BRAT else {"discontinuous": "hull"}),
        "pubtator": {"labels": ["Chemical", "Disease"]},
        "bioc": {"labels": ["Chemical", "Disease"], "discontinuous": "hull"},
    }[name]
    write_files(tmp_path, same_in_each_split(contents))
    with pytest.raises(UserError, match=message) as raised:
        collect(monkeypatch, tmp_path, kind="spans", format=name, files=SPLITS, **declared)
    for word in ("pain", "rash", "fever", "Selegiline", "Zinc"):
        assert word not in str(raised.value)


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ({"overlaps": "longest"}, ["5 mg warfarin daily"]),
        ({"overlaps": "first"}, ["given 5"]),
        ({"overlaps": "reject"}, []),
    ],
)
def test_overlaps_go_by_the_policy_and_are_counted(monkeypatch, tmp_path, policy, kept):
    overlapping = (
        "T1\tDrug 8 15\tgiven 5\nT2\tDrug 14 33\t5 mg warfarin daily\nT3\tDrug 16 18\tmg\n"
        "T4\tDrug 40 47\theparin\n"
    )
    if policy["overlaps"] == "first":
        overlapping = overlapping.replace("T3\tDrug 16 18\tmg\n", "")
    contents = {"d1.txt": BRAT_TEXT + "SPLIT", "d1.ann": overlapping}
    made = spans(monkeypatch, tmp_path, contents, DRUGS, format="brat", **policy)
    assert {mention for mention, _ in made.mentions()} == {*kept, "heparin"}
    lines = len(overlapping.splitlines())
    account = made.manifest["entities"]
    assert account["in"] == 3 * lines and account["kept"] == 3 * (len(kept) + 1)
    assert account["rejected"] == {"overlap": 3 * (lines - len(kept) - 1)}
    assert gold_against_itself(made.dataset)[0] == 2 * (len(kept) + 1)


def test_entities_that_are_not_in_the_text_may_be_rejected(monkeypatch, tmp_path):
    ann = (
        "T1\tDrug 19 27\twarfarin\nT2\tDrug 900 907\tx\nT3\tDrug 0 7\tother\nT4\tDrug 7 8\t \n"
        "T5\tDrug 19 27\twarfarin\nT6\tDrug 27 35\t daily, \n"
    )
    contents = {"d1.txt": BRAT_TEXT + "SPLIT", "d1.ann": ann}
    made = spans(monkeypatch, tmp_path, contents, DRUGS, format="brat", mismatches="reject")
    assert made.manifest["entities"]["rejected"] == {
        "duplicate": 3, "empty_span": 3, "other_text": 3, "past_the_end": 3,
    }  # fmt: skip
    assert made.mentions() == {("warfarin", "Drug"): 3, ("daily,", "Drug"): 3}


def test_concepts_of_no_line_may_be_rejected(monkeypatch, tmp_path):
    concepts = I2B2_CON.replace("3:3 3:4", "90:3 90:4").replace("4:0 4:0", "4:0 4:99")
    contents = {"r1.con": concepts, "r1.txt": I2B2_2010["txt/r1.txt"] + "SPLIT"}
    declared = {"format": "i2b2-2010", "mismatches": "reject"}
    made = spans(monkeypatch, tmp_path, contents, LABELS, **declared)
    assert made.manifest["entities"]["rejected"] == {"past_the_end": 6}
    assert made.labels() == {"problem": 12, "test": 3}


def test_tokens_are_cut_at_the_ends_of_entities(monkeypatch, tmp_path):
    contents = {"d1.txt": "HbA1c was 7.SPLIT", "d1.ann": "T1\tDrug 2 4\tA1\n"}
    made = spans(monkeypatch, tmp_path, contents, DRUGS, format="brat")
    assert made.mentions() == {("A1", "Drug"): 3} and made.manifest["cut_tokens"] == 6
    assert gold_against_itself(made.dataset) == (2, 2, 2)


@pytest.mark.parametrize("name", ["beth/txt/r1.txt", "r1.TXT"])
def test_folders_are_read_with_what_lies_below_them(monkeypatch, tmp_path, name):
    contents = {"concept/r1.con": I2B2_CON, name: I2B2_2010["txt/r1.txt"] + "SPLIT"}
    made = spans(monkeypatch, tmp_path, {**contents, "README.md": "x"}, LABELS, format="i2b2-2010")
    assert made.labels() == {"problem": 15, "treatment": 3, "test": 3}


REAL = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.skipif(not REAL.exists(), reason="the data is not here")
def test_counts_of_real_files_are_those_of_a_search(monkeypatch, tmp_path):
    place = REAL / "ncbi-disease"
    files = {
        split: str(place / f"{name}.tsv")
        for split, name in (("train", "train"), ("valid", "devel"), ("test", "test"))
    }
    made = collect(monkeypatch, tmp_path, kind="spans", files=files, labels=["Disease"])
    raw = {split: Path(path).read_text().count("\tB-") for split, path in files.items()}
    found = Counter(row["split"] for row in made.dataset.rows for _ in row["spans"])
    assert found == raw
    assert gold_against_itself(made.dataset) == (raw["valid"] + raw["test"],) * 3

    folder = REAL / "i2b2-2010-example"
    copies = {f"{split}/{path.name}": path.read_text() for path in folder.iterdir()
              for split in SPLITS}  # fmt: skip
    copies = {name: text + (name if name.endswith("txt") else "") for name, text in copies.items()}
    write_files(tmp_path, copies)
    made = collect(
        monkeypatch, tmp_path, kind="spans", format="i2b2-2010", files=SPLITS, labels=LABELS
    )
    concepts = Counter(re.findall(r't="(\w+)"', (folder / "ex_doc.con").read_text()))
    assert made.labels() == {label: 3 * count for label, count in concepts.items()}
    assert gold_against_itself(made.dataset) == (2 * concepts.total(),) * 3
