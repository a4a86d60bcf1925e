"""What makes two sets of weights the same."""

from typing import Any


def declared_identity(declared: dict[str, Any]) -> str | None:
    """`hub@revision` for pinned hub weights, which name the same bytes everywhere; else None."""
    return f"{declared['hub']}@{declared['revision']}" if declared.get("hub") else None
