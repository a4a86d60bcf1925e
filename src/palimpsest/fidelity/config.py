"""What tables of fidelity depend on."""

from palimpsest.runtime.schema import Declared


class RatesSpec(Declared):
    """What the rates of a source depend on. seed: of the sampling order of examples."""

    seed: int
