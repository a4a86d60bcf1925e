"""What makes two sets of weights the same."""

from pathlib import Path
from typing import Any

from palimpsest.runtime.files import read_fields
from palimpsest.runtime.identity import digest


def declared_identity(declared: dict[str, Any]) -> str | None:
    """`hub@revision` for pinned hub weights, which name the same bytes everywhere; else None."""
    return f"{declared['hub']}@{declared['revision']}" if declared.get("hub") else None


def weights_identity(declared: dict[str, Any], manifest: Path | None) -> str:
    """What an LLM's weights are: from their manifest; a server's are what they are declared to be.

    Raises UserError when the manifest is missing or is none.
    """
    if manifest:
        return read_fields(manifest, "identity")["identity"]
    return declared_identity(declared) or digest(declared)
