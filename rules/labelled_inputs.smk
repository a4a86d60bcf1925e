# What the jobs of labelled sets read and are asked for, by wildcards. A job's params
# hold what its step uses of a set and of a taxonomy, so that an edit of the rest does not run it.


def set_identity(name, *keys):
    """What a step uses of a labelled set, as declared."""
    return canonical_json(CATALOGUE.labelled(name).model_dump(mode="json", include=set(keys)))


def taxonomy_identity(name, *keys, shared=()):
    """What a step uses of a set's taxonomy: keys of its categories, and keys that all share."""
    taxonomy = CATALOGUE.taxonomy(name)
    value = taxonomy.model_dump(mode="json", include=set(shared))
    categories = [
        category.model_dump(mode="json", include={"name", *keys})
        for category in taxonomy.categories
    ]
    return canonical_json(value | {"categories": categories})


def asked_taxonomy(name):
    """What a set's LLM is told of the taxonomy."""
    told = ("title", "definition", "include", "exclude", "examples", "near_misses")
    return taxonomy_identity(name, *told, shared=("guideline", "none"))


def echoed_taxonomy(name):
    """What of a taxonomy a written sentence may not repeat."""
    told = ("definition", "examples", "near_misses")
    return taxonomy_identity(name, *told, shared=("guideline",))


def category_prompt(name):
    """The texts of a prompt about a category."""
    return canonical_json(declared(CATALOGUE.category_prompts[name]))


def gold_origin(wildcards):
    """The notes or the files that hold a gold set's sentences, where the files are there."""
    entry = CATALOGUE.labelled(wildcards.gold)
    if entry.source:
        return of_table("notes", f"<results>/notes/{entry.source}.parquet")
    return {"files": [path for path in map(str, matching(entry.files)) if Path(path).is_file()]}


def gold_splits(wildcards):
    """The shares of patients that hold for a gold set whose files do not say the split."""
    source = CATALOGUE.labelled(wildcards.gold).source
    return canonical_json(declared(CATALOGUE.splits(source) if source else STUDY.splits))


def silver_notes(wildcards):
    """The notes that a silver set's sentences are of."""
    source = CATALOGUE.labelled(wildcards.silver).source
    return of_table("notes", f"<results>/notes/{source}.parquet")


def candidates_from(wildcards):
    """The notes whose sentences may be silver, and the encoder that chooses among them, if any."""
    entry = CATALOGUE.labelled(wildcards.silver)
    encoder = weights_of(entry.candidates.encoder) if chosen_by_encoder(entry) else {}
    return silver_notes(wildcards) | encoder


def chosen_by_encoder(entry):
    """Whether an encoder chooses a silver set's sentences."""
    return entry.candidates.by == "embedding"


def choosing_taxonomy(wildcards):
    """What of a category finds its candidates."""
    by_encoder = chosen_by_encoder(CATALOGUE.labelled(wildcards.silver))
    return taxonomy_identity(
        wildcards.silver, *(("title", "definition") if by_encoder else ("keywords",))
    )


def requests_of(name, prompt):
    """The request set with which a labelled set's LLM is asked."""
    return f"<results>/requests/{name}.{prompt}/{ONE_SHARD}.parquet"


def completions_of(name, prompt):
    """The answers to it."""
    llm = CATALOGUE.labelled(name).llm
    return f"<results>/completions/{llm}/{name}.{prompt}/{ONE_SHARD}.parquet"


def answers_of(name, prompt):
    """Requests and their completions."""
    return of_table("requests", requests_of(name, prompt)) | of_table(
        "completions", completions_of(name, prompt)
    )


def decisions_of(name, use):
    """The decisions of a set's labels or checks, as inputs `labels` or `checks`; none, nothing."""
    prompt = getattr(CATALOGUE.labelled(name), use, None)
    return of_table(f"{use}s", f"<results>/decisions/{name}.{prompt}.parquet") if prompt else {}


def checked(wildcards):
    """The sentences whose labels are checked, and of silver the labels."""
    name = wildcards.asked_set
    return of_table("sentences", f"<results>/sentences/{name}.parquet") | decisions_of(
        name, "label"
    )


def optional(input, **options):
    """Command-line options for the inputs that are there, by the inputs' names."""
    there = [(option, input.get(name)) for name, option in options.items()]
    return [word for option, path in there if path for word in (option, path)]


def all_notes():
    """The notes of every source."""
    return [f"<results>/notes/{source.name}.parquet" for source in STUDY.sources]


def gold_beside(name):
    """The first gold set with a set's taxonomy, if there is one."""
    taxonomy = CATALOGUE.labelled(name).taxonomy
    same = [entry.name for entry in STUDY.gold if entry.taxonomy == taxonomy]
    return of_table("gold", f"<results>/labelled/{same[0]}.parquet") if same else {}


def category_names(name):
    """The categories of a set's taxonomy, in its order."""
    return [category.name for category in CATALOGUE.taxonomy(name).categories]
