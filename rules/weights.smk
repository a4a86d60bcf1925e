# Weights of LLMs and encoders, from packages, folders or the hub's local cache, in one form.
# Needs: what the LLM and model files declare.


rule prepare_weights:
    """Write the weights of an LLM or encoder as one safetensors file, with its tokenizer."""
    input:
        unpack(reads("prepare_weights")),
    output:
        "<results>/weights/{weights}/config.json",
        "<results>/weights/{weights}/generation_config.json",
        "<results>/weights/{weights}/model.safetensors",
        "<results>/weights/{weights}/tokenizer.json",
        "<results>/weights/{weights}/tokenizer_config.json",
        manifest="<results>/weights/{weights}.json",
    log:
        "<logs>/prepare_weights/{weights}.log",
    benchmark:
        "<benchmarks>/prepare_weights/{weights}.tsv"
    priority: 10
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("prepare_weights"),
        code=code_of("scripts/weights/prepare_weights.py"),
    shell:
        """
        python scripts/weights/prepare_weights.py \
            --files {input.files:q} \
            --spec {params.spec:q} \
            --manifest {output.manifest:q} >{log:q} 2>&1
        """
