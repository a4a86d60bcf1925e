"""Marks that an LLM, its chat template or its server leaves in an answer, by class.

Some are no text of anybody's: those of turns, of thoughts and of tokens are marks wherever they
stand. Others are marks where the passage has none of them: a tag, a placeholder, a strange
character or another script that stands in the passage was its author's.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from palimpsest.text.patterns import pattern

# Names that families of LLMs give to what is not for the reader (DeepSeek-R1, QwQ, Magistral, Kimi,
# Qwen3, Seed, Gemma, Command, Claude, gpt-oss and those tuned after them).
_THOUGHT = (
    r"(\w{1,20}[:_])?(think(ing|s)?|thoughts?|thought_process|reason(ing|s)?|reflect(ion)?|"
    r"scratch_?pad|analysis|monologue|deliberation|rationale|cot|chain[_ -]of[_ -]thoughts?|"
    r"planning|self_critique|internal)([:_]\w{1,20})?"
)
THOUGHTS = pattern(
    rf"([<◁〈⟨]|&lt;)\s{{0,3}}/?\s{{0,3}}{_THOUGHT}(\s[^<>\n]{{0,60}})?\s{{0,3}}[/\\]?([>▷〉⟩]|&gt;)"
    r"|(^|\s)/(no_?)?think\b|[\[{]/?THINK(ING)?[\]}]"
    r"|<\|?/?(start|end|begin)_?(of_)?(think|thoughts?|thinking|reasoning)\|?>"
    rf"|<[|｜]/?(channel|start|message)[|｜]?>\s{{0,3}}{_THOUGHT}\b"
    # The words between marks that a server took out: "analysisWe ... assistantfinalThe ..."
    r"|\A\W*assistant\s+(analysis|final|commentary)\b"
    r"|\A\W*(analysis|commentary|thoughts?)\s*(?-i:[A-Z])[a-z']*\s+(need|have|must|should|will|"
    r"user|task|want|request|prompt)|assistant(final|analysis|commentary)|\A\W*(analysis|commentary|"
    r"thought|thinking|reasoning)[ \t]*\n",
    ignore_case=True,
    captures=False,
)

# Strings by which chat templates mark turns, tools and ends, and tokens that no text is: of ChatML,
# Llama, Mistral, Gemma, DeepSeek, Phi, Command, Alpaca and others. A line `Assistant: Dr. Ward`
# stands in operative notes, so it is none.
CONTROL = pattern(
    r"(?m)<[|｜][^<>|｜\n]{1,40}[|｜]?>|<[a-z_]{1,30}[|｜]>|\b(endoftext|im_end|eot_id)[|｜]>|\[e~\["
    r"|\[\|[^\[\]|\n]{1,40}\|\]"
    r"|\[/?(INST|(?-i:AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|SYSTEM_PROMPT|"
    r"MODEL_SETTINGS|PREFIX|SUFFIX|MIDDLE|gMASK|sMASK))\]|<</?SYS>>|</?s>"
    r"|</?(start|end|begin)_of_(turn|text|image|sentence|role|plugin)>"
    r"|<(bos|eos|eot|eop|eom|sop|im_start|im_end|endoftext)>"
    r"|</?(system|instructions?|prompt|user|assistant|query|task)([_ ]\w+)?>"
    r"|\[/?(system|assistant|instructions?)\b[^\]\n]{0,20}\]"
    r"|^\s*#{2,4} *(system|user|human|assistant|instruction|response|command)\b *:?|^\s*human *:"
    r"|^\W*(gpt|ai|assistant|chatbot|bot|user|human|prompter) (answer|reply|output|response|prompt|"
    r"task|command|instruction)\W*$",
    ignore_case=True,
    captures=False,
)

# What an LLM wraps text in, or leaves to be filled in; tokens that older models have, too.
WRAPPING = pattern(
    "|".join(
        (
            r"```|~~~|\"{3}|\A> |\|\s*:?-{3,}",  # fences, quotations, tables
            r"</?[a-z][a-z0-9:_-]{0,30}(\s[^<>\n]{1,80})?/?>|&(lt|gt|amp|quot|nbsp|#x?[0-9a-f]{1,6});",
            r"\A\s*[\[{]\s*[\"'][^\"'\n]{1,60}[\"']\s*[:,\]}]",  # JSON and its like
            r"\A\s*[a-z_.]{1,40}\s*[=(]\s*[\"'\[{]",  # code
            r"\A\s*[\[{]\s*[\"'](?s:.*)[\"']\s*[\]}]\s*\z",
            r"\A\W*\w{0,20}(text|output|answer|result|response|content|note|summary|rewrite)\W?\s*:"
            r"\s*[|>\"]",
            r"\\(u[0-9a-f]{4}|x[0-9a-f]{2}|n(\\n|[-*A-Z\s])|[\"'])|\\[a-z]{2,12}\{|\$\\[a-z]",
            r"<0x[0-9A-F]{2}>|(0x[0-9A-F]{2}){2,}|\[(BOS|EOS|PAD|UNK|CLS|SEP|MASK|IMG(_END|_BREAK)?)\]",
            r"\{\{[^{}\n]{1,40}\}\}|_{6,}|\[\s*(\.\.\.|\x{2026})\s*\]|\b(?-i:X{2,}[/-]X{2,}|X{3,})\b",
            # placeholders in other brackets, front matter, items of nothing
            r"\((insert|enter) [^()\n]{1,40}\)|\A---\n\w+:|1[.)]\s*\n\s*2[.)]\s*\n",
            r"\[(your|insert|enter|add|output|last|first|full|patient|doctor|physician|provider|"
            r"hospital|facility|date|name|age)\b[^\]\n]{0,40}\]",
        )
    ),
    ignore_case=True,
    captures=False,
)
# What UTF-8 looks like to who takes it for something else.
MOJIBAKE = pattern(r"\x{e2}\x{20ac}|[\x{c2}\x{c3}][\x{80}-\x{bf}]", captures=False)
QUOTES = {'"': '"', "“": "”", "«": "»", "‘": "’"}
AROUND = QUOTES | {"'": "'", "{": "}", "[": "]", "**": "**", "__": "__"}

# Of tokens (byte-level BPE, SentencePiece, an unknown one), of code and of marks of thoughts.
_TOKEN_SIGNS = frozenset([*map(chr, range(0x100, 0x144)), *"\ufffd\u2047\u2581\u25c1\u25b7`"])
# Boxes and blocks, symbols and dingbats, variants, punctuation of East Asia and of Arabic, what
# stands for an object, emoji.
_PICTURES = (
    ("\u2500", "\u259f"),
    ("\u2600", "\u27bf"),
    ("\ufe00", "\ufe0f"),
    ("\u3000", "\u303f"),
    ("\uff00", "\uffef"),
    ("\u060c", "\u061f"),
    ("\ufffc", "\ufffc"),
    ("\U0001f000", "\U0010ffff"),
)
_PLAIN_CONTROLS = frozenset("\t\n\r")
_SCRIPTS = frozenset("LATIN GREEK MICRO FEMININE MASCULINE MODIFIER SUPERSCRIPT SUBSCRIPT".split())


@lru_cache(maxsize=4096)
def is_strange(sign: str) -> bool:
    """Whether a character is none of text: a control, a private one, a token's, a picture."""
    if sign in _PLAIN_CONTROLS:
        return False
    if sign in _TOKEN_SIGNS or any(first <= sign <= last for first, last in _PICTURES):
        return True
    return unicodedata.category(sign) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


