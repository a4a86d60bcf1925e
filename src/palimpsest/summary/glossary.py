"""Words that a reader of the report may not know, one sentence each."""

import re
from collections.abc import Iterable

# In brackets is another form of the word. Each may end in "s".
TERMS = {
    "95% interval": "made so that 95 of 100 such intervals hold the true value, as far as what was "
    "varied tells; without one, nothing was varied",
    "baseline": "the system that every other row of a table is compared with",
    "bits per byte": "perplexity on a scale that does not depend on the tokenizer: lower is better",
    "bronze": "labelled sentences that an LLM wrote for a label",
    "chat residue": "words of a chat, such as 'Here is the text', around the answer",
    "context": "what the LLM was told of a note besides the passage",
    "context copied": "an answer that copies words of the context which its passage has not",
    "copied": "share of sequences of 8 words of an answer that stand in its source passage",
    "copy": "an answer that copies so much of its source that it is no rewording",
    "corpus (corpora)": "documents that models are pretrained on, up to a budget of tokens",
    "decoder": "a model that foretells the next token, as LLMs do",
    "dictionary": "a system without training: it marks what train examples had marked",
    "encoder": "a model that reads a text whole, fine-tuned to label it",
    "experiencer": "type of fact: whether something is told of the patient or of a relative",
    "failed": "no answer came",
    "finding": "a fact of a passage that its rephrase changed or omitted, or one that it added, as "
    "rules see it",
    "fine-tuned (fine-tuning)": "trained further on labelled examples of one task",
    "gold": "labelled sentences whose labels count as right",
    "kappa": "agreement beyond chance: 0 is chance, 1 is perfect",
    "kept": "the answer passed every screen",
    "laterality": "type of fact: left, right or both sides",
    "ledger": "the store of answers that were paid for, by the content of the request",
    "LLM": "the language model that is asked to write",
    "negation": "type of fact: whether something is said to be absent",
    "nats": "the unit of loss: the natural logarithm of how unlikely a token was",
    "not told apart": "the test shows no difference, which does not say that there is none",
    "off topic": "an answer that shares too few words with its source",
    "order": "type of fact: which of two things came first",
    "over reference": "a ratio to the same number of the corpus that others are compared with",
    "overlapping": "test examples whose words stand, all or half of them in sequences, in what was "
    "trained on",
    "passage": "a piece of a train patient's note that an LLM rewrites; as a type of fact, whether "
    "the rephrase is of this passage at all",
    "perplexity (perplexities)": "how surprised a model is by held-out text: lower is better, 1 is "
    "the least",
    "pretrained (pretraining)": "trained on text without labels",
    "prompt": "what the LLM is told to do",
    "rejected": "a screen turned the answer down, for a reason",
    "rephrase": "an answer that rewrites a passage",
    "self-BLEU": "how alike answers are to one another: 1 is all the same",
    "shard": "a piece of a large set of requests, which is worked on alone",
    "silver": "sentences that an LLM labelled",
    "strict F1": "harmonic mean of precision and recall; a span counts where its label and both "
    "ends are right",
    "synthetic notes": "notes that an LLM wrote after a whole case report",
    "token": "a piece of a word, as a model counts text",
    "too short": "an answer with far fewer words than its source",
    "trivial": "a system that nobody had to train",
    "truncated": "an answer that reached the limit of tokens before its end",
    "uncertainty": "type of fact: whether something is said to be possible only",
    "unigram": "the simplest model: it knows how frequent each token of a corpus is, and no order",
    "unit": "what intervals are drawn over, such as patients, each with all its examples; as a "
    "type of fact, that of a number",
    "unread": "a fact of which the rules cannot tell what became of it; it is no finding",
}  # fmt: skip


def occurring(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The terms that stand in some texts, each with its sentence, in the order of the alphabet."""
    text = "\n".join(texts)
    found = []
    for term, sentence in TERMS.items():
        word, _, other = term.rstrip(")").partition(" (")
        words = "|".join(f"{re.escape(one)}s?" for one in (word, other) if one)
        if re.search(rf"\b(?:{words})(?!\w)", text, re.IGNORECASE):
            found.append((term, sentence))
    return sorted(found, key=lambda one: one[0].casefold())
