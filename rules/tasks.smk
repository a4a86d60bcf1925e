# Tasks: labelled sentences, and each encoder fine-tuned on them. Finished runs are kept by content
# under results/state. Needs: notes with gold spans or CoNLL files; checkpoints or weights.


rule build_entity_task:
    """Lay out an entity task: sentences of tokens with IOB2 tags."""
    input:
        task_files,
        unpack(task_notes),
    output:
        data="<results>/tasks/{task}.parquet",
        manifest="<results>/tasks/{task}.json",
    log:
        "<logs>/build_entity_task/{task}.log",
    benchmark:
        "<benchmarks>/build_entity_task/{task}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        task=lambda w: canonical_json(
            declared(CATALOGUE.task(w.task), exclude={"name", "finetuning", "seeds"})
        ),
        notes=lambda w, input: ["--notes", input.notes] if hasattr(input, "notes") else [],
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/finetuning/build_entity_task.py"),
    shell:
        """
        python scripts/finetuning/build_entity_task.py \
            --task {params.task:q} \
            {params.notes:q} \
            {params.seed:q} \
            --out {output.data:q} >{log:q} 2>&1
        """


rule finetune_entities:
    """Fine-tune an encoder on an entity task, and tag the test sentences."""
    input:
        unpack(encoder_weights),
        manifest="<results>/tasks/{task}.json",
        data=ancient("<results>/tasks/{task}.parquet"),
    output:
        tagged="<results>/finetuned/{task}/{model}/{corpus}/seed{seed}/run{run}.parquet",
        manifest="<results>/finetuned/{task}/{model}/{corpus}/seed{seed}/run{run}.json",
    log:
        "<logs>/finetune_entities/{task}/{model}/{corpus}/seed{seed}/run{run}.log",
    benchmark:
        "<benchmarks>/finetune_entities/{task}/{model}/{corpus}/seed{seed}/run{run}.tsv"
    conda:
        "../envs/train.yaml"
    threads: lambda w: CATALOGUE.models[w.model].engine.threads
    resources:
        mem_mb=lambda w: CATALOGUE.models[w.model].engine.memory_mb,
        runtime=lambda w: CATALOGUE.models[w.model].engine.runtime_minutes,
        gpu=lambda w: CATALOGUE.models[w.model].engine.gpus,
    params:
        task=lambda w: canonical_json(
            CATALOGUE.task(w.task).model_dump(mode="json", include={"labels", "finetuning"})
        ),
        state=f"{STUDY.results}/state/finetuning",
        trained_by=code_of("src/palimpsest/finetuning/tagger.py"),
        code=code_of("scripts/finetuning/finetune_entities.py"),
    shell:
        """
        python scripts/finetuning/finetune_entities.py \
            --data {input.data:q} \
            --checkpoint {input.encoder:q} \
            --checkpoint-manifest {input.encoder_manifest:q} \
            --task {params.task:q} \
            --seed {wildcards.run:q} \
            --threads {threads} \
            --gpus {resources.gpu} \
            --code {params.trained_by:q} \
            --state {params.state:q} \
            --out {output.tagged:q} >{log:q} 2>&1
        """
