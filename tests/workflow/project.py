"""A tiny study in a copy of the project, and the jobs that Snakemake runs for it."""

import atexit
import csv
import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from forks import Forks

REPOSITORY = Path(__file__).parents[2]
COPIED = ("Snakefile", "rules", "scripts", "src", "envs", "profiles")
BLOCK = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", re.M)
# By how much what is printed of a job stands in, which is one of a group.
GROUPED = re.compile(r"^    (?=(?:local)?rule \w+:$|    \S)", re.M)
NOTE = (
    "Chief Complaint:\n{a} and {b}.\n\nHospital Course:\nThe patient was admitted with {a}. "
    "Treatment with {c} was started on day one. {b} improved by day {n}. A chest x-ray was "
    "normal. Creatinine was {n}.{n} and stable.\n\nDischarge:\nHome with {c}, follow-up in "
    "{n} weeks.\n"
)
PROBLEMS = ["chest pain", "dyspnea", "fever", "nausea", "edema", "fatigue", "cough", "syncope"]
DRUGS = ["aspirin", "furosemide", "ceftriaxone", "heparin", "metoprolol"]


def write_yaml(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")


def note_text(number: int) -> str:
    return NOTE.format(
        a=PROBLEMS[number % 8], b=PROBLEMS[(number * 3 + 1) % 8], c=DRUGS[number % 5], n=number % 9
    )


def write_notes(path: Path, numbers: range | list[int]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "patient", "body"])
        for number in numbers:
            table.writerow([f"n{number}", f"p{number}", note_text(number)])


