"""Targets that nothing makes: what is asked for, beside what the study declares."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from palimpsest.graph.constraints import declared_names
from palimpsest.study.catalogue import Catalogue

_WILDCARD = re.compile(r"\{(\w+)(?:,((?:[^{}]|\{\d+(?:,\d+)?\})*))?\}")
SHOWN = 12  # names of a kind in a message
SHOWN_ONES = {"table", "figure"}
CALLED = {"llm": "LLM", "request_set": "set of requests", "judged": "test set"}


def whatever_else(outputs: Iterable[str]) -> str:
    """A regular expression of the paths that none of some outputs is.

    outputs: as Snakemake knows them: a wildcard stands there with its constraint.
    """
    made = "|".join(sorted({_pattern(output, constrained=True) for output in outputs}))
    return f"(?!(?:{made})$).+"


def no_target(catalogue: Catalogue, target: str, outputs: Iterable[str]) -> str:
    """Why nothing makes a target: the name that is not declared, or what comes near its path.

    target: its path below the results folder, as are the outputs.
    """
    known, shown = declared_names(catalogue), f"{catalogue.study.results}/{target}"
    plain = sorted({_WILDCARD.sub(r"{\1}", output) for output in outputs})
    readings = list(_readings(known, target, plain))
    if undeclared := min(readings, key=len, default=[]):
        alone = {kind for reading in readings if len(reading) == 1 for kind, _ in reading}
        if SHOWN_ONES <= alone and len(undeclared) == 1:  # a CSV is of a table or of a figure
            names = _listed(set().union(*(known[kind] for kind in SHOWN_ONES)))
            return f"{shown}: the study declares no table or figure '{undeclared[0][1]}'; {names}"
        lines = [
            f"the study declares no {CALLED.get(kind, kind)} '{name}'; {_listed(known[kind])}"
            for kind, name in undeclared
        ]
        return f"{shown}: {'; '.join(lines)}"
    near = get_close_matches(target, plain, n=3, cutoff=0.3)
    tables = _listed(known["table"] | known["figure"])
    return f"{shown}: no rule makes it; near are {near}; of tables and figures {tables}"


def _readings(
    known: dict[str, set[str]], target: str, outputs: Iterable[str]
) -> Iterator[list[tuple[str, str]]]:
    """For each output that the target could be, the wildcards whose names are not declared.

    Those with more of their path in common with it come first.
    """
    for output in sorted(outputs, key=lambda output: -len(_WILDCARD.sub("", output))):
        if found := re.fullmatch(_pattern(output, constrained=False), target):
            named = found.groupdict().items()
            if wrong := [
                (kind, name) for kind, name in named if name not in known.get(kind, {name})
            ]:
                yield wrong


def _pattern(output: str, constrained: bool) -> str:
    """A regular expression of an output's paths: with its constraints, or of any name."""
    parts, last = [], 0
    for match in _WILDCARD.finditer(output):
        name = rf"(?:{match[2] or '.+'})" if constrained else rf"(?P<{match[1]}>[^/]+?)"
        parts += [re.escape(output[last : match.start()]), name]
        last = match.end()
    return "".join([*parts, re.escape(output[last:])])


def _listed(names: set[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return f"declared are {shown[:SHOWN]}{more}" if shown else "none is declared"
