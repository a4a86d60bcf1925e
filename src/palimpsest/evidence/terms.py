"""Licences and duties, carried along from what a study declares of sources, LLMs and datasets."""

from typing import Any

from palimpsest.evidence.facts import Facts

UNKNOWN = "unknown"
BOUND = (
    "Text after a source, written by an LLM, may be bound by the terms of both: whoever passes it "
    "on answers for that."
)


def card_of(facts: Facts, corpus: str) -> dict[str, Any]:
    """What an export would say of a corpus, with entries in place of their numbers in `shared`."""
    card = next(card for card in facts.spec.cards if card["corpus"] == corpus)
    return unshared(card, facts.spec.shared)


def unshared(card: dict[str, Any], shared: list[Any]) -> dict[str, Any]:
    """The identity of an `ExportSpec` that was stored with numbers for what cards share."""
    whole = {
        name: [shared[number] for number in value] if name in SHARED else value
        for name, value in card.items()
    }
    whole["parts"] = [{**part, "screens": shared[part["screens"]]} for part in card["parts"]]
    return whole


SHARED = ("sources", "llms", "prompts", "contexts")  # lists of a card whose entries are shared


def with_shared(cards: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Cards with numbers for the entries that they share, and these: a command has its limits."""
    shared: list[Any] = []

    def number(entry: Any) -> int:
        if entry not in shared:
            shared.append(entry)
        return shared.index(entry)

    short = []
    for card in cards:
        lists = {name: [number(entry) for entry in card[name]] for name in SHARED}
        parts = [{**part, "screens": number(part["screens"])} for part in card["parts"]]
        short.append({**card, **lists, "parts": parts})
    return short, shared


def terms_of_corpus(facts: Facts, corpus: str) -> list[str]:
    """Licence and duties of each source and LLM that a corpus is made of, a line each."""
    card = card_of(facts, corpus)
    told = []
    for what, entries in (("Source", card["sources"]), ("LLM", card["llms"])):
        for one in entries:
            duty = f" {one['data_use']}" if one.get("data_use") else ""
            told.append(f"{what} `{one['name']}`: licence {one['licence'] or UNKNOWN}.{duty}")
    return [*told, *([BOUND] if card["llms"] else [])]


def all_terms(facts: Facts) -> list[tuple[str, str, str, str]]:
    """Kind, name, licence and duties of everything that others have a right in."""
    listed = (
        ("source", facts.spec.sources),
        ("dataset", facts.spec.datasets),
        ("weights", facts.spec.weights),
    )
    return [
        (kind, one.name, one.licence or UNKNOWN, one.data_use or "")
        for kind, entries in listed
        for one in entries
    ]
