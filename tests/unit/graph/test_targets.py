"""A target that the study does not declare is refused by name, whatever rule it would be of."""

import copy
import random
import re
from pathlib import Path

import pytest
import yaml
from rule_files import ROOT, block, rules

from palimpsest.graph import JOBS, constraints, job_of, no_target, whatever_else
from palimpsest.graph.constraints import declared_names
from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
BELOW = re.compile(r'"<results>/([^"]+)"')
WILDCARD = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def demo():
    return load_catalogue(copy.deepcopy(DEMO), "study.yaml", CONFIG)


def outputs(catalogue):
    """The outputs of all rules as Snakemake knows them, with constraints."""
    found, plain = [], constraints(catalogue)
    for name, body in rules().items():
        own = re.findall(r'^        (\w+)=CONSTRAINTS\["(\w+)"\]', body, re.M)
        known = plain | {kind: plain[asked] for kind, asked in own}
        for output in BELOW.findall(block(body, "output")) if name != "undeclared" else []:
            for kind in WILDCARD.findall(output):
                output = output.replace(f"{{{kind}}}", f"{{{kind},{known[kind]}}}")
            found.append(output)
    return found


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (
            "corpora/nonsense.parquet",
            ["declares no corpus 'nonsense'", "'original'", "more"],
        ),
        ("table9.csv", ["declares no table or figure 'table9'", "'figure4', 'table1', 'table2'"]),
        ("figure9.svg", ["declares no figure 'figure9'", "'figure1'"]),
        ("notes/clinic.json", ["declares no source 'clinic'", "'hospital', 'memory-clinic']"]),
        ("checkpoints/llama-130k/orignal/seed0.json", ["declares no corpus 'orignal'"]),
        ("checkpoints/lama/original/seed0.json", ["declares no model 'lama'", "'llama-130k'"]),
        ("weights/gpt.json", ["declares no weights 'gpt'", "'smollm2-135m-instruct'"]),
        (
            "checkpoints/llama-130k/original/sed0.json",
            ["no rule makes it; near are ['checkpoints/"],
        ),
        ("corpora", ["no rule makes it"]),
        ("x", ["no rule makes it", "'table1'"]),
    ],
)
def test_what_is_declared_is_said_in_one_line(demo, target, wanted):
    message = no_target(demo, target, outputs(demo))
    assert message.startswith(f"results/{target}: ") and "\n" not in message
    assert len(message) < 1000
    for text in wanted:
        assert text in message


def test_whatever_else_is_what_no_rule_makes(demo):
    made = outputs(demo)
    other = re.compile(whatever_else(made))
    for target in (
        "table1.csv",
        "corpora/original.parquet",
        "splits.csv",
        "weights/minilm-l6.json",
    ):
        assert not other.fullmatch(target), target
    for target in ("table9.csv", "corpora/original.csv", "corpora/x.parquet", "logs/x", "a/b/c"):
        assert other.fullmatch(target), target


@pytest.mark.parametrize(
    ("rule", "names", "wanted"),
    [
        ("cut_passages", {"source": "hospital", "shard": "005-of-001"}, "no shard 005-of-001"),
        ("cut_passages", {"source": "hospital", "shard": "000-of-007"}, "it has 1"),
        (
            "complete_requests",
            {"llm": "smollm2-135m-instruct", "request_set": "hospital.x", "shard": "000-of-001"},
            "'smollm2-135m-instruct' is asked 'hospital.x'; declared are ['",
        ),
        (
            "train_model",
            {"model": "llama-130k", "corpus": "none", "seed": "4294967296"},
            "less than",
        ),
        (
            "token_losses",
            {"model": "minilm-l6", "corpus": "none", "seed": "0"}
            | {"evaluation": "discharge-summaries"},
            "'minilm-l6' on 'none' has no corpus",
        ),
        (
            "finetune",
            {"experiment": "entities", "model": "minilm-l6", "corpus": "medical", "seed": "0"}
            | {"mixture": "entities", "size": "all", "run": "42"},
            "has no 'minilm-l6 on medical'; declared are ['",
        ),
        (
            "finetune",
            {"experiment": "entities", "model": "minilm-l6", "corpus": "none", "seed": "0"}
            | {"mixture": "silver", "size": "all", "run": "42"},
            "no 'silver'; there are ['entities']",
        ),
    ],
)
def test_names_that_are_declared_but_not_together_are_refused(demo, rule, names, wanted):
    with pytest.raises(UserError) as raised:
        job_of(rule, demo, names.items()).reads()
    assert wanted in str(raised.value)


def test_a_job_of_any_names_is_made_or_refused(demo):
    """Neither a declared name nor any other ends in an error that names no name."""
    known = {kind: sorted(names) for kind, names in declared_names(demo).items()}
    known |= {
        "shard": ["000-of-001", "001-of-002"],
        "seed": ["0", "9999999999"],
        "round": ["1", "9"],
    }
    known |= {"run": ["42"], "size": ["all", "50"]}
    drawn, made, refused, patterns = random.Random(1), 0, 0, constraints(demo)
    for rule, body in rules().items():
        outputs = BELOW.findall(block(body, "output"))
        if rule not in JOBS or not outputs:
            continue
        fitting = known | {
            kind: [name for name in known[kind] if re.fullmatch(patterns[asked], name)]
            for kind, asked in re.findall(r'^        (\w+)=CONSTRAINTS\["(\w+)"\]', body, re.M)
        }
        kinds = WILDCARD.findall(outputs[0])
        if not all(fitting[kind] for kind in kinds):
            continue
        for _ in range(60):
            names = {kind: drawn.choice(fitting[kind]) for kind in kinds}
            try:
                job = job_of(rule, demo, names.items())
                job.inputs(str)
                job.spec_json()
                made += 1
            except UserError:
                refused += 1
    assert made > 200 and refused > 200, (made, refused)


def test_what_everything_waits_for_goes_first():
    priorities = {
        name: int(found[1]) if (found := re.search(r"^    priority: (\d+)$", body, re.M)) else 0
        for name, body in rules().items()
    }
    costly = {"complete_requests", "train_model", "finetune", "keep_model"}
    others = set(priorities) - costly - {"check_splits", "prepare_weights"}
    assert min(priorities[name] for name in costly) > max(priorities[name] for name in others)
    assert priorities["complete_requests"] > priorities["finetune"]


def test_profiles_let_priorities_decide():
    for path in sorted((ROOT / "profiles").glob("*/config.yaml")):
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert profile["scheduler"] == "greedy" and profile["scheduler-subsample"] >= 1000
    gpu = yaml.safe_load((ROOT / "profiles/gpu/config.yaml").read_text(encoding="utf-8"))
    # A job that wants several cores waits behind all jobs of one, and the GPU with it.
    assert gpu["set-threads"] == {"complete_requests": 1, "ask_pilot": 1}
