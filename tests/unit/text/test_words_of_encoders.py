"""Words get the pieces that transformers gives them, and texts the marks of their family."""

import pytest
from manifests import describe
from tiny_texts import SENTENCES
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from palimpsest.text.tokenizers import encode, encode_words, frame_of, load_tokenizer, of_words

WORDS = [sentence.split() for sentence in SENTENCES] + [["pain", ".", "Pain", "mg/kg", "é", "12"]]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def trained_wordpiece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=BERT, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def trained_bpe():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=ROBERTA,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in ("</s>", "<s>")]
    tokenizer.post_processor = processors.RobertaProcessing(*ends, add_prefix_space=False)
    return tokenizer


@pytest.fixture(scope="module", params=["wordpiece", "byte-level BPE", "BPE in a sequence"])
def pair(request, tmp_path_factory):
    """A tokenizer as we load it, and transformers' own with a space before each word."""
    made = trained_wordpiece() if request.param == "wordpiece" else trained_bpe()
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    if request.param == "byte-level BPE":
        spaced = Tokenizer.from_str(made.to_str())
        spaced.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        theirs = PreTrainedTokenizerFast(tokenizer_object=spaced)
    elif request.param == "BPE in a sequence":
        digits = pre_tokenizers.Digits(individual_digits=True)

        def splitter(space):
            byte_level = pre_tokenizers.ByteLevel(add_prefix_space=space)
            return pre_tokenizers.Sequence([digits, byte_level])

        spaced = Tokenizer.from_str(made.to_str())
        made.pre_tokenizer, spaced.pre_tokenizer = splitter(False), splitter(True)
        theirs = PreTrainedTokenizerFast(tokenizer_object=spaced)
    else:
        theirs = PreTrainedTokenizerFast(tokenizer_object=made)
    made.save(str(path))
    describe(path.parent)
    return load_tokenizer(path), theirs


def test_the_pieces_of_words_are_those_of_is_split_into_words(pair):
    ours, theirs = pair
    found = encode_words(of_words(ours), WORDS)
    for words, pieces in zip(WORDS, found, strict=True):
        batch = theirs(words, is_split_into_words=True, add_special_tokens=False)
        assert [piece for ids in pieces for piece in ids] == batch["input_ids"]
        of_word = [word for word, ids in enumerate(pieces) for _ in ids]
        assert of_word == batch.word_ids()


def test_words_within_a_sentence_get_the_pieces_of_running_text(pair):
    ours, _ = pair
    plain = [words for words in WORDS if all(word.isalpha() for word in words[:3])]
    assert plain
    for words in plain:
        (pieces,) = encode_words(of_words(ours), [words[:3]])
        (running,) = encode(ours, ["x " + " ".join(words[:3])])
        behind = [piece for ids in pieces for piece in ids]
        assert running[-len(behind) :] == behind


def test_a_text_and_a_pair_are_framed_as_transformers_does(pair):
    ours, theirs = pair
    frame = frame_of(ours)
    first, second = encode(ours, ["x pain", "x no pain"])
    ids, types = frame.around_two(first, second)
    theirs = PreTrainedTokenizerFast(tokenizer_object=ours)
    expected = theirs("x pain", "x no pain", return_token_type_ids=True)
    assert ids == expected["input_ids"] and types == expected["token_type_ids"]
    assert frame.around(first) == theirs("x pain")["input_ids"]


@pytest.mark.parametrize(("marks", "between", "second"), [(BERT, 1, 1), (ROBERTA, 2, 0)])
def test_a_tokenizer_without_a_template_has_the_frame_of_its_family(marks, between, second):
    tokenizer = trained_wordpiece() if marks is BERT else trained_bpe()
    tokenizer.post_processor = processors.Sequence([])
    frame = frame_of(tokenizer)
    names = [tokenizer.id_to_token(place) for place in frame.between]
    assert names == [tokenizer.id_to_token(frame.end[0])] * between
    assert frame.second_type == second and len(frame.begin) == len(frame.end) == 1
