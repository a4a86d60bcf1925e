"""CoNLL: each way of writing tags gives the spans that it means, and nothing is lost in silence."""

import pytest
from collecting import collect, gold_against_itself, same_in_each_split, write_files

from palimpsest.runtime.errors import UserError

FILES = {split: f"{split}/a.conll" for split in ("train", "valid", "test")}
LABELS = ["problem", "treatment"]
SPANS = {("chest pain", "problem"): 3, ("aspirin", "treatment"): 3}
# "No chest pain . Gave aspirin" in each scheme.
WORDS = ["No", "chest", "pain", ".", "", "Gave", "aspirin"]
SCHEMES = {
    "iob1": ["O", "I-problem", "I-problem", "O", "", "O", "I-treatment"],
    "iob2": ["O", "B-problem", "I-problem", "O", "", "O", "B-treatment"],
    "iobes": ["O", "B-problem", "E-problem", "O", "", "O", "S-treatment"],
    "bilou": ["O", "B-problem", "L-problem", "O", "", "O", "U-treatment"],
}


def lines(tags, separator="\t", end="\n"):
    rows = [separator.join(pair) if pair[0] else "" for pair in zip(WORDS, tags, strict=True)]
    return end.join([*rows, ""])


def tagged(text):
    return "".join(f"{pair.replace('/', chr(9))}\n" for pair in text.split(" "))


def read(monkeypatch, folder, content, **declared):
    write_files(folder, same_in_each_split({"a.conll": content}))
    declared = {"files": FILES, "labels": LABELS, "format": "conll"} | declared
    return collect(monkeypatch, folder, kind="spans", **declared)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("before", "separator", "end"),
    [("", "\t", "\n"), ("\ufeff", " ", "\n"), ("", "\t", "\r\n")],
    ids=["tabs", "BOM and blanks", "CRLF"],
)
def test_every_scheme_is_detected_and_said(monkeypatch, tmp_path, scheme, before, separator, end):
    made = read(monkeypatch, tmp_path, before + lines(SCHEMES[scheme], separator, end))
    assert made.mentions() == SPANS
    assert made.texts("test") == ["No chest pain .", "Gave aspirin"] or made.texts("test") == [
        "Gave aspirin", "No chest pain .",
    ]  # fmt: skip
    assert made.manifest["scheme"] == dict.fromkeys(FILES, scheme)
    assert gold_against_itself(made.dataset) == (4, 4, 4)
    assert made.manifest["unit"] == "sentence"
    declared = read(monkeypatch, tmp_path, lines(SCHEMES[scheme]), scheme=scheme)
    assert declared.mentions() == SPANS


@pytest.mark.parametrize(
    ("content", "scheme", "spans"),
    [
        # In IOB1 a B- parts two spans of one label; two labels need none.
        ("a/I-problem b/B-problem c/I-problem", "iob1", [("a", "problem"), ("b c", "problem")]),
        ("a/I-problem b/I-treatment", "iob1", [("a", "problem"), ("b", "treatment")]),
        ("a/B-problem b/B-problem", "iob2", [("a", "problem"), ("b", "problem")]),
        ("a/S-problem b/B-problem c/I-problem d/E-problem", "iobes",
         [("a", "problem"), ("b c d", "problem")]),
    ],
)  # fmt: skip
def test_spans_that_touch_are_two(monkeypatch, tmp_path, content, scheme, spans):
    made = read(monkeypatch, tmp_path, tagged(content))
    assert made.mentions() == dict.fromkeys(spans, 3)
    assert made.manifest["scheme"]["test"] == scheme
    assert gold_against_itself(made.dataset) == (2 * len(spans),) * 3


@pytest.mark.parametrize(
    ("content", "declared", "message"),
    [
        ("a/B-problem b/O c/I-problem", {}, r"a\.conll:3: I- begins 1 spans and B- 1: neither"),
        ("a/O b/I-problem", {"scheme": "iob2"}, r"a\.conll:2: I- begins a span, which .* iob2"),
        ("a/S-problem", {"scheme": "iob2"}, r"a\.conll:1: the tag S-, which is not of .* iob2"),
        ("a/B-problem b/O c/S-problem", {}, r"a\.conll:2: the tag O- does not go with the one bef"),
        ("a/O b/E-problem", {}, r"a\.conll:2: the tag E- begins a span in IOBES"),
        ("a/B-problem b/E-treatment", {}, r"a\.conll:2: the tag E- does not go with"),
        ("a/S-problem b/B-problem", {}, r"a\.conll:2: a span has no end in IOBES"),
        ("a/L-problem b/E-problem", {}, r"a\.conll:1: tags of IOBES and of BILOU"),
        ("a/O pain", {}, r"a\.conll:2: has 1 columns, expected a token and its tag"),
        ("a/O pain/problem", {}, r"a\.conll:2: expected a token and one of the tags .*B-problem"),
        ("a/O /O", {}, r"a\.conll:2: expected a token and one of"),
        ("a/O pain/B-disease", {}, r"a\.conll:2: unknown labels \{'disease': 1\}; expec"),
        ("a/O pain/O", {}, r"none of the 1 \w+ examples has an entity of the labels \['problem'"),
        ("a/NN/B-problem b/NN/O", {"tag_column": 4}, r"a\.conll:1: has 2 columns, expected .* 4"),
    ],
)  # fmt: skip
def test_tags_of_no_scheme_are_an_error_with_their_line(
    monkeypatch, tmp_path, content, declared, message
):
    good = tagged(content.split(" ")[0].split("/")[0] + "/B-problem")
    write_files(
        tmp_path, {FILES["train"]: good, FILES["valid"]: good, FILES["test"]: tagged(content)}
    )
    with pytest.raises(UserError, match=message) as raised:
        collect(
            monkeypatch, tmp_path, kind="spans", files=FILES, labels=LABELS, format="conll",
            **declared,
        )  # fmt: skip
    assert "pain" not in str(raised.value)


