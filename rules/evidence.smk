# Evidence packs: results with what a reviewer needs to judge them. Nothing else asks for them: name
# one as target, such as `results/evidence/paper.zip`. Needs: what the report needs, and exports of
# the corpora that are in the pack.


rule evidence_pack:
    """Seal results, cards, checklists, software and hashes in one pack, as a folder and a zip."""
    input:
        unpack(reads("evidence_pack")),
    output:
        zip="<results>/evidence/{evidence}.zip",
        readme="<results>/evidence/{evidence}/README.md",
    log:
        "<logs>/evidence_pack/{evidence}.log",
    benchmark:
        "<benchmarks>/evidence_pack/{evidence}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("evidence_pack"),
        code=code_of("scripts/evidence/evidence_pack.py"),
    shell:
        """
        python scripts/evidence/evidence_pack.py \
            --report {input.report:q} \
            --results {input.results:q} \
            --notes {input.notes:q} \
            --corpora {input.corpora:q} \
            --datasets {input.datasets:q} \
            --weights {input.weights:q} \
            --checkpoints {input.checkpoints:q} \
            --completions {input.completions:q} \
            --exports {input.exports:q} \
            --key {input.key:q} \
            --spec {params.spec:q} \
            --readme {output.readme:q} \
            --out {output.zip:q} >{log:q} 2>&1
        """
