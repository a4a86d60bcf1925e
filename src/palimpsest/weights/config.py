"""What preparing weights depends on."""

from palimpsest.runtime.schema import Declared


class WeightsSpec(Declared):
    """Weights as declared, but for the folder of local ones, whose files are inputs.

    versions: of the packages that bring them, by name.
    """

    package: str | None
    file: str | None
    hub: str | None
    revision: str | None
    versions: dict[str, str]
