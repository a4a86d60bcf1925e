"""Yield: what a small LLM keeps of its rephrases, by how it is asked, at equal cost.

    python benchmarks/rephrasing_yield.py --count 40 --variants nucleus penalty room min_p \
        --requests results/requests/hospital.medical/000-of-001.parquet \
        --prompt config/prompts/medical.yaml --weights results/weights/smollm2-135m-instruct

Each variant asks about the first passages of the same requests, and its answers take the screens of
the demo. Cost is tokens generated: `kept/1000` is the kept tokens per thousand of them. What the
variant does to the text: `copied` 5-grams and `8-grams` of the kept answers that stand in their
passage, `found` content words and numbers of the passage, `new numbers` of the kept answers that
stand nowhere in their passage, `off_topic` and `copy` of all answers. Fidelity is none of these.
"""

import argparse
import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from palimpsest.completions.config import Llm
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Engine, Failure, Request
from palimpsest.requests.config import Prompt
from palimpsest.requests.rephrase import SCHEMA, rephrase_request
from palimpsest.runtime.files import read_table
from palimpsest.screens.config import ScreeningSpec
from palimpsest.screens.rephrases import rephrase
from palimpsest.screens.screen import first_reason
from palimpsest.study.files import read_recipe
from palimpsest.text.ngrams import ngrams, words

ROOT = Path(__file__).parents[1]
LLM = ROOT / "config" / "llms" / "smollm2-135m-instruct.yaml"
NARRATIVE_WORDS = 8  # in the mean line of a passage that tells, and does not list
# One worked example, of nobody: it stands before the passage.
EXAMPLE = """Text: pt is a 54 yo F w/ h/o asthma p/w 2 days of cough. CXR clear. Given nebs.
Paraphrase: A 54-year-old woman with a history of asthma presented after two days of coughing. Her \
chest radiograph was clear, and she received nebulised treatment.

Text: {passage}
Paraphrase:"""
# How the demo's LLM was declared before this was measured, and how each variant differs from that:
# sampling, room, example and passages.
NUCLEUS: dict[str, Any] = {"temperature": 0.6, "top_p": 0.9, "min_p": 0.0}
MIN_P = {"temperature": 0.7, "top_p": 1.0, "min_p": 0.1}
LIGHT, ROOM = {"repetition_penalty": 1.05}, {"room": 1.6}
VARIANTS: dict[str, dict[str, Any]] = {
    "nucleus": {},
    "penalty": {"repetition_penalty": 1.1},
    "light_penalty": LIGHT,
    "room": ROOM,
    "narrative": {"narrative": True},
    "example": {"example": True},
    "min_p": MIN_P,
    "penalty_room": LIGHT | ROOM,
    "min_p_penalty_room": MIN_P | LIGHT | ROOM,
    "example_penalty_room": {"example": True} | LIGHT | ROOM,
    "all": MIN_P | LIGHT | ROOM | {"example": True},
    "all_narrative": MIN_P | LIGHT | ROOM | {"example": True, "narrative": True},
}


def is_narrative(passage: str) -> bool:
    lines = [line for line in passage.splitlines() if line.strip()]
    return len(words(passage)) >= NARRATIVE_WORDS * max(1, len(lines))


def requests_of(passages: list[dict], prompt: Prompt, variant: dict[str, Any]) -> list[dict]:
    user = prompt.user
    if variant.get("example"):
        user = user.replace("{passage}", EXAMPLE)
    ratio = variant.get("room", prompt.max_output_ratio)
    asked = prompt.model_copy(update={"user": user, "max_output_ratio": ratio})
    return [rephrase_request(passage, asked) for passage in passages]


