"""No code that lies beside weights is ever run: transformers would ask for leave on stdin."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOADERS = ("from_pretrained", "from_config", "pipeline", "AutoConfig")


def calls(path):
    """Calls of a loader of transformers' in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in LOADERS:
                yield node


def test_every_loader_is_told_to_trust_no_code():
    found = 0
    for folder in ("src", "scripts", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for call in calls(path):
                found += 1
                given = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
                assert given.get("trust_remote_code") is False, f"{path.name}:{call.lineno}"
    assert found >= 3
