# Tasks: labelled sentences, and each encoder fine-tuned on them. Finished runs are kept by content
# under results/state. Needs: notes with gold spans or CoNLL files; checkpoints or weights.


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


rule build_entity_task:
    """Lay out an entity task: sentences of tokens with IOB2 tags."""
    input:
        task_files,
        unpack(task_notes),
    output:
        data="<results>/tasks/{task}.parquet",
        manifest="<results>/tasks/{task}.json",
    params:
        task=lambda w: canonical_json(
            declared(CATALOGUE.task(w.task), exclude={"name", "finetuning", "seeds"})
        ),
        notes=lambda w, input: ["--notes", input.notes] if hasattr(input, "notes") else [],
        seed=f"seed {STUDY.seed}",
        code=code_of("scripts/tasks/build_entity_task.py"),
    log:
        "<logs>/build_entity_task/{task}.log",
    benchmark:
        "<benchmarks>/build_entity_task/{task}.tsv"
    resources:
        mem_mb=2000,
        runtime=60,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/tasks/build_entity_task.py \
            --task {params.task:q} \
            {params.notes:q} \
            --seed {STUDY.seed} \
            --out {output.data:q} > {log:q} 2>&1
        """


def encoder_weights(wildcards):
    """The encoder to fine-tune: a checkpoint, or the weights of one that was not adapted."""
    if wildcards.corpus == NO_CORPUS:
        name = f"<results>/weights/{wildcards.model}"
    else:
        name = f"<results>/checkpoints/{wildcards.model}/{wildcards.corpus}/seed{wildcards.seed}"
    return {"encoder_manifest": f"{name}.json", "encoder": ancient(name)}


rule finetune_entities:
    """Fine-tune an encoder on an entity task, and tag the test sentences."""
    input:
        unpack(encoder_weights),
        manifest="<results>/tasks/{task}.json",
        data=ancient("<results>/tasks/{task}.parquet"),
    output:
        tagged="<results>/finetuned/{task}/{model}/{corpus}/seed{seed}/run{run}.parquet",
        manifest="<results>/finetuned/{task}/{model}/{corpus}/seed{seed}/run{run}.json",
    params:
        task=lambda w: canonical_json(
            CATALOGUE.task(w.task).model_dump(mode="json", include={"labels", "finetuning"})
        ),
        code=code_of("scripts/tasks/finetune_entities.py"),
    log:
        "<logs>/finetune_entities/{task}/{model}/{corpus}/seed{seed}/run{run}.log",
    benchmark:
        "<benchmarks>/finetune_entities/{task}/{model}/{corpus}/seed{seed}/run{run}.tsv"
    threads: lambda w: CATALOGUE.models[w.model].engine.threads
    resources:
        mem_mb=lambda w: CATALOGUE.models[w.model].engine.memory_mb,
        runtime=lambda w: CATALOGUE.models[w.model].engine.runtime_minutes,
        gpu=lambda w: CATALOGUE.models[w.model].engine.gpus,
    conda:
        "../envs/train.yaml"
    shell:
        """
        python scripts/tasks/finetune_entities.py \
            --data {input.data:q} \
            --checkpoint {input.encoder:q} \
            --checkpoint-manifest {input.encoder_manifest:q} \
            --task {params.task:q} \
            --seed {wildcards.run:q} \
            --threads {threads} \
            --code {params.code:q} \
            --state {STUDY.results:q}/state/finetuning \
            --out {output.tagged:q} > {log:q} 2>&1
        """
