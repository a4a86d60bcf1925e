"""Every name that one declaration uses must be declared by another, and fit it."""

from palimpsest.corpora.config import NotesPart
from palimpsest.pretraining.config import Decoder
from palimpsest.reports.config import CorpusTable, PerplexityFigure
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.screens.config import reasons_of
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems


def check_references(catalogue: Catalogue, problems: Problems) -> None:
    """Every name that one declaration uses must be declared by another, and fit it."""
    study = catalogue.study
    sources = {entry.name for entry in study.sources}
    corpora = {entry.name for entry in study.corpora}
    for at, entry in enumerate(study.rephrasings):
        problems.refers(f"rephrasings.{at}.source", entry.source, sources)
    seen: set[tuple[str, str, str]] = set()
    for at, entry in enumerate(study.rephrasings):
        for llm in entry.llms:
            for prompt in entry.prompts:
                if (entry.source, llm, prompt) in seen:
                    problems.add(
                        f"rephrasings.{at}: source '{entry.source}', LLM '{llm}' and prompt "
                        f"'{prompt}' are declared twice, expected once"
                    )
                seen.add((entry.source, llm, prompt))
    _check_retries(catalogue, problems)
    budgets: dict[tuple[str, str], int] = {}
    for entry in study.rephrasings:
        for prompt in entry.prompts:
            known = budgets.setdefault((entry.source, prompt), entry.tokens)
            if known != entry.tokens:
                problems.add(
                    f"rephrasings: source '{entry.source}' and prompt '{prompt}' have the budgets "
                    f"{known} and {entry.tokens}; LLMs are compared on the same requests, so "
                    "expected one budget"
                )
    for corpus in study.corpora:
        if corpus.name == NO_CORPUS:
            problems.add(f"corpora: the name '{NO_CORPUS}' is reserved for encoders as published")
        for at, part in enumerate(corpus.parts):
            where = f"corpora.{corpus.name}.parts.{at}"
            problems.refers(f"{where}.source", part.source, sources)
            if not isinstance(part, NotesPart) and not catalogue.rephrasing(
                part.source, part.llm, part.prompt
            ):
                problems.add(
                    f"{where}: no rephrasing declares source '{part.source}', LLM '{part.llm}' "
                    f"and prompt '{part.prompt}'"
                )
    for entry in study.tokenizers:
        problems.refers(f"tokenizers.{entry.name}.source", entry.source, sources)
    for entry in study.evaluations:
        where = f"evaluations.{entry.name}"
        if problems.refers(f"{where}.source", entry.source, sources):
            if getattr(catalogue.splits(entry.source), entry.split) == 0:
                problems.add(f"{where}: source '{entry.source}' has no '{entry.split}' patients")
    for name, model in catalogue.models.items():
        if isinstance(model, Decoder):
            problems.refers(
                f"config/models/{name}.yaml: tokenizer",
                model.tokenizer,
                [entry.name for entry in study.tokenizers],
            )
    counter = study.passages.tokenizer
    if isinstance(catalogue.models.get(counter), Decoder):
        problems.add(f"passages.tokenizer: '{counter}' is a decoder, expected an LLM or an encoder")
    for table in study.tables:
        where = f"tables.{table.name}"
        if isinstance(table, CorpusTable):
            for corpus in table.corpora:
                problems.refers(f"{where}.corpora", corpus, corpora)
    for figure in study.figures:
        if not isinstance(figure, PerplexityFigure):
            continue  # see experiment_references.py
        where = f"figures.{figure.name}"
        if not isinstance(catalogue.models[figure.decoder], Decoder):
            problems.add(f"{where}.decoder: '{figure.decoder}' is an encoder, expected a decoder")
        for evaluation in figure.evaluations:
            problems.refers(
                f"{where}.evaluations", evaluation, [entry.name for entry in study.evaluations]
            )
        for corpus in figure.references:
            problems.refers(f"{where}.references", corpus, corpora)
        places: dict[tuple[str, str], str] = {}
        for corpus in figure.corpora:
            if problems.refers(f"{where}.corpora", corpus, corpora):
                parts = catalogue.corpus(corpus).parts
                if len(parts) != 1 or isinstance(parts[0], NotesPart):
                    problems.add(
                        f"{where}.corpora: '{corpus}' has no single LLM and prompt to stand at; "
                        "expected one rephrases part, or list it under 'references'"
                    )
                    continue
                other = places.setdefault((parts[0].llm, parts[0].prompt), corpus)
                if other != corpus:
                    problems.add(
                        f"{where}.corpora: '{other}' and '{corpus}' have the same LLM and prompt, "
                        "and so one place in the figure; expected one of them"
                    )


def _check_retries(catalogue: Catalogue, problems: Problems) -> None:
    known = reasons_of(catalogue.study.screens)
    for at, entry in enumerate(catalogue.study.rephrasings):
        if entry.retry is None:
            continue
        where = f"rephrasings.{at}.retry.reasons"
        for reason in entry.retry.reasons:
            if reason not in known:
                problems.add(f"{where}: no declared screen gives '{reason}'; expected of {known}")
        for llm in entry.llms:
            if entry.retry.reasons and catalogue.llms[llm].sampling.temperature == 0:
                problems.add(
                    f"{where}: LLM '{llm}' has temperature 0 and gives the same answer again; "
                    "expected [], or a temperature above 0"
                )
