"""How long `snakemake -n` takes, against a bare workflow of the same shape.

    python benchmarks/planning.py [--shards 350] [--rounds 3]

Both plan: shards x (passages, 3 prompts' requests, 4 LLMs' completions and rephrases of each), and
corpora of all shards: 28 jobs a shard. The bare one has the same files, wildcards and numbers of
inputs, and neither params nor input functions. CPU seconds and memory are those of the whole
process, medians of some rounds, taken in turn. `on SLURM` plans with profiles/slurm; `submitted` is
the number of jobs that SLURM would get. Without SLURM's plugin that row is left out.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
LLMS, PROMPTS = ("a", "b", "c", "d"), ("x", "y", "z")
BARE = """
SHARDS = [f"{{index:03d}}-of-{{n:03d}}" for n in [{shards}] for index in range(n)]
LLMS, PROMPTS = {llms}, {prompts}
rule all:
    input: expand("out/corpora/{{llm}}-{{prompt}}.json", llm=LLMS, prompt=PROMPTS)
rule weights:
    output: "out/weights/{{w}}.json", "out/weights/{{w}}/tokenizer.json"
    shell: "true"
rule notes:
    output: "out/notes/s.json", "out/notes/s.parquet"
    shell: "true"
rule cut:
    input: "out/notes/s.json", ancient("out/notes/s.parquet"),
        "out/weights/t.json", ancient("out/weights/t/tokenizer.json")
    output: "out/passages/s/{{shard}}.parquet", "out/passages/s/{{shard}}.json",
        "out/passages/s/{{shard}}.rejects.parquet", "out/passages/s/{{shard}}.rejects.json"
    shell: "true"
rule ask:
    input: "out/passages/s/{{shard}}.json", ancient("out/passages/s/{{shard}}.parquet")
    output: "out/requests/s.{{prompt}}/{{shard}}.parquet",
        "out/requests/s.{{prompt}}/{{shard}}.json"
    shell: "true"
rule answer:
    input: "out/requests/s.{{prompt}}/{{shard}}.json",
        ancient("out/requests/s.{{prompt}}/{{shard}}.parquet"), ancient("llm.yaml")
    output: "out/completions/{{llm}}/s.{{prompt}}/{{shard}}.parquet",
        "out/completions/{{llm}}/s.{{prompt}}/{{shard}}.json"
    shell: "true"
rule screen:
    input: "out/requests/s.{{prompt}}/{{shard}}.json",
        ancient("out/requests/s.{{prompt}}/{{shard}}.parquet"),
        "out/completions/{{llm}}/s.{{prompt}}/{{shard}}.json",
        ancient("out/completions/{{llm}}/s.{{prompt}}/{{shard}}.parquet")
    output: "out/rephrases/{{llm}}/s.{{prompt}}/{{shard}}.parquet",
        "out/rephrases/{{llm}}/s.{{prompt}}/{{shard}}.json",
        "out/rephrases/{{llm}}/s.{{prompt}}/{{shard}}.rejects.parquet",
        "out/rephrases/{{llm}}/s.{{prompt}}/{{shard}}.rejects.json"
    shell: "true"
rule mix:
    input: expand("out/rephrases/{{{{llm}}}}/s.{{{{prompt}}}}/{{shard}}.json", shard=SHARDS),
        [ancient(p) for p in expand("out/rephrases/{{{{llm}}}}/s.{{{{prompt}}}}/{{shard}}.parquet",
                                    shard=SHARDS)]
    output: "out/corpora/{{llm}}-{{prompt}}.json"
    shell: "true"
"""


# What a dry run knows of groups and does not print.
COUNTED = """
import sys
from snakemake.cli import main
from snakemake.dag import DAG
update_groups = DAG.update_groups
def counted(dag):
    update_groups(dag)
    jobs = [job for job in dag.needrun_jobs() if job.rule.name not in dag.workflow._localrules]
    alone = sum(job not in dag._group for job in jobs)
    print("submitted", alone + len({id(dag._group[job]) for job in jobs if job in dag._group}))
