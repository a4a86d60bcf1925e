"""From messages to the token ids of one chat turn.

Rendering the template to text and tokenising the whole lets note text such as `<|im_end|>` become
a control token, and adds a second BOS where the template writes one. Here the template is rendered
around placeholders; its own parts are tokenised with control tokens, the messages without.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

from palimpsest.core.checkpoints import load_pretrained
from palimpsest.core.errors import UserError

# Placeholders that no template changes: letters only, no space at either end.
SYSTEM, USER = "PALIMPSESTSYSTEMTEXT", "PALIMPSESTUSERTEXT"


class ChatTurns:
    """Encodes requests for one LLM. Load once, use for many."""

    def __init__(self, weights: Path, chat: dict[str, Any]) -> None:
        """weights: a folder made by the weights stage. chat: an identity of `recipes.Chat`."""
        from transformers import AutoTokenizer

        self.tokenizer = load_pretrained(AutoTokenizer, weights)
        self.chat = chat
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
        text = self.tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=True,
            **self.chat["template_options"],
        )
        pieces = [text]
        for placeholder in (SYSTEM, USER):
            pieces = [part for piece in pieces for part in _split_around(piece, placeholder)]
        wanted = [message["content"] for message in messages]
        if [piece for piece in pieces if piece in (SYSTEM, USER)] != wanted:
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
        ids: list[int] = []
        for piece in self._with_system if system else self._user_only:
            ids += self.tokenizer.encode(
                filled.get(piece, piece),
                add_special_tokens=False,
                split_special_tokens=piece in filled,
            )
        bos = self.tokenizer.bos_token_id
        if bos is not None and ids[:2] == [bos, bos]:
            raise UserError("the chat template writes BOS twice; expected once")
        return ids


def _split_around(text: str, placeholder: str) -> list[str]:
    before, found, after = text.partition(placeholder)
    return [part for part in (before, found, after) if part]