def write_encoder(folder: Path) -> None:
    """A BERT of 60,000 random weights with a WordPiece tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertConfig, BertForMaskedLM

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        [note_text(number) for number in range(60)],
        trainers.WordPieceTrainer(vocab_size=600, special_tokens=marks, show_progress=False),
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def rephrases(llm: str, prompt: str, tokens: int) -> dict:
    named = {"source": "clinic", "llm": llm, "prompt": prompt}
    return {"kind": "rephrases", **named, "tokens": tokens}


def study(tokens: int = 1200) -> dict:
    """Two LLMs, two prompts, three corpora, one decoder, one encoder, one dataset of spans."""
    encoders = [{"encoder": "tiny", "corpus": name} for name in ("original", "plain", "formal")]
    return {
        "results": "results",
        "seed": 1,
        "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
        "sources": [
            {
                "name": "clinic",
                "kind": "table",
                "paths": ["notes.csv"],
                "columns": {"text": "body", "note_id": "id", "patient_id": "patient"},
                "category": "Visit",
                "shards": 2,
            },
            {"name": "ward", "kind": "generated", "patients": 12},
        ],
        "passages": {"tokenizer": "tiny", "max_tokens": 60},
        "rephrasings": [
            {"source": "clinic", "llms": ["alpha", "beta"], "prompts": ["plain"], "tokens": tokens},
            {"source": "clinic", "llms": ["alpha"], "prompts": ["formal"], "tokens": tokens},
        ],
        "screens": [{"name": "truncated"}, {"name": "length", "min_ratio": 0.3, "max_ratio": 2}],
        "corpora": [
            {"name": "original", "parts": [{"kind": "notes", "source": "clinic", "tokens": 700}]},
            {"name": "plain", "parts": [rephrases("alpha", "plain", 700)]},
            {"name": "formal", "parts": [rephrases("alpha", "formal", 700)]},
            {
                "name": "mixed",
                "parts": [rephrases("alpha", "formal", 350), rephrases("beta", "plain", 350)],
            },
        ],
        "tokenizers": [{"name": "bpe", "source": "clinic", "vocab_size": 400}],
        "evaluations": [{"name": "visits", "source": "clinic", "notes": 5}],
        "datasets": [
            {
                "name": "entities",
                "kind": "spans",
                "made_by": "generator",
                "source": "ward",
                "labels": ["problem", "treatment"],
                "examples": {"train": 16, "valid": 8, "test": 16},
            }
        ],
        "experiments": [
            {
                "name": "tagging",
                "dataset": "entities",
                "encoders": [{"encoder": "tiny", "corpus": "none"}, *encoders[:2]],
                "finetuning": {"epochs": 1, "batch_size": 8, "learning_rate": 0.001},
                "seeds": [1],
            }
        ],
        "tables": [
            {
                "name": "table1",
                "kind": "corpora",
                "corpora": ["original", "plain", "formal", "mixed"],
            },
            {
                "name": "table2",
                "kind": "comparison",
                "experiments": ["tagging"],
                "baseline": {"corpus": "none"},
            },
        ],
        "figures": [
            {
                "name": "figure1",
                "kind": "perplexity",
                "model": "small",
                "evaluations": ["visits"],
                "corpora": ["plain", "formal"],
                "references": ["original"],
            }
        ],
    }


def llm(url: str, revision: str) -> dict:
    return {
        "weights": {"hub": "scripted/model", "revision": revision * 40},
        "sampling": {"temperature": 0.5},
        "engine": {
            "backend": "server",
            "url": url,
            "served_model": "scripted",
            "window": 4,
            "threads": 1,
            "concurrency": 2,
        },
    }


PROMPT = {"system": "You rewrite notes.", "user": "Say it {how}.\n\n{{passage}}"}
TRAINING = {"steps": 2, "batch_size": 2, "context": 32, "learning_rate": 0.001}


@functools.cache
def forks() -> Forks:
    made = Forks()
    atexit.register(made.close)
    return made


class Project:
    """A folder in which Snakemake runs, with helpers to edit its declarations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, url: str) -> "Project":
        folder.mkdir(parents=True)
        for name in COPIED:
            origin = REPOSITORY / name
            if origin.is_dir():
                shutil.copytree(origin, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, folder / name)
        project = cls(folder)
        write_yaml(folder / "config/config.yaml", study())
        write_yaml(folder / "config/llms/alpha.yaml", llm(url, "a"))
        write_yaml(folder / "config/llms/beta.yaml", llm(url, "b"))
        for how in ("plain", "formal"):
            prompt = {key: text.format(how=how) for key, text in PROMPT.items()}
            write_yaml(folder / f"config/prompts/{how}.yaml", prompt)
        architecture = {"hidden_size": 16, "intermediate_size": 32, "layers": 1, "heads": 2}
        write_yaml(
            folder / "config/models/small.yaml",
            {"kind": "decoder", "tokenizer": "bpe", "architecture": architecture}
            | {"training": TRAINING},
        )
        write_yaml(
            folder / "config/models/tiny.yaml",
            {"kind": "encoder", "weights": {"path": "encoder"}, "training": TRAINING},
        )
        write_encoder(folder / "encoder")
        write_notes(folder / "notes.csv", range(60))
        return project

    def copy(self, folder: Path) -> "Project":
        """The same project elsewhere, with what was built and what Snakemake remembers."""
        shutil.copytree(self.folder, folder, symlinks=True, copy_function=shutil.copy2)
        for path in (folder / "results" / "weights" / "tiny").iterdir():
            if path.is_symlink():  # they point into the first project; times must not change
                times = path.lstat()
                target = folder / "encoder" / path.name
                path.unlink()
                path.symlink_to(target)
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns), follow_symlinks=False)
        return Project(folder)

    def forget_logs(self) -> None:
        """Remove the jobs' logs, so that those of the next build stand out."""
        shutil.rmtree(self.folder / "results" / "logs", ignore_errors=True)

    def edit(self, path: str, change) -> None:
        """Load a YAML file, let `change` alter the value in place, and write it back."""
        value = yaml.safe_load((self.folder / path).read_text(encoding="utf-8"))
        change(value)
        write_yaml(self.folder / path, value)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {path}"
        (self.folder / path).write_text(text.replace(old, new), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        binaries = str(Path(sys.executable).parent)
        keep = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        return {**keep, "PATH": f"{binaries}:{os.environ['PATH']}"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]

    def snakemake(self, *arguments: str, succeeds: bool = True) -> subprocess.CompletedProcess:
        """Run Snakemake; it and its jobs are forks of a process that has loaded the libraries."""
        _, *rest = self.command(*arguments)
        done = subprocess.run(
            [forks().python(), *rest],
            cwd=self.folder,
            env={**self.environment(), "BASH_ENV": str(forks().bash_env)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert (done.returncode == 0) == succeeds, done.stdout[-3000:] + done.stderr[-6000:]
        return done

    def build(self, *targets: str) -> set[str]:
        """Run Snakemake and return the jobs that ran, such as `mix_corpus plain`."""
        done = self.snakemake(*targets)
        return jobs(done.stdout + done.stderr)

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def manifest(self, path: str) -> dict:
        return json.loads(self.read(path))


def jobs(output: str) -> set[str]:
    """The jobs in Snakemake's output, each a rule's name and its wildcards' values."""
    found = set()
    for rule, block in BLOCK.findall(GROUPED.sub("", output)):
        if rule == "all":
            continue
        wildcards = re.search(r"^    wildcards: (.*)$", block, re.M)
        values = re.findall(r"=([^,]+)", wildcards.group(1)) if wildcards else []
        found.add(" ".join([rule, *values]))
    return found
