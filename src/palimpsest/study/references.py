"""Every name that one declaration uses must be declared by another, and fit it."""

from palimpsest.corpora.config import NotesPart
from palimpsest.pretraining.config import Decoder
from palimpsest.reports.config import CorpusTable, PerplexityFigure
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.screens.config import reasons_of
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems


def check_references(catalogue: Catalogue, problems: Problems) -> None:
    study = catalogue.study
    sources = [source.name for source in study.sources]
    tokenizers = [tokenizer.name for tokenizer in study.tokenizers]
    _check_rephrasings(catalogue, problems, sources)
    _check_retries(catalogue, problems)
    _check_corpora(catalogue, problems, sources)
    for tokenizer in study.tokenizers:
        problems.refers(f"tokenizers.{tokenizer.name}.source", tokenizer.source, sources)
    for evaluation in study.evaluations:
        where, source = f"evaluations.{evaluation.name}", evaluation.source
        if problems.refers(f"{where}.source", source, sources):
            if getattr(catalogue.splits(source), evaluation.split) == 0:
                problems.add(f"{where}: source '{source}' has no '{evaluation.split}' patients")
    for name, model in catalogue.models.items():
        if isinstance(model, Decoder):
            problems.refers(f"config/models/{name}.yaml: tokenizer", model.tokenizer, tokenizers)
    counter = study.passages.tokenizer
    if isinstance(catalogue.models.get(counter), Decoder):
        problems.add(f"passages.tokenizer: '{counter}' is a decoder, expected an LLM or an encoder")
    corpora = [corpus.name for corpus in study.corpora]
    for table in study.tables:
        if isinstance(table, CorpusTable):
            for name in table.corpora:
                problems.refers(f"tables.{table.name}.corpora", name, corpora)
    for figure in study.figures:
        if isinstance(figure, PerplexityFigure):  # others are in experiment_references.py
            _check_perplexity(catalogue, problems, figure, corpora)


def _check_rephrasings(catalogue: Catalogue, problems: Problems, sources: list[str]) -> None:
    uses = [use for use in catalogue.uses() if use.kind == "rephrase"]
    problems.unique("rephrasings", [f"{use.llm} with {use.prompt} on {use.name}" for use in uses])
    budgets: dict[tuple[str, str], int] = {}
    for index, entry in enumerate(catalogue.study.rephrasings):
        problems.refers(f"rephrasings.{index}.source", entry.source, sources)
        for prompt in entry.prompts:
            known = budgets.setdefault((entry.source, prompt), entry.tokens)
            if known != entry.tokens:
                problems.add(
                    f"rephrasings: source '{entry.source}' and prompt '{prompt}' have the budgets "
                    f"{known} and {entry.tokens}; LLMs are compared on the same requests, so "
                    "expected one budget"
                )


def _check_corpora(catalogue: Catalogue, problems: Problems, sources: list[str]) -> None:
    for corpus in catalogue.study.corpora:
        if corpus.name == NO_CORPUS:
            problems.add(f"corpora: the name '{NO_CORPUS}' is reserved for encoders as published")
        for index, part in enumerate(corpus.parts):
            where = f"corpora.{corpus.name}.parts.{index}"
            problems.refers(f"{where}.source", part.source, sources)
            if not isinstance(part, NotesPart) and not catalogue.rephrasing(
                part.source, part.llm, part.prompt
            ):
                problems.add(
                    f"{where}: no rephrasing declares source '{part.source}', LLM '{part.llm}' "
                    f"and prompt '{part.prompt}'"
                )


def _check_perplexity(
    catalogue: Catalogue, problems: Problems, figure: PerplexityFigure, corpora: list[str]
) -> None:
    where = f"figures.{figure.name}"
    evaluations = [evaluation.name for evaluation in catalogue.study.evaluations]
    if not isinstance(catalogue.models[figure.decoder], Decoder):
        problems.add(f"{where}.decoder: '{figure.decoder}' is an encoder, expected a decoder")
    for name in figure.evaluations:
        problems.refers(f"{where}.evaluations", name, evaluations)
    for name in figure.references:
        problems.refers(f"{where}.references", name, corpora)
    places: dict[tuple[str, str], str] = {}
    for name in figure.corpora:
        if not problems.refers(f"{where}.corpora", name, corpora):
            continue
        part, *others = catalogue.corpus(name).parts
        if others or isinstance(part, NotesPart):
            problems.add(
                f"{where}.corpora: '{name}' has no single LLM and prompt to stand at; "
                "expected one rephrases part, or list it under 'references'"
            )
            continue
        other = places.setdefault((part.llm, part.prompt), name)
        if other != name:
            problems.add(
                f"{where}.corpora: '{other}' and '{name}' have the same LLM and prompt, "
                "and so one place in the figure; expected one of them"
            )


def _check_retries(catalogue: Catalogue, problems: Problems) -> None:
    known = reasons_of(catalogue.study.screens)
    for index, entry in enumerate(catalogue.study.rephrasings):
        if entry.retry is None:
            continue
        where = f"rephrasings.{index}.retry.reasons"
        for reason in entry.retry.reasons:
            if reason not in known:
                problems.add(f"{where}: no declared screen gives '{reason}'; expected of {known}")
        for llm in entry.llms:
            if entry.retry.reasons and catalogue.llms[llm].sampling.temperature == 0:
                problems.add(
                    f"{where}: LLM '{llm}' has temperature 0 and gives the same answer again; "
                    "expected [], or a temperature above 0"
                )
