"""Passages and what is skipped tile their note, fit their room and end where a reader pauses."""

import random
import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from manifests import describe
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from palimpsest.passages import token_counts
from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.passages.token_counts import CONTROL_SPACES, TokenCounter
from palimpsest.text.tokenizers import count_tokens

NASTY = st.one_of(
    st.sampled_from(
        [
            *("<|endoftext|>", "<|im_end|>", "[SEP]", "[MASK]", "</s>", "\r\n", "\n\n", "\n \n"),
            *("\t", "   ", "Discharge Medications:\n", "Plan: ", "1. ", "x" * 90, "7" * 40, "🙂"),
            *("👩‍👩‍👧", "é", "e\u0301\u0323", "\u0301", "漢字", "\x00", "\u200b", "\u2028", "\x0b"),
            *("\x1c", "\x85", "\xa0", "Na 135 | K 4.1 |\n", "-" * 50, "Dr. ", "LABS\n", "ΑΣ "),
            *("1. Aspirin 81 mg PO daily\n", "2187-06-16 05:46AM BLOOD WBC-10.3 Hgb-12.1\n"),
            *("\r", " \n" * 9, "a.b,c;d/e-f" * 9, "1,234.5/80-3" * 6, "IMPRESSION: "),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,9}| [0-9]{1,5}){1,9}[.!?] ", fullmatch=True),
)
NOTES = st.lists(NASTY, max_size=30).map("".join)
ROOMS = st.integers(1, 40)
KINDS = st.sampled_from(["bytes", "words", "merging"])
POLICIES = st.sampled_from(["keep", "skip"])


@pytest.fixture(scope="module")
def merging(bpe, tmp_path_factory):
    """A tokenizer whose tokens reach across white space and line ends, as newer LLMs' do."""
    made = Tokenizer(models.BPE())
    pattern = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+"
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=330, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(["Chest pain.\n\nPlan:\n\n- aspirin 81 mg.\n\n\n"] * 9, trainer)
    path = tmp_path_factory.mktemp("merging") / "tokenizer.json"
    made.save(str(path))
    describe(path.parent)
    return path


@pytest.fixture(scope="module")
def cutters(bpe, encoder, merging):
    """A cutter for each kind of tokenizer, by room and policies."""
    paths = {"bytes": bpe, "words": encoder / "tokenizer.json", "merging": merging}
    made = {}

    def cutter(kind, room, least=1, policy="keep"):
        spec = PassagesSpec(
            max_tokens=room, min_tokens=least, tables=policy, medication_lists=policy
        )
        return made.setdefault((kind, spec), PassageCutter(paths[kind], spec))

    return cutter


def test_only_tokenizers_that_split_at_white_space_are_trusted_to_add_up(cutters):
    trusted = {kind: cutters(kind, 9).counter.additive for kind in ("bytes", "words", "merging")}
    assert trusted == {"bytes": True, "words": True, "merging": False}


@settings(max_examples=250, deadline=None)
@given(NOTES, ROOMS, st.integers(1, 12), KINDS, POLICIES)
@example("🙂" * 20, 1, 1, "bytes", "keep")
@example("word " + "\n" * 300, 5, 1, "bytes", "keep")
@example("word " + "\n" * 300 + "word", 5, 1, "bytes", "keep")
@example("e\u0301" * 60, 7, 3, "bytes", "keep")
def test_a_notes_stretches_rejoin_to_it_and_its_passages_fit(
    cutters, text, room, least, kind, policy
):
    cutter = cutters(kind, room, min(least, room), policy)
    (stretches,) = cutter.stretches([text])
    assert "".join(text[part.start : part.end] for part in stretches) == text
    assert [part.start for part in stretches] == [0, *(p.end for p in stretches)][: len(stretches)]
    assert all(part.start < part.end for part in stretches)
    passages = [part for part in stretches if part.reason is None]
    alone = count_tokens(cutter.counter.tokenizer, [text[p.start : p.end] for p in passages])
    assert [part.tokens for part in passages] == alone
    assert all(min(least, room) <= p.tokens for p in passages)
    assert all(p.tokens <= room or p.end - p.start == 1 for p in passages)
    assert all(text[p.start : p.end].strip() for p in passages)
    for part in stretches:
        assert part.reason in (None, "blank", "near_empty", "table", "medication_list")
        assert (part.reason == "blank") <= (not text[part.start : part.end].strip())
        assert part.section == "" or part.section in text
    assert cutter.stretches([text, text]) == [stretches, stretches]


@settings(max_examples=150, deadline=None)
@given(NOTES, st.data(), st.sampled_from(["bytes", "words"]))
def test_a_count_from_words_is_that_of_the_stretch_alone(cutters, text, data, kind):
    counter = cutters(kind, 9).counter
    (note,) = counter.measure([text])
    spaces = [at for at in range(len(text) + 1) if text[at - 1 : at].isspace() or at == 0]
    start = data.draw(st.sampled_from(spaces))
    end = data.draw(st.integers(start, len(text)))
    if note.exact:
        assert note.count(start, end) == count_tokens(counter.tokenizer, [text[start:end]])[0]


