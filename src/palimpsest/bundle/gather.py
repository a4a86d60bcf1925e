"""Gathers what a bundle has besides the project: wheels, and weights of the hub."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from palimpsest.bundle.pack import pack
from palimpsest.runtime.atomic import temporary_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sha256_file
from palimpsest.runtime.schema import Weights
from palimpsest.study.files import read_study
from palimpsest.study.load import load_catalogue
from palimpsest.weights.packed import pack_weights


def write_bundle(target: Path, root: Path, studies: list[Path]) -> Iterator[str]:
    """Write a bundle, and say in lines what is in it and what is not.

    root: the project's folder. Raises UserError where something cannot be had.
    """
    if not (root / "requirements.lock").is_file():
        raise UserError(f"{root}: no requirements.lock; expected the project's folder")
    with temporary_folder(target) as gathered:
        for study in studies:
            for name, weights in _weights_of(study).items():
                if weights.hub:
                    pack_weights(weights, gathered)
                elif weights.path:
                    yield f"left out: {weights.path}, the weights of '{name}'; copy them yourself"
        gather_wheels(root, gathered)
        counts = pack(target, root, studies, gathered)
    yield f"{target}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items())
    yield f"sha256 {sha256_file(target)}"
    yield "left out: notes and other data; copy them yourself"


def _weights_of(study: Path) -> dict[str, Weights]:
    """The weights that jobs of a study prepare, by the name of the LLM or encoder."""
    catalogue = load_catalogue(read_study(study), str(study), Path("config"))
    names = {name for name, llm in catalogue.llms.items() if llm.engine.needs_weights}
    if passages := catalogue.study.passages:  # a server's tokenizer may count their tokens
        names |= {passages.tokenizer} & catalogue.llms.keys()
    return {
        name: catalogue.weights(name) for name in sorted(names | catalogue.encoders_of_weights())
    }


def gather_wheels(root: Path, folder: Path) -> None:
    """Put the wheels of the locks into a folder. Raises UserError where pip cannot have them."""
    program = root / "scripts" / "project" / "gather_wheels.py"
    done = subprocess.run(
        [sys.executable, program, folder],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise UserError(f"the wheels cannot be gathered: {done.stderr.strip()}")
