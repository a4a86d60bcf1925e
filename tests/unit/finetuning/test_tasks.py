"""Tagged sentences come from spans or files as they are, and are scored as seqeval does."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from palimpsest.datasets.entities import from_conll, from_notes, limit, sentences_of

from palimpsest.finetuning.tagger import (
    IGNORED,
    collate,
    entity_counts,
    examples,
    finetune,
    predict,
    strict_f1,
    tag_names,
)
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import load_tokenizer

LABELS = ["problem", "treatment"]
TAGS = tag_names(LABELS)


def span(text, part, label="problem"):
    start = text.index(part)
    return {"start": start, "end": start + len(part), "label": label, "assertion": "present"}


def note(text, *spans, **changes):
    return {"note_id": "n1", "split": "train", "text": text, "spans": list(spans)} | changes


def tagged(text, *spans, labels=LABELS):
    return list(sentences_of(note(text, *spans), labels))


def test_a_spans_tokens_are_tagged_and_no_others():
    text = "No chest pain today. Aspirin 81 mg was given."
    first, second = tagged(text, span(text, "Aspirin 81 mg", "treatment"), span(text, "chest pain"))
    assert first == (
        ["No", "chest", "pain", "today", "."],
        ["O", "B-problem", "I-problem", "O", "O"],
    )
    assert second[0] == ["Aspirin", "81", "mg", "was", "given", "."]
    assert second[1] == ["B-treatment", "I-treatment", "I-treatment", "O", "O", "O"]


def test_spans_that_touch_are_two_entities():
    text = "fever chills"
    ((_, tags),) = tagged(text, span(text, "fever"), span(text, "chills"))
    assert tags == ["B-problem", "B-problem"]


def test_a_span_inside_a_token_tags_the_token():
    text = "nonradiating x-ray"
    ((tokens, tags),) = tagged(text, {"start": 3, "end": 12, "label": "problem"})
    assert tokens == ["nonradiating", "x", "-", "ray"]
    assert tags == ["B-problem", "O", "O", "O"]


def test_spans_of_other_labels_are_left_out():
    text = "Chest x-ray."
    ((_, tags),) = tagged(text, span(text, "Chest x-ray", "test"))
    assert set(tags) == {"O"}


def test_lines_and_sentences_end_a_sentence():
    text = "Pain. Fever\nCough\n\n Dr. No saw 1.5 mg. (Fine.)"
    assert [" ".join(tokens) for tokens, _ in tagged(text)] == (
        ["Pain .", "Fever", "Cough", "Dr .", "No saw 1 . 5 mg .", "( Fine . )"]
    )


WORDS = st.lists(st.sampled_from(["pain", "81", ".", "\n", " ", "É", "-", "_", "No"]), max_size=20)


@given(WORDS, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=4))
def test_tags_are_valid_and_every_character_that_is_no_blank_is_in_a_token(words, spans):
    text = "".join(words)
    made = [{"start": start, "end": start + size, "label": "problem"} for start, size in spans]
    sentences = tagged(text, *made)
    assert "".join(token for tokens, _ in sentences for token in tokens) == "".join(text.split())
    for tokens, tags in sentences:
        assert len(tokens) == len(tags) > 0
        assert all(tag != "I-problem" or tags[at - 1] != "O" for at, tag in enumerate(tags) if at)
        assert tags[0] != "I-problem"


def test_rows_know_their_note_and_split():
    (row,) = from_notes([note("Pain.", split="test")], LABELS)
    assert (row["split"], row["group"], row["tokens"]) == ("test", "n1", ["Pain", "."])


def conll(tmp_path, content):
    path = tmp_path / "test.conll"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(from_conll(path, "test", LABELS))


def test_a_conll_file_is_read_sentence_by_sentence(tmp_path):
    content = "\nChest\tB-problem\r\npain\tI-problem\r\n\r\n\n \nNo\tNN\tO\n#\tO"
    first, second = conll(tmp_path, content)
    assert (first["tokens"], first["tags"]) == (["Chest", "pain"], ["B-problem", "I-problem"])
    assert (second["tokens"], second["tags"]) == (["No", "#"], ["O", "O"])
    assert [row["group"] for row in (first, second)] == ["test-1", "test-2"]
    assert first["split"] == "test"


@pytest.mark.parametrize("line", ["pain", "pain O", "pain\tB-disease", "pain\tproblem", "pain\t"])
def test_a_line_of_another_form_is_an_error_with_its_number(tmp_path, line):
    with pytest.raises(UserError, match=r"test\.conll:3: expected .*'B-problem'") as raised:
        conll(tmp_path, f"No\tO\n\n{line}\n")
    assert "pain" not in str(raised.value)


def test_a_conll_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.conll: cannot be read"):
        list(from_conll(tmp_path / "gone.conll", "test", LABELS))
    with pytest.raises(UserError, match=r"test\.conll: not UTF-8 at byte 4"):
        conll(tmp_path, b"No\tO\xff\n")


def rows_of(split, count):
    return [{"split": split, "group": f"{split}-{at}", "tokens": [str(at)]} for at in range(count)]


ROWS = rows_of("train", 20) + rows_of("valid", 5) + rows_of("test", 9)


def test_a_limit_takes_the_same_sentences_first_and_counts_all():
    small, found = limit(ROWS, {"train": 6, "valid": 2, "test": 99}, seed=1)
    large, _ = limit(ROWS, {"train": 12, "valid": 9, "test": 99}, seed=1)
    assert found == {"train": 20, "valid": 5, "test": 9}
    assert [sum(row["split"] == split for row in small) for split in found] == [6, 2, 9]
    assert all(row in large for row in small)
    assert small == [row for row in ROWS if row in small]
    assert limit(ROWS, {"train": 6, "valid": 2, "test": 99}, seed=2)[0] != small


def test_a_split_without_sentences_is_an_error():
    with pytest.raises(UserError, match="no 'valid' sentences"):
        limit(rows_of("train", 3), {"train": 1, "valid": 1}, seed=0)


IOB2 = st.lists(st.sampled_from([*TAGS, "O", "O"]), min_size=1, max_size=12)
PAIRS = st.lists(
    IOB2.flatmap(
        lambda gold: st.tuples(
            st.just(gold), st.lists(st.sampled_from(TAGS), min_size=len(gold), max_size=len(gold))
        )
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(deadline=None)
@given(PAIRS)
def test_counts_give_the_strict_f1_of_seqeval(pairs):
    gold, predicted = [one for one, _ in pairs], [other for _, other in pairs]
    true, found, there = map(sum, zip(*map(entity_counts, gold, predicted), strict=True))
    assert 2 * true / max(found + there, 1) == pytest.approx(strict_f1(gold, predicted))


@pytest.mark.parametrize(
    ("predicted", "counts"),
    [
        (["B-problem", "I-problem", "O"], (1, 1, 1)),
        (["B-problem", "O", "O"], (0, 1, 1)),
        (["B-treatment", "I-treatment", "O"], (0, 1, 1)),
        (["O", "I-problem", "O"], (0, 0, 1)),
        (["B-problem", "I-problem", "B-problem"], (1, 2, 1)),
    ],
)
def test_counts_of_a_known_sentence(predicted, counts):
    assert entity_counts(["B-problem", "I-problem", "O"], predicted) == counts


SENTENCES = [
    (["chest", "pain"], ["B-problem", "I-problem"]),
    (["the", "patient", "was", "admitted"] * 9, ["O"] * 36),
    (["aspirin"], ["B-treatment"]),
    (["a" * 200], ["O"]),
]


@pytest.fixture(scope="module")
def tokenizer(encoder):
    return load_tokenizer(encoder / "tokenizer.json")


def encoded(tokenizer, max_tokens, sentences=SENTENCES):
    rows = [{"tokens": tokens, "tags": tags} for tokens, tags in sentences]
    return examples(rows, tokenizer, TAGS, max_tokens)


def test_a_words_first_piece_alone_is_labelled(tokenizer):
    first, *_ = encoded(tokenizer, 32)
    assert first["input_ids"][0] == 2 and first["input_ids"][-1] == 3
    assert first["labels"][0] == first["labels"][-1] == IGNORED
    labelled = [label for label in first["labels"] if label != IGNORED]
    assert [TAGS[label] for label in labelled] == ["B-problem", "I-problem"]


@pytest.mark.parametrize("max_tokens", [3, 8, 16, 64])
def test_examples_fit_and_predictions_have_every_word(tokenizer, encoder, max_tokens):
    from transformers import AutoModelForTokenClassification

    made = encoded(tokenizer, max_tokens)
    assert all(len(row["input_ids"]) == len(row["labels"]) <= max_tokens for row in made)
    torch.manual_seed(0)
    model = AutoModelForTokenClassification.from_pretrained(encoder, num_labels=len(TAGS))
    lengths = [len(tokens) for tokens, _ in SENTENCES]
    predicted = predict(model, made, lengths, TAGS)
    assert [len(tags) for tags in predicted] == lengths
    for row, tags in zip(made, predicted, strict=True):
        seen = sum(label != IGNORED for label in row["labels"])
        assert set(tags[seen:]) <= {"O"}
    alone = [
        predict(model, [row], [size], TAGS)[0] for row, size in zip(made, lengths, strict=True)
    ]
    assert alone == predicted


def test_a_word_without_a_piece_does_not_lose_the_words_behind_it(tokenizer):
    # BERT's tokenizer drops control characters, which notes from old systems hold.
    sentence = (["chest", "\x00", "\u200b", "pain"], ["B-problem", "O", "O", "B-problem"])
    (row,) = encoded(tokenizer, 32, [sentence])
    assert [TAGS[label] for label in row["labels"] if label != IGNORED] == sentence[1]


def test_a_mark_in_a_sentence_is_text(tokenizer):
    (row,) = encoded(tokenizer, 32, [(["[SEP]", "[MASK]"], ["O", "O"])])
    assert not {3, 4} & set(row["input_ids"][1:-1])


def test_a_batch_is_padded_to_its_longest():
    batch = collate(
        [
            {"input_ids": [2, 5, 3], "labels": [-100, 1, -100]},
            {"input_ids": [2, 3], "labels": [-100] * 2},
        ],
        padding=7,
    )
    assert batch["input_ids"].tolist() == [[2, 5, 3], [2, 3, 7]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["labels"].tolist() == [[-100, 1, -100], [-100, -100, -100]]


def test_finetuning_learns_repeats_itself_and_tags_the_test_sentences(encoder):
    rows = [
        {
            "split": split,
            "group": f"{split}{at}",
            "tokens": ["no", word, "."],
            "tags": ["O", tag, "O"],
        }
        for split in ("train", "valid", "test")
        for at in range(8)
        for word, tag in (("pain", "B-problem"), ("aspirin", "B-treatment"))
    ]
    recipe = {
        "epochs": 8,
        "batch_size": 4,
        "learning_rate": 0.02,
        "max_tokens": 16,
        "precision": "float32",
    }
    first, second = (finetune("run", encoder, rows, LABELS, recipe, 1, 1) for _ in range(2))
    assert first == second
    predicted, valid_f1 = first
    test = [row["tags"] for row in rows if row["split"] == "test"]
    assert len(predicted) == len(test)
    assert valid_f1 == strict_f1(test, predicted) > 0.9
