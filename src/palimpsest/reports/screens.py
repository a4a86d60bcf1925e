"""What the screens rejected, round by round, and how much alike the answers that they kept are.

A screen sees one answer. An LLM that begins every answer with the same words, or says the same in
each, passes all of them: that shows only over many answers.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import Lowest, passage_key
from palimpsest.text.ngrams import distinct_share, ngrams, words

COLUMNS = [
    "source", "llm", "prompt", "context", "round", "outcome", "reason", "count", "share",
    "retried", "examples",
]  # fmt: skip
MONITOR_COLUMNS = [
    "source", "llm", "prompt", "context", "rephrases", "same_start", "sample", "distinct_1",
    "distinct_2", "distinct_3", "self_bleu",
]  # fmt: skip
EXAMPLES = 5  # ids a row
START_WORDS = 3
SAMPLE = 500  # rephrases that are compared with one another
BLEU_WORDS = 4


class Outcomes:
    """Counts the outcomes of one round, with examples of each by id."""

    def __init__(self, seed: int) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.seed = seed
        self.examples: dict[tuple[str, str], Lowest[str]] = defaultdict(lambda: Lowest(EXAMPLES))

    def add(self, row: Row, outcome: str, reason: str = "") -> None:
        """Count the answer to a passage. row: `note_id`, `start` and `end`. outcome: `kept`,
        `rejected` or `failed`."""
        self.counts[outcome, reason] += 1
        place = passage_key(self.seed, row["note_id"], row["start"])
        where = f"{row['note_id']}:{row['start']}-{row['end']}"
        self.examples[outcome, reason].offer(place, where)

    def rows(self, retried: dict[str, dict[str, int]]) -> list[Row]:
        """Rows of the table, kept first. retried: of the next round, by outcome and reason."""
        total = self.counts.total()
        order = {"kept": 0, "rejected": 1, "failed": 2}
        return [
            {
                "outcome": outcome,
                "reason": reason,
                "count": count,
                "share": round(count / total, 4),
                "retried": retried.get(outcome, {}).get(reason, 0),
                "examples": "; ".join(where for _, where in self.examples[outcome, reason].drawn()),
            }
            for (outcome, reason), count in sorted(
                self.counts.items(), key=lambda item: (order[item[0][0]], -item[1], item[0][1])
            )
        ]


class Monitor:
    """How much alike the kept answers of one LLM and prompt are."""

    def __init__(self, seed: int) -> None:
        self.rephrases = 0
        self.starts: Counter[tuple[str, ...]] = Counter()
        self.seed = seed
        self.sample: Lowest[list[str]] = Lowest(SAMPLE)

    def add(self, row: Row) -> None:
        """Take in a kept answer: `note_id`, `start` and `text`."""
        self.rephrases += 1
        tokens = words(row["text"])
        self.starts[tuple(tokens[:START_WORDS])] += 1
        self.sample.offer(passage_key(self.seed, row["note_id"], row["start"]), tokens)

    def row(self) -> Row:
        """The numbers of the monitor; shares are empty where nothing was kept."""
        texts = [tokens for _, tokens in self.sample.drawn()]
        numbers: Row = {"rephrases": self.rephrases, "sample": len(texts)}
        if texts:
            commonest = self.starts.most_common(1)[0][1]
            numbers["same_start"] = round(commonest / self.rephrases, 4)
            numbers |= {f"distinct_{n}": round(distinct_share(texts, n), 4) for n in (1, 2, 3)}
        if len(texts) > 1:
            numbers["self_bleu"] = round(self_bleu(texts), 4)
        return numbers


def self_bleu(texts: Sequence[Sequence[str]]) -> float:
    """Mean BLEU-4 of each text against all others (Zhu et al. 2018): 1 when all are the same.

    texts: two or more, as words. n-grams from n = 2 are counted with one match and one n-gram more
    (Lin & Och 2004), so that a short text without a shared 4-gram is not 0. It rises with the
    number of texts: compare only equal samples.
    """
    grams = [[Counter(ngrams(text, size)) for text in texts] for size in range(1, BLEU_WORDS + 1)]
    logs = [0.0] * len(texts)
    for size, counters in enumerate(grams, start=1):
        highest = _two_highest(counters)
        more = int(size > 1)
        for index, counts in enumerate(counters):
            matches = sum(
                min(count, highest[gram][1] if highest[gram][2] == index else highest[gram][0])
                for gram, count in counts.items()
            )
            precision = (matches + more) / max(counts.total() + more, 1)
            logs[index] += math.log(precision) / BLEU_WORDS if precision else -math.inf
    lengths = [len(text) for text in texts]
    brevity = [
        min(0.0, 1 - closest / own) if own else -math.inf
        for own, closest in zip(lengths, _closest(lengths), strict=True)
    ]
    return sum(math.exp(log + short) for log, short in zip(logs, brevity, strict=True)) / len(texts)


def _two_highest(
    counters: Iterable[Counter[tuple[str, ...]]],
) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """Of each n-gram, its highest and second highest count in a text, and whose the highest is.

    The clipping count of a text against all others is one of the two, so that the work is linear
    in the number of texts.
    """
    highest: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for index, counts in enumerate(counters):
        for gram, count in counts.items():
            first, second, whose = highest.get(gram, (0, 0, -1))
            if count > first:
                highest[gram] = (count, first, index)
            elif count > second:
                highest[gram] = (first, count, whose)
    return highest


def _closest(lengths: list[int]) -> list[int]:
    """For each length, the closest length of another text; the shorter of two."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    closest = [0] * len(lengths)
    for rank, index in enumerate(order):
        others = [lengths[order[near]] for near in (rank - 1, rank + 1) if 0 <= near < len(order)]
        closest[index] = min(others, key=lambda length: (abs(length - lengths[index]), length))
    return closest
