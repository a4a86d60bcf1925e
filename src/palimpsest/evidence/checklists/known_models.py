"""What the build knows of LLMs, models and their evaluation, as answers to items of checklists."""

from palimpsest.evidence.checklists.known_data import NotApplicable, listed
from palimpsest.evidence.facts import Facts

NO_LLM = "The study asks no LLM."


def stages(facts: Facts) -> str:
    found = []
    if facts.asked:
        found.append(f"LLMs as published ({listed(facts.spec.llms)}) are prompted")
    if trained := dict.fromkeys(key[:2] for key in facts.checkpoints):
        pairs = ", ".join(f"`{model}` on `{corpus}`" for model, corpus in trained)
        found.append(f"models are pretrained ({pairs})")
    if facts.entries("experiments"):
        found.append(f"encoders are fine-tuned ({listed(facts.names('experiments'))})")
    return "; ".join(found) + ("; all are evaluated." if found else "No model is in the study.")


def llms(facts: Facts) -> str:
    if not facts.asked:
        return NotApplicable(NO_LLM)
    weights = {llm: counts.weights for (llm, _), counts in sorted(facts.asked.items())}
    told = []
    for one in facts.spec.weights:
        if one.name in weights:
            told.append(
                f"`{one.name}`: {one.origin}; identity of its weights {weights[one.name]}; licence "
                f"{one.licence or 'unknown'}."
            )
    return " ".join(told)


def development(facts: Facts) -> str:
    told = [f"LLMs are used as published: {listed(facts.spec.llms)}."] if facts.spec.llms else []
    models = dict.fromkeys(model for model, _, _ in facts.checkpoints)
    told += [f"`{name}` is trained: see `models/` for its shape and settings." for name in models]
    for entry in facts.entries("experiments"):
        told.append(
            f"Experiment `{entry['name']}` fine-tunes on `{entry['dataset']}`: "
            + ", ".join(f"{key} {value}" for key, value in entry["finetuning"].items() if value)
            + "."
        )
    return " ".join(told) or NotApplicable("No model is trained.")


def alignment(facts: Facts) -> str:
    return NotApplicable("No instruction tuning and no alignment is part of the study.")


def generation(facts: Facts) -> str:
    if not facts.asked:
        return NotApplicable(NO_LLM)
    told = []
    for name, llm in facts.spec.llms.items():
        sampling = ", ".join(f"{key} {value}" for key, value in llm["sampling"].items())
        told.append(f"`{name}`: {sampling}; {llm['dtype']}; at most {llm['max_model_len']} tokens.")
    engines = sorted({name for counts in facts.asked.values() for name in counts.engines})
    told.append(f"Engines: {', '.join(engines) or 'not recorded'}.")
    told.append(
        "Each request derives its own seed from the declared one and its content. Prompts stand "
        f"word by word in `study/declared.json`: {listed(facts.spec.prompts)}."
    )
    return " ".join(told)


def outputs(facts: Facts) -> str:
    if not facts.asked:
        return NotApplicable(NO_LLM)
    told = ["The raw answer is kept before any cleaning."]
    if names := facts.screens():
        told.append(f"Text is kept if it passes {listed(names)}; else rejected with a reason.")
    asked = [one for one in facts.spec.study["datasets"] if one.get("llm")]
    if asked:
        told.append("Labels are read from scored or written answers, checked by a second question.")
    return " ".join(told)


def classification(facts: Facts) -> str:
    entries = facts.entries("experiments")
    if not entries:
        return NotApplicable("Nothing is classified.")
    told = [f"`{one['name']}`: thresholds {one['thresholds']['policy']}" for one in entries]
    return (
        "; ".join(told) + ". Where several labels may hold, each has a probability and a threshold "
        "(fixed: 0.5; else chosen on valid examples, cross-fitted); else the likeliest label holds."
    )


def prompts(facts: Facts) -> str:
    if not facts.asked:
        return NotApplicable(NO_LLM)
    tried = facts.spec.study["pilot"]["samplings"]
    pilot = " Samplings are compared in the pilot." if tried else ""
    return (
        f"Prompts in use: {listed(facts.spec.prompts)}, in `study/declared.json`. None was chosen "
        f"by the build on test data; where several are declared, tables compare them.{pilot}"
    )


def summarization(facts: Facts) -> str:
    if facts.spec.study["syntheses"]:
        return (
            "LLMs write notes after whole case reports, which are given as read; longer ones than "
            "fit fail as `too_long`, and are counted."
        )
    return NotApplicable("Nothing is summarized.")


def quality(facts: Facts) -> str:
    if not facts.asked:
        return NotApplicable(NO_LLM)
    told = []
    if tables := facts.shown("corpora"):
        told.append(f"Share kept, distinct word pairs and copied 8-grams: {listed(tables)}.")
    if figures := facts.shown("fidelity", of="figures"):
        told.append(f"Facts kept, changed, left out and added: {listed(figures)}.")
    if measured := [name for name in facts.results if name.endswith(".quality.csv")]:
        told.append("Labels against gold: " + listed(f"results/{name}" for name in measured) + ".")
    if names := facts.screens():
        told.append(f"Screens: {listed(names)}; counts by reason are in `report.html`.")
    return " ".join(told)


