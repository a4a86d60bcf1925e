"""A rule file declares, and leaves everything else to the graph."""

import re

import pytest
from rule_files import RULE_FILES, block, inputs_named, rules

from palimpsest.graph import JOBS

RULES = rules()
COMMANDS = {name: body for name, body in RULES.items() if block(body, "shell")}
PARAMS = {
    "spec": re.compile(r'spec\("(\w+)"\)'),
    "state": re.compile(r'f"\{STUDY\.results\}/state/\w+"'),
    "code": re.compile(r'code_of\("(scripts/[\w/]+\.py)"\)'),
}


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_no_rule_file_has_a_function(path):
    if path.stem != "common":
        assert not re.search(r"\blambda\b|^\s*def ", path.read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_a_rule_file_is_short(path):
    limit = 60 if path.stem == "common" else 200
    assert len(path.read_text(encoding="utf-8").splitlines()) < limit


@pytest.mark.parametrize("name", sorted(RULES))
def test_params_are_a_specification_a_fingerprint_and_a_place_for_state(name):
    for key, value in re.findall(r"^        (\w+)=(.*),$", block(RULES[name], "params"), re.M):
        assert key in PARAMS and PARAMS[key].fullmatch(value), f"{name}: {key}={value}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_rule_asks_the_graph_about_itself(name):
    body = RULES[name]
    for asked in re.findall(r'(?:reads|spec)\("(\w+)"\)', body):
        assert asked == name
    assert name in JOBS or not block(body, "input")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_fingerprint_is_of_the_script_that_runs(name):
    (script,) = set(re.findall(r"python (scripts/\S+\.py)", block(RULES[name], "shell")))
    assert PARAMS["code"].search(block(RULES[name], "params"))[1] == script


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_rule_that_computes_says_what_it_makes_and_where_it_logs(name):
    body = RULES[name]
    assert re.match(r'    """[A-Z].*\."""\n', body), "one sentence"
    for key in ("output", "log", "benchmark", "conda", "resources"):
        assert block(body, key), key
    assert "{log:q} 2>&1" in body


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_all_that_a_command_takes_is_quoted(name):
    for value in re.findall(r"\{([^{}]+)\}", block(RULES[name], "shell")):
        quoted = value.endswith(":q") or value in ("threads", "resources.gpu")
        assert quoted or value.startswith("resources."), value


def test_every_job_of_the_graph_has_a_rule():
    assert set(JOBS) == {
        name for name, body in RULES.items() if "reads(" in body or "spec(" in body
    }


def test_what_a_command_names_is_among_the_inputs():
    assert inputs_named(RULES["mix_corpus"]) == ["parts", "tokenizer", "judged"]
