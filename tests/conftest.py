"""How the tests are dealt out when they run on several cores: `pytest -n 2`."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent
# Test files that share what takes minutes to build, or that must not run beside one another.
GROUPS = {
    "cluster/test_pods.py": "pods",
    "cluster/test_pods_every_rule.py": "pods",
    "workflow/test_two_directions.py": "two directions",
    "workflow/test_kill.py": "two directions",
    "workflow/test_faults.py": "two directions",
}


def group_of(path: Path) -> str | None:
    """The group whose tests one process runs; tests without one go to any."""
    name = path.relative_to(HERE).as_posix()
    if name in GROUPS:
        return GROUPS[name]
    if name.startswith("workflow/"):
        return "one study"
    folder = name.partition("/")[0]
    return folder if folder in ("browser", "cluster", "scripts") else None


class GroupScheduling(LoadScopeScheduling):
    """Gives each group to one process.

    The mark `xdist_group` would do, but pytest-xdist 3.8 with pytest 9.2 passes over it silently.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(HERE.parent / nodeid.partition("::")[0]) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    return GroupScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On several cores the long groups start first, and else come last."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: group_of(item.path) is None)
