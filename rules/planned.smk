# What a plan reads, by wildcards: the requests that are known before an LLM has answered any, and
# the state of the ledgers.
from palimpsest.runtime.identity import digest
from palimpsest.datasets.config import asked_prompts


def planned_sets(llm):
    """What an LLM is asked first: source or labelled set, prompt, shards and their requests.

    Checks of labels are not among them, as further rounds are not: they depend on answers.
    """
    rephrased = [
        {
            "source": entry.source,
            "prompt": prompt,
            "shards": CATALOGUE.shards(entry.source),
            "requests": [
                path.replace("<results>", STUDY.results)
                for path in tables(f"<results>/requests/{entry.source}.{prompt}", entry.source)
            ],
        }
        for entry in STUDY.rephrasings
        if llm in entry.llms
        for prompt in entry.prompts
    ]
    labelled = [
        {
            "source": entry.name,
            "prompt": prompt,
            "shards": [ONE_SHARD],
            "requests": [requests_of(entry.name, prompt).replace("<results>", STUDY.results)],
        }
        for entry in CATALOGUE.asked_sets()
        if llm == entry.llm
        for use, prompt in asked_prompts(entry).items()
        if use != "check"
    ]
    return rephrased + labelled


def planned_requests(wildcards):
    """Requests that a plan counts: the manifests decide, the tables are only read."""
    paths = [path for asked in planned_sets(wildcards.llm) for path in asked["requests"]]
    return manifests(paths) + [ancient(path) for path in paths]


def ledgers_now(wildcards):
    """A hash that changes with every answer: a plan is made again when there are more."""
    files = sorted(Path(f"{STUDY.results}/state/ledger").rglob("*.sqlite"))
    stats = [(str(path), path.stat()) for path in files]
    return digest([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats])


def pilots(wildcards):
    """A pilot for each: the first shard of each source or labelled set, LLM and prompt."""
    return [
        f"<results>/plan/pilot/{llm}/{asked['source']}.{asked['prompt']}/{asked['shards'][0]}.json"
        for llm in CATALOGUE.asked_llms()
        for asked in planned_sets(llm)
    ]
