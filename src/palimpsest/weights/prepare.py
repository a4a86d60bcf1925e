"""Bring declared weights to one form: the files of FILES, each written whole."""

import fnmatch
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from palimpsest.runtime.atomic import temporary_folder
from palimpsest.runtime.checkpoints import described, verified
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import (
    copy,
    keep_only,
    read_fields,
    read_json,
    read_text,
    sha256_file,
    write_json,
)
from palimpsest.runtime.identity import digest
from palimpsest.runtime.progress import announce
from palimpsest.weights.config import UNWANTED, WANTED, WeightsSpec, wanted
from palimpsest.weights.identity import hub_identity
from palimpsest.weights.safetensors import merge, read_header

# What engines and trainers read of weights, always under these names.
FILES = ("config.json", "generation_config.json", "model.safetensors")
FILES += ("tokenizer.json", "tokenizer_config.json")


def prepare_weights(
    spec: WeightsSpec, files: list[Path], target: Path, network: bool
) -> dict[str, object]:
    """Fill the folder `target` with FILES and return the manifest of the weights.

    files: of weights in a folder, or of hub weights that a bundle has; none of others.
    network: whether a hub id may be fetched; otherwise it must be in the local hub cache.
    The manifest's `identity` is the revision of hub weights, else a hash over the files found.
    Raises UserError when the weights are not there, or are not safetensors.
    """
    target.mkdir(parents=True, exist_ok=True)
    keep_only(target, FILES)
    with temporary_folder(target) as exported:
        if spec.package and spec.file:
            found = _package_file(spec.package, spec.file)
            folder = _gguf_folder(found, exported) if found.suffix == ".gguf" else found
            files = list(folder.iterdir())
        elif spec.hub and files:
            verified(files[0].parent)
        elif spec.hub:
            files = list(_hub_folder(spec, network).iterdir())
        elif not files:
            raise UserError("weights: there are no files in the folder that `path` names")
        label = spec.package or spec.hub or str(files[0].parent)
        taken = {path.name: path for path in wanted(files)}
        for pattern, kind in (("*.safetensors", "safetensors"), ("config.json", "configuration")):
            if not fnmatch.filter(taken, pattern):
                raise UserError(
                    f"weights {label}: no {kind} ({pattern}) found. Pickled weights are not read; "
                    "convert them to safetensors once, on a machine that you trust with them"
                )
        contents = {name: _content(path) for name, path in taken.items()}
        _deliver(taken, target, label)
    identity = hub_identity(spec.hub, spec.revision) or digest(contents)
    return {**described(target, FILES), "identity": identity}


def _deliver(taken: dict[str, Path], target: Path, label: str) -> None:
    """Write FILES from what was taken: one file of tensors, and a tokenizer that is complete."""
    if "tokenizer.json" not in taken:
        raise UserError(f"weights {label}: no tokenizer.json; convert the tokenizer to one once")
    tensors = _tensors(taken)
    for path in tensors:
        read_header(path)  # whole, or nothing is written
    copy(taken["tokenizer.json"], target / "tokenizer.json")
    configs = {"config.json": read_json(taken["config.json"])}
    generation = taken.get("generation_config.json")
    configs["generation_config.json"] = read_json(generation) if generation else {}
    configs["tokenizer_config.json"] = _tokenizer_config(taken)
    for name, config in configs.items():
        harmless = _without_code(config)
        if harmless != config:
            announce(f"weights {label}: {name} names Python code of its own, which is never run")
        elif name == "config.json":
            copy(taken[name], target / name)
            continue
        write_json(target / name, harmless)
    if len(tensors) == 1:
        copy(tensors[0], target / "model.safetensors")
    else:
        announce(f"weights: joining {len(tensors)} files of tensors")
        merge(tensors, target / "model.safetensors")


def _tensors(taken: dict[str, Path]) -> list[Path]:
    """The files of the model's tensors, without variants that lie beside them."""
    names = fnmatch.filter(taken, "*.safetensors")
    if index := taken.get("model.safetensors.index.json"):
        names = sorted(set(read_fields(index, "weight_map")["weight_map"].values()))
        if absent := sorted(set(names) - set(taken)):
            raise UserError(f"weights: {index} names {absent[0]}, which is not there")
    elif "model.safetensors" in names:
        names = ["model.safetensors"]
    return [taken[name] for name in names]


def _tokenizer_config(taken: dict[str, Path]) -> dict[str, object]:
    """A tokenizer's configuration, with what transformers takes from files beside it."""
    name = "tokenizer_config.json"
    config: dict[str, object] = read_json(taken[name]) if name in taken else {}
    marks = taken.get("special_tokens_map.json")
    if marks and "added_tokens_decoder" not in config:  # else it is not read
        for name, mark in read_json(marks).items():
            typed = isinstance(mark, dict)
            config[name] = {**mark, "special": True, "__type": "AddedToken"} if typed else mark
    if template := taken.get("chat_template.jinja"):
        config["chat_template"] = read_text(template)
    return config


def _without_code(value: Any) -> Any:
    """A configuration without `auto_map`: names of classes in files that lie beside it."""
    if isinstance(value, dict):
        return {key: _without_code(entry) for key, entry in value.items() if key != "auto_map"}
    return value


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


def _gguf_folder(origin: Path, target: Path) -> Path:
    """A folder with a GGUF file as bfloat16 safetensors: vLLM cannot run GGUF on a CPU."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    announce(f"weights: exporting {origin.name} to safetensors")
    _read_once()
    model = AutoModelForCausalLM.from_pretrained(
        origin.parent,
        gguf_file=origin.name,
        trust_remote_code=False,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
    )
    model.save_pretrained(target)
    tokenizer = AutoTokenizer.from_pretrained(
        origin.parent, gguf_file=origin.name, trust_remote_code=False
    )
    tokenizer.save_pretrained(target)
    announce(f"weights: exported {origin.name}")
    return target


def _read_once() -> None:
    """Let transformers read a GGUF file once, and the names of its tensors once: half of the time.

    It opens the file for the configuration, the tensors and the tokenizer, and makes the map of
    names of a whole architecture for each module of a model.
    """
    import gguf

    gguf.GGUFReader = cache(gguf.GGUFReader)  # type: ignore[assignment, misc]
    gguf.get_tensor_name_map = cache(gguf.get_tensor_name_map)


def _hub_folder(spec: WeightsSpec, network: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wished = {"allow_patterns": list(WANTED), "ignore_patterns": list(UNWANTED)}
    wished |= {"revision": spec.revision, "local_files_only": not network}
    try:
        return Path(snapshot_download(spec.hub, **wished))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise UserError(
            f"weights: {spec.hub} at revision {spec.revision} is not in the local hub cache "
            f"({type(error).__name__}). Fetch it on a machine with network (`hf download "
            f"{spec.hub} --revision {spec.revision}`, or `palimpsest bundle`), or set "
            "`network: true` in the study"
        ) from error
