"""What scores depend on besides the predictions and the dataset."""

from palimpsest.runtime.schema import Declared, Thresholds


class ScoreSpec(Declared):
    """seed: of the resamples, the same for all systems that are compared. metric: the first."""

    seed: int
    metric: str | None = None
    thresholds: Thresholds = Thresholds()
