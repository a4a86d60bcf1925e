"""Bring declared weights to one form: the files of FILES, each written whole."""

import importlib.util
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import copy, keep_only, read_json, sha256_file, write_json
from palimpsest.runtime.identity import digest
from palimpsest.runtime.progress import announce
from palimpsest.weights.config import UNWANTED, WANTED, WeightsSpec, wanted
from palimpsest.weights.identity import hub_identity
from palimpsest.weights.safetensors import merge

# What engines and trainers read of weights, always under these names.
FILES = ("config.json", "generation_config.json", "model.safetensors")
FILES += ("tokenizer.json", "tokenizer_config.json")


def prepare_weights(
    spec: WeightsSpec, files: list[Path], target: Path, network: bool
) -> dict[str, object]:
    """Fill the folder `target` with FILES and return the manifest of the weights.

    files: of weights in a folder; none of others. network: whether a hub id may be fetched;
    otherwise it must be in the local hub cache.
    The manifest's `identity` is the revision of hub weights, else a hash over the files found.
    Raises UserError when the weights are not there, or are not safetensors.
    """
    target.mkdir(parents=True, exist_ok=True)
    keep_only(target, FILES)
    with tempfile.TemporaryDirectory(prefix=".taken.", dir=target.parent) as name:
        taken = Path(name)
        if spec.package and spec.file:
            origin = _package_file(spec.package, spec.file)
            if origin.suffix == ".gguf":
                _export_gguf(origin, taken)
            else:
                _take(origin.iterdir(), taken)
        elif spec.hub:
            _take(_hub_folder(spec, network).iterdir(), taken)
        elif files:
            _take(files, taken)
        else:
            raise UserError("weights: there are no files in the folder that `path` names")
        label = spec.package or spec.hub or str(files[0].parent)
        for pattern, kind in (("*.safetensors", "safetensors"), ("config.json", "configuration")):
            if not any(taken.glob(pattern)):
                raise UserError(
                    f"weights {label}: no {kind} ({pattern}) found. Pickled weights are not read; "
                    "convert them to safetensors once, on a machine that you trust with them"
                )
        found = {path.name: _content(path) for path in sorted(taken.iterdir())}
        _deliver(taken, target, label)
    identity = hub_identity(spec.hub, spec.revision) or digest(found)
    delivered = {name: sha256_file(target / name) for name in FILES}
    return {"identity": identity, "files": delivered}


def _deliver(taken: Path, target: Path, label: str) -> None:
    """Write FILES from what was taken: one file of tensors, and a tokenizer that is complete."""
    if not (taken / "tokenizer.json").exists():
        raise UserError(f"weights {label}: no tokenizer.json; convert the tokenizer to one once")
    for name in ("config.json", "tokenizer.json"):
        copy(taken / name, target / name)
    generation = taken / "generation_config.json"
    write_json(target / generation.name, read_json(generation) if generation.exists() else {})
    write_json(target / "tokenizer_config.json", _tokenizer_config(taken))
    tensors = _tensors(taken)
    if len(tensors) == 1:
        copy(tensors[0], target / "model.safetensors")
    else:
        announce(f"weights: joining {len(tensors)} files of tensors")
        merge(tensors, target / "model.safetensors")


def _tensors(taken: Path) -> list[Path]:
    """The files of the model's tensors, without variants that lie beside them."""
    index, whole = taken / "model.safetensors.index.json", taken / "model.safetensors"
    if index.exists():
        return [taken / name for name in sorted(set(read_json(index)["weight_map"].values()))]
    return [whole] if whole.exists() else sorted(taken.glob("*.safetensors"))


def _tokenizer_config(taken: Path) -> dict[str, object]:
    """A tokenizer's configuration, with what may lie in files of its own beside it."""
    config: dict[str, object] = {}
    if (taken / "special_tokens_map.json").exists():
        for name, token in read_json(taken / "special_tokens_map.json").items():
            config[name] = {"__type": "AddedToken", **token} if isinstance(token, dict) else token
    if (taken / "tokenizer_config.json").exists():
        config |= read_json(taken / "tokenizer_config.json")
    template = taken / "chat_template.jinja"
    if template.exists():
        config["chat_template"] = template.read_text(encoding="utf-8")
    return config


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


def _hub_folder(spec: WeightsSpec, network: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    patterns = {"allow_patterns": list(WANTED), "ignore_patterns": list(UNWANTED)}
    try:
        return Path(
            snapshot_download(
                spec.hub, revision=spec.revision, local_files_only=not network, **patterns
            )
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise UserError(
            f"weights: {spec.hub} at revision {spec.revision} is not in the local hub cache "
            f"({type(error).__name__}). Fetch it on a machine with network (`hf download "
            f"{spec.hub} --revision {spec.revision}`), or set `network: true` in the study"
        ) from error


def _take(found: Iterable[Path], target: Path) -> None:
    """Link what is wanted of some files; links of the hub's cache are followed."""
    for path in wanted(found):
        os.symlink(path.resolve(), target / path.name)