def downstream(facts: Facts) -> str | None:
    figures = facts.shown("perplexity", "token_budget", of="figures")
    found = facts.shown("comparison") + figures
    if not found:
        return None
    return (
        "Text is judged by what it is good for: models trained on it are scored on held-out notes "
        f"and labelled test sets in {listed(found)}."
    )


def outcome(facts: Facts) -> str:
    told = []
    for table in facts.entries("tables"):
        if table["kind"] == "comparison":
            metrics = listed(table["metrics"]) if table["metrics"] else "the datasets' own metrics"
            told.append(f"`{table['name']}`: {metrics} of {listed(table['experiments'])}.")
    for figure in facts.entries("figures"):
        if "metric" in figure:
            told.append(f"`{figure['name']}`: {figure['metric']}.")
    told.append(
        "The code that predicts and scores is the project's. Weights are pinned, so answers "
        "do not depend on the day; a server's answers are kept in the ledger as they came."
    )
    return " ".join(told)


def compared(facts: Facts) -> str:
    told = []
    for table in facts.entries("tables"):
        if table["kind"] == "comparison":
            base = ", ".join(f"{key} {value}" for key, value in table["baseline"].items() if value)
            told.append(f"`{table['name']}`: paired differences to the baseline ({base}).")
    for figure in facts.entries("figures"):
        if references := figure.get("references"):
            told.append(f"`{figure['name']}`: beside the corpora {listed(references)}.")
    if told:
        told.append("Tables have a trivial row that nobody had to train.")
        return " ".join(told)
    return NotApplicable("Nothing is compared.")


def uncertainty(facts: Facts) -> str:
    return (
        "Intervals are of 95% and by resampling of what varied: seeds and test units (patients, "
        "else notes, else documents). Differences are paired, and corrected over the rows of a "
        "table. One seed gives no interval. Captions in `results/` say it of each figure."
    )


def chosen(facts: Facts) -> str:
    return (
        "Settings are declared before a run, in `study/declared.json`. Weights of fine-tunings are "
        "the best on valid examples; thresholds, where declared so, are of valid examples. Nothing "
        "is chosen on test data."
    )


def injection(facts: Facts) -> str | None:
    if "injection" not in facts.screens():
        return None
    return "The screen `injection` rejects what was made of passages that give an LLM orders."


def privacy(facts: Facts) -> str | None:
    releases = facts.names("releases")
    if not releases:
        return None
    return (
        f"Releases {listed(releases)} are declared: identifiers, rare text, canaries, membership, "
        "linkage and attributes are checked. Verdicts that are in the pack are below `results/`."
    )


def compute(facts: Facts) -> str:
    requests = sum(counts.requests for counts in facts.asked.values())
    read = sum(counts.tokens_in for counts in facts.asked.values())
    written = sum(counts.tokens_out for counts in facts.asked.values())
    return (
        f"{requests:,} requests to LLMs, {read:,} tokens read and {written:,} written; "
        f"{len(facts.checkpoints):,} pretrainings with steps, batch and context as `models/` says. "
        "Seconds of each job are in the study's folder `benchmarks/`."
    )


def code_availability(facts: Facts) -> str:
    return (
        "Palimpsest, Apache-2.0, in the version that `software.cdx.json` says; the workflow is "
        "below `workflow/`, the declared study in `study/declared.json`."
    )


def environment(facts: Facts) -> str:
    return "`software.cdx.json` (CycloneDX) has each package and all weights by version and hash."


def cards(facts: Facts) -> str:
    return "Cards are below `corpora/`, `datasets/` and `models/`, in the form of the hub."


def flow(facts: Facts) -> str:
    told = [
        f"`{request_set}` by `{llm}`: {counts.requests:,} requests, {counts.failed:,} failed."
        for (llm, request_set), counts in sorted(facts.asked.items())
    ]
    told.append("What was kept and rejected, by reason, is in `report.html` and the cards.")
    return " ".join(told)


def examples(facts: Facts) -> str:
    told = []
    for name, manifest in facts.datasets.items():
        for split, labels in manifest.get("by_label", {}).items():
            if split == "test" and isinstance(labels, dict):
                shown = ", ".join(f"{label} {count:,}" for label, count in labels.items())
                told.append(f"`{name}`, test: {shown}.")
    told.append("All splits are in the cards below `datasets/`; tables say the n of each row.")
    return " ".join(told)


def performance(facts: Facts) -> str | None:
    found = facts.shown("comparison") + facts.shown("perplexity", of="figures")
    return f"In {listed(found)}, and in `report.html`." if found else None


def updating(facts: Facts) -> str:
    return NotApplicable("No LLM is updated.")


def intended_use(facts: Facts) -> str:
    return "Research on language models of clinical text; not for decisions about patients."


KNOWN = (
    stages, llms, development, alignment, generation, outputs, classification, prompts,
    summarization, quality, downstream, outcome, compared, uncertainty, chosen, injection, privacy,
    compute, code_availability, environment, cards, flow, examples, performance, updating,
    intended_use,
)  # fmt: skip
