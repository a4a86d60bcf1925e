"""A pack of the demo's declarations, with manifests made up in a folder: no study is built."""

import runpy
from argparse import Namespace
from pathlib import Path
from typing import Any

import yaml

from palimpsest.evidence.config import EvidenceSpec
from palimpsest.graph import job_of
from palimpsest.runtime.files import write_json
from palimpsest.study.load import load_catalogue

ROOT = Path(__file__).parents[2]
PACK = {"name": "demo", "title": "A demo", "creators": ["The lab"], "published": "2026-01-31"}
PACK |= {"licence": "CC-BY-4.0"}
ACCOUNT = {"in": 9, "kept": 7, "rejected": {"copy": 1}, "failed": {"too_long": 1}}
COUNTS = {"documents": 7, "notes": 5, "tokens": 500}
SPLITS = {"train": 4, "valid": 2, "test": 1}
HASH = "ab" * 32


def catalogue(edit=lambda study: None, **pack: Any):
    """The demo with one declared pack."""
    study = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    study["evidence"] = [{**PACK, **pack}]
    edit(study)
    return load_catalogue(study, "study.yaml", ROOT / "config")


def manifest_of(path: str, parts: int) -> dict:
    """What the manifest of a path could say."""
    room, *names = path.removesuffix(".json").split("/")
    if room == "notes":
        return {"wildcards": {"source": names[0]}, "rows": 7, "patients": 3, "splits": SPLITS,
                "account": ACCOUNT, "files": [{"file": "MARY-SECRET.txt"}]}  # fmt: skip
    if room == "corpora":
        entry = {**COUNTS, "account": ACCOUNT}
        return {"wildcards": {"corpus": names[0]}, "rows": 7, "sha256": HASH, "all": COUNTS,
                "parts": [entry] * parts}  # fmt: skip
    if room == "datasets":
        by_label = {split: {"problem": 3, "none": 1} for split in SPLITS}
        return {"wildcards": {"dataset": names[0]}, "rows": 7, "sha256": HASH, "splits": SPLITS,
                "account": ACCOUNT, "by_label": by_label, "unit": "patient"}  # fmt: skip
    if room == "weights":
        return {"wildcards": {"weights": names[0]}, "identity": HASH,
                "files": {"model.safetensors": HASH, "config.json": HASH}}  # fmt: skip
    if room == "checkpoints":
        model, corpus, seed = names
        wildcards = {"model": model, "corpus": corpus, "seed": seed.removeprefix("seed")}
        return {"wildcards": wildcards, "identity": HASH, "files": {}, "loss": 2.5,
                "valid_loss": 2.75}  # fmt: skip
    llm, request_set, shard = names
    return {"wildcards": {"llm": llm, "request_set": request_set, "shard": shard},
            "account": ACCOUNT, "tokens_in": 90, "tokens_out": 45, "asked_of": {"weights": HASH},
            "engines": {"vllm 0.32": 8}}  # fmt: skip


def write_inputs(job: Any, results: Path) -> dict[str, Any]:
    """Write what a job reads below a folder; the paths by input."""
    parts = {one.name: len(one.parts) for one in job.study.corpora}
    inputs = job.inputs(lambda path: Path(path.replace("<results>", str(results))))
    for name in ("notes", "corpora", "datasets", "weights", "checkpoints", "completions"):
        for path in inputs[name]:
            path.parent.mkdir(parents=True, exist_ok=True)
            there = path.relative_to(results).as_posix()
            write_json(path, manifest_of(there, parts.get(path.stem, 1)))
    for path in (inputs["report"], *inputs["results"]):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.name}\n", encoding="utf-8")
    return inputs


def build(folder: Path, key: Path | None = None, **pack: Any) -> Path:
    """The folder of a pack, beside its zip."""
    job = job_of("evidence_pack", catalogue(**pack), [("evidence", "demo")])
    inputs = write_inputs(job, folder / "results")
    spec = EvidenceSpec.model_validate(job.spec().identity())
    out = folder / "results/evidence/demo"
    out.mkdir(parents=True)
    lists = ("results", "notes", "corpora", "datasets", "weights", "checkpoints", "completions")
    arguments = {name: inputs[name] for name in (*lists, "exports", "report")}
    main = runpy.run_path(str(ROOT / "scripts/evidence/evidence_pack.py"))["main"]
    main(Namespace(**arguments, key=[key] if key else [], spec=spec, readme=out / "README.md",
                   out=out.with_suffix(".zip")))  # fmt: skip
    return out
