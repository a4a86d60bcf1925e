"""What is done with entities that are not as they should be: each is kept, or counted by reason."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

from palimpsest.datasets.annotated import Document, Entity, same_text
from palimpsest.datasets.config import Reading
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError


def sound(
    document: Document,
    reading: Reading,
    account: Account,
    label_of: Callable[[str, str], str | None] | None = None,
) -> list[Entity]:
    """The entities of a document that stand in its text, without gaps and blanks at their ends.

    label_of: what the dataset calls a label, or None; absent: labels stay. What is not kept is
    rejected in the account. Raises UserError naming file and line where the policy is `error`.
    """
    kept: list[Entity] = []
    seen: set[tuple[int, int, str]] = set()
    for entity in document.entities:
        label = label_of(entity.label, entity.place) if label_of else entity.label
        if label is None:
            account.reject("label_left_out")
            continue
        found = _whole(_checked(entity, document, reading), document.text, reading)
        if isinstance(found, Entity):
            found = _trimmed(replace(found, label=label), document.text)
        if isinstance(found, Entity) and (found.start, found.end, label) in seen:
            found = "duplicate"
        if isinstance(found, str):
            account.reject(found)
        else:
            seen.add((found.start, found.end, label))
            kept.append(found)
    return kept


def _checked(entity: Entity, document: Document, reading: Reading) -> Entity | str:
    """The entity, or why it does not stand in the text."""
    size = len(document.text)
    parts = entity.parts or ((entity.start, entity.end),)
    problem = reason = ""
    if any(not 0 <= start < end for start, end in parts):
        reason, problem = "empty_span", "which has no character"
    elif parts[-1][1] > size or max(end for _, end in parts) > size:
        reason, problem = "past_the_end", f"but the text has {size} characters"
    elif entity.mention is not None:
        text = " ".join(document.text[start:end] for start, end in parts)
        if not same_text(text, entity.mention) and not same_text(
            text.replace(" ", ""), entity.mention.replace(" ", "")
        ):
            reason, problem = "other_text", "where the text is not what the file says it is"
    if problem and reading.mismatches == "error":
        raise UserError(
            f"{entity.place}: an entity from {entity.start} to {entity.end}, {problem}; mend it, "
            "or declare `mismatches: reject`"
        )
    return reason or entity


def _whole(entity: Entity | str, text: str, reading: Reading) -> Entity | str:
    """An entity without gaps, by the policy."""
    if isinstance(entity, str) or not entity.parts:
        return entity
    joined = _joined(entity.parts, text)
    if len(joined) == 1 or reading.discontinuous == "hull":
        return replace(entity, start=joined[0][0], end=joined[-1][1], parts=())
    if reading.discontinuous == "first":
        return replace(entity, start=joined[0][0], end=joined[0][1], parts=())
    if reading.discontinuous == "reject":
        return "discontinuous"
    raise UserError(
        f"{entity.place}: an entity with gaps, from {entity.start} to {entity.end}; declare "
        "`discontinuous` as `hull`, `first` or `reject`"
    )


def _joined(parts: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Stretches in order; those with nothing but blanks between them are one.

    BRAT writes an entity over the end of a line so.
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if found and not text[found[-1][1] : start].strip():
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _trimmed(entity: Entity, text: str) -> Entity | str:
    part = text[entity.start : entity.end]
    if not part.strip():
        return "empty_span"
    start = entity.start + len(part) - len(part.lstrip())
    return replace(entity, start=start, end=start + len(part.strip()))


def apart(entities: list[Entity], reading: Reading, account: Account) -> list[Entity]:
    """Entities that do not overlap, in order, by the policy. Raises UserError as `sound`."""
    ordered = sorted(entities, key=lambda entity: (entity.start, entity.start - entity.end))
    if reading.overlaps == "reject":
        crossed = _crossed(ordered)
        if crossed:
            account.reject("overlap", len(crossed))
        return [entity for at, entity in enumerate(ordered) if at not in crossed]
    if reading.overlaps == "longest":
        ordered.sort(key=lambda entity: (entity.start - entity.end, entity.start))
    kept: list[Entity] = []  # by their starts, and so by their ends
    for entity in ordered:
        at = bisect_left(kept, entity.end, key=lambda other: other.start)
        if not at or kept[at - 1].end <= entity.start:
            kept.insert(at, entity)
        elif reading.overlaps == "error":
            raise UserError(
                f"{entity.place}: the entity from {entity.start} to {entity.end} overlaps the one "
                f"at {kept[at - 1].place}; declare `overlaps` as `longest`, `first` or `reject`"
            )
        else:
            account.reject("overlap")
    return kept


def _crossed(ordered: list[Entity]) -> set[int]:
    """The places of the entities that overlap another one; they are ordered by their starts."""
    crossed: set[int] = set()
    furthest = 0  # the one before that ends last; others that reach as far as here overlap it
    for at, entity in enumerate(ordered[1:], start=1):
        if entity.start < ordered[furthest].end:
            crossed |= {at, furthest}
        if entity.end > ordered[furthest].end:
            furthest = at
    return crossed
