"""The road from requests to completions, measured: what it adds, and what it withstands.

    python benchmarks/engine.py --weights results/weights/smollm2-135m-instruct

prints one table. Each part measures one thing, in processes of its own:

overhead      tokens a second of the road and of bare `vllm.LLM.generate`: same token ids, sampling
              and engine, in turns. The road's time is that from the table of requests to the table
              of completions, with every completion committed to a ledger; loading is in neither.
transformers  the same requests by `transformers`' own batched generation, as it is commonly used:
              batches of 16, padded on the left, sorted by length.
ledger        a job whose completions are all in its ledger, from its start to its end.
kills         kill -9 of Snakemake and all that it started, at random moments, with a scripted LLM.
scale         memory and time by number of requests, with a scripted LLM.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from palimpsest.completions.complete import BLOCK, SCHEMA, complete_missing, write_completions
from palimpsest.completions.config import (
    CompletionsSpec,
    LlmBehaviour,
    LlmEngine,
    Sampling,
)
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Advance, Engine, Request
from palimpsest.completions.ledger import Completion, Ledger, ledger_path, llm_identity
from palimpsest.requests.rephrase import request_key
from palimpsest.runtime.files import read_batches, read_table, table_writer
from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.schema import Weights
from palimpsest.weights.identity import declared_identity

ROOT = Path(__file__).parents[1]
PARTS = ("overhead", "transformers", "ledger", "kills", "scale")
SAMPLING = Sampling(temperature=0.7, top_p=0.9)
SENTENCES = [
    "The patient was admitted with chest pain and dyspnea on exertion.",
    "Creatinine was 1.2 and stable, and a chest x-ray was normal.",
    "Treatment with aspirin 81 mg and furosemide 40 mg was started.",
    "He denied fever, chills, nausea and abdominal pain.",
    "An echocardiogram showed an ejection fraction of 45 percent.",
    "Blood cultures grew no organism after five days.",
    "She was transferred to the floor on day three in stable condition.",
    "Metoprolol was held for bradycardia and restarted before discharge.",
]
REQUESTS = pa.schema(
    [("request_key", pa.string()), ("note_id", pa.string()), ("start", pa.int64())]
    + [("end", pa.int64()), ("system", pa.string()), ("user", pa.string())]
    + [("max_tokens", pa.int32()), ("constraint", pa.string())]
)
# The identity of a server's LLM needs no weights, so the job itself can be run.
SCRIPTED = {
    "weights": {"hub": "scripted/model", "revision": "a" * 40},
    "engine": {"backend": "server", "url": "http://127.0.0.1:9/v1", "served_model": "m"}
    | {"window": 1024},
}
ASKED_WITH = "b" * 64


class ScriptedEngine(Engine):
    """Completes at once, with text as long as that of a rephrase."""

    def complete(self, requests: Sequence[Request], advance: Advance) -> list[Completion]:
        advance(len(requests))
        return [
            Completion(request.user[-800:], "stop", 300, 200, request.seed, "scripted", "1")
            for request in requests
        ]


def passage(number: int, sentences: int) -> str:
    """A passage of its own for each number."""
    drawn = (SENTENCES[(number * 7 + index * 3) % 8] for index in range(sentences))
    return f"Note {number}. " + " ".join(drawn)


def write_requests(path: Path, count: int, room: int | None) -> None:
    """A table of requests. room: for every completion; None goes by the passage's length."""
    with table_writer(path, REQUESTS) as table:
        for start in range(0, count, BLOCK):
            rows = []
            for index in range(start, min(start + BLOCK, count)):
                sentences = 3 + index * 5 % 11 if room is None else 16
                user = "Rewrite this passage of a clinical note in plain English:\n\n"
                user += passage(index, sentences)
                tokens = room or 12 * sentences
                row = {"request_key": request_key("You rewrite notes.", user, tokens)}
                row |= {"note_id": f"n{index}", "start": 0, "end": len(user)}
                rows.append(row | {"system": "You rewrite notes.", "user": user})
                rows[-1]["max_tokens"] = tokens
            table.write_rows(rows)
        table.fields["asked_with"] = ASKED_WITH


def batches_of(path: Path) -> Callable[[list[str]], Iterator[pa.RecordBatch]]:
    return lambda columns: read_batches(path, columns, BLOCK)


def peak_mib() -> float:
    """The most memory that this process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_overhead(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Tokens a second, by road and bare, of every repeat."""
    llm = LlmBehaviour(max_model_len=2048, sampling=SAMPLING)
    tuning = LlmEngine(backend="vllm", window=options.window, gpus=options.gpus)
    engine: Any = start_engine(llm, tuning, options.weights)
    path = folder / "requests.parquet"
    columns = ["request_key", "system", "user", "max_tokens"]
    rows = read_table(path, columns).to_pylist()
    rates: dict[str, list[float]] = {"road": [], "bare": []}
    for repeat in range(options.repeats + 1):
        # A new LLM to the ledger each time, and so new seeds; bare takes the same.
        name, started = f"repeat {repeat}", time.perf_counter()
        with Ledger.open(folder / f"{repeat}.sqlite") as ledger:
            requests = batches_of(path)
            results = complete_missing(requests, ledger, name, options.window, lambda: engine)
            with table_writer(folder / f"{repeat}.parquet", SCHEMA) as table:
                out = write_completions(requests, ledger, results, table.write)
        seconds = time.perf_counter() - started
        done = read_table(folder / f"{repeat}.parquet", ["seed"])["seed"].to_pylist()
        prompts = engine.turns.encode_all([(row["system"], row["user"]) for row in rows])
        engine.engine.reset_prefix_cache()
        sampling = [
            engine.sampling_params(max_tokens=row["max_tokens"], seed=seed, **engine.sampling)
            for row, seed in zip(rows, done, strict=True)
        ]
        started = time.perf_counter()
        outputs = engine.engine.generate(
            [{"prompt_token_ids": prompt} for prompt in prompts], sampling, use_tqdm=False
        )
        bare = time.perf_counter() - started
        if repeat:  # the first warms up
            rates["road"].append(out["tokens_out"] / seconds)
            rates["bare"].append(sum(len(output.outputs[0].token_ids) for output in outputs) / bare)
    return rates


def measure_transformers(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Tokens a second of batched generation, until each completion's end or room."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        options.weights, padding_side="left", trust_remote_code=False
    )
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    device = "cuda" if options.gpus else "cpu"
    model = AutoModelForCausalLM.from_pretrained(
        options.weights, dtype=torch.bfloat16, trust_remote_code=False
    )
    model = model.to(device).eval()
    rows = read_table(folder / "requests.parquet", ["system", "user", "max_tokens"]).to_pylist()
    texts = [
        tokenizer.apply_chat_template(
            [{"role": name, "content": row[name]} for name in ("system", "user")],
            tokenize=False,
            add_generation_prompt=True,
        )
        for row in rows
    ]
    order = sorted(range(len(rows)), key=lambda index: -len(texts[index]))
    rates = []
    for repeat in range(options.repeats + 1):
        torch.manual_seed(repeat)
        tokens, started = 0, time.perf_counter()
        for start in range(0, len(order) if repeat else 16, 16):
            batch = order[start : start + 16]
            rooms = [rows[index]["max_tokens"] for index in batch]
            inputs = tokenizer(
                [texts[index] for index in batch],
                return_tensors="pt",
                padding=True,
                add_special_tokens=False,
            ).to(device)
            with torch.inference_mode():
                output = model.generate(
                    **inputs,
                    max_new_tokens=max(rooms),
                    do_sample=True,
                    temperature=SAMPLING.temperature,
                    top_p=SAMPLING.top_p,
                    top_k=0,
                    repetition_penalty=1.0,
                    pad_token_id=tokenizer.pad_token_id,
                )
            for row, room in zip(output[:, inputs["input_ids"].shape[1] :], rooms, strict=True):
                ids = row[:room].tolist()
                ends = [n for n, token in enumerate(ids) if token == tokenizer.eos_token_id]
                tokens += ends[0] + 1 if ends else len(ids)
        if repeat:
            rates.append(tokens / (time.perf_counter() - started))
    return {"rates": rates}


def measure_fill(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Seconds and peak memory of a shard that a scripted LLM completes."""
    identity = llm_identity(LlmBehaviour(), declared_identity(Weights(**SCRIPTED["weights"])))
    path = ledger_path(folder / "state", identity, ASKED_WITH, "ward", "000-of-001")
    requests = batches_of(folder / "requests.parquet")
    started = time.perf_counter()
    with Ledger.open(path) as ledger:
        results = complete_missing(requests, ledger, identity, 1024, ScriptedEngine)
        with table_writer(folder / "filled.parquet", SCHEMA) as table:
            table.fields |= write_completions(requests, ledger, results, table.write)
    return {"seconds": time.perf_counter() - started, "peak_mib": peak_mib()}


def measure_rerun(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Seconds and peak memory of the job whose ledger holds everything."""
    (folder / "m.yaml").write_text(json.dumps(SCRIPTED))  # JSON is YAML
    command = [sys.executable, str(ROOT / "scripts/completions/complete_requests.py")]
    command += ["--requests", str(folder / "requests.parquet"), "--llm", str(folder / "m.yaml")]
    command += ["--spec", canonical_json(scripted().identity()), "--state", str(folder / "state")]
    command += ["--out", str(folder / "again.parquet")]
    times = []
    for _ in range(options.repeats):
        started = time.perf_counter()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    same = (folder / "again.parquet").read_bytes() == (folder / "filled.parquet").read_bytes()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"seconds": times, "peak_mib": peak, "same_bytes": same}


def measure_kills(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What a study loses by kills; the helpers are the tests'."""
    sys.path.insert(0, str(ROOT / "tests" / "workflow"))
    from killing import build_with_kills
    from scripted_server import ScriptedServer

    server = ScriptedServer()
    try:
        return asdict(build_with_kills(folder, server, options.kills, seed=1))
    finally:
        server.close()


def scripted() -> CompletionsSpec:
    """What the completions of the scripted LLM depend on."""
    return CompletionsSpec(
        llm=LlmBehaviour(),
        weights=declared_identity(Weights(**SCRIPTED["weights"])),
        llm_name="scripted",
        source="ward",
        prompt_name="plain",
        shard="000-of-001",
    )


MEASURES = {
    "overhead": measure_overhead,
    "transformers": measure_transformers,
    "fill": measure_fill,
    "rerun": measure_rerun,
    "kills": measure_kills,
}


def in_process(name: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure in a process of its own, so that nothing is warm or held from before."""
    command = [sys.executable, __file__, "--measure", name, "--folder", str(folder)]
    for option in ("weights", "window", "repeats", "kills", "gpus"):
        command += [f"--{option}", str(getattr(options, option))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"measuring {name} failed")
    return json.loads(done.stdout.strip().splitlines()[-1])


def row(name: str, value: str, bar: str, met: bool) -> None:
    print(f"{name:58} {value:>16}   {bar:20} {'met' if met else 'NOT MET'}", flush=True)


def report_speed(folder: Path, options: argparse.Namespace, parts: list[str]) -> None:
    write_requests(folder / "requests.parquet", options.requests, None)
    rates = in_process("overhead", folder, options)
    road, bare = median(rates["road"]), median(rates["bare"])
    print(f"bare vLLM: {bare:,.0f} generated tokens a second; the road: {road:,.0f}")
    if "overhead" in parts:
        row("road against bare vLLM", f"{road / bare:.1%}", "at least 95%", road / bare >= 0.95)
    if "transformers" in parts:
        peer = median(in_process("transformers", folder, options)["rates"])
        print(f"transformers, batches of 16: {peer:,.0f} generated tokens a second")
        row("road against transformers", f"{road / peer:.2f}x", "at least 1.3x", road >= 1.3 * peer)


def report_ledger(folder: Path, options: argparse.Namespace, parts: list[str]) -> None:
    sizes = [options.rows // 10, options.rows] if "scale" in parts else [options.rows]
    found = {}
    for size in sizes:
        place = folder / str(size)
        write_requests(place / "requests.parquet", size, 300)
        found[size] = in_process("fill", place, options), in_process("rerun", place, options)
        filled, again = found[size]
        print(
            f"{size:,} requests: asked in {filled['seconds']:.1f} s with a peak of "
            f"{filled['peak_mib']:.0f} MiB; again in {median(again['seconds']):.1f} s, "
            f"{again['peak_mib']:.0f} MiB"
        )
    filled, again = found[options.rows]
    rate = options.rows / median(again["seconds"])
    if "ledger" in parts:
        row("requests a second, all in the ledger", f"{rate:,.0f}", "50,000", rate >= 50_000)
        row("the same bytes again", str(again["same_bytes"]), "True", again["same_bytes"])
    if "scale" in parts:
        peak = max(filled["peak_mib"], again["peak_mib"])
        row(f"peak memory, {options.rows:,} requests", f"{peak:.0f} MiB", "1024 MiB", peak < 1024)
        small = found[sizes[0]][0]
        growth = filled["seconds"] / options.rows / (small["seconds"] / sizes[0])
        row("time a request, against a tenth of them", f"{growth:.2f}x", "2x", growth < 2)


def report_kills(folder: Path, options: argparse.Namespace) -> None:
    found = in_process("kills", folder, options)
    print(f"{found['kills']} kills: {found['asked']} asked for {found['requests']} requests")
    row("completions lost after commit", str(found["lost"]), "0", not found["lost"])
    row(
        "committed completions asked again",
        str(found["asked_twice"]),
        "0",
        not found["asked_twice"],
    )
    row("bytes of an undisturbed run", str(found["same_bytes"]), "True", found["same_bytes"])


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    options.add_argument("--weights", type=Path, help="a folder that prepare_weights made")
    options.add_argument("--requests", type=int, default=384, help="of overhead, transformers")
    options.add_argument("--window", type=int, default=192, help="of overhead")
    options.add_argument("--gpus", type=int, default=0, help="of overhead, transformers")
    options.add_argument("--rows", type=int, default=1_000_000, help="requests of ledger, scale")
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--measure", choices=MEASURES, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.measure:
        print(json.dumps(MEASURES[arguments.measure](arguments.folder, arguments)))
        return
    parts = arguments.only.split(",")
    if unknown := set(parts) - set(PARTS):
        options.error(f"unknown parts {sorted(unknown)}; there are {PARTS}")
    if {"overhead", "transformers"} & set(parts) and not arguments.weights:
        options.error("overhead and transformers need --weights")
    with tempfile.TemporaryDirectory() as folder:
        if {"overhead", "transformers"} & set(parts):
            report_speed(Path(folder) / "speed", arguments, parts)
        if {"ledger", "scale"} & set(parts):
            report_ledger(Path(folder) / "ledger", arguments, parts)
        if "kills" in parts:
            report_kills(Path(folder) / "kills", arguments)


if __name__ == "__main__":
    main()
