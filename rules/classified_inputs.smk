# What the jobs of classifiers, and of the tables and figures of them, read and are asked for.


def trained_on(wildcards):
    """The tables of a combination's sets by name, the classification's gold first."""
    entry = CATALOGUE.classification(wildcards.classification)
    names = dict.fromkeys([entry.gold, *entry.sets(wildcards.combination)])
    return {name: f"<results>/labelled/{name}.parquet" for name in names}


def sets_identity(wildcards):
    """The places of those tables, by name."""
    paths = trained_on(wildcards).items()
    return canonical_json({n: path.replace("<results>", STUDY.results) for n, path in paths})


def phases_identity(wildcards):
    """The phases of a combination, as declared."""
    combinations = CATALOGUE.classification(wildcards.classification).combinations
    phases = [one.phases for one in combinations if one.name == wildcards.combination]
    return canonical_json([[declared(part) for part in phase] for phase in phases[0]])


def classification_encoder(wildcards):
    """The encoder that a classification fine-tunes."""
    row = CATALOGUE.classification(wildcards.classification).encoder
    return trained_encoder(row.encoder, row.corpus, row.seed)


def classifier_engine(wildcards):
    """How that encoder's training is tuned."""
    return CATALOGUE.models[
        CATALOGUE.classification(wildcards.classification).encoder.encoder
    ].engine


def classified(name, combinations, sizes):
    """The runs of a classification's combinations with some numbers of gold sentences."""
    return [
        f"<results>/classified/{name}/{combination}/gold{size}/run{run}.parquet"
        for combination in combinations
        for size in sizes
        for run in CATALOGUE.classification(name).seeds
    ]


def compared_runs(wildcards):
    """The runs behind a table of a classification: all combinations, with all gold sentences."""
    entry = CATALOGUE.classification(CATALOGUE.table(wildcards.table).classification)
    return classified(entry.name, [one.name for one in entry.combinations], ["all"])


def scarcity_runs(wildcards):
    """The runs behind a figure of scarcity; what is trained without gold has one for all sizes."""
    figure = CATALOGUE.figure(wildcards.figure)
    entry = CATALOGUE.classification(figure.classification)
    return [
        path
        for name in figure.combinations
        for sizes in [figure.sizes if entry.gold in entry.sets(name) else []]
        for path in classified(entry.name, [name], ["all", *sizes])
    ]


def compared_identity(wildcards):
    """A table as declared, with the combinations, seeds and labels of its classification."""
    table = CATALOGUE.table(wildcards.table)
    entry = CATALOGUE.classification(table.classification)
    return canonical_json(
        declared(table, exclude={"name", "kind"})
        | {
            "combinations": [one.name for one in entry.combinations],
            "seeds": entry.seeds,
            "labels": category_names(entry.gold),
        }
    )


def scarcity_identity(wildcards):
    """A figure as declared, with the seeds of its classification."""
    figure = CATALOGUE.figure(wildcards.figure)
    seeds = CATALOGUE.classification(figure.classification).seeds
    return canonical_json(declared(figure, exclude={"name", "kind"}) | {"seeds": seeds})
