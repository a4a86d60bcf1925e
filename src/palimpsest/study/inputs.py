"""What the files that a study names have against it, seen before the first job."""

import os
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from palimpsest.datasets.experts import Experts
from palimpsest.pretraining.config import MASKABLE, Encoder
from palimpsest.runtime.checkpoints import check_tokens
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_json
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.paths import matching
from palimpsest.runtime.schema import Weights
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems


def check_inputs(file: str, catalogue: Catalogue) -> None:
    """Raise UserError where files and study do not go together. file: the study's."""
    problems = Problems(file)
    for entry in catalogue.study.datasets:
        if isinstance(entry, Experts):
            _check_apart(entry, problems)
    for name, model in catalogue.models.items():
        if isinstance(model, Encoder):
            _check_encoder(name, model, catalogue, problems)
    problems.stop()


def _check_apart(entry: Any, problems: Problems) -> None:
    """A file is of one split, whatever links and spellings lead to it."""
    groups = entry.groups()
    if len(groups) != len(SPLITS):
        return
    found = {
        split: {os.path.realpath(path): path for path in matching(group)}
        for split, group in zip(SPLITS, groups, strict=True)
    }
    for one, other in combinations(SPLITS, 2):
        for path in sorted(found[one].keys() & found[other].keys()):
            problems.add(
                f"datasets.{entry.name}.files: {found[one][path]} is of '{one}' and of '{other}'; "
                "expected different files: what trains is no evidence"
            )


def _check_encoder(name: str, model: Encoder, catalogue: Catalogue, problems: Problems) -> None:
    """An encoder must have an embedding for every token and place that is asked of it.

    Where its weights are not here as files, the jobs that load them see it.
    """
    asked = [
        (f"experiments.{entry.name}.finetuning.max_tokens", entry.finetuning.max_tokens)
        for entry in catalogue.study.experiments
        if name in {row.encoder for row in entry.encoders}
    ]
    file = f"config/models/{name}.yaml"
    if model.weights is None:
        context = model.training.context if model.training else 0
        for key, longest in asked:
            if longest > context:
                problems.add(
                    f"{key}: {longest} tokens at once are asked for, and {file} builds an encoder "
                    f"of {context} positions; expected at most its 'training.context'"
                )
        return
    folder = local_folder(model.weights)
    if folder is None:
        return
    from palimpsest.text.tokenizers import encoder_marks, read_tokenizer  # no job needs it

    if model.training:
        asked.append((f"{file}: training.context", model.training.context))
    try:
        config = SimpleNamespace(**read_json(folder / "config.json"))
        tokenizer = read_tokenizer(folder / "tokenizer.json")
    except (UserError, TypeError):
        return  # the job that prepares them says what is wrong with them
    if not {"vocab_size", "model_type"} <= vars(config).keys():
        return
    config.pad_token_id = getattr(config, "pad_token_id", None)
    for key, longest in asked:
        try:
            check_tokens(folder, config, tokenizer, longest)
        except UserError as error:
            problems.add(f"{key}: {error}")
    if model.training:
        try:
            encoder_marks(tokenizer)
        except UserError as error:
            problems.add(f"{file}: training: {folder}: {error}")
        if model.training.document_masking and config.model_type not in MASKABLE:
            problems.add(
                f"{file}: training.document_masking: {folder} is of type '{config.model_type}', "
                f"which cannot keep documents apart; expected one of {list(MASKABLE)}"
            )


def local_folder(weights: Weights) -> Path | None:
    """The folder of weights that are here, in the hub's cache if they are a hub's; else None."""
    if weights.path:
        return Path(weights.path)
    if weights.package and weights.file:
        package = find_spec(weights.package)
        if package and package.submodule_search_locations:
            return Path(next(iter(package.submodule_search_locations))) / weights.file
    if weights.hub:
        from huggingface_hub import try_to_load_from_cache  # others need not wait for it

        found = try_to_load_from_cache(weights.hub, "config.json", revision=weights.revision)
        return Path(found).parent if isinstance(found, str) else None
    return None
