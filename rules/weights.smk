# Weights: of LLMs and encoders, from packages, folders or the hub's local cache, brought to
# safetensors and tokenizer.json in one folder. Needs: what the LLM and model files declare.


rule prepare_weights:
    """Bring an LLM's or encoder's weights to safetensors and tokenizer.json."""
    input:
        weights_files,
    output:
        folder=directory("<results>/weights/{weights}"),
        manifest="<results>/weights/{weights}.json",
    log:
        "<logs>/prepare_weights/{weights}.log",
    benchmark:
        "<benchmarks>/prepare_weights/{weights}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        weights=weights_identity,
        code=code_of("scripts/weights/prepare_weights.py"),
    shell:
        """
        python scripts/weights/prepare_weights.py \
            --weights {params.weights:q} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} \
            >{log:q} 2>&1
        """
