"""The screen of passages that give orders: English patterns, each with what it must let pass.

It goes by the passage. Whoever can write into a note can write to the LLM, and what it
then answers cannot be trusted; an answer that did not obey may still carry the instruction on into
a corpus. Wordings are those of the published attacks (Perez & Ribeiro 2022, arXiv 2211.09527;
Greshake et al. 2023, arXiv 2302.12173; Liu et al. 2024, arXiv 2310.12815).
"""

from itertools import islice
from typing import Literal

from palimpsest.screens.marks import CONTROL
from palimpsest.screens.screen import NAME, Answer, Screen
from palimpsest.text.ngrams import words
from palimpsest.text.patterns import pattern

# What is told to an LLM, and hardly to a patient or a colleague. Orders about care ("disregard the
# previous instructions on warfarin", "cancel the order and repeat the film"), tests of cognition
# ("repeat the phrase") and languages ("answers only in Spanish") must pass.
LEAVE = (
    r"\b(ignor(e|ing)|disregard(ing)?|forget(ting)?|neglecting|overrid(e|ing)|bypass|"
    r"stop following)"
)
TOLD = r"(instruction|prompt|command|directive|guideline|rule|task)s?"
PLACED = r"((previous|prior|above|preceding|earlier|foregoing|initial|original|existing|other) )"
WRITE = (
    r"(print|output|say|write|respond|reply|answer|echo|reveal|translate|compose|generate|sing|"
    r"recite|spell|leak|disclose|summari[sz]e|pretend)"
)
OPENS = (  # where an order may begin
    r"(?:(?:^|[.!?:;,>)\]\"'*#-])\s*|\b(?:and|then|instead|please|now|just|only|must|simply|"
    r"you (?:will|must|should))\s+)"
)
SECRET = r"(code|password|secret|passphrase|key)"
LANGUAGES = (
    r"(french|spanish|german|italian|portuguese|dutch|latin|russian|chinese|mandarin|japanese|"
    r"korean|arabic|hindi|polish|turkish|swedish|emojis?|rot13|base64)"
)
ORDERS = (
    # Leave the task, and write something else.
    rf"{LEAVE}( \w+){{0,5}} ({TOLD}|above|text|context|before|said|told|everything)\b"
    rf"[^\n]{{0,60}}?(\n\s*)?\W*\b{WRITE}\b",
    rf"{LEAVE}( \w+){{0,3}} (your|you (were|have been)|system) (\w+ ){{0,3}}"
    rf"({TOLD}|given|told|training|programming)\b",
    rf"{LEAVE} ((all|any|of|the|your|my) )*{PLACED}+(prompt|command|directive|task|context|"
    rf"message)s?\b",
    r"\b(ignore|no more) (all )?instructions\b|\bignore previous and following\b",
    rf"\b(supersed|overrid|overrul|nullif|invalidat)\w+ ((all|any|your|the|every) "
    rf")*{PLACED}*{TOLD}\b",
    rf"\b{TOLD} (nullified|overridden|superseded)\b",
    r"\b(your|these|those) (previous |prior |original )?(instruction|guideline|rule|"
    r"prompt)s? (above )?(is|are|have been|were) (now )?(void|cancel+ed|suspended|over|outdated|"
    r"lifted|a test|replaced)\b",
    r"\b(stop|erase) everything\b|\bhighest precedence\b|\b(reset|end of|new) context *[:\]]",
    r"\bcontext (reset|ended|cleared)\b",
    # A new task.
    r"\byour (new|real|actual|true|next|only) (task|instruction|directive|objective|role|"
    r"prompt)s?\b",
    r"\bnew (instruction|directive|task|prompt|command)s?( \w+)?\s*:|\bperform a (different|"
    r"new) task\b",
    rf"\b(obey|follow|execute|comply with)( only)? (this|these|the|my)( \w+){{0,3}} "
    rf"?(new|correct|real|actual) {TOLD}\b",
    r"\b(updated?|urgent|important|special|additional) (\w+ )?(instruction|directive|command)s? "
    r"(to|for) (the )?(ai|assistant|model|system|bot)\b",
    r"\b(note|message|attention|instruction|memo) (to|for) (the )?(ai|assistant|model|bot|"
    r"(re)?writer|paraphraser|summari[sz]er)\b",
    # What LLMs are told about themselves.
    r"\b(system|initial|hidden|secret|developer|original)[ _](prompt|message)s?\b",
    r"\b(language model|LLM|chat ?bot|chatgpt|AI (assistant|model|language)|helpful (AI|assistant)|"
    r"jailbr(eak|oken)|prompt[ -]injection|do anything now|(developer|admin|debug|god|sudo|"
    r"unrestricted) mode)\b",
    r"\byou are (now|no longer|from now on) (dan\b|free|in \w+ mode|unrestricted|an? (\w+ ){0,2}"
    r"(pirate|poet|assistant|bot|ai|model|translator|terminal|hacker|comedian|cat|linux))",
    r"\b(pretend (you|to be)|act as if you|role-?play as|you will act as|imagine you are)\b",
    r"\blet\W?s play a (\w+ )?game\b",
    # Give away what you were told.
    r"\b(reveal|leak|disclose|repeat|recite|print|output|show|display|quote|copy|"
    r"tell me)( me)? (back )?((all|exactly|verbatim|of) )*(your|the) (\w+ ){0,3}(prompt|"
    r"instructions? (above|that|you|verbatim|word)|system|configuration|rules you|text above|"
    r"words above)",
    rf"\b(hidden|secret|malicious|injected) {TOLD}\b|\b(tell|give) me (the|your) (\w+ "
    rf"){{0,2}}{SECRET}\b",
    r"\b(rules?|instructions?|guidelines?) (that )?you (were|have been|are) (given|told)\b",
    r"\bspell[ -]?check\b",
    # Write other text.
    rf"{OPENS}(print|output|respond|reply|answer|return|echo|say|type|write|display)\b( \w+)? "
    r"((only|exactly|just|simply|with|nothing but|the (following|single|exact|one)|using)\b:? ?)+"
    r"(the )?(\w+ )?(word|phrase|sentence|string|text|code|token|message|[\"'“‘][^\n]|"
    r"(?-i:[A-Z0-9_-]{4,}))",
    rf"{OPENS}(print|output|echo|say|type|write|display)( out)?( the)?( (word|phrase|string|"
    r"sentence|text|code|token|message|following))* ?:? ?[\"'“‘`]",
    r"\b(print|output)( out)? (the )?(word|phrase|string|token)\b",
    rf"{OPENS}(print|output|type out)( out)? (the )?(word|phrase|string|code|token|message|"
    r"following|(?-i:[A-Z0-9_-]{4,}))",
    rf"{OPENS}(print|output|say|type|write) [\w\"'“”‘’]+ (\w+ )?times\b",
    r"\b(write|compose|tell|sing|recite|create|generate|give|make|produce)( me| us| up)? "
    r"((a|an|the|some|your|one) )?([\w-]+ ){0,3}(poem|haiku|limerick|sonnet|joke|song|rap|essay|"
    r"story|recipe|ode|verse|python (code|script|function|program))s?\b",
    r"\b(include|insert|add|append|integrate|incorporate) (the |this )?(following )?(word|phrase|"
    r"sentence|string)s?\b",
    r"\b(respond|reply|answer)\b[^.\n]{0,30} with the (word|phrase|sentence|string)\b",
    r"\byour (response|answer|reply|output) (must|should|begins?|starts?)\b",
    r"\b(in place of|instead of) (your|the|an) (answer|reply|output|paraphrase)\b",
    r"\bdo(n\W?t| not) (paraphrase|rephrase|rewrite|reword)\b",
    r"\b(instead of|rather than|stop|without) (paraphrasing|rephrasing|rewriting|rewording)\b",
    # Write in another language.
    r"(?:(?:^|[.!?:;>)\]\"'*#-])\s*|\b(?:instead|please|now|must|you (?:will|must|"
    r"should))\s+)(respond|reply|answer|continue|write|translate|switch|rewrite|output|paraphrase|"
    rf"summari[sz]e)\b( [\w,]+){{0,6}} (in|into|to|as) {LANGUAGES}\b",
    rf"\buse {LANGUAGES} (for|in|only|instead)\b",
    # The task has come to its end.
    r"\b(task|paraphrase|rewrite|answer|response|translation)( is| was)? (complete|completed|done|"
    r"finished)\b\W*(\n|now|next|new|ignore|answer|then)",
    r"(^|[\[(<#=*-])\W*(end of|end) (the )?(clinical |medical |input |user )?(text|passage|input|"
    r"prompt|instructions?|query|conversation|untrusted)\b",
)
INJECTION = pattern(
    f"(?m){'|'.join(f'(?:{order})' for order in ORDERS)}", ignore_case=True, captures=False
)
# "Forget everything above", but not "disregard the above note".
FORGET = pattern(
    r"\b(?:ignore|forget) (?:all |everything |the )+(?:text |words )?(?:above|before this)\b( "
    r"\w+)?",
    ignore_case=True,
)
OF_CARE = ("note", "report", "result", "dictation", "order", "entry", "addendum")

