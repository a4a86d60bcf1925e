"""How LLMs were asked, answers screened and models trained, as it was declared."""

from collections.abc import Iterator
from typing import Any

from palimpsest.pages.wording import listed
from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Wording, plain

MESSAGES = {  # of a prompt
    "system": "System message",
    "context": "How a context is told, where one is declared",
    "user": "User message",
}


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    yield from ()


def draw(files: list[File], facts: Row) -> list[Part]:
    """facts: `settings`, each `of` a kind of thing, its `name`, and `values` by their keys."""
    declared = facts.get("settings", [])
    rows = [[one["of"], one["name"], ", ".join(told(one["values"]))] for one in declared]
    table = [Table("Settings", ["of", "name", "as declared"], rows)] if rows else []
    return [*table, *_wordings(facts.get("prompts", {}))]


def told(values: Row) -> Iterator[str]:
    """`temperature 0.7` and so on; in brackets what is nested, and a key alone for nothing."""
    for key, value in values.items():
        if isinstance(value, dict):
            inside = ", ".join(told(value))
            yield f"{plain(key)} ({inside})" if inside else plain(key)
        elif value not in (None, [], ""):
            yield f"{plain(key)} {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return listed(plain(str(one)) for one in value) if isinstance(value, list) else str(value)


def _wordings(prompts: dict[str, dict[str, str]]) -> Iterator[Wording]:
    """What each prompt says. prompts: its messages, by its name."""
    for name, messages in prompts.items():
        said = [(MESSAGES[of], text) for of, text in messages.items()]
        yield Wording(f"What the prompt {name} says", said)


SECTION = Section("settings", "Prompts and settings", inputs, draw)
