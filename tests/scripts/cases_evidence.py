"""How packs of evidence are written, and what they are made of."""

from pathlib import Path

from cases import EXPORT, MANIFEST, SHARES, Case, spec
from tiny_inputs import ACCOUNT, ENCODER, SHARD

from palimpsest.graph.evidence import PROJECT, workflow_files
from palimpsest.runtime.files import write_manifest, write_text

PACK = {"name": "pack", "title": "A study", "creators": ["The lab"], "published": "2026-01-31"}
PACK |= {"licence": "CC-BY-4.0"}
EMPTY = ("contexts", "experiments", "figures", "releases", "reviews", "screens", "syntheses")
STUDY = {name: [] for name in (*EMPTY, "synthesis_screens")}
STUDY |= {"seed": 1, "passages": None, "duplicates": None, "pilot": {"samplings": []}}
STUDY |= {"tables": [{"name": "table1", "kind": "corpora", "corpora": ["rephrased"]}]}
STUDY |= {"datasets": [{"name": "gold", "kind": "sentences", "made_by": "generator"}]}
TERMS = {"licence": None, "data_use": None}
SOURCE = {"name": "ward", "kind": "table", **TERMS}
LLM = {"name": "small", "origin": "a/b", "dtype": "float32", "sampling": {}, **TERMS}
SHARED = [[], {**SOURCE, "splits": SHARES}, LLM]
PART = {**EXPORT["parts"][0], "screens": 0}
CARD = {**EXPORT, "parts": [PART], "sources": [1], "llms": [2]}
SPEC = {"pack": PACK, "results": "results", "study": STUDY, "cards": [CARD], "shared": SHARED}
SPEC |= {"llms": {}, "prompts": {}, "models": {"small": ENCODER}, "taxonomies": {}}
SPEC |= {"sources": [SOURCE], "datasets": [], "experiments": [], "written": 0}
SPEC |= {"weights": [{**SOURCE, "name": "small", "kind": "LLM"}], "key_digest": "", "project": ""}
WRITTEN = ["README.md", "SHA256SUMS", "report.html", "results/table1.csv", "study/declared.json"]
WRITTEN += ["ro-crate-metadata.json", "software.cdx.json", "models/small.rephrased/README.md"]
WRITTEN += [f"{place}/{name}" for place in ("corpora/rephrased", "datasets/gold")
            for name in ("README.md", "croissant.json")]  # fmt: skip
WRITTEN += [f"checklists/{name}.{ending}" for name in ("tripod-llm", "mi-claim-gen")
            for ending in ("csv", "md")]  # fmt: skip
WRITTEN += [f"workflow/{path.relative_to(PROJECT)}" for path in workflow_files()]
CASES = [
    Case(
        "evidence/evidence_pack",
        ["--report", "report.html", "--results", "table1.csv", "--notes", "notes.json"]
        + ["--corpora", "rephrased.json", "--datasets", "labelled.json"]
        + ["--weights", "started.json", "--checkpoints", "trained.json"]
        + ["--completions", f"asked/{SHARD}.json", "--exports", "--key"]
        + ["--readme", "out/pack/README.md", "--out", "out/pack.zip"]
        + spec(SPEC, evidence="pack"),
        {
            "report.html": ["missing"],
            **dict.fromkeys(("notes.json", "rephrased.json", "labelled.json"), MANIFEST),
            **dict.fromkeys(("started.json", "trained.json", f"asked/{SHARD}.json"), MANIFEST),
        },
        ("out/pack.zip", *(f"out/pack/{name}" for name in WRITTEN)),
    )
]


def write(folder: Path) -> None:
    """A report, a table and manifests; `tiny_inputs` has the rest."""
    write_text(folder / "report.html", "<p>A report.</p>\n")
    write_text(folder / "table1.csv", "corpus\nrephrased\n")
    fields = {"sha256": "0" * 64, "rows": 6, "unit": "patient", "account": ACCOUNT}
    write_manifest(folder / "labelled.json", {**fields, "wildcards": {"dataset": "gold"}})
    weights = {"identity": "0" * 64, "files": {"model.safetensors": "0" * 64}}
    write_manifest(folder / "started.json", {**weights, "wildcards": {"weights": "small"}})
    names = {"model": "small", "corpus": "rephrased", "seed": "1"}
    write_manifest(folder / "trained.json", {**weights, "loss": 2.5, "wildcards": names})
    names = {"llm": "small", "request_set": "ward.p", "shard": SHARD}
    asked = {"account": ACCOUNT, "tokens_in": 9, "tokens_out": 9, "asked_of": {"weights": "w"}}
    write_manifest(folder / f"asked/{SHARD}.json", {**asked, "wildcards": names})
