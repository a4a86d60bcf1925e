"""The first page of a pack: what it is, what is in it, how to check it."""

from palimpsest.evidence.checklists import CHECKLISTS, OPEN, fill
from palimpsest.evidence.facts import Facts
from palimpsest.evidence.seal import PUBLIC, SIGNATURE, SUMS
from palimpsest.evidence.terms import all_terms

IN_IT = {
    "report.html": "the report: what came out, how sure it is, what may not be concluded",
    "results/": "tables, figures with captions, and the numbers behind them",
    "corpora/": "a card and Croissant metadata of each corpus",
    "datasets/": "a card and Croissant metadata of each labelled dataset",
    "models/": "a card of each model that was trained on a corpus",
    "checklists/": "TRIPOD-LLM and MI-CLAIM-GEN, prefilled; what is open is named at the top",
    "study/declared.json": "all that was declared: data, prompts word by word, LLMs, models",
    "workflow/": "the workflow's files and the lock of its software",
    "software.cdx.json": "software and weights by version and hash (CycloneDX)",
    "ro-crate-metadata.json": "all files and the run that made them (Workflow Run RO-Crate)",
}


def readme(facts: Facts, names: list[str], signed: bool) -> str:
    """The page as Markdown. names: of the other files."""
    pack = facts.spec.pack
    lines = [f"# {pack.title}", "", f"By {', '.join(pack.creators)}, {pack.published}."]
    lines += [f"Licence of this pack: {pack.licence}."]
    if pack.description:
        lines += ["", pack.description]
    lines += ["", "An evidence pack of Palimpsest: results, and what is needed to judge them.", ""]
    lines += ["| here | what |", "|---|---|"]
    for name, told in IN_IT.items():
        if any(one == name or one.startswith(name) for one in names) or name.endswith(".json"):
            lines.append(f"| `{name}` | {told} |")
    lines.append(f"| `{SUMS}` | a hash of every file |")
    if signed:
        lines.append(f"| `{SIGNATURE}`, `{PUBLIC}` | the signature, and whose it is |")
    held = ", ".join(f"`{name}`" for name in pack.corpora)
    lines += ["", "## What is not in it", ""]
    lines.append(
        f"Documents of {held} are in it, as sensitive as their sources. No other text of notes is."
        if held
        else "No text of a note, no id of a note, no answer of an LLM, no weights."
    )
    lines += ["Prompts are in it, word by word: no patient belongs into an example of a prompt."]
    lines += ["", "## Terms", "", "| what | name | licence | data use |", "|---|---|---|---|"]
    for row in all_terms(facts):
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    lines += ["", "As declared by the study; `unknown` was not declared."]
    lines += ["", "## Checklists", ""]
    for name in CHECKLISTS:
        rows = fill(name, facts)
        left = [row["item"] for row in rows if row["state"] == OPEN]
        lines.append(f"- {name}: {len(rows) - len(left)} of {len(rows)} items answered; open: "
                     f"{', '.join(left) or 'none'}.")  # fmt: skip
    lines += ["", "## How to check it", ""]
    lines.append(
        f"`palimpsest verify PACK` finds every byte that was changed, lost or added, in the folder "
        f"and in the zip; `sha256sum --check {SUMS}` finds changed and lost files of the folder."
    )
    lines.append(
        f"`--key FILE` holds the signer against a public key that you have from elsewhere: "
        f"`{PUBLIC}` alone says only that one signer made all of it."
        if signed
        else "It is not signed: hashes find damage, not a forger, who would write them anew."
    )
    return "\n".join(lines) + "\n"
