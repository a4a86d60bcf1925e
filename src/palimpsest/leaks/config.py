"""What the checks of leaks depend on; a study declares nothing for them."""

from palimpsest.runtime.schema import Declared, EvaluationNotes


class SplitsSpec(Declared):
    """What the check of splits depends on besides the notes and the datasets.

    sources, datasets: by name, who gave the patients their ids, where it is known.
    """

    sources: dict[str, str | None]
    datasets: dict[str, str | None]
    evaluations: list[EvaluationNotes]


class OverlapSpec(Declared):
    """What an overlap depends on besides its two tables.

    evaluation: whose notes are judged; None for the test examples of a dataset. seed: of the order
    of notes.
    """

    evaluation: EvaluationNotes | None
    seed: int
