# Classifiers: an encoder fine-tuned on each combination of labelled sets. Finished runs are kept by
# content under results/state. Needs: labelled sets, and a checkpoint or weights.


rule finetune_classifier:
    """Fine-tune an encoder on a combination of labelled sets, and classify gold's test sentences."""
    input:
        unpack(classification_encoder),
        manifests=lambda w: manifests(trained_on(w).values()),
        sets=lambda w: [ancient(path) for path in trained_on(w).values()],
    output:
        classified="<results>/classified/{classification}/{combination}/gold{size}/run{run}.parquet",
        manifest="<results>/classified/{classification}/{combination}/gold{size}/run{run}.json",
    log:
        "<logs>/finetune_classifier/{classification}/{combination}/gold{size}/run{run}.log",
    benchmark:
        "<benchmarks>/finetune_classifier/{classification}/{combination}/gold{size}/run{run}.tsv"
    conda:
        "../envs/train.yaml"
    threads: lambda w: classifier_engine(w).threads
    resources:
        mem_mb=lambda w: classifier_engine(w).memory_mb,
        runtime=lambda w: classifier_engine(w).runtime_minutes,
        gpu=lambda w: classifier_engine(w).gpus,
    params:
        sets=sets_identity,
        gold=lambda w: f"--gold={CATALOGUE.classification(w.classification).gold}",
        phases=phases_identity,
        labels=lambda w: canonical_json(
            category_names(CATALOGUE.classification(w.classification).gold)
        ),
        finetuning=lambda w: canonical_json(
            declared(CATALOGUE.classification(w.classification).finetuning)
        ),
        state=f"{STUDY.results}/state/classifiers",
        trained_by="-".join(
            code_of(f"src/palimpsest/finetuning/{module}.py") for module in ("data", "classifier")
        ),
        code=code_of("scripts/finetuning/finetune_classifier.py"),
    shell:
        """
        python scripts/finetuning/finetune_classifier.py \
            --checkpoint {input.encoder:q} \
            --checkpoint-manifest {input.encoder_manifest:q} \
            --sets {params.sets:q} \
            {params.gold:q} \
            --phases {params.phases:q} \
            --size {wildcards.size:q} \
            --labels {params.labels:q} \
            --finetuning {params.finetuning:q} \
            --seed {wildcards.run:q} \
            --threads {threads} \
            --gpus {resources.gpu} \
            --code {params.trained_by:q} \
            --state {params.state:q} \
            --out {output.classified:q} >{log:q} 2>&1
        """