@lru_cache(maxsize=4096)
def script_of(sign: str) -> str | None:
    """The script of a letter, as Unicode names it; None for others, and for those of any text."""
    if sign.isascii() or not sign.isalpha():
        return None
    script = unicodedata.name(sign, "NAMELESS").split(" ")[0]
    return None if script in _SCRIPTS else script


def scripts(text: str) -> set[str]:
    """The scripts of a text's letters besides Latin and Greek."""
    return {script for sign in set(text) if (script := script_of(sign))}


def is_around(text: str, marks: dict[str, str]) -> bool:
    """Whether one of some pairs of marks is around all of a text, and nowhere within it."""
    for opening, closing in marks.items():
        inside = text[len(opening) : -len(closing)]
        if inside and text == f"{opening}{inside}{closing}":
            return opening not in inside and closing not in inside
    return False


def foreign_marks(text: str, passage: str) -> Iterator[str]:
    """Marks of an answer that its passage has not."""
    yield from (sign for sign in set(text) - set(passage) if is_strange(sign))
    yield from scripts(text) - scripts(passage)
    if is_around(text, AROUND) and not is_around(passage, AROUND):
        yield text[0]
    folded = passage.casefold()
    for found in chain(WRAPPING.finditer(text), MOJIBAKE.finditer(text)):
        if found.group().strip().casefold() not in folded:
            yield found.group()
