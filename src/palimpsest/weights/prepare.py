"""Bring declared weights to `config.json`, `*.safetensors` and `tokenizer.json` in one folder."""

import importlib.util
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import link_or_copy, read_json, sha256_file
from palimpsest.runtime.identity import digest
from palimpsest.runtime.progress import announce
from palimpsest.weights.identity import declared_identity

# Never pickled weights, never a model's own code.
WANTED = ("*.safetensors", "*.json", "*.txt", "*.jinja", "*.model")
# The same weights once more in a vendor's own layout, which engines then prefer.
UNWANTED = ("consolidated*", "params.json")


def prepare_weights(declared: dict[str, Any], target: Path, network: bool) -> dict[str, Any]:
    """Fill the folder `target` and return the manifest of the weights.

    declared: the `weights` of an LLM or model file.
    network: whether a hub id may be fetched; otherwise it must be in the local hub cache.
    The manifest's `identity` is the revision of hub weights, else a hash over the files.
    Raises UserError when the weights are not there, or are not safetensors.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    if declared.get("package"):
        origin = _package_file(declared["package"], declared["file"])
        if origin.suffix == ".gguf":
            _export_gguf(origin, target)
        else:
            _take(origin, target, link_or_copy)
    elif declared.get("hub"):
        _take(_hub_folder(declared, network), target, os.symlink)
    else:
        folder = Path(declared["path"])
        if not folder.is_dir():
            raise UserError(f"weights: no folder {folder}")
        _take(folder.resolve(), target, os.symlink)
    for pattern, what in (("*.safetensors", "safetensors"), ("config.json", "configuration")):
        if not any(target.glob(pattern)):
            raise UserError(
                f"weights {declared}: no {what} ({pattern}) found. Pickled weights are not read; "
                "convert them to safetensors once, on a machine that you trust with them"
            )
    files = {path.name: _content(path) for path in sorted(target.iterdir())}
    return {"identity": declared_identity(declared) or digest(files), "files": files}


def _content(path: Path) -> str:
    """Hash of a file; the version of the library that wrote a configuration does not count."""
    if path.suffix != ".json" or path.name == "tokenizer.json":
        return sha256_file(path)
    value = read_json(path)
    if isinstance(value, dict):
        value.pop("transformers_version", None)
    return digest(value)


def _package_file(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"weights: the Python package '{package}' is not installed")
    path = Path(next(iter(spec.submodule_search_locations))) / name
    if not path.exists():
        raise UserError(f"weights: the package '{package}' has no '{name}'")
    return path


def _export_gguf(origin: Path, target: Path) -> None:
    """Dequantise a GGUF file to bfloat16 safetensors: vLLM cannot run GGUF on a CPU."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    announce(f"weights: exporting {origin.name} to safetensors")
    model = AutoModelForCausalLM.from_pretrained(
        origin.parent,
        gguf_file=origin.name,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
    )
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(origin.parent, gguf_file=origin.name).save_pretrained(target)
    announce(f"weights: exported {origin.name}")


def _hub_folder(declared: dict[str, Any], network: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                declared["hub"],
                revision=declared["revision"],
                allow_patterns=list(WANTED),
                ignore_patterns=list(UNWANTED),
                local_files_only=not network,
            )
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise UserError(
            f"weights: {declared['hub']} at revision {declared['revision']} is not in the local "
            f"hub cache ({type(error).__name__}). Fetch it on a machine with network (`hf download "
            f"{declared['hub']} --revision {declared['revision']}`), or set `network: true` in the "
            "study"
        ) from error


def _take(folder: Path, target: Path, place: Any) -> None:
    for path in _wanted(folder):
        place(path, target / path.name)


def _wanted(folder: Path) -> Iterable[Path]:
    found = {path for pattern in WANTED for path in folder.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not any(map(path.match, UNWANTED)))
