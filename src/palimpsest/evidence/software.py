"""Software and weights by version and hash, as CycloneDX (https://cyclonedx.org, 1.6).

Packages are those of the lock, with what is installed where the pack is written. Written by hand:
a document of one kind needs no library.
"""

import platform
import re
import tomllib
import uuid
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from palimpsest.evidence.facts import Facts
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_text
from palimpsest.runtime.identity import digest
from palimpsest.runtime.rows import Row

PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
SECTION = re.compile(r"# \[([a-z]+)\]")
OWN = "palimpsest"
SERVED = "weights are a server's: they are what the study declares"


def read_pins(lock: Path) -> list[Row]:
    """The pins of a lock: name, version, section, and hashes of the files that fit.

    Raises UserError where a line is none of a lock.
    """
    pins: list[Row] = []
    section = ""
    for number, line in enumerate(read_text(lock).splitlines(), start=1):
        if marked := SECTION.match(line):
            section = marked[1]
        elif hashed := HASH.search(line):
            if not pins:
                raise UserError(f"{lock}:{number}: a hash before any package")
            pins[-1]["hashes"].append(hashed[1])
        elif pinned := PIN.match(line):
            name, version = pinned.groups()
            pins.append({"name": name, "version": version, "section": section, "hashes": []})
        elif line.strip() and not line.startswith("#"):
            raise UserError(f"{lock}:{number}: expected NAME==VERSION, a hash or a comment")
    return pins


def software(facts: Facts, project: Path) -> Row:
    """The bill of materials: same study, same environment, same bytes.

    project: the folder with the lock and `pyproject.toml`. Raises UserError where one is damaged.
    """
    version = own_version(project)
    components = [
        {"type": "platform", "bom-ref": "python", "name": "python",
         "version": platform.python_version()},
        *map(_package, read_pins(project / "requirements.lock")),
        *_weights(facts),
    ]  # fmt: skip
    application = {
        "type": "application",
        "bom-ref": OWN,
        "name": OWN,
        "version": version,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "properties": [_property("project", facts.spec.project)],
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(digest(components)[:32], version=4)}",
        "version": 1,
        "metadata": {"component": application},
        "components": components,
    }


def own_version(project: Path) -> str:
    """The project's version. Raises UserError where its file is not there or damaged."""
    path = project / "pyproject.toml"
    try:
        return str(tomllib.loads(read_text(path))["project"]["version"])
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise UserError(f"{path}: expected a project with a version") from error


def _package(pin: Row) -> Row:
    found, licences = "none", []
    try:
        installed = distribution(pin["name"])
        found = installed.version
        if expression := installed.metadata.get("License-Expression"):
            licences = [{"expression": expression}]
    except PackageNotFoundError:
        pass
    purl = f"pkg:pypi/{pin['name'].lower()}@{pin['version']}"
    component: Row = {"type": "library", "bom-ref": purl, "name": pin["name"]}
    component |= {"version": pin["version"], "purl": purl, "hashes": _hashes(pin["hashes"])}
    if licences and found.partition("+")[0] == pin["version"]:
        component["licenses"] = licences
    component["properties"] = [
        _property("section", pin["section"]),
        _property("installed", found),
        _property("hashes", "one for each file that the lock allows"),
    ]
    return component


def _weights(facts: Facts) -> list[Row]:
    identities = {llm: counts.weights for (llm, _), counts in facts.asked.items()}
    components = []
    for one in facts.spec.weights:
        manifest = facts.weights.get(one.name, {})
        files = manifest.get("files", {})
        component: Row = {
            "type": "machine-learning-model",
            "bom-ref": f"weights/{one.name}",
            "name": one.name,
            "version": str(manifest.get("identity") or identities.get(one.name) or "unknown"),
            "description": one.origin or "",
            "properties": [_property("kind", one.kind)]
            + ([] if files else [_property("files", SERVED)]),
        }
        if one.licence:
            component["licenses"] = [{"license": {"name": one.licence}}]
        if files:
            component["components"] = [
                {"type": "file", "bom-ref": f"weights/{one.name}/{name}", "name": name,
                 "hashes": _hashes([files[name]])}
                for name in sorted(files)
            ]  # fmt: skip
        components.append(component)
    return components


def _hashes(contents: list[str]) -> list[dict[str, Any]]:
    return [{"alg": "SHA-256", "content": content} for content in contents]


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"palimpsest:{name}", "value": value}
