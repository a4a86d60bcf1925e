"""A study that is as small as one can be that has a job of every rule."""

import json
import shutil
from pathlib import Path

from labelling import NAMES, PROMPTS, Annotator, taxonomy
from project import REPOSITORY, TRAINING, Project, llm, write_notes, write_yaml

# One after the other: a pilot and what asks the same requests write one ledger.
APART = ("export/written/README.md", "release/given.md", "review/seen.html", "evidence/pack.zip")
TARGETS = (("pilot",), ("plan",), ("all", *(f"results/{name}" for name in APART)))
OUTSIDE = ("notes.csv", "more", "homes.jsonl", "encoder")  # never in git
REFUSED = "SOMETIMES REFUSED: say it again.\n\n{context}\n\n{passage}"
JUDGING = "JUDGE\n\n{context}\n===\n{passage}\n===\n{rephrase}"
ASKED = {"system": "", "user": "Write the discharge summary.\n\n{passage}"}
WINDOW = 4
REPHRASED = {"source": "clinic", "llms": ["alpha"], "prompts": ["formal"], "tokens": 900}
CRITIC = {"name": "critic", "source": "clinic", "llm": "alpha", "prompt": "judging", "pairs": 5}


def study() -> dict:
    named = {"source": "clinic", "llm": "alpha", "prompt": "formal"}
    written = {"kind": "synthetic_notes", "source": "cases", "llm": "alpha", "prompt": "summary"}
    table = {"kind": "table", "columns": {"text": "body", "note_id": "id", "patient_id": "patient"}}
    asked = {"kind": "sentences", "taxonomy": "signs", "llm": "alpha", "check": "plain-check"}
    asked |= {"annotation": 5}
    gold = {"kind": "sentences", "examples": {"train": 12, "valid": 6, "test": 20}}
    tuned = {"epochs": 1, "batch_size": 8, "learning_rate": 0.001}
    return {
        "results": "results",
        "seed": 1,
        "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
        "sources": [
            {"name": "clinic", **table, "paths": ["notes.csv", "more/*.csv"], "shards": 2}
            | {"category": "Visit"},
            {"name": "ward", "kind": "generated", "patients": 320, "canaries": 3}
            | {"splits": {"train": 0.4, "valid": 0.2, "test": 0.2, "audit": 0.2}},
            {"name": "cases", "kind": "generated-case-reports", "patients": 8}
            | {"splits": {"train": 1, "valid": 0, "test": 0}, "licence": "apache-2.0"},
        ],
        "duplicates": {"match": "exact", "handling": "dropped"},
        "passages": {"tokenizer": "tiny", "max_tokens": 60},
        "rephrasings": [
            {**REPHRASED, "retry": {"times": 1, "reasons": ["refusal"]}},
            {**REPHRASED, "retry": {"times": 1, "reasons": ["refusal"]}, "contexts": ["visit"]},
        ],
        "contexts": [{"name": "visit", "parts": ["note_type", "before"], "before_tokens": 20}],
        "judges": [{**CRITIC, "faithful": 6, "planted": 4}],
        "syntheses": [
            {"source": "cases", "llms": ["alpha"], "prompts": ["summary"], "tokens": 500}
        ],
        "screens": [
            {"name": "refusal"},
            {"name": "truncated"},
            {"name": "length", "min_ratio": 0.3, "max_ratio": 2},
        ],
        "synthesis_screens": [{"name": "truncated"}],
        "corpora": [
            {"name": "original", "parts": [{"kind": "notes", "source": "clinic", "tokens": 400}]},
            {"name": "formal", "parts": [{"kind": "rephrases", **named, "tokens": 200}]},
            {"name": "written", "parts": [{**written, "tokens": 100}]},
            {"name": "wards", "parts": [{"kind": "notes", "source": "ward", "tokens": 400}]},
        ],
        "releases": [
            {"name": "given", "source": "ward", "corpora": ["wards"], "roster": {"by": "gold"}}
            | {"checkpoints": [{"model": "small", "corpus": "wards", "reference": "written"}]}
            | {"repair": "drop_documents", "attributes": [{"name": "alcohol", "words": ["etoh"]}]}
        ],
        "reviews": [{"name": "seen", "corpus": "formal", "items": 10}],
        "evidence": [
            {"name": "pack", "title": "Every rule", "creators": ["The lab"], "licence": "CC-BY-4.0"}
            | {"published": "2026-01-31"}
        ],
        "tokenizers": [
            {"name": "bpe", "source": "clinic", "vocab_size": 400},
            {"name": "own", "per_corpus": True, "vocab_size": 400},
        ],
        "evaluations": [
            {"name": "visits", "source": "clinic", "notes": 5},
            {"name": "watched", "source": "clinic", "notes": 3, "split": "valid"},
        ],
        "validation": "watched",
        "datasets": [
            {"name": "entities", "kind": "spans", "made_by": "generator", "source": "ward"}
            | {"labels": ["problem", "treatment"]}
            | {"examples": {"train": 12, "valid": 6, "test": 16}},
            {"name": "gold", **gold, "made_by": "generator", "taxonomy": "signs"}
            | {"source": "ward"},
            {"name": "homes", **gold, "made_by": "experts", "taxonomy": "signs"}
            | {"files": ["homes.jsonl"]},
            {"name": "silver", **asked, "made_by": "llm_labels", "label": "plain-label"}
            | {"source": "ward", "sentences": 30},
            {"name": "bronze", **asked, "made_by": "llm_writes", "write": "plain-write"}
            | {"requests": 8, "keep": 4},
        ],
        "experiments": [
            {"name": "tagging", "dataset": "entities", "finetuning": tuned, "seeds": [1]}
            | {"encoders": [{"encoder": "tiny", "corpus": name} for name in ("none", "original")]}
            | {"keep": True},
            {"name": "signs", "dataset": "gold", "finetuning": tuned, "seeds": [1]}
            | {"encoders": [{"encoder": "tiny", "corpus": "none"}]}
            | {
                "mixtures": [{"name": "gold", "phases": [[{"dataset": name} for name in LABELLED]]}]
            },
        ],
        "tables": [
            {"name": "table1", "kind": "corpora", "corpora": ["original", "formal", "written"]},
            {"name": "table2", "kind": "comparison", "experiments": ["tagging"]}
            | {"baseline": {"corpus": "none"}},
            {"name": "table3", "kind": "comparison", "experiments": ["signs"]}
            | {"baseline": {"mixture": "gold"}},
        ],
        "figures": [
            {"name": "figure1", "kind": "perplexity", "model": "small", "evaluations": ["visits"]}
            | {"corpora": ["formal"], "references": ["original"]},
            {"name": "figure2", "kind": "perplexity", "model": "apart", "evaluations": ["visits"]}
            | {"corpora": ["formal"], "references": ["original"], "metric": "bits_per_byte"},
            {"name": "fidelity", "kind": "fidelity", "source": "clinic"},
            {"name": "judged", "kind": "judge", "judge": "critic"},
        ],
    }