def test_white_space_means_the_same_to_the_counter_and_the_tokenizers(cutters):
    for kind in ("bytes", "words"):
        counter = TokenCounter(cutters(kind, 9).counter.tokenizer)
        for code in range(0x3100):
            if unicodedata.category(chr(code))[0] not in "ZC":
                continue
            text = f"pain{chr(code)}and{chr(code)}{chr(code)} fever"
            (note,) = counter.measure([text])
            assert note.exact == (chr(code) not in CONTROL_SPACES)
            if note.exact:
                counted = count_tokens(counter.tokenizer, [text])[0]
                assert note.count(0, len(text)) == counted, (kind, hex(code))


def test_a_counter_that_forgets_words_counts_the_same(bpe, monkeypatch):
    texts = [f"Creatinine was {at}.{at}, and {'x' * 300} {at}." for at in range(60)]
    spec = PassagesSpec(max_tokens=20, min_tokens=1)
    before = PassageCutter(bpe, spec).stretches(texts)
    monkeypatch.setattr(token_counts, "REMEMBERED", 5)
    cutter = PassageCutter(bpe, spec)
    assert [cutter.stretches([text])[0] for text in texts] == before


def test_an_empty_note_has_no_stretch_and_a_blank_one_is_skipped(cutters):
    empty, blank = cutters("bytes", 9).stretches(["", " \n\n "])
    assert empty == []
    assert [(part.start, part.end, part.reason) for part in blank] == [(0, 4, "blank")]


def test_a_note_that_fits_is_one_passage(cutters):
    text = "Chest pain.\n\nPlan:\nAspirin.\n"
    tokens = len(cutters("bytes", 300).counter.tokenizer.encode(text))
    (part,) = cutters("bytes", 300).stretches([text])[0]
    assert (part.start, part.end, part.tokens) == (0, len(text), tokens)


def test_a_mark_in_a_note_is_counted_as_the_text_it_is(cutters):
    (part,) = cutters("bytes", 99).stretches(["<|endoftext|>"])[0]
    assert part.tokens > 1


@pytest.mark.parametrize("kind", ["bytes", "words", "merging"])
def test_near_empty_passages_join_a_neighbour_or_are_skipped(cutters, kind):
    crumbs = "x\n\nThe patient was admitted with chest pain and dyspnea.\n\nok\n\n"
    (parts,) = cutters(kind, 60, 8).stretches([crumbs])
    assert [part.reason for part in parts] == [None]
    (parts,) = cutters(kind, 60, 8).stretches(["d/c."])
    assert [part.reason for part in parts] == ["near_empty"]


def test_what_is_left_of_a_note_is_no_crumb(cutters):
    sentences = [f"Creatinine was {at}.{at} and the patient was stable. " for at in range(60)]
    for room in range(40, 60):
        (parts,) = cutters("bytes", room, 8).stretches(["".join(sentences)])
        tokens = [part.tokens for part in parts]
        assert all(count > room // 2 for count in tokens[:-1]) and tokens[-1] >= 8


def test_a_big_note_takes_steps_in_proportion_to_its_length(cutters):
    """Counted in calls of the tokenizer: time would depend on the machine."""

    def work(size, text):
        cutter = cutters("bytes", 40)
        encoded = 0
        counter = TokenCounter(cutter.counter.tokenizer)
        plain = counter.tokenizer.encode_batch_fast

        class Counting:
            def encode_batch_fast(self, texts, **options):
                nonlocal encoded
                encoded += sum(map(len, texts))
                return plain(texts, **options)

        counter.tokenizer = Counting()
        cutter.counter, kept = counter, cutter.counter
        try:
            cutter.stretches([text(size)])
        finally:
            cutter.counter = kept
        return encoded

    shapes = {
        "one word": lambda size: "x" * size,
        "digits": lambda size: "7" * size,
        "emoji": lambda size: "🙂" * (size // 4),
        "prose": lambda size: "".join(f"Pain was {at} of 10. " for at in range(size // 18)),
        "no stops": lambda size: "".join(f"word{at} " for at in range(size // 9)),
        "line feeds": lambda size: "a" + "\n" * size + "b",
    }
    for name, text in shapes.items():
        small, large = work(4_000, text), work(32_000, text)
        assert large < 12 * small + 1000, name


def test_words_and_numbers_stay_whole_where_a_blank_is_near(cutters):
    draw = random.Random(5)
    for _ in range(60):
        words = [
            draw.choice(["pain", "dyspnea", "1,234.5", "120/80", "2-3", "2187-06-16", "x-ray"])
            for _ in range(draw.randint(1, 80))
        ]
        text = " ".join(words)
        (parts,) = cutters("bytes", draw.randint(16, 40)).stretches([text])
        ends = [part.end for part in parts[:-1]]
        inside = [end for end in ends if not re.search(r"\s", text[end - 1 : end + 1])]
        assert inside == []


def test_a_least_length_beyond_the_longest_is_rejected():
    with pytest.raises(ValueError, match="min_tokens 8 is more than max_tokens 7"):
        PassagesSpec(max_tokens=7)
