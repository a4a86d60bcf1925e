"""What makes two sets of weights the same."""

from palimpsest.runtime.identity import digest
from palimpsest.runtime.schema import Weights


def hub_identity(hub: str | None, revision: str | None) -> str | None:
    """`hub@revision` of pinned hub weights, which names the same bytes everywhere; else None."""
    return f"{hub}@{revision}" if hub else None


def declared_identity(weights: Weights) -> str:
    """What a server's weights are, of which nothing is here: what they are declared to be."""
    return hub_identity(weights.hub, weights.revision) or digest(weights.model_dump(mode="json"))