def test_columns_may_be_declared(monkeypatch, tmp_path):
    content = "1 chest B-problem x\n2 pain I-problem x\n"
    made = read(monkeypatch, tmp_path, content, token_column=2, tag_column=-2)
    assert made.mentions() == {("chest pain", "problem"): 3}


@pytest.mark.parametrize("separator", ["\t", " "])
def test_a_token_may_be_a_blank_of_another_kind(monkeypatch, tmp_path, separator):
    rows = ["pain", "\u2009", "\u00a0now"]
    tags = ["B-problem", "I-problem", "O"]
    content = "".join(f"{row}{separator}{tag}\n" for row, tag in zip(rows, tags, strict=True))
    made = read(monkeypatch, tmp_path, content)
    assert made.mentions() == {("pain", "problem"): 3}
    assert [len(row["tokens"]) for row in made.dataset.rows] == [3, 3, 3]
    assert gold_against_itself(made.dataset)[0] == 2


def test_documents_begin_at_docstart_and_are_what_is_resampled(monkeypatch, tmp_path):
    def content(first, second):
        body = "pain B-problem\n\nHe O\nsleeps O\n\n"
        return f"-DOCSTART- -X- O\n\n{first} O\n{body}-DOCSTART- ({second})\n\n{second} O\n{body}"

    names = {"train": ("a", "7"), "valid": ("b", "8"), "test": ("c", "9")}
    write_files(tmp_path, {FILES[split]: content(*given) for split, given in names.items()})
    made = collect(monkeypatch, tmp_path, kind="spans", files=FILES, labels=LABELS, format="conll")
    assert made.manifest["unit"] == "document"
    rows = [row for row in made.dataset.rows if row["split"] == "test"]
    named = [row for row in rows if row["group"] == "9"]
    assert {row["text"] for row in named} == {"9 pain", "He sleeps"} and len(rows) == 4
    assert {row["example_id"] for row in named} == {"9:0-6", "9:7-16"}
    assert len({row["group"] for row in rows}) == 2
    assert gold_against_itself(made.dataset) == (4, 4, 4)


def test_a_new_sentence_changes_no_other_ones_id_or_split(monkeypatch, tmp_path):
    words = [f"w{number}" for number in range(60)]
    content = [f"{word}\tB-problem\n\n" for word in words]
    for name, part in (("one", content), ("more", ["new\tB-problem\n\n", *content])):
        write_files(tmp_path / name, {"all.conll": "".join(part)})
    one, more = (
        collect(
            monkeypatch, tmp_path / name, kind="spans", files=["all.conll"], labels=LABELS,
            format="conll",
        ).dataset.rows
        for name in ("one", "more")
    )  # fmt: skip
    assert {row["split"] for row in one} == {"train", "valid", "test"}
    assert [row for row in more if row["text"] != "new"] == one


def test_a_sentence_that_stands_twice_counts_twice(monkeypatch, tmp_path):
    made = read(monkeypatch, tmp_path, "pain\tB-problem\n\n" * 2)
    rows = [row for row in made.dataset.rows if row["split"] == "test"]
    assert (
        len({row["example_id"] for row in rows}) == 2 and len({row["group"] for row in rows}) == 1
    )


def test_a_file_that_cannot_be_read_is_named(monkeypatch, tmp_path):
    with pytest.raises(UserError, match=r"train/a\.conll: not UTF-8 at byte 4; name its encoding"):
        read(monkeypatch, tmp_path, b"No\tO\xff\n")
    with pytest.raises(UserError, match=r"train/a\.conll:2: holds a NUL byte"):
        read(monkeypatch, tmp_path, "No\tO\na\0\tO\n")
