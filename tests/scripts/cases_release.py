"""How the scripts of releases are called, and what they read."""

from pathlib import Path

from cases import MANIFEST, OUT, SCORED, Case, spec, tables, weights
from tiny_inputs import table

from palimpsest.release.check import FINDINGS
from palimpsest.release.config import Release
from palimpsest.release.losses import LOSSES
from palimpsest.runtime.files import write_manifest
from palimpsest.runtime.labels import SENTENCE_EXAMPLES

CHECKPOINT = {"model": "small", "corpus": "original", "seed": 1, "reference": "rephrased"}
ROSTER = {"by": "file", "paths": ["ward.csv"], "columns": {"patient_id": "patient", "id": ["id"]}}
RELEASE = {
    "name": "shared",
    "source": "ward",
    "corpora": ["original"],
    "datasets": ["written"],
    "checkpoints": [CHECKPOINT],
    "roster": ROSTER,
    "attributes": [{"name": "pain", "words": ["pain"]}],
}
CHECK = {"release": RELEASE, "audited": False, "canaries": 0, "seed": 1, "stage": "given"}
READ = ["--notes", "notes.parquet", "--corpora", "corpus.parquet"]
READ += ["--datasets", "release/written.parquet", "--checkpoints", "release/model.json"]
READ_TABLES = tables("notes", "corpus", "release/written")
JUDGED = {**RELEASE, "repair": "drop_documents"}
RESULTS = ("identifiers", "rare_text", "canaries", "membership", "linkage", "attributes")
GIVEN = [f"release/given/{name}.parquet" for name in RESULTS]
REPAIRED = [f"release/repaired/{name}.parquet" for name in RESULTS]
LOSSES_READ = ["release/losses/own.parquet", "release/losses/other.parquet"]
CASES = [
    *(
        Case(
            "release/check_release",
            ["--check", name, *READ, *OUT, "--losses", *LOSSES_READ, "--roster", "ward.csv"]
            + spec(CHECK, release="shared", stage="given", check=name),
            {**READ_TABLES, **more},
        )
        for name, more in {
            "identifiers": {"ward.csv": ["missing"]},
            "rare_text": {},
            "membership": tables("release/losses/own", "release/losses/other"),
            "linkage": {},
        }.items()
    ),
    Case(
        "release/losses_of_patients",
        ["--checkpoint", "decoder.json", "--notes", "notes.parquet", *OUT]
        + spec(
            {"source": "ward", "patients": 9, "audited": False, "canaries": 2, "context": 32,
             "seed": 1},
            release="shared", **SCORED,
        ),
        {**tables("notes"), **weights("decoder")},
    ),
    Case(
        "release/repair_corpus",
        ["--corpus", "corpus.parquet", "--results", *GIVEN, *OUT]
        + spec({"release": "shared", "corpus": "original"}, release="shared", corpus="original"),
        {**tables("corpus"), "release/given/canaries.json": MANIFEST},
    ),
    Case(
        "release/judge_release",
        [*READ, "--given", *GIVEN, "--repaired", *REPAIRED, "--repaired-corpora"]
        + ["release/corpora/original.parquet", "--out", "out/verdict.json", "--page", "out/a.md"]
        + spec(JUDGED, release="shared"),
        {
            "notes.json": MANIFEST,
            "corpus.json": MANIFEST,
            "release/corpora/original.json": MANIFEST,
            "release/given/canaries.json": MANIFEST,
            "release/repaired/canaries.json": MANIFEST,
            "release/model.json": MANIFEST,
        },
        ("out/verdict.json", "out/a.md"),
    ),
]  # fmt: skip


def write(folder: Path) -> None:
    """Results of checks, losses, and written sentences."""
    sentences = [
        {"example_id": "s0", "split": "train", "text": "It hurts.", "made_by": "llm_writes"}
    ]
    names = {"dataset": "written"}
    table(folder, "release/written", sentences, SENTENCE_EXAMPLES, wildcards=names)
    Release.model_validate(JUDGED)
    said = {"tests": {}, "told": {}, "lacking": ["too few"], "units": {}, "read": {}, "code": ""}
    for stage in ("given", "repaired"):
        for name in RESULTS:
            fields = {**said, "release": "", "stage": stage, "check": name}
            names = {"release": "shared", "stage": stage, "check": name}
            table(folder, f"release/{stage}/{name}", [], FINDINGS, **fields, wildcards=names)
    names = {"model": "small", "corpus": "original", "seed": "1"}
    write_manifest(folder / "release/model.json", {"identity": "", "files": {}, "wildcards": names})
    taken = {"documents": 1, "dropped": 0, "tokens": 1, "tokens_dropped": 0}
    names = {"release": "shared", "corpus": "original"}
    rest = [{"note_id": "n0", "text": "It hurts.", "tokens": 1}]
    table(folder, "release/corpora/original", rest, None, repaired=taken, wildcards=names)
    for name, corpus in (("own", "original"), ("other", "rephrased")):
        rows = [
            {"kind": "patient", "id": f"p{at}", "nats": 9.0 + at, "tokens": 9} for at in range(6)
        ]
        names = {"release": "shared", "model": "small", "corpus": corpus, "seed": "1"}
        table(folder, f"release/losses/{name}", rows, LOSSES, wildcards=names)
