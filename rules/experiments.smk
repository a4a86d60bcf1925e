# Experiments: encoders fine-tuned on mixtures of datasets, their predictions, models and scores, and
# the tables that compare them. A cache under results/state keeps finished runs: an undone
# edit trains nothing. Needs: datasets, and checkpoints or weights of encoders.


rule finetune:
    """Fine-tune an encoder on a mixture, and predict the experiment's valid and test examples."""
    input:
        unpack(reads("finetune")),
    output:
        predictions="<results>/predictions/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.parquet",
        manifest="<results>/predictions/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.json",
    log:
        "<logs>/finetune/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.log",
    benchmark:
        "<benchmarks>/finetune/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.tsv"
    priority: 5
    conda:
        "../envs/train.yaml"
    threads: wants("finetune", "threads")
    resources:
        mem_mb=wants("finetune", "memory_mb"),
        runtime=wants("finetune", "runtime_minutes"),
        gpu=wants("finetune", "gpus"),
    params:
        spec=spec("finetune"),
        state=f"{STUDY.results}/state/finetuning",
        code=code_of("scripts/finetuning/finetune.py"),
    shell:
        """
        python scripts/finetuning/finetune.py \
            --encoder {input.encoder:q} \
            --datasets {input.datasets:q} \
            --spec {params.spec:q} \
            --threads {threads} \
            --gpus {resources.gpu} \
            --state {params.state:q} \
            --out {output.predictions:q} >{log:q} 2>&1
        """


rule predict_trivially:
    """Predict an experiment's valid and test examples without training, for comparison."""
    input:
        unpack(reads("predict_trivially")),
    output:
        predictions="<results>/predictions/{experiment}/{model}.parquet",
        manifest="<results>/predictions/{experiment}/{model}.json",
    log:
        "<logs>/predict_trivially/{experiment}/{model}.log",
    benchmark:
        "<benchmarks>/predict_trivially/{experiment}/{model}.tsv"
    wildcard_constraints:
        model=CONSTRAINTS["trivial_model"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("predict_trivially"),
        code=code_of("scripts/finetuning/predict_trivially.py"),
    shell:
        """
        python scripts/finetuning/predict_trivially.py \
            --dataset {input.dataset:q} \
            --spec {params.spec:q} \
            --out {output.predictions:q} >{log:q} 2>&1
        """


rule keep_model:
    """Keep the model of a run, to tag notes with; it is trained again where it was not kept."""
    input:
        unpack(reads("keep_model")),
    output:
        "<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}/README.md",
        "<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}/config.json",
        "<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}/head.json",
        "<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}/model.safetensors",
        "<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}/tokenizer.json",
        "<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}/tokenizer_config.json",
        manifest="<results>/models/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.json",
    log:
        "<logs>/keep_model/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.log",
    benchmark:
        "<benchmarks>/keep_model/{experiment}/{model}/{corpus}/{mixture}/{size}/seed{seed}/run{run}.tsv"
    wildcard_constraints:
        experiment=CONSTRAINTS["kept_experiment"],
    priority: 5
    conda:
        "../envs/train.yaml"
    threads: wants("keep_model", "threads")
    resources:
        mem_mb=wants("keep_model", "memory_mb"),
        runtime=wants("keep_model", "runtime_minutes"),
        gpu=wants("keep_model", "gpus"),
    params:
        spec=spec("keep_model"),
        state=f"{STUDY.results}/state/finetuning",
        code=code_of("scripts/finetuning/keep_model.py"),
    shell:
        """
        python scripts/finetuning/keep_model.py \
            --encoder {input.encoder:q} \
            --datasets {input.datasets:q} \
            --spec {params.spec:q} \
            --threads {threads} \
            --gpus {resources.gpu} \
            --state {params.state:q} \
            --out {output.manifest:q} >{log:q} 2>&1
        """


rule score:
    """Score the predictions of an encoder's runs on a mixture, and on resamples of test units."""
    input:
        unpack(reads("score")),
    output:
        scores="<results>/scores/{experiment}/{model}/{corpus}/{mixture}/{size}.parquet",
        manifest="<results>/scores/{experiment}/{model}/{corpus}/{mixture}/{size}.json",
    log:
        "<logs>/score/{experiment}/{model}/{corpus}/{mixture}/{size}.log",
    benchmark:
        "<benchmarks>/score/{experiment}/{model}/{corpus}/{mixture}/{size}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("score"),
        code=code_of("scripts/scoring/score.py"),
    shell:
        """
        python scripts/scoring/score.py \
            --dataset {input.dataset:q} \
            --predictions {input.predictions:q} \
            --overlaps {input.overlaps:q} \
            --spec {params.spec:q} \
            --out {output.scores:q} >{log:q} 2>&1
        """


rule comparison_table:
    """Write a table of encoders and mixtures, with paired differences to the baseline."""
    input:
        unpack(reads("comparison_table")),
    output:
        table=report(
            "<results>/{table}.csv",
            caption="captions/comparison.rst",
            category="Tables",
            labels={"what": "comparison", "name": "{table}"},
        ),
        markdown="<results>/{table}.md",
        latex="<results>/{table}.tex",
        metrics="<results>/{table}.metrics.csv",
    log:
        "<logs>/comparison_table/{table}.log",
    benchmark:
        "<benchmarks>/comparison_table/{table}.tsv"
    wildcard_constraints:
        table=CONSTRAINTS["comparison_table"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("comparison_table"),
        code=code_of("scripts/reports/comparison_table.py"),
    shell:
        """
        python scripts/reports/comparison_table.py \
            --scores {input.scores:q} \
            --spec {params.spec:q} \
            --out {output.table:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """
