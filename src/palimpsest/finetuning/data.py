"""What a run is trained on: parts of datasets, phase after phase."""

from dataclasses import dataclass

from palimpsest.finetuning.config import DatasetPart
from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import within_size
from palimpsest.runtime.schema import ALL

Weighted = list[tuple[Row, float]]  # examples with their weights in the loss


@dataclass(frozen=True)
class Taken:
    """The examples of a run.

    phases: of each, its train examples. choosing: the valid examples that choose the weights.
    trained_on: the number of train examples by dataset.
    """

    phases: list[Weighted]
    choosing: list[Row]
    trained_on: dict[str, int]


def training_phases(
    datasets: dict[str, DatasetTable],
    sized: str,
    phases: list[list[DatasetPart]],
    size: str,
    seed: int,
) -> Taken:
    """What a run takes of some datasets.

    datasets: by name. sized: the one that is judged, of which only `size` train examples are taken,
    a number or `all`, and valid ones in proportion: see `runtime.sampling.within_size`. seed: of
    the run.
    Raises UserError when a dataset has no train examples or is not answered like `sized`, when that
    has too few, or when `size` is a number and no phase has it.
    """
    judged = datasets[sized]
    used = dict.fromkeys(part.dataset for phase in phases for part in phase)
    if size != ALL and sized not in used:
        raise UserError(f"{size} examples of '{sized}' are asked for, and no phase trains on it")
    taken = {}
    choosing = judged.of_split("valid")
    for name in used:
        _check_fit(datasets[name], judged)
        taken[name] = datasets[name].of_split("train")
        if name == sized:
            try:
                taken[name], choosing = within_size(taken[name], choosing, size, seed)
            except UserError as error:
                raise UserError(f"the dataset '{name}': {error}") from error
    weighted = [
        [(row, part.weight) for part in phase for row in taken[part.dataset]] for phase in phases
    ]
    return Taken(weighted, choosing, {name: len(rows) for name, rows in taken.items()})


def _check_fit(dataset: DatasetTable, judged: DatasetTable) -> None:
    for field in ("kind", "labels", "answer", "none_label"):
        found, expected = getattr(dataset, field), getattr(judged, field)
        if found != expected:
            raise UserError(
                f"the dataset '{dataset.name}' has the {field} {found}, expected that of "
                f"'{judged.name}', {expected}"
            )