def measure(engine: Engine, requests: list[dict], prompt: Prompt, screens: list, llm: Any) -> dict:
    seconds = -time.monotonic()
    asked = [
        Request(row["system"], row["user"], row["max_tokens"], int(row["request_key"][:8], 16) >> 1)
        for row in requests
    ]
    given = engine.complete(asked, lambda count: None)
    seconds += time.monotonic()
    reasons: Counter[str] = Counter()
    generated = truncated = kept_tokens = new = numbers = 0
    kept: list[Any] = []
    answers = []
    for row, completion in zip(requests, given, strict=True):
        if isinstance(completion, Failure):
            reasons[completion.reason] += 1
            continue
        generated += completion.tokens_out
        truncated += completion.finish_reason == "length"
        answer = rephrase(row, completion._asdict(), prompt.lead_in, prompt.unwrap)
        answers.append(answer)
        reason = first_reason(answer, screens)
        reasons[reason or "kept"] += 1
        if reason is None:
            kept.append(answer)
            kept_tokens += completion.tokens_out
            found = [word for word in answer.words if any(map(str.isdigit, word))]
            numbers += len(found)
            new += sum(word not in answer.passage for word in found)
    grams = [(set(ngrams(each.passage_words, 8)), ngrams(each.words, 8)) for each in kept]
    eights = sum(len(own) for _, own in grams)

    def mean(column: str, of: list[Any]) -> float:
        return sum(each.measured[column] for each in of) / len(of) if of else math.nan

    return {
        "n": len(requests),
        "truncated": truncated / len(requests),
        "kept": len(kept) / len(requests),
        "kept/1000": 1000 * kept_tokens / max(1, generated),
        "tokens": generated,
        "seconds": seconds,
        "copied": mean("copied_share", kept),
        "8-grams": sum(gram in own for own, all_ in grams for gram in all_) / max(1, eights),
        "found": mean("found_share", kept),
        "length": mean("length_ratio", kept),
        "new numbers": new / max(1, numbers),
        "off_topic": sum(each.measured["found_share"] < 0.2 for each in answers) / len(answers),
        "copy": sum(each.measured["copied_share"] > 0.8 for each in answers) / len(answers),
        "reasons": dict(reasons.most_common()),
        "texts": [(answer.passage, answer.text) for answer in kept],
    }


def main(arguments: argparse.Namespace) -> None:
    study = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    spec = ScreeningSpec.model_validate({"screens": study["screens"], "lead_in": []})
    declared = read_recipe(arguments.llm, TypeAdapter(Llm))
    prompt = read_recipe(arguments.prompt, TypeAdapter(Prompt))
    rows = read_table(arguments.requests, SCHEMA.names).to_pylist()
    passages = [{**row, "text": row["passage"], "tokens": row["passage_tokens"]} for row in rows]
    engine = start_engine(declared, declared.engine, arguments.weights)
    columns = ["n", "truncated", "kept", "kept/1000", "tokens", "copied", "8-grams", "found"]
    columns += ["length", "new numbers", "off_topic", "copy"]
    print("variant | " + " | ".join(columns) + " | reasons", flush=True)
    for name in arguments.variants:
        variant = NUCLEUS | VARIANTS[name]
        drawn = {
            key: value for key, value in variant.items() if key in declared.sampling.model_fields
        }
        sampling = declared.sampling.model_copy(update=drawn)
        # Both kinds of engine hold what they were declared with under this name.
        kind = type(engine.sampling)
        engine.sampling = sampling.parameters() if kind is dict else sampling
        told = [
            row for row in passages if not variant.get("narrative") or is_narrative(row["text"])
        ]
        requests = requests_of(told[: arguments.count], prompt, variant)
        found = measure(engine, requests, prompt, spec.screens, declared)
        shown = [
            f"{found[key]:.2f}" if isinstance(found[key], float) else f"{found[key]}"
            for key in columns
        ]
        print(f"{name} | {' | '.join(shown)} | {found['reasons']}", flush=True)
        for passage, text in found["texts"][: arguments.show]:
            print(f"    PASSAGE {passage!r}\n    ANSWER  {text!r}\n", flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=Path, required=True)
    options.add_argument("--prompt", type=Path, required=True)
    options.add_argument("--weights", type=Path, required=True)
    options.add_argument("--llm", type=Path, default=LLM)
    options.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    options.add_argument("--count", type=int, default=64)
    options.add_argument("--show", type=int, default=0, help="kept answers that are shown")
    main(options.parse_args())
