"""What preparing weights depends on, and which files of a folder are weights."""

from collections.abc import Iterable
from pathlib import Path

from palimpsest.runtime.schema import Declared


class WeightsSpec(Declared):
    """Weights as declared, but for the folder of local ones, whose files are inputs.

    versions: of the packages that bring them, by name. files_digest: of the files in a folder.
    """

    package: str | None
    file: str | None
    hub: str | None
    revision: str | None
    versions: dict[str, str]
    files_digest: str = ""


# Never pickled weights, never a model's own code.
WANTED = ("*.safetensors", "*.json", "*.txt", "*.jinja", "*.model")
# The same weights once more in a vendor's own layout, which engines then prefer.
UNWANTED = ("consolidated*", "params.json")


def wanted(found: Iterable[Path]) -> list[Path]:
    """The files that belong to weights, sorted."""
    return sorted(
        path
        for path in found
        if any(map(path.match, WANTED)) and not any(map(path.match, UNWANTED))
    )