DAG.update_groups = counted
main(sys.argv[1:])
"""
CORES = ["--cores", "2"]
ON_SLURM = ["--workflow-profile", "profiles/slurm"]


def write_study(folder: Path, shards: int) -> None:
    """The study of that shape, in a folder with the project's code."""
    for name in ("Snakefile", "rules", "scripts", "src", "envs", "profiles"):
        (folder / name).symlink_to(ROOT / name)
    for kind in ("llms", "prompts", "models"):
        (folder / "config" / kind).mkdir(parents=True)
    server = {"backend": "server", "url": "http://127.0.0.1:9/v1", "served_model": "m"}
    for llm in LLMS:
        recipe = {"weights": {"hub": f"m/{llm}", "revision": "0" * 40}, "engine": server}
        (folder / f"config/llms/{llm}.yaml").write_text(yaml.safe_dump(recipe))
    for prompt in PROMPTS:
        text = yaml.safe_dump({"user": f"{prompt}: {{passage}}"})
        (folder / f"config/prompts/{prompt}.yaml").write_text(text)
    encoder = {"kind": "encoder", "weights": {"hub": "m/t", "revision": "0" * 40}}
    (folder / "config/models/t.yaml").write_text(yaml.safe_dump(encoder))
    part = {"kind": "rephrases", "source": "s", "tokens": 10}
    corpora = [
        {"name": f"{llm}-{prompt}", "parts": [{**part, "llm": llm, "prompt": prompt}]}
        for llm in LLMS
        for prompt in PROMPTS
    ]
    study = {
        "results": "out",
        "seed": 1,
        "splits": {"train": 0.8, "valid": 0.1, "test": 0.1},
        "sources": [{"name": "s", "kind": "generated", "patients": 9, "shards": shards}],
        "passages": {"tokenizer": "t"},
        "rephrasings": [
            {"source": "s", "llms": list(LLMS), "prompts": list(PROMPTS), "tokens": 10}
        ],
        "screens": [],
        "corpora": corpora,
    }
    (folder / "config/config.yaml").write_text(yaml.safe_dump(study))


def plan(folder: Path, *targets: str, options: Sequence[str] = ()) -> dict[str, float]:
    """CPU seconds, MiB and jobs of planning, and how many jobs would be submitted."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", COUNTED, "-n", "--quiet", "rules", *(options or CORES), "--"]
    peak = folder / "peak.json"
    wrapped = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[2:], capture_output=True, text=True)\n"
        "usage = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "open(sys.argv[1], 'w').write(json.dumps([usage.ru_maxrss / 1024, done.returncode, "
        "done.stdout + done.stderr]))\n"
    )
    subprocess.run(
        [sys.executable, "-c", wrapped, str(peak), *command, *targets],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    mib, code, output = json.loads(peak.read_text())
    if code:
        raise SystemExit(output[-3000:])
    jobs = [int(line.split()[1]) for line in output.splitlines() if line.startswith("total ")][-1]
    found = [int(line.split()[1]) for line in output.splitlines() if line.startswith("submitted ")]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_s": cpu, "mib": mib, "jobs": jobs, "submitted": found[-1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, default=350)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        ours, bare = Path(name, "ours"), Path(name, "bare")
        ours.mkdir(), bare.mkdir()
        write_study(ours, arguments.shards)
        filled = {"shards": arguments.shards, "llms": LLMS, "prompts": PROMPTS}
        (bare / "Snakefile").write_text(BARE.format(**filled))
        (bare / "llm.yaml").touch()
        targets = [f"out/corpora/{llm}-{prompt}.json" for llm in LLMS for prompt in PROMPTS]
        slurm = find_spec("snakemake_executor_plugin_slurm") is not None
        labels = ("ours", "on SLURM", "bare") if slurm else ("ours", "bare")
        runs: dict[str, list[dict[str, float]]] = {label: [] for label in labels}
        for _ in range(arguments.rounds):
            runs["ours"].append(plan(ours, *targets))
            if slurm:
                runs["on SLURM"].append(plan(ours, *targets, options=ON_SLURM))
            runs["bare"].append(plan(bare))
    medians = {
        label: {key: statistics.median(run[key] for run in found) for key in found[0]}
        for label, found in runs.items()
    }
    print(f"{'workflow':10} {'jobs':>7} {'submitted':>9} {'CPU s':>7} {'ratio':>6} {'MiB':>7}")
    for label, found in medians.items():
        ratio = found["cpu_s"] / medians["bare"]["cpu_s"]
        print(
            f"{label:10} {found['jobs']:7.0f} {found['submitted']:9.0f} {found['cpu_s']:7.1f} "
            f"{ratio:6.2f} {found['mib']:7.0f}"
        )


if __name__ == "__main__":
    main()
