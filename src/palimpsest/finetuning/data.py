"""What a run is trained on: parts of datasets, phase after phase."""

from palimpsest.finetuning.config import ALL, DatasetPart
from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row

Weighted = list[tuple[Row, float]]  # examples with their weights in the loss


def training_phases(
    datasets: dict[str, DatasetTable], sized: str, phases: list[list[DatasetPart]], size: str
) -> tuple[list[Weighted], dict[str, int]]:
    """The examples of each phase, and the number of train examples by dataset.

    datasets: by name. sized: the one of which only `size` examples are taken, a number or `all`:
    the first in sampling order, so that a smaller size is a part of a larger one.
    Raises UserError when a dataset has no train examples or another kind or other labels than
    `sized`, when that has too few, or when `size` is a number and no phase has it.
    """
    used = dict.fromkeys(part.dataset for phase in phases for part in phase)
    if size != ALL and sized not in used:
        raise UserError(f"{size} examples of '{sized}' are asked for, and no phase trains on it")
    taken = {}
    for name in used:
        _check_fit(datasets[name], datasets[sized])
        train = datasets[name].of_split("train")
        taken[name] = _first(name, train, size) if name == sized else train
    weighted = [
        [(row, part.weight) for part in phase for row in taken[part.dataset]] for phase in phases
    ]
    return weighted, {name: len(rows) for name, rows in taken.items()}


def _check_fit(dataset: DatasetTable, judged: DatasetTable) -> None:
    for field in ("kind", "labels"):
        found, expected = getattr(dataset, field), getattr(judged, field)
        if found != expected:
            raise UserError(
                f"the dataset '{dataset.name}' has the {field} {found}, expected that of "
                f"'{judged.name}', {expected}"
            )


def _first(name: str, train: list[Row], size: str) -> list[Row]:
    if size == ALL:
        return train
    if int(size) > len(train):
        raise UserError(f"{size} train examples of '{name}' are asked for, and it has {len(train)}")
    return train[: int(size)]
