"""Reading delimited files: values exact, broken rows alone, whatever the windows."""

import csv
import io
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.formats import reader, recovery
from palimpsest.runtime.errors import UserError

SIZES = [64, 4 << 20]
HEADER = "id,patient,category,text\n"


def read(content, columns=("id", "text"), window=4 << 20, delimiter=",", encoding="utf-8"):
    """Rows as (number, byte, values), and rejections as (number, byte, reason)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "WINDOW", window)
        patch.setattr(reader, "SMALLEST_WINDOW", min(window, 1 << 15))
        patch.setattr(reader, "HEAD", 4096)
        stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
        blocks = list(reader.read_delimited(stream, "n.csv", delimiter, columns, encoding))
    rows = [
        (int(number), int(at), values)
        for block in blocks
        for number, at, *values in zip(
            block.rows,
            block.bytes,
            *(block.columns[column].to_pylist() for column in columns),
            strict=True,
        )
    ]
    for block in blocks:
        for column in block.columns.values():
            column.validate(full=True)
    rejected = [(r.row, r.byte, r.reason) for block in blocks for r in block.rejected]
    assert all(r.file == "n.csv" for block in blocks for r in block.rejected)
    return rows, rejected


def values(content, **options):
    return [found for _, _, found in read(content, **options)[0]]


def note(number, text=None):
    """A row as hospitals write it: only what is text has quotes, and it has several lines."""
    text = (
        f"Admission Date: 2150\n\nHe felt well, {number} times,\nand left.\n"
        if text is None
        else text
    )
    return f'{number},{number * 7},Discharge,"{text}"\n'


def broken_among(broken, before=40, after=40, ends="\n"):
    """A file with one broken row, the ids of the good rows, the number and place of the bad one."""
    first = HEADER + "".join(note(1000 + i) for i in range(before))
    last = "".join(note(5000 + i) for i in range(after))
    ids = [str(i) for i in (*range(1000, 1000 + before), *range(5000, 5000 + after))]
    broken = broken if isinstance(broken, bytes) else broken.encode()
    first, broken, last = (
        part.replace(b"\n", ends.encode()) for part in (first.encode(), broken, last.encode())
    )
    return first + broken + last, ids, (before + 1, len(first))


BROKEN = {
    "unclosed": (note(3)[:-2] + "\n", "unclosed_quote"),
    "unclosed_early": ('3,21,"Discharge,"Admission\nand left."\n', "text_after_quote"),
    "text_after": ('3,21,Discharge,"He said "no, to all\nand, more" of it."\n', "text_after_quote"),
    "too_few": ('3,Discharge,"Admission\n\nand left.\n"\n', "too_few_fields"),
    "too_many": ('3,21,Discharge,,"Admission\n\nand left.\n"\n', "too_many_fields"),
    "cut_short": ("3,21\n", "too_few_fields"),
    "nul": (note(3, "felt \0 well\n"), "nul_byte"),
    "nul_elsewhere": ('3,21,Dis\0charge,"well"\n', "nul_byte"),
    "not_utf8": (note(3, "caf#\n").encode().replace(b"#", b"\xe9"), "invalid_utf8"),
    "half_a_character": (b"3,21,Discharge,caf#\n".replace(b"#", b"\xc3"), "invalid_utf8"),
    "unopened": (
        '3,21,Discharge,Admission Date 2150\nHe felt well\nand left."\n',
        "unopened_quote",
    ),
}


@pytest.mark.parametrize("window", SIZES)
@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), [(40, 40), (40, 0), (40, 1)])
def test_a_broken_row_is_rejected_with_its_place_and_costs_no_other(
    kind, window, ends, before, after
):
    broken, reason = BROKEN[kind]
    content, ids, place = broken_among(broken, before, after, ends)
    rows, rejected = read(content, window=window)
    assert [found[0] for _, _, found in rows] == ids
    assert rejected == [(*place, reason)]


@pytest.mark.parametrize("window", SIZES)
def test_several_broken_rows_in_a_row_are_told_apart(window):
    broken = "".join(BROKEN[kind][0] for kind in ("unclosed", "too_many", "unclosed", "text_after"))
    content, ids, _ = broken_among(broken)
    rows, rejected = read(content, window=window)
    assert [found[0] for _, _, found in rows] == ids
    assert [reason for *_, reason in rejected] == [
        "unclosed_quote", "too_many_fields", "unclosed_quote", "text_after_quote"
    ]  # fmt: skip


def test_a_row_is_not_swallowed_where_the_next_text_starts_with_a_line_end():
    rows = [note(1000 + i, "\nHe felt well.\nAnd left.") for i in range(60)]
    rows[30] = rows[30][:-2] + "\n"
    found, rejected = read(HEADER + "".join(rows))
    assert [int(row[0]) for _, _, row in found] == [1000 + i for i in range(60) if i != 30]
    assert [(number, reason) for number, _, reason in rejected] == [(31, "unclosed_quote")]


def test_text_that_ends_with_a_delimiter_is_good():
    rows = [note(1000 + i, "He felt well.\nAnd left,") for i in range(60)]
    assert len(read(HEADER + "".join(rows))[0]) == 60


@pytest.mark.parametrize("window", SIZES)
def test_an_unclosed_quote_at_the_very_end_costs_one_row(window):
    content = HEADER + "".join(note(1000 + i) for i in range(50)) + '3,21,Discharge,"He felt\nwell'
    rows, rejected = read(content, window=window)
    assert len(rows) == 50
    assert [reason for *_, reason in rejected] == ["unclosed_quote"]


@pytest.mark.parametrize("window", SIZES)
def test_an_unclosed_quote_before_rows_without_quotes_costs_one_row(window):
    plain = "".join(f"{i},{i * 3},Radiology,fine\n" for i in range(1000, 1200))
    content = HEADER + plain + '3,21,Radiology,"fine\n' + plain
    rows, rejected = read(content, window=window)
    assert len(rows) == 400
    assert [(number, reason) for number, _, reason in rejected] == [(201, "unclosed_quote")]


def test_a_quote_within_an_unquoted_value_is_part_of_it():
    assert values("id\ttext\n1\t5'3\" tall\n2\t\"\"\"x\"\n", delimiter="\t") == [
        ["1", "5'3\" tall"], ["2", '"x']
    ]  # fmt: skip


def test_values_are_kept_as_they_are():
    content = 'id,text\n007,NA\n1e5,null\n,""\n 8 ," x "\n'
    assert values(content) == [["007", "NA"], ["1e5", "null"], ["", ""], [" 8 ", " x "]]


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bom_line_ends_and_blank_lines_are_no_content(bom, end):
    lines = ["", "id,text", "1,a", "", '2,"b"', "3,c"]
    rows, rejected = read(bom + end.join(lines))
    assert [(number, found) for number, _, found in rows] == [
        (1, ["1", "a"]), (2, ["2", "b"]), (3, ["3", "c"])
    ]  # fmt: skip
    assert not rejected


def test_positions_are_those_of_the_file():
    content = b'id,text\n1,"\xc3\xa9\n"\n2\n3,b\n'
    rows, rejected = read(content)
    assert [content[at : at + 1] for _, at, _ in rows] == [b"1", b"3"]
    assert [(number, content[at : at + 1]) for number, at, _ in rejected] == [(2, b"2")]


@pytest.mark.parametrize("window", [1 << 16, 4 << 20])
def test_a_note_of_ten_megabytes_is_a_note(window):
    text = 'He said ""no"".\n, ' * 600_000
    content = "id,text\n1,a\n" + f'2,"{text}"\n3,c\n'
    assert values(content, window=window) == [
        ["1", "a"],
        ["2", text.replace('""', '"')],
        ["3", "c"],
    ]


@pytest.mark.parametrize("window", [64, 512])
@pytest.mark.parametrize("ending", ["", '"'])
def test_a_row_longer_than_any_may_be_is_rejected_and_reading_goes_on(monkeypatch, window, ending):
    monkeypatch.setattr(recovery, "LONGEST_ROW", 2048)
    good = [note(1000 + i) for i in range(40)]
    content = (
        HEADER + "".join(good) + '3,21,Discharge,"' + "word " * 2000 + ending + "\n" + "".join(good)
    )
    rows, rejected = read(content, window=window)
    assert len(rows) == 80
    assert [(number, reason) for number, _, reason in rejected] == [(41, "too_long")]


PIECES = [
    '\\"', '"', ",", "\n", "a", '""', '1,"x \\"y\\" z"\n', '2,"x, \\"y\\"\nmore"\n', '3,"a\\"b\n',
    '4,a\\"\n', '5,"ok"\n', '\\"\\",\\"', '6,"C:\\"\n', '7,"Visit. Pain,\nno fever"\n',
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from([0, 30]))
def test_backslashes_before_quotes_give_the_same_rows_whatever_the_window(pieces, before):
    good = "".join(f'{at},"Visit {at}. Pain,\nno fever"\n' for at in range(100, 100 + before))
    content = "id,text\n" + good + "".join(pieces)
    found = []
    for window in (1, 64, 4 << 20):
        try:
            found.append(read(content, window=window))
        except UserError as error:
            found.append(str(error))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "n.csv: it is empty"),
        (b"\xef\xbb\xbf\n\n", "n.csv: it is empty"),
        (b"id,note\n1,a\n", "no column ['text']; it has ['id', 'note']"),
        (b"id,text,text\n1,a,b\n", "['text'] are there more than once"),
        (b'id,"text\n1,a\n', "no header"),
        (b"id,t\xe9xt\n1,a\n", "`encoding`"),
        (b"id,text\n" + b"1,caf\xe9 au lait\n" * 5, "5 of 5 rows are not UTF-8"),
        (b"id,text\n" + b"1,caf\xe9\n2,a\n" * 900, "500 of 1000 rows are not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(content, told):
    with pytest.raises(UserError) as error:
        read(content)
    assert told in str(error.value)


@pytest.mark.parametrize(
    "row",
    ["1,The patient felt very well and left the house early.\n", '12345,"77"\n', '1,"a\nb"\n'],
)
def test_a_file_without_a_header_is_rejected_without_telling_what_it_holds(row):
    with pytest.raises(UserError) as error:
        read(row * 3)
    assert "header" in str(error.value)
    assert "patient" not in str(error.value) and "12345" not in str(error.value)


def test_an_encoding_of_one_byte_a_character_is_read_as_declared():
    content = 'id,text\n1,"café ""au"" lait"\n2,naïve\n3,a\n'.encode("latin-1")
    expected = [["1", 'café "au" lait'], ["2", "naïve"], ["3", "a"]]
    assert values(content, encoding="latin-1") == expected
    assert read(b"id,text\n1,\x81\n2,\x80\n", encoding="cp1252")[1] == [(1, 8, "invalid_encoding")]


@pytest.mark.parametrize("encoding", ["utf-16", "gbk", "no-such", "rot-13"])
def test_other_encodings_are_rejected_by_name(encoding):
    with pytest.raises(ValueError, match=encoding.replace("-", ".")):
        read(b"id,text\n1,a\n", encoding=encoding)


# A carriage return alone ends a line for some writers of CSV, and stands for itself here.
ANY = st.text(
    st.sampled_from('aé,\t"\n\r1 ;😀')
    | st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(ANY, min_size=width, max_size=width), max_size=12)
    ),
    st.sampled_from([",", "\t"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_is_read_back_exactly_whatever_the_window(table, delimiter, quoting, end):
    width = len(table[0]) if table else 1
    if any("\r" in value for row in table for value in row):
        end = "\r\n"  # else the writer gives a carriage return no quotes
    names = [f"c{i}" for i in range(width)]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(
        [names, *table]
    )
    for window in (40, 4 << 20):
        rows, rejected = read(out.getvalue(), tuple(names), window, delimiter)
        assert [found for _, _, found in rows] == table
        assert not rejected
        assert [number for number, _, _ in rows] == list(range(1, len(table) + 1))


ROW = st.builds(
    lambda i, text: [str(i), str(i * 7), "Discharge", text], st.integers(100, 99999), ANY
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=30, max_size=45), st.data())
def test_any_bytes_in_place_of_a_row_give_the_same_rows_whatever_the_window(table, data):
    lines = [note(int(row[0]), row[3].replace('"', '""')).encode() for row in table]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        line = bytearray(lines[place])
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(line)))
            line[at : at + data.draw(st.integers(0, 2))] = data.draw(
                st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"\xff", b'""', b""])
            )
        lines[place] = bytes(line)
    content = HEADER.encode() + b"".join(lines)
    seen = [read(content, window=window) for window in (40, 4 << 20)]
    assert all(other == seen[0] for other in seen)
    rows, rejected = seen[0]
    starts = sorted(chain((at for _, at, _ in rows), (at for _, at, _ in rejected)))
    assert len(starts) == len(set(starts)) and starts[0] == len(HEADER)
    assert sorted(n for n, *_ in rows + rejected) == list(range(1, len(starts) + 1))
