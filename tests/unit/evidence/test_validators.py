"""Packs held against the validators of their formats, which `make validators` installs."""

import subprocess
from pathlib import Path

import pytest
from evidence_packs import build

FOLDER = Path(__file__).parents[3] / ".validators" / "bin"
BILL = """
import sys
from pathlib import Path
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(Path(sys.argv[1]).read_text())
sys.exit(str(found) if found else 0)
"""
OFFLINE = "rocrate_offline.py"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.exists(), reason="no validators are installed: make validators"),
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("pack"), description="What helps?")


def run(tool: str, *arguments: object) -> str:
    """What a validator prints. Skips where it is not installed."""
    if not (FOLDER / tool).exists():
        pytest.skip(f"{FOLDER / tool} is not there: make validators")
    command = [FOLDER / tool, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", ["corpora/mixed", "datasets/gold", "datasets/entities"])
def test_croissant_metadata_has_no_error(pack, name):
    told = run("mlcroissant", "validate", "--jsonld", pack / name / "croissant.json")
    assert "error" not in told.lower(), told


def test_the_crate_is_one(pack):
    """Its profile has those of RO-Crate 1.1, of workflows and of their runs in it."""
    contexts, offline = FOLDER.parent / "contexts.json", Path(__file__).with_name(OFFLINE)
    if not contexts.exists():
        pytest.skip(f"{contexts} is not there, and terms are on the network: it needs npm")
    profile = ["-p", "workflow-run-crate-0.5", "-v", "--no-paging"]
    told = run("python", offline, contexts, "--no-interactive", "validate", *profile, pack)
    assert "[OK] RO-Crate is a valid workflow-run-crate-0.5" in told


def test_the_bill_of_materials_is_cyclonedx(pack):
    library = [FOLDER / "python", "-c", "import cyclonedx.validation.json"]
    if not (FOLDER / "python").exists() or subprocess.run(library, capture_output=True).returncode:
        pytest.skip(f"cyclonedx-python-lib is not in {FOLDER}: make validators")
    run("python", "-c", BILL, pack / "software.cdx.json")
