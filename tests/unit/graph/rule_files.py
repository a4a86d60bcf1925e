"""The rule files as text: what a rule's command names, without Snakemake."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
RULE_FILES = sorted((ROOT / "rules").glob("*.smk"))
RULE = re.compile(r"^(?:use rule \w+ as (\w+) with|rule (\w+)):\n((?:(?:[ \t].*)?\n)*)", re.M)
NAMED = re.compile(r"\{input\.(\w+)(?::q)?\}")


def rules() -> dict[str, str]:
    """The text of each rule, by name."""
    found = {}
    for path in [ROOT / "Snakefile", *RULE_FILES]:
        for used, name, body in RULE.findall(path.read_text(encoding="utf-8")):
            found[used or name] = body
    return found


def block(body: str, key: str) -> str:
    """One block of a rule, such as its `params`."""
    match = re.search(rf"^    {key}:\n((?:        .*\n|\n)*)", body, re.M)
    return match[1] if match else ""


def inputs_named(body: str) -> list[str]:
    """The inputs that a rule's command names."""
    return NAMED.findall(block(body, "shell"))
