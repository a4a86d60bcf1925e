"""Candidates: which sentences of the notes an LLM is asked to label.

Most sentences have no category. Some candidates are therefore drawn by what a category looks like,
each category in its turn, and the others at random among all that is left.
"""

import re
from collections.abc import Iterable

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import COMPARED
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import Lowest, in_turn, sampling_key
from palimpsest.runtime.taxonomy import KeywordCategory
from palimpsest.text.ngrams import words
from palimpsest.text.sentences import sentences_of

LEAST_WORDS, MOST_WORDS = 4, 80
WORD = re.compile(r"[^\W_]+")  # smaller than `text.ngrams.WORD`: a keyword is found in "MMSE/MoCA"
# note_id, start, end, text, patient_id: a sentence as it is drawn.
Found = tuple[str, int, int, str, str]


def stems(text: str) -> list[str]:
    """The lower-case words of a text, without the s of a plural."""
    return [
        word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word
        for word in WORD.findall(text.lower())
    ]


class Keywords:
    """Finds the categories whose keywords a sentence has, as whole words in a row."""

    def __init__(self, categories: list[KeywordCategory]) -> None:
        self.names = [category.name for category in categories]
        self._by_first: dict[str, list[tuple[str, list[str]]]] = {}
        for category in categories:
            for keyword in category.keywords:
                wanted = stems(keyword)
                if wanted:
                    self._by_first.setdefault(wanted[0], []).append((category.name, wanted))

    def of(self, text: str) -> set[str]:
        """Names of the categories with a keyword in a text."""
        stemmed = stems(text)
        return {
            name
            for index, stem in enumerate(stemmed)
            for name, wanted in self._by_first.get(stem, ())
            if stemmed[index : index + len(wanted)] == wanted
        }


class Candidates:
    """The sentences of many notes, of which few are held, each text once.

    Sampling orders are keyed hashes of a sentence's words: a larger number takes the same
    sentences and then more, and another note changes nobody's place.
    """

    def __init__(self, seed: int, count: int, keywords: Keywords | None, pool: int = 0) -> None:
        """count: how many will be chosen. keywords: None where something else ranks sentences.

        pool: of how many sentences, drawn at random, at least.
        """
        self.seed, self.count, self.keywords = seed, count, keywords
        self.account, self.found = Account(), 0
        self._by_category: dict[str, Lowest[Found]] = {
            name: Lowest(count) for name in (keywords.names if keywords else [])
        }
        self._random: Lowest[Found] = Lowest(max(count, pool))

    def look_at(self, note: Row) -> None:
        """Take the sentences of a note: note_id, patient_id and text."""
        for start, end in sentences_of(note["text"]):
            self.found += 1
            text = note["text"][start:end]
            size = len(text.split())
            if not LEAST_WORDS <= size <= MOST_WORDS:
                self.account.reject("too_short" if size < LEAST_WORDS else "too_long")
                continue
            sentence = (note["note_id"], start, end, text, note["patient_id"])
            same = " ".join(words(text))
            self._random.offer(sampling_key("random", self.seed, same), sentence)
            for name in self.keywords.of(text) if self.keywords else ():
                key = sampling_key("keyword", self.seed, same)
                self._by_category[name].offer(key, sentence)

    def pool(self) -> list[Found]:
        """The sentences that were drawn at random, in sampling order."""
        return [sentence for _, sentence in self._random.drawn()]

    def with_keywords(self) -> dict[str, list[Found]]:
        """The sentences of each category with one of its keywords, in sampling order."""
        return {
            name: [sentence for _, sentence in sample.drawn()]
            for name, sample in self._by_category.items()
        }

    def choose(self, ranked: dict[str, list[Found]], how: str, random_share: float) -> list[Row]:
        """Rows of SENTENCES: those that a category has first, then those drawn at random.

        ranked: sentences by category, the first to be taken first. how: of `chosen_by`.
        random_share: what part of them is drawn from all that the categories leave.
        """
        taken = dict(in_turn(ranked, int(self.count * (1 - random_share) + 0.5)))
        chosen = {sentence: f"{how}:{name}" for sentence, name in taken.items()}
        for sentence in self.pool():
            if len(chosen) == self.count:
                break
            chosen.setdefault(sentence, "random")
        self._close(chosen)
        return [
            {"sentence_id": f"{note}:{start}-{end}", "text": text, "note_id": note}
            | {"start": start, "end": end, "group": patient, "chosen_by": by, "wanted": None}
            for (note, start, end, text, patient), by in chosen.items()
        ]

    def _close(self, chosen: dict[Found, str]) -> None:
        """Count what was chosen, what repeats it, and all that is beyond the budget."""
        times = {
            sentence: sample.times[key]
            for sample in (self._random, *self._by_category.values())
            for key, sentence in sample.drawn()
        }
        repeats = sum(times[sentence] - 1 for sentence in chosen)
        self.account.keep(len(chosen))
        self.account.reject("repeated_text", repeats)
        counted = self.account.kept + self.account.rejected.total()
        self.account.reject("beyond_budget", self.found - counted)


def to_compare(gold: Iterable[Row], dataset: str, candidates: list[Row]) -> list[Row]:
    """Rows of SENTENCES: the gold sentences with which an LLM's labels are compared.

    Those of train and valid: what is chosen by the comparison, as a prompt is, was not chosen on
    test. gold: examples of sentences. dataset: its name. candidates: rows that are asked about
    beside these. Raises UserError when an id stands twice.
    """
    taken = {row["sentence_id"] for row in candidates}
    rows = []
    for example in gold:
        if example["split"] == "test":
            continue
        name = f"{COMPARED}{example['example_id']}"
        if name in taken:
            raise UserError(f"dataset '{dataset}': the id {example['example_id']} stands twice")
        taken.add(name)
        place = {key: example[key] for key in ("text", "note_id", "start", "end", "group")}
        chosen = {"chosen_by": f"{COMPARED}{dataset}", "wanted": None}
        rows.append({"sentence_id": name, **place, **chosen})
    return rows
