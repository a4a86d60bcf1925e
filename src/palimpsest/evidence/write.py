"""Write a pack: gather what is shown, write what describes it, seal it."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palimpsest.evidence.cards import dataset_card, model_card
from palimpsest.evidence.checklists import CHECKLISTS, as_csv, as_markdown, fill
from palimpsest.evidence.config import PROJECT_FILES
from palimpsest.evidence.crate import NAME as CRATE
from palimpsest.evidence.crate import crate
from palimpsest.evidence.croissant import Column, corpus_metadata, dataset_metadata
from palimpsest.evidence.facts import Facts
from palimpsest.evidence.readme import readme
from palimpsest.evidence.seal import files_below, seal, write_zip
from palimpsest.evidence.software import software
from palimpsest.evidence.terms import card_of
from palimpsest.runtime.atomic import sync_directory, temporary_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import check_bytes, read_fields, write_json, write_text
from palimpsest.runtime.origins import WILDCARDS
from palimpsest.runtime.rows import Manifest

CardOf = Callable[[dict[str, Any], Manifest, dict[str, str]], str]
RELEASES = "release"  # the folder of verdicts


@dataclass(frozen=True)
class Given:
    """What a pack is made of besides facts.

    exports: manifests of exported corpora. key: that signs. project: the folder of the workflow.
    card_of: writes the card of a corpus. columns: of exports.
    """

    report: Path
    results: list[Path]
    exports: list[Path]
    key: Path | None
    project: Path
    card_of: CardOf
    columns: list[Column]


def write_pack(facts: Facts, given: Given, folder: Path, target: Path) -> None:
    """Write the pack as a folder and as a zip: same files, same bytes.

    Raises UserError where what it is made of is damaged.
    """
    with temporary_folder(folder, beside=True) as made:
        _copy_shown(given, made)
        _describe(facts, given, made)
        write_json(made / "study/declared.json", _declared(facts))
        for name in CHECKLISTS:
            rows = fill(name, facts)
            write_text(made / f"checklists/{name}.md", as_markdown(name, rows))
            write_text(made / f"checklists/{name}.csv", as_csv(rows))
        write_json(made / "software.cdx.json", software(facts, given.project))
        write_text(made / "README.md", readme(facts, files_below(made), given.key is not None))
        write_json(made / CRATE, crate(facts, made))
        seal(made, given.key)
        write_zip(made, target)
        shutil.rmtree(folder, ignore_errors=True)
        for path in (made, *made.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        os.rename(made, folder)
        sync_directory(folder.parent)


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def _copy_shown(given: Given, made: Path) -> None:
    """Results, the report, exported corpora and the workflow, as they are."""
    _copy(given.report, made / "report.html")
    for path in given.results:
        room = RELEASES if path.parent.name == RELEASES else ""
        _copy(path, made / "results" / room / path.name)
    for manifest in given.exports:
        fields = read_fields(manifest, WILDCARDS, "sha256")
        place = made / "corpora" / fields[WILDCARDS]["corpus"]
        data = manifest.with_suffix(".parquet")
        check_bytes(data, fields["sha256"])
        for path in (data, manifest):
            _copy(path, place / "data" / path.name)
        _copy(manifest.parent.parent / "README.md", place / "README.md")
    for pattern in PROJECT_FILES:
        for path in sorted(given.project.glob(pattern)):
            _copy(path, made / "workflow" / path.relative_to(given.project))


def _describe(facts: Facts, given: Given, made: Path) -> None:
    """Cards and Croissant of corpora and datasets, cards of models."""
    exported = {}
    for manifest in given.exports:
        fields = read_fields(manifest, WILDCARDS, "sha256")
        exported[fields[WILDCARDS]["corpus"]] = fields["sha256"]
    weights = {llm: counts.weights for (llm, _), counts in facts.asked.items()}
    for corpus, manifest in facts.corpora.items():
        place = made / "corpora" / corpus
        if corpus not in exported:
            write_text(
                place / "README.md", given.card_of(card_of(facts, corpus), manifest, weights)
            )
        described = corpus_metadata(facts, corpus, given.columns, exported.get(corpus))
        write_json(place / "croissant.json", described)
    for name in facts.datasets:
        write_text(made / "datasets" / name / "README.md", dataset_card(facts, name))
        write_json(made / "datasets" / name / "croissant.json", dataset_metadata(facts, name))
    for model, corpus in dict.fromkeys(key[:2] for key in facts.checkpoints):
        write_text(
            made / "models" / f"{model}.{corpus}" / "README.md", model_card(facts, model, corpus)
        )


def _declared(facts: Facts) -> dict[str, Any]:
    """What the study declares, without places, tuning and keys."""
    spec = facts.spec
    terms = {
        kind: [one.identity() for one in entries]
        for kind, entries in (
            ("sources", spec.sources), ("datasets", spec.datasets), ("weights", spec.weights),
        )
    }  # fmt: skip
    return {
        "study": spec.study, "llms": spec.llms, "prompts": spec.prompts, "models": spec.models,
        "taxonomies": spec.taxonomies, "terms": terms,
    }  # fmt: skip
