"""Tiny tokenizers and models that are made here, so that no test needs weights from elsewhere."""

import os

# Before anything imports these libraries: no test reaches the hub.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from manifests import describe  # noqa: E402
from tiny_texts import SENTENCES  # noqa: E402

# A slow machine is no failure.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def bpe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level tokenizer.json of 400 entries with the project's end mark."""
    from palimpsest.pretraining.tokenizer import train_bpe

    path = tmp_path_factory.mktemp("bpe") / "tokenizer.json"
    train_bpe(SENTENCES * 3, 400).save(str(path))
    describe(path.parent)
    return path


@pytest.fixture(scope="session")
def marked_bpe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the marks of encoders."""
    from palimpsest.pretraining.tokenizer import train_bpe

    path = tmp_path_factory.mktemp("marked-bpe") / "tokenizer.json"
    train_bpe(SENTENCES * 3, 400, "encoder").save(str(path))
    describe(path.parent)
    return path


@pytest.fixture(scope="session")
def decoder(bpe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder of a random decoder that sees 16 tokens."""
    import torch

    from palimpsest.pretraining.config import DecoderArchitecture
    from palimpsest.pretraining.decoder import build_decoder
    from palimpsest.text.tokenizers import END, load_tokenizer

    folder = tmp_path_factory.mktemp("decoder")
    tokenizer = load_tokenizer(bpe)
    architecture = DecoderArchitecture(hidden_size=16, intermediate_size=32, layers=2, heads=2)
    torch.manual_seed(0)
    model = build_decoder(architecture, tokenizer.get_vocab_size(), 16, tokenizer.token_to_id(END))
    # Fresh weights give nearly even odds; larger ones make every token count.
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return describe(folder)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random BERT and its WordPiece tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertForMaskedLM

    folder = tmp_path_factory.mktemp("encoder")
    normalizer, splitter = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    # Not by the library's trainer: its ties fall by chance, and what is learnt with them.
    words = {
        word
        for sentence in SENTENCES
        for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(sentence))
    }
    letters = {letter for word in words for letter in word}
    short = {word for word in words if len(word) < 8}  # longer ones are of several pieces
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*marks, *sorted(letters | short), *sorted(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    tokenizer.add_special_tokens(marks)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text("{}")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    return describe(folder)


CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}"
)


@pytest.fixture(scope="session")
def chat_llm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random instruct LLM: a Llama, its tokenizer and its chat template."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("llm")
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=350,
        special_tokens=["<bos>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(SENTENCES * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<bos>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=350,
        hidden_size=64,  # vLLM has kernels for heads of 32 and more
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=256,
        bos_token_id=0,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return describe(folder)


SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}


def _byte_level(folder: Path, names: list[str], template):
    """Save a byte-level BPE that was trained on a few sentences, and give it."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=names,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(SENTENCES * 3, trainer)
    made.post_processor = template(made)
    made.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    return made


@pytest.fixture(scope="session")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random RoBERTa of 40 positions: its first one is the one behind the padding's."""
    import torch
    from tokenizers import processors
    from transformers import RobertaConfig, RobertaForMaskedLM

    def template(made):
        ends = [(name, made.token_to_id(name)) for name in ("</s>", "<s>")]
        return processors.RobertaProcessing(*ends, add_prefix_space=False)

    folder = tmp_path_factory.mktemp("roberta")
    made = _byte_level(folder, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], template)
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=made.get_vocab_size(),
        max_position_embeddings=42,
        type_vocab_size=1,
        pad_token_id=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        **SIZES,
    )
    RobertaForMaskedLM(config).save_pretrained(folder)
    return describe(folder)


@pytest.fixture(scope="session")
def modernbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random ModernBERT."""
    import torch
    from tokenizers import processors
    from transformers import ModernBertConfig, ModernBertForMaskedLM

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    def template(made):
        ends = [(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
        return processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=ends
        )

    folder = tmp_path_factory.mktemp("modernbert")
    made = _byte_level(folder, names, template)
    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=made.get_vocab_size(),
        max_position_embeddings=64,
        global_attn_every_n_layers=1,
        local_attention=16,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
        cls_token_id=2,
        sep_token_id=3,
        **SIZES,
    )
    ModernBertForMaskedLM(config).save_pretrained(folder)
    return describe(folder)
