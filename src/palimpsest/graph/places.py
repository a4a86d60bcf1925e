"""Where everything lies below the results folder, and how a job names it as input."""

from collections.abc import Iterable, Mapping

from palimpsest.graph.job import Data, Inputs
from palimpsest.study.schema import Study

RESULTS = "<results>"  # Snakemake fills in the study's folder
# Files of models, each written whole: a storage plugin loses a folder that is an output.
MODEL_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
SYSTEM = "{experiment}/{model}/{corpus}/{mixture}/{size}"
ROOMS = {  # tables of scores and of what is scored, by their wildcards
    "corpora": "corpora/{corpus}",
    "curves": "curves/{model}/{corpus}/seed{seed}",
    "datasets": "datasets/{dataset}",
    "fidelity": "fidelity/{source}",
    "judge": "judge/{judge}",
    "losses": "losses/{model}/{corpus}/seed{seed}/{evaluation}",
    "models": f"models/{SYSTEM}",
    "perplexity": "perplexity/{model}/{corpus}/seed{seed}/{evaluation}",
    "predictions": f"predictions/{SYSTEM}",
    "scores": f"scores/{SYSTEM}",
    "trivial_predictions": "predictions/{experiment}/{model}",
}
WEIGHTS_FILES = (*MODEL_FILES, "generation_config.json")


# Whatever asks LLMs, trains or judges waits until no patient is on both sides (`check_splits`). No
# `ancient` input, although its content never changes: below a job that must run, Snakemake looks at
# no other reason, and would miss an edit that comes together with a new note.
SPLITS_CHECKED: Inputs = {"checked": f"{RESULTS}/splits.json"}


def place(room: str, wildcards: Mapping[str, str | int]) -> str:
    """Where a table of one of ROOMS is, without its ending."""
    return f"{RESULTS}/{ROOMS[room].format(**wildcards)}"


def notes_of(study: Study, source: str) -> str:
    """Where the notes of a source are that everything is made of, without ending."""
    return f"{RESULTS}/{'distinct' if study.duplicates else 'notes'}/{source}"


def table(name: str, stem: str) -> Inputs:
    """A table as input: the manifest decides, the data is only read."""
    return {f"{name}_manifest": f"{stem}.json", name: Data(f"{stem}.parquet")}


def tables(name: str, stems: Iterable[str]) -> Inputs:
    """Several tables as one input."""
    listed = list(dict.fromkeys(stems))
    return {
        f"{name}_manifests": [f"{stem}.json" for stem in listed],
        name: [Data(f"{stem}.parquet") for stem in listed],
    }


def model_files(name: str, stem: str, files: Iterable[str] = MODEL_FILES) -> Inputs:
    """A checkpoint or weights as input `name`: the manifest, beside which the files lie."""
    return {name: f"{stem}.json", f"{name}_files": [Data(f"{stem}/{file}") for file in files]}


def weights(name: str, weights: str) -> Inputs:
    """Prepared weights as input."""
    return model_files(name, f"{RESULTS}/weights/{weights}", WEIGHTS_FILES)


def tokenizer_of(weights: str) -> Inputs:
    """The tokenizer of prepared weights as input `tokenizer`."""
    return tokenizer_at(f"{RESULTS}/weights/{weights}")


def tokenizer_at(stem: str) -> Inputs:
    """The tokenizer of a folder as input `tokenizer`."""
    return {"tokenizer_manifest": f"{stem}.json", "tokenizer": Data(f"{stem}/tokenizer.json")}


def sharded(
    name: str, sets: Iterable[tuple[str, list[str]]], endings: Iterable[str] = ("",)
) -> Inputs:
    """Tables of many shards as one input: a command names the first manifest of each set.

    A program finds the other shards beside it (`runtime.shards`), as a list of thousands of paths
    is longer than a command may be. sets: folder and shards of each. endings: such as `.rejects`,
    for tables beside each shard's own.
    """
    listed = dict(sets)
    stems = [
        f"{folder}/{shard}{ending}"
        for folder, shards in listed.items()
        for shard in shards
        for ending in endings
    ]
    return {
        name: [f"{folder}/{shards[0]}.json" for folder, shards in listed.items()],
        f"{name}_manifests": [f"{stem}.json" for stem in stems],
        f"{name}_tables": [Data(f"{stem}.parquet") for stem in stems],
    }
