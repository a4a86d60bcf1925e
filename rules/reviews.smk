# Reviews: pages on which people judge what LLMs wrote. They hold text of notes. Needs: a corpus,
# what was asked for it and what rules found in it, or a dataset that an LLM labels or writes.


rule review_page:
    """Write a page on which people judge a sample of a corpus or dataset in a browser."""
    input:
        unpack(reads("review_page")),
    output:
        "<results>/review/{review}.html",
    log:
        "<logs>/review_page/{review}.log",
    benchmark:
        "<benchmarks>/review_page/{review}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("review_page"),
        code=code_of("scripts/reviews/review_page.py"),
    shell:
        """
        python scripts/reviews/review_page.py \
            --corpus {input.corpus:q} \
            --requests {input.requests:q} \
            --findings {input.findings:q} \
            --judgements {input.judgements:q} \
            --dataset {input.dataset:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """
