"""Prompt injection: how often an LLM obeys a passage, and how often the screens notice.

    python benchmarks/injection.py --weights results/weights/smollm2-135m-instruct --work WORK

Passages of generated notes get orders to the LLM in published wordings; the same number stays as it
is. All take the road of every study, through the programs under scripts/: requests, completions in
vLLM, screens of the demo. A judge that knows nothing of the screens says which answers obeyed. The
table has a row for each set of wordings: `known` ones shaped the patterns of the screen, `fresh`
ones did not (benchmarks/injection_wordings.yaml).
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml
from injection_cases import SYSTEM, Case, make_cases, obeyed

from palimpsest.completions.config import Llm
from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import SCHEMA, PassageCutter
from palimpsest.runtime.cli import parser
from palimpsest.runtime.files import read_json, read_table, write_table
from palimpsest.screens.config import ScreeningSpec
from palimpsest.screens.injection import gives_orders
from palimpsest.screens.rephrases import rephrase
from palimpsest.screens.screen import first_reason
from palimpsest.text.tokenizers import count_tokens, load_tokenizer
from synthetic_notes import generate_notes

ROOT = Path(__file__).parents[1]
LLM = ROOT / "config" / "llms" / "smollm2-135m-instruct.yaml"
WORDS = (50, 85)  # of a passage before it gets an order: together they fit the demo's passages
SHARD = "000-of-001"
CLEAN_SEED = 2  # added to a hundredfold of the seed; the sets of wordings have 0 and 1


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def draw_passages(count: int, seed: int, tokenizer: Path) -> list[str]:
    """Passages of generated discharge summaries, at most two of a note."""
    cutter = PassageCutter(tokenizer, PassagesSpec(max_tokens=130, min_tokens=1))
    found: list[str] = []
    for note in generate_notes(count, seed, lambda patient: "train"):
        (parts,) = cutter.stretches([note.text])
        pieces = [note.text[part.start : part.end].strip() for part in parts]
        found += [text for text in pieces if WORDS[0] <= len(text.split()) <= WORDS[1]][:2]
        if len(found) >= count:
            return found[:count]
    raise SystemExit(f"{len(found)} passages found, expected {count}")


def ask(texts: dict[str, str], prompt: dict[str, Any], weights: Path, work: Path) -> list[dict]:
    """Requests with their answers, by the programs of the road. texts: by id."""
    counts = count_tokens(load_tokenizer(weights / "tokenizer.json"), list(texts.values()))
    rows = [
        {"note_id": name, "start": 0, "end": len(text), "text": text, "tokens": count}
        | {"patient_id": name, "category": "", "section": ""}
        for (name, text), count in zip(texts.items(), counts, strict=True)
    ]
    paths = {stage: work / stage / f"{SHARD}.parquet" for stage in ("passages", "requests", "out")}
    write_table(paths["passages"], pa.Table.from_pylist(rows, schema=SCHEMA))
    llm = load("config/llms/smollm2-135m-instruct.yaml")
    declared = {key: value for key, value in complete_llm(llm).items() if key != "engine"}
    run("requests/build_requests", passages=paths["passages"], prompt=json.dumps(prompt),
        tokens=sum(counts), seed=0, out=paths["requests"])  # fmt: skip
    run("completions/complete_requests", requests=paths["requests"], llm=json.dumps(declared),
        llm_file=LLM, weights=weights, weights_manifest=weights.with_suffix(".json"),
        request_set="notes.injection", shard=SHARD, state=work / "state",
        out=paths["out"])  # fmt: skip
    asked = read_table(paths["requests"], ["note_id", "system", "user", "passage"]).to_pylist()
    answers = read_table(paths["out"], ["text", "failure", "finish_reason"]).to_pylist()
    return [one | other for one, other in zip(asked, answers, strict=True)]


def complete_llm(llm: dict[str, Any]) -> dict[str, Any]:
    """An LLM file with its defaults, as rules pass it."""
    return Llm.model_validate(llm).model_dump(mode="json")


def run(script: str, **options: Any) -> None:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    subprocess.run([sys.executable, ROOT / "scripts" / f"{script}.py", *words], check=True)


def rejected(row: dict[str, Any], spec: ScreeningSpec, but: str = "") -> str | None:
    """The reason for which an answer is rejected, if any; failures count as such.

    but: a screen that is left out.
    """
    if row["failure"]:
        return row["failure"]
    screens = [screen for screen in spec.screens if screen.name != but]
    return first_reason(rephrase(row, row, spec.lead_in), screens)


def draw_sets(arguments: argparse.Namespace) -> dict[str, dict[str, Case]]:
    """Cases by id, for each set of wordings."""
    tokenizer = arguments.weights / "tokenizer.json"
    sets = {}
    for at, (name, wordings) in enumerate(load("benchmarks/injection_wordings.yaml").items()):
        if name in arguments.wordings:
            seed = arguments.seed * 100 + at
            passages = draw_passages(arguments.passages, seed, tokenizer)
            cases = make_cases(wordings, passages, seed)
            sets[name] = {f"{name}-{number}": case for number, case in enumerate(cases)}
    return sets


def noticed(texts: list[str]) -> int:
    """How many passages the screen `injection` notices; it reads nothing else."""
    return sum(gives_orders(text) for text in texts)


def report(name: str, cases: dict[str, Case], rows: list[dict], spec: ScreeningSpec) -> None:
    """Print a row for a set of wordings, then what caught the answers that obeyed."""
    mine = [row for row in rows if row["note_id"] in cases]
    obeying = [row for row in mine if row["text"] and obeyed(cases[row["note_id"]], row["text"])]
    reasons = [rejected(row, spec) for row in obeying]
    without = [rejected(row, spec, but="injection") for row in obeying]
    caught = sum(reason is not None for reason in reasons)
    share = f"{caught / len(obeying):.3f}" if obeying else "-"
    print(
        f"| {name} | {len(mine)} | {noticed([row['passage'] for row in mine])} | {len(obeying)} "
        f"| {caught} | {share} | {sum(reason is not None for reason in without)} |"
    )
    goals = Counter(cases[row["note_id"]].goal for row in obeying)
    missed = [row["note_id"] for row, reason in zip(obeying, reasons, strict=True) if not reason]
    print(f"  {name}: obeyed by goal {dict(goals)}; by reason {dict(Counter(reasons))}; "
          f"not caught {missed}", file=sys.stderr)  # fmt: skip


def report_clean(rows: list[dict], spec: ScreeningSpec) -> None:
    """Print what became of the answers to passages without an order."""
    mine = [row for row in rows if row["note_id"].startswith("clean-") and row["text"]]
    reasons = Counter(rejected(row, spec) for row in mine)
    print(f"\nPassages without an order: {len(mine)} answers, rejected as `injection`: "
          f"{reasons['injection']}, as `off_topic`: {reasons['off_topic']}")  # fmt: skip
    shares = sorted(rephrase(row, row, []).measured["found_share"] for row in mine)
    if shares:
        found = [f"{shares[len(shares) * part // 100]:.2f}" for part in (1, 5, 50)]
        print(f"found_share of these: 1%, 5% and 50% of them are below {', '.join(found)}")


def main() -> None:
    options = parser(__doc__, "--weights", "--work")
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--passages", type=int, default=200, help="of each set of wordings")
    options.add_argument("--wordings", nargs="+", default=["known", "fresh"])
    options.add_argument("--clean", type=int, default=200, help="without an order")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--passages-only", action="store_true", help="ask no LLM")
    arguments = options.parse_args()
    read_json(arguments.weights.with_suffix(".json"))  # names what is missing before the long work
    sets = draw_sets(arguments)
    seed = arguments.seed * 100 + CLEAN_SEED
    clean = draw_passages(arguments.clean, seed, arguments.weights / "tokenizer.json")
    if arguments.passages_only:
        for name, cases in sets.items():
            found = noticed([case.text for case in cases.values()])
            print(f"{name}: {found} of {len(cases)} noticed")
        print(f"without an order: {noticed(clean)} of {len(clean)} noticed")
        return
    texts = {name: case.text for cases in sets.values() for name, case in cases.items()}
    texts |= {f"clean-{number}": text for number, text in enumerate(clean)}
    prompt = load("config/prompts/medical.yaml") | {"system": SYSTEM}
    spec = ScreeningSpec(screens=load("config/config.yaml")["screens"], lead_in=prompt["lead_in"])
    rows = ask(texts, prompt, arguments.weights, arguments.work)
    print("| wordings | passages | noticed | obeyed | caught | share | caught by other screens |")
    print("|---|---|---|---|---|---|---|")
    for name, cases in sets.items():
        report(name, cases, rows, spec)
    report_clean(rows, spec)


if __name__ == "__main__":
    main()
