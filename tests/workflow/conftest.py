"""One tiny study is built once; every test gets a copy of it, edits it and builds again."""

from collections.abc import Iterator

import pytest
from project import Project
from scripted_server import ScriptedServer


@pytest.fixture(scope="session")
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    yield made
    made.close()


@pytest.fixture(scope="session")
def built(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.create(tmp_path_factory.mktemp("built") / "project", server.url)
    project.first_jobs = project.build()
    return project


@pytest.fixture
def project(built: Project, server: ScriptedServer, tmp_path) -> Project:
    """A built copy without logs; the server's count starts at zero."""
    server.requests.clear()
    server.pause, server.fail_next = 0.0, 0
    copy = built.copy(tmp_path / "project")
    copy.forget_logs()
    return copy
