"""`ro-crate-metadata.json`: the pack as a Workflow Run RO-Crate.

RO-Crate 1.1 with the profiles Process Run Crate 0.5, Workflow Run Crate 0.5 and Workflow RO-Crate
1.0: which workflow made which files of what, and who answers for it. Times are not in it: the same
study gives the same bytes.
"""

from pathlib import Path
from typing import Any

from palimpsest.evidence.facts import Facts
from palimpsest.evidence.seal import files_below
from palimpsest.evidence.software import own_version, read_pins
from palimpsest.evidence.terms import UNKNOWN
from palimpsest.runtime.rows import Row

NAME = "ro-crate-metadata.json"
WORKFLOW, DECLARED = "workflow/Snakefile", "study/declared.json"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
FORMATS = {
    ".csv": "text/csv", ".html": "text/html", ".json": "application/json", ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet", ".svg": "image/svg+xml", ".txt": "text/plain",
    ".lock": "text/plain", ".smk": "text/plain", ".toml": "application/toml", ".pub": "text/plain",
}  # fmt: skip
TERMS = "https://w3id.org/ro/crate/1.1/context"


def crate(facts: Facts, folder: Path) -> Row:
    """The metadata of all files that are in a folder, which is all but itself and the seal."""
    pack = facts.spec.pack
    names = files_below(folder)
    results = [name for name in names if name.startswith("results/") or name == "report.html"]
    creators = [{"@id": f"#creator-{number}"} for number in range(1, len(pack.creators) + 1)]
    root: Row = {
        "@id": "./",
        "@type": "Dataset",
        "name": pack.title,
        "description": pack.description or f"Evidence pack of the study {pack.title}.",
        "datePublished": pack.published,
        "license": {"@id": "#licence"},
        "author": creators,
        "publisher": creators[0],
        "conformsTo": [{"@id": profile} for profile in PROFILES],
        "mainEntity": {"@id": WORKFLOW},
        "hasPart": [{"@id": name} for name in names],
        "mentions": [{"@id": "#run"}],
    }
    if pack.url:
        root["url"] = pack.url
    entities = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "conformsTo": [
                {"@id": "https://w3id.org/ro/crate/1.1"},
                {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
            ],
            "about": {"@id": "./"},
        },
        root,
        *_contextual(facts, folder),
        *[_file(folder, name) for name in names if name != WORKFLOW],
        _workflow(folder),
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"Palimpsest on the study `{facts.spec.results}`",
            "description": "The run of the workflow that made the results of this pack.",
            "instrument": {"@id": WORKFLOW},
            "agent": creators[0],
            "object": [{"@id": DECLARED}, *({"@id": f"#source-{one.name}"}
                                            for one in facts.spec.sources)],
            "result": [{"@id": name} for name in results],
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    ]  # fmt: skip
    return {"@context": TERMS, "@graph": [_compact(entity) for entity in entities]}


def _compact(entity: Row) -> Row:
    """An entity without lists of one."""
    return {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value
        for key, value in entity.items()
    }


def _workflow(folder: Path) -> Row:
    return {
        **_file(folder, WORKFLOW),
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "Palimpsest",
        "version": own_version(folder / "workflow"),
        "encodingFormat": "text/plain",
        "programmingLanguage": {"@id": LANGUAGE},
        "license": {"@id": "#licence-of-the-workflow"},
        "input": [{"@id": "#study"}],
        "output": [{"@id": "#results"}],
    }


def _contextual(facts: Facts, folder: Path) -> list[Row]:
    """Who, under which terms, with what: entities that are no files."""
    pack = facts.spec.pack
    snakemake = next(
        (pin["version"] for pin in read_pins(folder / "workflow/requirements.lock")
         if pin["name"] == "snakemake"), UNKNOWN,
    )  # fmt: skip
    found: list[Row] = [
        {"@id": profile, "@type": "CreativeWork", "name": name,
         "version": profile.rsplit("/", 1)[1]}
        for profile, name in PROFILES.items()
    ]  # fmt: skip
    found += [
        {"@id": f"#creator-{number}", "@type": "Organization", "name": name}
        for number, name in enumerate(pack.creators, start=1)
    ]
    found += [
        {"@id": "#licence", "@type": "CreativeWork", "name": pack.licence,
         "description": "Of what is in this pack; sources, LLMs and datasets have their own."},
        {"@id": "#licence-of-the-workflow", "@type": "CreativeWork", "name": "Apache-2.0",
         "description": "Of Palimpsest."},
        {"@id": LANGUAGE, "@type": "ComputerLanguage", "name": "Snakemake", "alternateName": "SMK",
         "identifier": {"@id": "https://snakemake.readthedocs.io"},
         "url": {"@id": "https://snakemake.github.io"}, "version": snakemake},
        {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE",
         "@type": "CreativeWork", "name": "FormalParameter", "version": "1.0-RELEASE"},
        _parameter("#study", "study", "What is declared: data, LLMs, models, tables, figures."),
        _parameter("#results", "results", "Tables and figures of the study."),
    ]  # fmt: skip
    for one in facts.spec.sources:
        rows = facts.notes.get(one.name, {}).get("rows", 0)
        duty = f" {one.data_use}" if one.data_use else ""
        found.append(
            {"@id": f"#source-{one.name}", "@type": "CreativeWork", "name": one.name,
             "description": f"Source of {rows:,} notes ({one.kind}), not in this pack. Licence: "
             f"{one.licence or UNKNOWN}.{duty}"}
        )  # fmt: skip
    return found


def _parameter(identity: str, name: str, told: str) -> dict[str, Any]:
    return {
        "@id": identity,
        "@type": "FormalParameter",
        "conformsTo": {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"},
        "additionalType": "File",
        "name": name,
        "description": told,
        "valueRequired": True,
    }


def _file(folder: Path, name: str) -> Row:
    path = folder / name
    made: Row = {"@id": name, "@type": "File", "name": name}
    made["contentSize"] = str(path.stat().st_size)
    if found := FORMATS.get(path.suffix):
        made["encodingFormat"] = found
    if name == DECLARED:
        made["exampleOfWork"] = {"@id": "#study"}
    elif name.startswith("results/"):
        made["exampleOfWork"] = {"@id": "#results"}
    return made
