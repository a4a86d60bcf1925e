# Evaluation: decoders scored on held-out notes, which reached no LLM and no training.
# Needs: checkpoints and notes.


rule score_decoder:
    """Score a decoder on held-out notes."""
    input:
        notes_manifest=lambda w: f"<results>/notes/{CATALOGUE.evaluation(w.evaluation).source}.json",
        notes=lambda w: ancient(
            f"<results>/notes/{CATALOGUE.evaluation(w.evaluation).source}.parquet"
        ),
        manifest="<results>/checkpoints/{model}/{corpus}/seed{seed}.json",
        checkpoint=ancient("<results>/checkpoints/{model}/{corpus}/seed{seed}"),
    output:
        scores="<results>/perplexity/{model}/{corpus}/seed{seed}/{evaluation}.parquet",
        manifest="<results>/perplexity/{model}/{corpus}/seed{seed}/{evaluation}.json",
    log:
        "<logs>/score_decoder/{model}/{corpus}/seed{seed}/{evaluation}.log",
    benchmark:
        "<benchmarks>/score_decoder/{model}/{corpus}/seed{seed}/{evaluation}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=lambda w: CATALOGUE.models[w.model].engine.gpus,
    params:
        evaluation=lambda w: canonical_json(declared(CATALOGUE.evaluation(w.evaluation))),
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/perplexity/score_decoder.py"),
    shell:
        """
        python scripts/perplexity/score_decoder.py \
            --checkpoint {input.checkpoint:q} \
            --notes {input.notes:q} \
            --evaluation {params.evaluation:q} \
            {params.seed:q} \
            --gpus {resources.gpu} \
            --out {output.scores:q} >{log:q} 2>&1
        """
