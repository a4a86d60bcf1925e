# Weights: of LLMs and encoders, from packages, folders or the hub's local cache, brought to
# safetensors and tokenizer.json in one folder. Needs: what the LLM and model files declare.
NETWORK = "--network" if STUDY.network else ""


rule prepare_weights:
    """Bring an LLM's or encoder's weights to safetensors and tokenizer.json."""
    output:
        folder=directory("<results>/weights/{weights}"),
        manifest="<results>/weights/{weights}.json",
    params:
        weights=lambda w: canonical_json(declared(CATALOGUE.weights(w.weights))),
        code=code_of("scripts/weights/prepare_weights.py"),
    log:
        "<logs>/prepare_weights/{weights}.log",
    benchmark:
        "<benchmarks>/prepare_weights/{weights}.tsv"
    resources:
        mem_mb=4000,
        runtime=60,
    conda:
        "../envs/train.yaml"
    shell:
        """
        python scripts/weights/prepare_weights.py \
            --weights {params.weights:q} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} \
            {NETWORK} > {log:q} 2>&1
        """


def weights_of(name):
    """Inputs of a job that uses weights: the manifest decides, the folder is only read."""
    return {
        "weights_manifest": f"<results>/weights/{name}.json",
        "weights": ancient(f"<results>/weights/{name}"),
    }