LABELLED = ("gold", "silver", "bronze", "homes")


def create(folder: Path, url: str) -> Project:
    """The study in a copy of the project. Its encoder comes out otherwise each time."""
    project = Project.create(folder, url)
    write_yaml(folder / "config/config.yaml", study())
    for name in ("beta", "plain"):
        for path in folder.glob(f"config/*/{name}.yaml"):
            path.unlink()
    write_yaml(
        folder / "config/prompts/formal.yaml",
        {"context": "Told before: {context}", "user": REFUSED},
    )
    write_yaml(folder / "config/prompts/summary.yaml", ASKED)
    write_yaml(folder / "config/prompts/judging.yaml", {"user": JUDGING})
    shutil.copytree(REPOSITORY / "config/schema", folder / "config/schema")
    for name in ("pyproject.toml", "requirements.lock"):  # packs repeat them
        shutil.copy(REPOSITORY / name, folder)
    for name, text in PROMPTS.items():
        write_yaml(folder / f"config/prompts/{name}.yaml", {"user": text})
    write_yaml(folder / "config/taxonomies/signs.yaml", taxonomy(*NAMES))
    declared = llm(url, "a")
    declared["engine"] |= {"window": WINDOW, "concurrency": 4}
    write_yaml(folder / "config/llms/alpha.yaml", declared)
    architecture = {"hidden_size": 16, "intermediate_size": 32, "layers": 1, "heads": 2}
    apart = {"kind": "decoder", "tokenizer": "own", "architecture": architecture}
    training = {**TRAINING, "steps": 4}
    write_yaml(folder / "config/models/apart.yaml", apart | {"training": training})
    (folder / "more").mkdir()
    write_notes(folder / "more/older.csv", [0, 1, 70, 71])  # two are copies
    lines = [
        {"text": f"Sentence {number} of an expert.", "labels": [NAMES[number % 3]]}
        | {"patient_id": f"p{number}", "note_id": f"n{number}"}
        for number in range(60)
    ]
    (folder / "homes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return project


def judge(body: dict) -> str | dict[str, float] | None:
    """An annotator that errs for questions about categories; other answers are by rule."""
    message = body["messages"][-1]["content"]
    if message.split(" ", 1)[0] in ("LABEL", "CHECK", "WRITE"):
        return Annotator({}, errs=0.3)(body)
    if message.startswith("JUDGE"):
        return json.dumps({"unsupported": [], "missing": []})
    return None
