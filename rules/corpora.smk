# Corpora: notes and rephrases mixed to token budgets. Needs: passages, rephrases and a tokenizer.


def part_folder(part):
    """Where the tables of a part lie."""
    if part.kind == "notes":
        return f"<results>/passages/{part.source}"
    return f"<results>/rephrases/{part.llm}/{part.source}.{part.prompt}"


def corpus_tables(wildcards):
    """The tables of a corpus's parts, each once."""
    parts = CATALOGUE.corpus(wildcards.corpus).parts
    paths = [path for part in parts for path in tables(part_folder(part), part.source)]
    return list(dict.fromkeys(paths))


def corpus_identity(wildcards):
    """A corpus as declared, with the places of its parts."""
    corpus = CATALOGUE.corpus(wildcards.corpus)
    parts = [
        declared(part)
        | {
            "folder": part_folder(part).replace("<results>", STUDY.results),
            "shards": CATALOGUE.shards(part.source),
        }
        for part in corpus.parts
    ]
    return canonical_json({"name": corpus.name, "parts": parts})


rule mix_corpus:
    """Mix a corpus from its parts, each up to its token budget."""
    input:
        lambda w: manifests(corpus_tables(w)),
        lambda w: [ancient(path) for path in corpus_tables(w)],
        **weights_of(STUDY.passages.tokenizer),
    output:
        corpus="<results>/corpora/{corpus}.parquet",
        manifest="<results>/corpora/{corpus}.json",
    params:
        corpus=corpus_identity,
        seed=f"seed {STUDY.seed}",
        code=code_of("scripts/corpora/mix_corpus.py"),
    log:
        "<logs>/mix_corpus/{corpus}.log",
    benchmark:
        "<benchmarks>/mix_corpus/{corpus}.tsv"
    resources:
        mem_mb=8000,
        runtime=120,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/corpora/mix_corpus.py \
            --corpus {params.corpus:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            --seed {STUDY.seed} \
            --out {output.corpus:q} > {log:q} 2>&1
        """
