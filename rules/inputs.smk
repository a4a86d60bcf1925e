# What jobs read and what they are asked for, by wildcards: the functions behind the rules, in the
# order of the stages.
from importlib.metadata import packages_distributions, version

from palimpsest.runtime.identity import digest
from palimpsest.runtime.paths import matching, text_files
from synthetic_notes import VOCABULARY_PACKAGES


def weights_files(wildcards):
    """The files of weights that lie in a folder, where they are there."""
    folder = CATALOGUE.weights(wildcards.weights).path
    return (
        sorted(str(path) for path in Path(folder).iterdir() if path.is_file())
        if folder and Path(folder).is_dir()
        else []
    )


def weights_identity(wildcards):
    """Weights as declared, with the version of the package that brings them."""
    weights = CATALOGUE.weights(wildcards.weights)
    brought_by = packages_distributions().get(weights.package, [])
    versions = {name: version(name) for name in sorted(brought_by)}
    return canonical_json(declared(weights) | {"versions": versions})


def weights_of(name):
    """Inputs of a job that uses weights: the manifest decides, the folder is only read."""
    return {
        "weights_manifest": f"<results>/weights/{name}.json",
        "weights": ancient(f"<results>/weights/{name}"),
    }


def source_files(wildcards):
    """A source's files, where they are there: a dry run can plan without them."""
    paths = matching(CATALOGUE.source_paths(wildcards.source))
    if CATALOGUE.source(wildcards.source).kind == "folder":
        return [ancient(path) for path in paths]  # source_identity tells whether it changed
    files = [sorted(Path(path).rglob("*")) if Path(path).is_dir() else [path] for path in paths]
    return [str(path) for found in files for path in found if Path(path).is_file()]


def source_identity(wildcards):
    """What the notes of a source depend on, besides its files."""
    source = CATALOGUE.source(wildcards.source)
    value = {
        "source": declared(source, exclude={"splits"}),
        "splits": declared(CATALOGUE.splits(wildcards.source)),
        "seed": STUDY.seed,
    }
    if source.kind == "generated":
        value["vocabularies"] = {name: version(name) for name in VOCABULARY_PACKAGES}
    if source.kind == "folder":
        # Perhaps 100,000 files: too many to be inputs. As for large inputs, times tell of changes.
        value["files"] = digest(
            [
                [path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns]
                for folder in source.paths
                for path in text_files(folder)
            ]
        )
    return canonical_json(value)


def request_tokens(wildcards):
    """The option with a shard's part of the token budget of a source and prompt."""
    for entry in STUDY.rephrasings:
        if entry.source == wildcards.source and wildcards.prompt in entry.prompts:
            return f"--tokens={-(-entry.tokens // CATALOGUE.source(entry.source).shards)}"
    raise WorkflowError(
        f"no rephrasing declares source '{wildcards.source}' and prompt '{wildcards.prompt}'"
    )


def llm_weights(wildcards):
    """The weights of an LLM that runs here; a server has its own."""
    needed = CATALOGUE.llms[wildcards.llm].engine.needs_weights
    return weights_of(wildcards.llm) if needed else {}


def weights_options(wildcards, input):
    """Command-line options for those weights."""
    if not hasattr(input, "weights"):
        return []
    return ["--weights", input.weights, "--weights-manifest", input.weights_manifest]


def corpus_tables(wildcards):
    """The tables of a corpus's parts, each once."""
    parts = CATALOGUE.corpus(wildcards.corpus).parts
    paths = [
        path
        for part in parts
        for folder in part_folders(part)
        for path in tables(folder, part.source)
    ]
    return list(dict.fromkeys(paths))


def corpus_identity(wildcards):
    """A corpus as declared, with the places of its parts."""
    corpus = CATALOGUE.corpus(wildcards.corpus)
    parts = [
        declared(part)
        | {
            "folders": [
                folder.replace("<results>", STUDY.results) for folder in part_folders(part)
            ],
            "shards": CATALOGUE.shards(part.source),
        }
        for part in corpus.parts
    ]
    return canonical_json({"name": corpus.name, "parts": parts})


def tokenizer_tables(wildcards):
    """The passages that a tokenizer learns from."""
    source = CATALOGUE.tokenizer(wildcards.tokenizer).source
    return tables(f"<results>/passages/{source}", source)


def starting_point(wildcards):
    """What training starts from: a decoder's tokenizer or an encoder's weights."""
    model = CATALOGUE.models[wildcards.model]
    if isinstance(model, Decoder):
        return {"tokenizer": f"<results>/tokenizers/{model.tokenizer}/tokenizer.json"}
    return weights_of(wildcards.model)


def start_options(wildcards, input):
    """Command-line options for the starting point."""
    names = ("tokenizer", "weights", "weights_manifest")
    pairs = [(f"--{name.replace('_', '-')}", input.get(name)) for name in names]
    return [word for option, path in pairs if path for word in (option, path)]


def task_notes(wildcards):
    """The notes of a task's source, if it has one."""
    source = CATALOGUE.task(wildcards.task).source
    if source is None:
        return {}
    return {
        "manifest": f"<results>/notes/{source}.json",
        "notes": ancient(f"<results>/notes/{source}.parquet"),
    }


def task_files(wildcards):
    """The CoNLL files of a task, where they are there: a dry run can plan without them."""
    files = CATALOGUE.task(wildcards.task).files
    return [path for path in (files.model_dump().values() if files else []) if Path(path).exists()]


def trained_encoder(model, corpus, seed):
    """An encoder to fine-tune: a checkpoint, or the weights of one that was not adapted."""
    adapted = f"<results>/checkpoints/{model}/{corpus}/seed{seed}"
    name = f"<results>/weights/{model}" if corpus == NO_CORPUS else adapted
    return {"encoder_manifest": f"{name}.json", "encoder": ancient(name)}


def encoder_weights(wildcards):
    """The encoder that is fine-tuned on a task."""
    return trained_encoder(wildcards.model, wildcards.corpus, wildcards.seed)


def encoder_runs(wildcards):
    """Every fine-tuning run of a table: tasks, encoders and seeds."""
    table = CATALOGUE.table(wildcards.table)
    systems = {(row.encoder, row.corpus, row.seed) for row in [table.baseline, *table.rows]}
    return [
        f"<results>/finetuned/{task}/{encoder}/{corpus}/seed{seed}/run{run}.parquet"
        for task in table.tasks
        for encoder, corpus, seed in sorted(systems)
        for run in CATALOGUE.task(task).seeds
    ]


def figure_scores(wildcards):
    """The manifests of a figure's scores, which hold the metrics."""
    figure = CATALOGUE.figure(wildcards.figure)
    return [
        f"<results>/perplexity/{figure.decoder}/{corpus}/seed{figure.seed}/{evaluation}.json"
        for corpus in dict.fromkeys([*figure.corpora, *figure.references])
        for evaluation in figure.evaluations
    ]


def figure_identity(wildcards):
    """A figure as declared, with the LLM and prompt of each corpus."""
    value = declared(CATALOGUE.figure(wildcards.figure))
    parts = {name: CATALOGUE.corpus(name).parts[0] for name in value["corpora"]}
    value["corpora"] = [
        {"name": name, "llm": part.llm, "prompt": part.prompt} for name, part in parts.items()
    ]
    value["references"] = [{"name": name} for name in value["references"]]
    return canonical_json(value)
