"""How the tests are dealt out when they run on several cores: `pytest -n 2 --dist loadgroup`."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Test files that share what takes minutes to build, or that must not run beside one another.
GROUPS = {
    "workflow/test_two_directions.py": "two directions",
    "workflow/test_kill.py": "two directions",
    "workflow/test_faults.py": "two directions",
}


def group_of(path: Path) -> str | None:
    """The group whose tests one process runs; tests without one go to any."""
    name = path.relative_to(HERE).as_posix()
    if name.startswith("workflow/"):
        return GROUPS.get(name, "one study")
    return "scripts" if name.startswith("scripts/") else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the groups; on several cores the long ones start first, and else come last."""
    for item in items:
        group = group_of(item.path)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: group_of(item.path) is None)
