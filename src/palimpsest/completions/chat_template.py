"""From messages to the token ids of one chat turn.

Rendering the template to text and tokenising the whole lets note text such as `<|im_end|>` become
a control token, and adds a second BOS where the template writes one. Here the template is rendered
around placeholders; its own parts are tokenised with control tokens, the messages without.
"""

import json
import re
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from palimpsest.completions.config import Chat
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.errors import UserError

# Placeholders that no template changes: letters only, no space at either end.
SYSTEM, USER, ASSISTANT = "PALIMPSESTSYSTEMTEXT", "PALIMPSESTUSERTEXT", "PALIMPSESTASSISTANTTEXT"
TIMES = 12  # that a template is rendered, to see whether it draws anything
# Thoughts that are begun and not ended before the answer.
OPENED = re.compile(r"(?:<(?:\w+:)?think(?:ing)?>|\[THINK\]|◁think▷)(?!.*(?:/think|/THINK))", re.S)
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,}>")  # of an object, which no other process has
SHOWN = 200  # characters of a template's own error


class ChatTurns:
    """Encodes requests for one LLM. Load once, use for many."""

    def __init__(self, weights: Path, chat: Chat) -> None:
        """weights: a folder made by the weights stage."""
        from tokenizers.pre_tokenizers import Metaspace
        from transformers import AutoTokenizer

        self.tokenizer = load_pretrained(AutoTokenizer, weights)
        self.chat = chat
        self.tokenizer.backend_tokenizer.no_truncation()
        self.tokenizer.backend_tokenizer.no_padding()
        blank = self.tokenizer.backend_tokenizer.pre_tokenizer
        if isinstance(blank, Metaspace):
            blank.prepend_scheme = "never"  # a stretch of a turn is not the start of a text
        added = self.tokenizer.added_tokens_decoder.items()
        self.marks = {token.content: number for number, token in added if _is_mark(token)}
        self.backend = _with_special(self.marks, self.tokenizer.backend_tokenizer)
        if not self.tokenizer.chat_template:
            raise UserError(
                f"{weights}: the tokenizer has no chat template; expected an instruct LLM"
            )

    def _rendered(self, messages: list[dict[str, str]], generation_prompt: bool = True) -> str:
        """The template's text, up to where a completion begins or whole.

        Raises UserError when it writes today's date and no other is declared, and what templates
        raise.
        """
        return self.tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=generation_prompt,
            **{**self.chat.template_options, "strftime_now": self._date},
        )

    def _date(self, form: str = "%d %b %Y") -> str:
        """The declared day, for a template that would write today's."""
        if self.chat.date is None:
            raise UserError(
                "the chat template writes today's date, so that the same request would be another "
                "prompt tomorrow; declare a day in the LLM file, such as `chat: {date: "
                "2026-01-31}`, or `template_options: {date_string: ...}` where the template has it"
            )
        return datetime.fromisoformat(self.chat.date).strftime(form)

    def encode(self, system: str, user: str) -> list[int]:
        """Token ids of one turn; see `encode_all`. Raises UserError where that gives None."""
        (ids,) = self.encode_all([(system, user)])
        if ids is None:
            raise UserError("a text has characters that cannot be encoded")
        return ids

    def encode_all(self, requests: list[tuple[str, str]]) -> list[list[int] | None]:
        """Token ids of turns, up to where the assistant's message begins.

        requests: pairs of system and user text. None stands for a turn whose text cannot be
        encoded, such as one with half a surrogate pair.
        Raises UserError when the template is unfit for them.
        """
        turns: list[list[int | str] | None] = []
        for system, user in requests:
            try:
                f"{system}{user}".encode()
                turns.append(self._parts(system, user))
            except UnicodeEncodeError:
                turns.append(None)
        # Many requests have a system text and the template's own words in common.
        texts = {part for turn in turns for part in turn or () if isinstance(part, str)}
        ids = dict(zip(texts, self._text_ids(list(texts)), strict=True))
        return [None if turn is None else self._joined(turn, ids) for turn in turns]

    def first_tokens(self, choices: tuple[str, ...]) -> list[int]:
        """The token with which each choice begins where it is the assistant's message.

        Raises UserError when two begin with the same one, by which they cannot be told apart.
        """
        firsts = [ids[0] for ids in self._text_ids([self._lead + choice for choice in choices])]
        pairs = zip(choices, firsts, strict=True)
        if same := [choice for choice, first in pairs if firsts.count(first) > 1]:
            raise UserError(
                f"the choices {same} begin with one and the same token of this LLM, and a choice "
                "is scored by its first token; expected choices that begin differently"
            )
        return firsts

    @cached_property
    def _lead(self) -> str:
        """The blank that the template writes before a completion, as Mistral's does, or nothing."""
        (begun,) = self._text_ids(["a"])
        if self.tokenizer.convert_ids_to_tokens(begun)[0].startswith("▁"):
            return ""  # a tokenizer that writes the blank by itself
        turn = [{"role": "user", "content": USER}]
        try:
            whole = self._rendered([*turn, {"role": "assistant", "content": ASSISTANT}], False)
            return " " if whole.startswith(f"{self._rendered(turn)} {ASSISTANT}") else ""
        except UserError:
            raise
        except Exception:  # a template that takes no assistant's message
            return ""

    def _parts(self, system: str, user: str) -> list[int | str]:
        """A turn as control tokens and the texts between them."""
        if system and not self.chat.system_role:
            user, system = f"{system}\n\n{user}", ""
        filled = {SYSTEM: system.strip(), USER: user.strip()}
        parts: list[int | str] = []
        text = ""  # the template's words and the messages' between two control tokens
        for piece in self._with_system if system else self._without_system:
            if isinstance(piece, str):
                text += filled.get(piece, piece)
                continue
            parts += [text, piece] if text else [piece]
            text = ""
        return [*parts, text] if text else parts

    def _template(self, messages: list[dict[str, str]]) -> list[int | str]:
        """What the template makes of placeholders: these, its words, its control tokens as ids.

        Raises UserError, with the way out if there is one, when it is unfit for them.
        """
        text, wrong = self._tried(messages)
        if wrong:
            advice = "expected an instruct LLM with a template for plain messages"
            if len(messages) > 1 and not self._tried(messages[1:])[1]:
                advice = "set `chat: {system_role: false}`: without a system message it does"
            raise UserError(f"the chat template {wrong}; {advice}")
        marks = sorted([*self.marks, SYSTEM, USER], key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, marks))})", text)
        return [self.marks.get(part, part) for part in parts if part]

    def _tried(self, messages: list[dict[str, str]]) -> tuple[str, str]:
        """The template's text, and what is wrong with it."""
        try:
            text = self._rendered(messages)
            # What a template does to letters, and to what it might escape or cut.
            signs = [{**one, "content": f'{one["content"]}\n"<é>\\'} for one in messages]
            changed = self._rendered(signs)
            again = {self._rendered(messages) for _ in range(TIMES)}
        except UserError:
            raise
        except Exception as error:  # a template may raise anything
            said = " ".join(str(error).split())[:SHOWN]
            return "", f"does not render these messages ({type(error).__name__}: {said})"
        if re.findall(f"{SYSTEM}|{USER}", text) != [one["content"] for one in messages]:
            return "", "does not render each message once, in order"
        if OPENED.search(text.rpartition(messages[-1]["content"])[2]):
            return "", (
                "begins the answer with thoughts: declare an option that leaves them out, such as "
                "`chat: {template_options: {enable_thinking: false}}`, if it has one"
            )
        if again != {text} or ADDRESS.search(text):
            return "", "does not write the same each time, so that a request is no one prompt"
        if not all(changed.count(one["content"]) == 1 for one in signs):
            return "", "changes the text of messages"
        return text, ""

    @cached_property
    def _with_system(self) -> list[int | str]:
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
        return self._template(messages)

    @cached_property
    def _without_system(self) -> list[int | str]:
        return self._template([{"role": "user", "content": USER}])

    @cached_property
    def _bos(self) -> int | None:
        """The token that the tokenizer puts before every text, if it does."""
        begun = self.tokenizer("a").input_ids[:1]
        return begun[0] if begun == [self.tokenizer.bos_token_id] else None

    def _joined(self, turn: list[int | str], texts: dict[str, list[int]]) -> list[int]:
        ids: list[int] = []
        for part in turn:
            ids += texts[part] if isinstance(part, str) else [part]
        if self._bos is not None and ids[:1] != [self._bos]:
            ids.insert(0, self._bos)  # a template that leaves it to the tokenizer
        bos = self.tokenizer.bos_token_id
        if bos is not None and ids[:2] == [bos, bos]:
            raise UserError("the chat template writes BOS twice; expected once")
        return ids

    def _text_ids(self, texts: list[str]) -> list[list[int]]:
        """Ids of texts in which control tokens are text."""
        self.backend.encode_special_tokens = True  # the library's words for: as text
        found = self.backend.encode_batch_fast(texts, add_special_tokens=False)
        return [text.ids for text in found]


def _is_mark(token: Any) -> bool:
    """Whether an added token is a control token: `<think>` is one, though it is not called special.

    A word that was added to a vocabulary is none, nor are runs of blanks.
    """
    return token.special or re.fullmatch(r"[^\w\s](.*\w.*)[^\w\s]", token.content) is not None


def _with_special(marks: dict[str, int], backend: Any) -> Any:
    """A tokenizer, of the tokenizers library, to which some added tokens are special.

    It can be told to take those for text. Left out, they would shift the ids of others.
    """
    from tokenizers import Tokenizer

    added = backend.get_added_tokens_decoder().values()
    if all(token.special for token in added if token.content in marks):
        return backend
    value = json.loads(backend.to_str())
    for token in value["added_tokens"]:
        token["special"] |= token["content"] in marks
    return Tokenizer.from_str(json.dumps(value))
