"""Loading a study: every mistake is found, and named by file and key, before the first job."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from palimpsest.completions.config import Llm
from palimpsest.datasets.config import EmbeddingCandidates, LlmLabels, Sentences
from palimpsest.datasets.experts import OfTask
from palimpsest.datasets.kinds import Task
from palimpsest.pretraining.config import Model
from palimpsest.requests.config import CategoryPrompt, JudgePrompt, Prompt
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.schema import NAME
from palimpsest.runtime.taxonomy import Taxonomy
from palimpsest.study.catalogue import REWRITINGS, USES, Catalogue, Recipes
from palimpsest.study.files import read_recipe, read_study, read_yaml, validated
from palimpsest.study.inputs import check_inputs
from palimpsest.study.matrices import with_matrices
from palimpsest.study.problems import Problems, in_one
from palimpsest.study.references import References
from palimpsest.study.schema import Study

PLACED = ("sources", "datasets", "judges")  # their names stand in one place of paths
RESERVED = frozenset(  # files
    {"README", "duplicates", "metrics", "overlap", "pilot", "plan", "screens", "splits"}
)


def load_study(config: Any, files: list[Any], files_needed: bool) -> Catalogue:
    """The study that Snakemake parsed, with every recipe that it names.

    files: the study's file. files_needed: whether data files that are not there are an error; a dry
    run plans without them, and says so.
    Raises UserError as `load_catalogue` does.
    """
    for file in files:
        read_study(Path(file))  # Snakemake's own parser passes over a key that stands twice
    named = ", ".join(map(str, files))
    catalogue = load_catalogue(config, named, Path("config"))
    if unfit := catalogue.unfit_files():
        raise UserError("\n".join(unfit))
    if missing := catalogue.missing_files():
        lines = "\n".join(f"  {line}" for line in missing)
        if files_needed:
            raise UserError(f"The study names data files that are not there:\n{lines}")
        note = "These data files are not there, so only planning is possible"
        print(f"{note}:\n{lines}", file=sys.stderr)
    if files_needed:
        check_inputs(named, catalogue)
    return catalogue


def load_catalogue(config: Any, file: str, library: Path) -> Catalogue:
    """Validate a study and load every recipe that it names.

    config: the parsed study file. file: its path, for messages.
    library: the folder with `llms/`, `prompts/`, `models/`, `tasks/` and `taxonomies/`.
    Raises UserError naming file, key, what was found and what was expected.
    """
    plain = with_matrices(with_tasks(config, file, library / "tasks"), file)
    study = validated(TypeAdapter(Study), plain, file)
    problems = Problems(file)
    named = ("contexts", "corpora", "tokenizers", "evaluations", "experiments", "releases")
    for kind in (*PLACED, *named):
        names = [entry.name for entry in getattr(study, kind)]
        problems.unique(kind, names)
        if kind not in PLACED:
            problems.unlike(kind, names)
    placed = [name for kind in PLACED for name in {entry.name for entry in getattr(study, kind)}]
    problems.unique("sources, datasets and judges", placed)
    problems.unlike("sources, datasets and judges", placed)
    shown = [entry.name for entry in study.tables + study.figures]
    problems.unique("tables and figures", shown)
    problems.unlike("tables and figures", shown, RESERVED)

    uses = Catalogue(study).uses()
    llm_names = {use.llm for use in uses}
    prompts = {kind: {use.prompt for use in uses if use.kind == kind} for kind in USES}
    for name in sorted({use.prompt for use in uses}):
        used = [kind for kind, names in prompts.items() if name in names]
        if len(used) > 1:
            problems.add(
                f"prompt '{name}' is used to {' and to '.join(used)}; expected a prompt for each"
            )
    model_names = _model_names(study)
    counter = study.passages.tokenizer if study.passages else None
    if counter and counter not in llm_names | model_names:
        is_llm = (library / "llms" / f"{counter}.yaml").exists()
        (llm_names if is_llm else model_names).add(counter)
    for name in sorted(llm_names & model_names):
        problems.add(f"'{name}' is both an LLM and a model: expected different names")
    problems.unlike("LLMs and models", llm_names | model_names)
    problems.unlike("prompts", (use.prompt for use in uses))
    problems.stop()
    taxonomies = {entry.taxonomy for entry in study.datasets if isinstance(entry, Sentences)}
    rewriting = {use.prompt for use in uses if use.kind in REWRITINGS}
    judging = {use.prompt for use in uses if use.kind == "judge"}
    about_categories = {use.prompt for use in uses} - rewriting - judging

    def recipes(kind: str, names: set[str], schema: Any) -> Recipes[Any]:
        made: Recipes[Any] = Recipes()
        for name in sorted(names):
            try:
                made[name] = _recipe(library / kind, name, TypeAdapter(schema))
            except UserError as error:
                problems.lines += str(error).splitlines()
        return made

    catalogue = Catalogue(
        study,
        llms=recipes("llms", llm_names, Llm),
        prompts=recipes("prompts", rewriting, Prompt),
        category_prompts=recipes("prompts", about_categories, CategoryPrompt),
        judge_prompts=recipes("prompts", judging, JudgePrompt),
        models=recipes("models", model_names, Model),
        taxonomies=recipes("taxonomies", taxonomies, Taxonomy),
    )
    problems.stop()
    References(file, catalogue).check_all()
    # Only now, so that a mistake is not named again for what stands for it at another budget.
    whole = replace(catalogue, study=with_what_figures_need(study, file))
    if whole.study != study:
        References(file, whole).check_all()
    return whole


def with_tasks(config: Any, file: str, tasks: Path) -> Any:
    """The parsed study, its datasets that name a task with all that the task file declares.

    The entry may say where the files lie and how many examples are used, and nothing else: tables
    of several studies then speak of one task. Raises UserError naming the task file and key.
    """
    entries = config.get("datasets") if isinstance(config, dict) else None
    if not isinstance(entries, list) or not any(map(_names_task, entries)):
        return config
    problems = Problems(file)
    merged = []
    for index, entry in enumerate(entries):
        if _names_task(entry):
            try:
                entry = _of_task(entry, f"{file}: datasets.{index}", tasks)
            except UserError as error:
                problems.lines += str(error).splitlines()
        merged.append(entry)
    problems.stop()
    return {**config, "datasets": merged}


def _names_task(entry: Any) -> bool:
    return isinstance(entry, dict) and "task" in entry


def _of_task(entry: dict[str, Any], where: str, tasks: Path) -> dict[str, Any]:
    given = validated(TypeAdapter(OfTask), entry, where)
    path = _path_of(tasks, given.task)
    body = read_yaml(path)
    if not isinstance(body, dict):
        raise UserError(f"{path}: expected keys and values, as of a dataset of experts")
    for key in ("name", "task"):
        if key in body:
            raise UserError(f"{path}: {key}: the study says it; expected none in a task file")
    task = {**body, "name": given.task, "made_by": "experts"}
    validated(TypeAdapter(Task), task, str(path))
    return {**task, **{key: value for key, value in entry.items() if key != "task"}}


def with_what_figures_need(study: Study, file: str) -> Study:
    """A study with the entries that its figures stand for, such as corpora of other budgets.

    They are plain entries: nothing else knows of it. What two figures need alike is there once.
    Raises UserError naming the figure where such an entry cannot be, as one with a long name.
    """
    lists: dict[str, list[Any]] = {}
    for figure in study.figures:
        try:
            expanded = figure.expanded(study)
        except ValidationError as error:
            found = error.errors()[0]
            raise UserError(
                f"{file}: figures.{figure.name}: it needs an entry that cannot be: "
                f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
            ) from error
        for kind, entries in expanded.items():
            added = lists.setdefault(kind, [])
            for entry in entries:
                if entry not in added:
                    added.append(entry)
    return study.model_copy(
        update={kind: [*getattr(study, kind), *added] for kind, added in lists.items()}
    )


def _model_names(study: Study) -> set[str]:
    """The decoders and encoders that a study names, besides the one that counts tokens."""
    figures = {name for figure in study.figures for name in figure.models()}
    choosing = {
        entry.candidates.encoder
        for entry in study.datasets
        if isinstance(entry, LlmLabels) and isinstance(entry.candidates, EmbeddingCandidates)
    }
    released = {one.model for release in study.releases for one in release.checkpoints}
    finetuned = {row.encoder for entry in study.experiments for row in entry.encoders}
    return figures | choosing | finetuned | released


def _recipe(folder: Path, name: str, schema: TypeAdapter[Any]) -> Any:
    return read_recipe(_path_of(folder, name), schema)


def _path_of(folder: Path, name: str) -> Path:
    """The file of a recipe or task. Raises UserError naming those that there are."""
    path = folder / f"{name}.yaml"
    if not re.fullmatch(NAME, name) or not path.exists():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        raise UserError(
            in_one(f"{path}: no such file, but the study names '{name}'; there are {known}")
        )
    return path
