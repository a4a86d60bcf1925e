"""What reads text of notes or of LLMs takes time that grows with the text, whatever the text."""

import gc
import time
from itertools import product

import pytest

from palimpsest.screens.config import EchoedTaxonomy
from palimpsest.screens.injection import gives_orders
from palimpsest.screens.rephrases import strip_lead_in, unwrap
from palimpsest.screens.screen import SCREENS, Answer, SentenceScreen
from palimpsest.screens.sentences import first_sentence, sentence_screens
from palimpsest.text.iob2 import TOKEN
from palimpsest.text.layout import read_layout
from palimpsest.text.loops import is_looped
from palimpsest.text.ngrams import words
from palimpsest.text.patterns import pattern
from palimpsest.text.sentences import segments, sentences_of

SIZE = 3_000  # characters, and four times as many
FLOOR = 0.02  # seconds of CPU for the longer text that nobody would notice
MOST = 8  # times as long for four times the text: 4 is linear, 16 quadratic
UNITS = (
    "a", "A", " ", "<", "-", "\n", ".", '"', "(", "[", "<|", "[[", '{"', "1,", "1 ", "a ", "po ",
    "\t", ". ",
    "I ", "note: ", "Note: I ", "# ", "* ", "`", "é", "\u200b", "<a ", "</", "\n\n", "a\n",
    "no. ", "10:10 ",
    "A: ", "! ", "it's ", "a.b", '"a": ', "sure, ", "here is ", "[**", "**", "ignore all ",
    "the text ",
    "write a ", "\r\n", "5 mg ", "Dr. ", "a-", "1.", "''", "？", "ا ", "please, the ", "A. ",
    "- 1\n", "A:\n",
)  # fmt: skip
SHAPES = ("{}", "x {}\x01")
PARAMETERS = {
    "length": {"min_ratio": 0.5, "max_ratio": 2},
    "repetition": {"max_share": 1},
    "copy": {"max_share": 1},
    "off_topic": {"min_share": 0.1},
    "context_copied": {"max_share": 0},
    "fidelity": {"types": ["number", "date", "negation", "medication"], "max": 0},
}
LEAD_IN = [r"(sure|of course)([:!.]|(,| here)[^\n]{0,80}?[:!.])\s*", r"(\w+\s*)+:", "((a+)+)+$"]

REPHRASES = [
    screen(name=name, **PARAMETERS.get(name, {}))
    for name, screen in SCREENS.items()
    if not issubclass(screen, SentenceScreen)
]
SENTENCES = sentence_screens(EchoedTaxonomy(guideline="Write one.", categories=[]))


def screened(text, screens, passage="The patient has pain."):
    user = f"Rewrite.\n\n{passage}"
    answer = Answer("You rewrite notes.", user, passage, said=text, text=text, truncated=False)
    return [screen.check(answer) for screen in screens]


READERS = {
    "screens of rephrases": lambda text: screened(text, REPHRASES),
    "screens of sentences": lambda text: screened(text, SENTENCES, ""),
    "a passage that gives orders": gives_orders,
    "a passage beside its answer": lambda text: is_looped("He has pain. " * 40, text),
    "lead-in": lambda text: strip_lead_in(text, LEAD_IN),
    "wrappers": lambda text: unwrap(text, ("code_fence", "quotes", "json")),
    "first sentence": first_sentence,
    "sentences": sentences_of,
    "segments": segments,
    "words": words,
    "tokens": lambda text: TOKEN.findall(text),
    "layout": read_layout,
    "a study's pattern": lambda text: pattern(r"^(\w+\s?)*(\d+)$").search(text),
}


def seconds(read, text, tries):
    """The least CPU time of some tries."""
    taken = []
    for _ in range(tries):
        begun = time.process_time()
        read(text)
        taken.append(time.process_time() - begun)
    return min(taken)


def is_slow(read, unit, shape, tries=1):
    """Whether four times the text takes far more than four times the time."""
    short, long = (unit * (size // len(unit)) for size in (SIZE, 4 * SIZE))
    taken = seconds(read, shape.format(long), tries)
    if taken < FLOOR or taken < MOST * seconds(read, shape.format(short), max(3, tries)):
        return False
    return tries > 1 or is_slow(read, unit, shape, tries=5)  # nothing else may have interfered


@pytest.fixture(autouse=True)
def no_collection():
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", READERS)
def test_four_times_the_text_takes_about_four_times_the_time(name):
    slow = [case for case in product(UNITS, SHAPES) if is_slow(READERS[name], *case)]
    assert not slow


def test_the_measure_finds_what_is_quadratic():
    assert is_slow(lambda text: [text.count("b", index) for index in range(len(text))], "a", "{}")
