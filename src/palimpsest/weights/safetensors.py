"""Several files of safetensors as one.

The format (https://huggingface.co/docs/safetensors): 8 bytes, little endian, with the length of a
JSON header; the header, which gives each tensor's type, shape and place; the bytes of the tensors.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.errors import UserError

METADATA = "__metadata__"
ALIGNMENT = 8  # of the bytes of the tensors, by padding the header


def read_header(path: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """A file's tensors, and where their bytes begin. Raises UserError for one that is not whole."""
    try:
        with path.open("rb") as stream:
            size, start = path.stat().st_size, 8 + int.from_bytes(stream.read(8), "little")
            tensors = json.loads(stream.read(min(start, size) - 8))
        tensors.pop(METADATA, None)
        end = max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
        if start + end != size:
            raise ValueError("its tensors have other bytes than the file")
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: expected safetensors ({type(error).__name__})") from error
    return tensors, start


def merge(paths: list[Path], target: Path) -> None:
    """Write the tensors of some files to one, in the order of the files; memory holds none.

    Raises UserError when a file is no whole safetensors, or two have a tensor of one name.
    """
    header: dict[str, dict[str, Any]] = {METADATA: {"format": "pt"}}
    starts, end = [], 0
    for path in paths:
        tensors, start = read_header(path)
        starts.append(start)
        for name, entry in tensors.items():
            if name in header:
                raise UserError(f"{path}: the tensor {name!r} is in another of the files, too")
            begin, stop = entry["data_offsets"]
            header[name] = {**entry, "data_offsets": [end + begin, end + stop]}
        end += path.stat().st_size - start
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % ALIGNMENT)
    with atomic_path(target) as temporary, temporary.open("wb") as out:
        out.write(len(encoded).to_bytes(8, "little") + encoded)
        for path, start in zip(paths, starts, strict=True):
            with path.open("rb") as stream:
                stream.seek(start)
                shutil.copyfileobj(stream, out, 1 << 24)
