"""Weights and checkpoints: folders in transformers' layout, verified before they are loaded.

The manifest of a folder lies beside it, `FOLDER.json`, or is its KEPT, where the folder is copied
elsewhere alone. It has the SHA-256 of every file. Whatever loads a file of such a folder goes
through `verified`, because a changed bit of a weight gives other numbers and no error.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import check_bytes, read_fields, sha256_file
from palimpsest.runtime.identity import digest
from palimpsest.runtime.origins import check_origin
from palimpsest.runtime.rows import Manifest

KEPT = "head.json"  # the manifest of a fine-tuned model, within its folder
CARD = "README.md"  # for people
TENSORS = ".safetensors"
WITHOUT_TENSORS = frozenset({"AutoConfig", "AutoTokenizer"})  # classes that read no tensors
# Families whose first position is the one behind the padding's, so that they have fewer.
PADDED_POSITIONS = frozenset(
    "camembert data2vec-text ibert lilt longformer mpnet roberta roberta-prelayernorm xlm-roberta "
    "xlm-roberta-xl xmod".split()
)
Stamp = tuple[str, int, int, int]

_verified: dict[Path, Stamp] = {}  # what this process has verified, and which file that was


def described(folder: Path, names: Iterable[str]) -> Manifest:
    """The manifest of a folder: the SHA-256 of each file, and an identity over these."""
    files = {name: sha256_file(folder / name) for name in names}
    return {"identity": digest(files), "files": files}


def manifest_of(folder: Path) -> Path:
    """Where the manifest of a folder lies."""
    within = folder / KEPT
    return within if within.exists() else Path(f"{folder.absolute()}.json")


def model_manifest(path: Path, *keys: str) -> Manifest:
    """The manifest of weights or of a checkpoint that a job was given, with the named keys.

    Raises UserError when it is damaged, or is of another model than the job's.
    """
    manifest = read_fields(path, "files", *keys)
    check_origin(path, manifest)
    return manifest


def verified(folder: Path, *names: str) -> Path:
    """A folder of weights or of a checkpoint whose files are those of its manifest.

    names: the files that are read; all of them where none is named, and then there may be no
    others, which a library might prefer. A file is read for this once in a process.
    Raises UserError when a file is missing, changed, or not in the manifest.
    """
    path = manifest_of(folder)
    files = read_fields(path, "files")["files"]
    if not isinstance(files, dict):
        raise UserError(f"{path}: not a manifest of a model: 'files' is {type(files).__name__}")
    if unknown := sorted(set(names) - set(files)):
        raise UserError(f"{path}: names no {unknown[0]}; delete it to rebuild the folder")
    if not names:
        there = {found.name for found in folder.glob("[!.]*")} - {CARD, KEPT}
        if others := sorted(there - set(files)):
            raise UserError(
                f"{folder / others[0]}: {path} does not name it, and a library might read it; "
                "move it elsewhere"
            )
    for name in names or files:
        _verify(folder / name, files[name])
    return folder


def _verify(path: Path, sha256: str) -> None:
    try:
        state = path.stat()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    stamp = (sha256, state.st_ino, state.st_size, state.st_mtime_ns)
    if _verified.get(path.absolute()) != stamp:
        check_bytes(path, sha256)
        _verified[path.absolute()] = stamp


def load_pretrained(kind: Any, folder: Path, **options: Any) -> Any:
    """`kind.from_pretrained` of a local folder, which is verified, without running code in it.

    kind: a class of transformers, such as AutoTokenizer. Raises UserError when it cannot be loaded.
    """
    if kind.__name__ in WITHOUT_TENSORS:
        files = read_fields(manifest_of(folder), "files")["files"]
        verified(folder, *(name for name in files if not name.endswith(TENSORS)))
    else:
        verified(folder)
    try:
        return kind.from_pretrained(folder, trust_remote_code=False, **options)
    except Exception as error:  # transformers and safetensors raise many kinds
        raise UserError(
            f"{folder}: cannot be loaded by {kind.__name__} ({type(error).__name__}); expected "
            "config.json, safetensors and tokenizer.json, complete and unchanged"
        ) from error


def check_tokens(folder: Path, config: Any, tokenizer: Any, longest: int) -> None:
    """That an encoder has an embedding for every token and place.

    config: of transformers. tokenizer: of the tokenizers library. longest: tokens at once, with the
    marks at their ends. Raises UserError when it has not.
    """
    highest = max(tokenizer.get_vocab(with_added_tokens=True).values())
    if highest >= config.vocab_size:
        raise UserError(
            f"{folder}: the tokenizer has ids up to {highest}, and the model has embeddings for "
            f"ids below {config.vocab_size}; expected the tokenizer that it was trained with"
        )
    places = getattr(config, "max_position_embeddings", None)
    if places is None or places < 0:  # relative positions alone
        return
    if config.model_type in PADDED_POSITIONS:
        places -= (config.pad_token_id or 0) + 1
    if longest > places:
        raise UserError(
            f"{folder}: {longest} tokens at once are asked for, and the model has {places} "
            f"positions; expected a 'max_tokens' or 'context' of at most {places}"
        )
