"""What checks tell without judging it, in sentences for the page."""

from collections.abc import Callable

from palimpsest.runtime.rows import Row

UNITS = {"exposed": "used patients", "control": "patients of the control group"}
PLURALS = {
    "address": "addresses",
    "age": "ages over 89",
    "date": "dates",
    "id": "record and other numbers",
    "initials": "names with initials",
    "name": "whole names",
    "name part": "given names and surnames alone",
    "phone": "telephone numbers",
    "place": "places",
}


def units(sizes: Row) -> str:
    """How many of what a check looked at."""
    listed = sorted(sizes.items(), key=lambda item: item[0] in ("control", "never planted"))
    return ", ".join(f"{count:,} {UNITS.get(name, name)}" for name, count in listed)


def sentences(told: Row) -> list[str]:
    """One sentence for each thing that is told."""
    return [
        sentence for name, say in SAID.items() if name in told and (sentence := say(told[name]))
    ]


def _kinds(counts: Row) -> str:
    return ", ".join(f"{count:,} {PLURALS.get(kind, kind)}" for kind, count in counts.items())


def _linkage(found: Row | str) -> str:
    if isinstance(found, str):
        return f"Linkage: {found}."
    ways = [
        f"by {way} the note comes first for {one['first']:.1%} of them ({one['first_low']:.1%} to "
        f"{one['first_high']:.1%}), and among the first ten for {one['among_ten']:.1%}"
        for way, one in (("words", found["by_words"]), ("embedding", found["by_embedding"]))
    ]
    return (
        f"{found['documents']:,} documents were looked up among {found['among']:,} notes: "
        f"{'; '.join(ways)}. Chance would be {found['by_chance']:.2%} for the first place."
    )


def _metadata(found: Row) -> str:
    return (
        "Lengths and sections of the notes alone, without any released text, tell the two groups "
        f"apart with an AUC of {found['auc']:.3f} ({found['auc_low']:.3f} to "
        f"{found['auc_high']:.3f}), p {found['p']:.2g}; 0.5 is chance."
    )


SAID: dict[str, Callable[..., str]] = {
    "values": lambda counts: f"The roster has {_kinds(counts)}.",
    "unread": lambda counts: f"{_kinds(counts)} of it could not be read." if counts else "",
    "patients": lambda count: f"It has something of {count:,} patients.",
    "patients_without_any": lambda count: (
        f"It has nothing of {count:,} patients who were used or are of the control group."
    ),
    "documents": lambda count: f"{count:,} documents were looked through.",
    "with_known_note": lambda count: (
        f"{count:,} of them name the note of a patient that they were made of."
    ),
    "metadata_alone": _metadata,
    "linkage": _linkage,
    "attributes": lambda text: f"Attributes: {text}.",
    "no_texts": lambda _: "No texts are given away.",
}
