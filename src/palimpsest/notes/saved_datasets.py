"""Data sets of the `datasets` library: saved folders, and snapshots of the hub at a revision."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from palimpsest.formats.class_labels import with_features
from palimpsest.notes.config import DatasetSource
from palimpsest.runtime.errors import UserError

BATCH_ROWS = 512
# Data in plain formats and their description; never code, pickles or archives.
FETCHED = ["*.parquet", "*.arrow", "*.csv*", "*.tsv*", "*.json*", "*.txt*", "*.yaml", "*.md"]


def dataset_parts(source: DatasetSource, network: bool) -> Iterator[tuple[str, Iterable[pa.Table]]]:
    """The parts of a declared data set, such as `train`, each with its rows in tables.

    A folder that holds one part only has it under the folder's name.
    network: whether the hub may be asked; otherwise the snapshot must be in the local hub cache.
    Raises UserError when the data set, its configuration or a part is not there, or where rows
    cannot be read.
    """
    import datasets

    datasets.disable_progress_bars()
    label = f"source '{source.name}'"
    try:
        if source.hub:
            # The snapshot, and not the hub: so that the very revision is read, offline as well.
            folder = _snapshot(source, network, label)
            found = datasets.load_dataset(str(folder), source.config, streaming=True)
        else:
            folder = Path(source.origin)
            found = datasets.load_from_disk(str(folder))
    except UserError:
        raise
    except Exception as error:  # of any kind, since the library reads what may be damaged
        raise UserError(
            f"{label}: {source.origin} is no data set that can be read "
            f"({type(error).__name__}); expected a folder that `save_to_disk` wrote, or a hub id "
            "with one of its configurations"
        ) from error
    parts = found if isinstance(found, dict) else {folder.name: found}
    absent = [name for name in source.parts or [] if name not in parts]
    if absent:
        raise UserError(f"{label}: no part {absent}; there are {list(parts)}")
    for name in source.parts or parts:
        yield name, _tables(parts[name], f"{label}, part '{name}'")


def _tables(part: Any, label: str) -> Iterator[pa.Table]:
    try:
        for table in part.with_format("arrow").iter(BATCH_ROWS):
            yield with_features(table, part.features)
    except Exception as error:  # of any kind, since the library reads what may be damaged
        # Only the kind of error: the message may quote a value.
        raise UserError(f"{label}: cannot be read ({type(error).__name__})") from error


def _snapshot(source: DatasetSource, network: bool, label: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    hub, revision = source.origin, source.revision
    try:
        return Path(
            snapshot_download(
                hub,
                repo_type="dataset",
                revision=revision,
                allow_patterns=FETCHED,
                local_files_only=not network,
            )
        )
    except (LocalEntryNotFoundError, HfHubHTTPError) as error:
        raise UserError(
            f"{label}: {hub} at revision {revision} is not in the local hub cache. Fetch it on a "
            f"machine with network (`hf download {hub} --repo-type dataset --revision {revision}`),"
            " or set `network: true` in the study"
        ) from error
