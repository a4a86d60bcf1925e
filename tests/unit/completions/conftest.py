"""A server that misbehaves as a test wants, and an engine that does not wait for it."""

import shutil
import ssl
import subprocess

import pytest
from odd_server import OddServer

from palimpsest.completions.engines import openai_server


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 0)
    made = OddServer()
    yield made
    made.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for localhost and a gateway that nobody else has signed, and TLS with it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
    command += "-subj /CN=localhost -addext subjectAltName=DNS:localhost,DNS:gateway.invalid "
    command += "-keyout key -out cert.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key")
    return folder / "cert.pem", context
