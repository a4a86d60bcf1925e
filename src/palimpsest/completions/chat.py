"""From messages to the token ids of one chat turn.

Rendering the template to text and tokenising the whole lets note text such as `<|im_end|>` become
a control token, and adds a second BOS where the template writes one. Here the template is rendered
around placeholders; its own parts are tokenised with control tokens, the messages without.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from palimpsest.core.checkpoints import load_pretrained
from palimpsest.core.errors import UserError

# Placeholders that no template changes: letters only, no space at either end.
SYSTEM, USER = "PALIMPSESTSYSTEMTEXT", "PALIMPSESTUSERTEXT"


class ChatTurns:
    """Encodes requests for one LLM. Load once, use for many."""

    def __init__(self, weights: Path, chat: dict[str, Any]) -> None:
        """weights: a folder made by the weights stage. chat: an identity of `study.llm.Chat`."""
        from tokenizers.pre_tokenizers import Metaspace
        from transformers import AutoTokenizer

        self.tokenizer = load_pretrained(AutoTokenizer, weights)
        self.chat = chat
        blank = self.tokenizer.backend_tokenizer.pre_tokenizer
        if isinstance(blank, Metaspace):
            blank.prepend_scheme = "never"  # a stretch of a turn is not the start of a text
        added = self.tokenizer.added_tokens_decoder.items()
        self.marks = {token.content: at for at, token in added if token.special}
        if not self.tokenizer.chat_template:
            raise UserError(
                f"{weights}: the tokenizer has no chat template; expected an instruct LLM"
            )

    @cached_property
    def _with_system(self) -> list[str]:
        return self._split(
            [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
        )

    @cached_property
    def _user_only(self) -> list[str]:
        return self._split([{"role": "user", "content": USER}])

    def _split(self, messages: list[dict[str, str]]) -> list[str]:
        """The template's text, cut into its own parts and placeholders, in order."""
        try:
            text = self.tokenizer.apply_chat_template(
                messages,
                tokenize=False,
                add_generation_prompt=True,
                **self.chat["template_options"],
            )
        except TemplateError:
            text = ""  # such as Gemma's, which refuses a system message
        pieces = [text]
        for placeholder in (SYSTEM, USER):
            pieces = [part for piece in pieces for part in _split_around(piece, placeholder)]
        wanted = [message["content"] for message in messages]
        found = [piece for piece in pieces if piece in (SYSTEM, USER)]
        if found != wanted or any(text.count(placeholder) > 1 for placeholder in wanted):
            raise UserError(
                "the chat template does not render each message once, in order; set "
                "`chat: {system_role: false}` if it has no system role"
            )
        return pieces

    def encode(self, system: str, user: str) -> list[int]:
        """Token ids of the turn, up to where the assistant's answer begins."""
        if system and not self.chat["system_role"]:
            user, system = f"{system}\n\n{user}", ""
        filled = {SYSTEM: system.strip(), USER: user.strip()}
        marks = "|".join(map(re.escape, sorted(self.marks, key=len, reverse=True)))
        ids: list[int] = []
        text = ""  # the template's words and the messages' between two control tokens
        for piece in self._with_system if system else self._user_only:
            if piece in filled:
                text += filled[piece]
                continue
            for part in re.split(f"({marks})", piece) if marks else [piece]:
                if part in self.marks:
                    ids += [*self._text_ids(text), self.marks[part]]
                    text = ""
                else:
                    text += part
        ids += self._text_ids(text)
        bos = self.tokenizer.bos_token_id
        if bos is not None and ids[:2] == [bos, bos]:
            raise UserError("the chat template writes BOS twice; expected once")
        return ids

    def _text_ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)


def _split_around(text: str, placeholder: str) -> list[str]:
    before, found, after = text.partition(placeholder)
    return [part for part in (before, found, after) if part]
