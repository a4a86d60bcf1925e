"""Weights of the hub that a bundle brings: `bundle/weights/OWNER--NAME/REVISION/`.

They are in one form already, and lie where `palimpsest bundle` was unpacked and Snakemake runs.
"""

from pathlib import Path

from palimpsest.runtime.files import write_manifest
from palimpsest.runtime.schema import Weights
from palimpsest.weights.config import WeightsSpec

PLACE = Path("bundle/weights")


def packed_folder(hub: str, revision: str) -> Path:
    """Where a bundle has the weights of a hub id; their manifest lies beside it."""
    return PLACE / hub.replace("/", "--") / revision


def pack_weights(weights: Weights, folder: Path) -> Path:
    """Write weights of the hub into the folder that becomes `bundle`; return where they lie in it.

    Raises UserError where they cannot be fetched, or are no safetensors.
    """
    from palimpsest.weights.prepare import prepare_weights  # the graph needs no hub

    place = packed_folder(weights.hub or "", weights.revision or "").relative_to(PLACE.parent)
    spec = WeightsSpec(**weights.model_dump(exclude={"path"}), versions={})
    manifest = prepare_weights(spec, [], folder / place, network=True)
    write_manifest(Path(f"{folder / place}.json"), manifest)
    return place