# Words that orders to an LLM are made of, in wordings that no pattern foresaw. Any of them occurs
# in notes; many different ones close together do not. Left out are words of instructions on
# discharge (`output`, `prompt`, `new`), of tests of cognition (`repeat`, `phrase`, `spell`), and
# those that mean something else in notes (`rule` out, a `line`, an `echo`, a drug `user`, `GPT`).
ORDER_WORDS = dict.fromkeys(
    "ignore ignores ignoring disregard disregarding forget neglecting override overrides erase "
    "obey obeyed precedence instead instruction instructions rules task tasks everything "
    "kidding answer answers reply respond response responses quote query text texts message "
    "literally ensure print outputs translate language".split(),
    1,
) | dict.fromkeys(
    "prompts paraphrase paraphrasing rephrase rewrite rewriting reword chatbot bot llm poem haiku "
    "song shanty joke rhyming rhyme verse poetry verbatim".split(),
    2,
)
YOURS = dict.fromkeys("answer reply output prompt".split(), 2) | {"response": 1, "message": 1}
SPOKEN = frozenset("french spanish german italian english portuguese russian chinese".split())
ORDER_SPAN = 30  # words
ORDER_SCORE = 3


def sounds_like_an_order(tokens: list[str]) -> bool:
    """Whether 30 words in a row hold enough different words that orders to an LLM are made of.

    tokens: from `text.ngrams.words`. "Your answer" and the like count more than "answer".
    """
    # Any number of languages counts as one word: notes tell what a patient speaks and answers in.
    words = ["language" if token in SPOKEN else token for token in tokens]
    found = [
        (index, word, ORDER_WORDS.get(word, 0) + (YOURS.get(word, 0) if before == "your" else 0))
        for index, (before, word) in enumerate(zip(["", *words], words, strict=False))
        if word in ORDER_WORDS or (before == "your" and word in YOURS)
    ]
    for first, (start, _, _) in enumerate(found):
        near: dict[str, int] = {}
        for index, word, weight in islice(found, first, None):
            if index - start >= ORDER_SPAN:
                break
            near[word] = max(weight, near.get(word, 0))
        if sum(near.values()) >= ORDER_SCORE:
            return True
    return False


class Injection(Screen):
    """Rejects every answer to a passage that speaks to an LLM, whatever the answer says.

    Or whose context does. What is looked for: [screens.md](screens.md#passages-that-give-orders).
    """

    name: Literal["injection"] = NAME

    def check(self, answer: Answer) -> str | None:
        if gives_orders(answer.passage, answer.passage_words):
            return self.name
        return self.name if answer.context and gives_orders(answer.context) else None


def gives_orders(passage: str, tokens: list[str] | None = None) -> bool:
    """Whether a passage speaks to an LLM. tokens: its words, where they are known."""
    return bool(
        CONTROL.search(passage)
        or INJECTION.search(passage)
        or any(
            not (found[1] or "").strip().lower().startswith(OF_CARE)
            for found in FORGET.finditer(passage)
        )
        or sounds_like_an_order(words(passage) if tokens is None else tokens)
    )
