"""Screens of what an LLM writes instead of an answer, or around it: English patterns.

Each says what it must let pass. They go by what an LLM wrote, whatever it was asked for.
"""

from typing import Literal

from palimpsest.screens.marks import CONTROL, THOUGHTS, foreign_marks
from palimpsest.screens.remarks import asks, english, remarks
from palimpsest.screens.screen import NAME, Answer, Screen
from palimpsest.screens.talk import talks_about_text

# What an assistant cannot do; clinicians and patients cannot do other things.
REFUSAL = english(
    r"\A\W*(i\W?m (really |very )?sorry\b|sorry,|i apologi[sz]e\b"
    r"|as an? (ai|language model|artificial)\b|i\W?m (just )?an? (ai|language model)\b"
    r"|(unfortunately,? )?i(\W?m| am)? (can ?not|can\W?t|unable to|not able to|won\W?t|"
    r"do not have|don\W?t have)( [\w']+){0,2} (help|assist|provide|offer|give|rewrite|rephrase|"
    r"paraphrase|summari[sz]e|write|create|generate|continue|complete|comply|fulfil+|answer|"
    r"discuss|share|do|enough|ability)\b)"
)

# What an assistant says about its answer or about the passage, instead of the answer.
OURS = r"(text|passage|note|paragraph|rewrite|paraphrase|version)s?"
SUBJECT = r"(patient|case|man|woman|male|female|boy|girl|person|individual|infant|child)s?"
CHAT = english(
    r"^\s*(system|user|assistant|model)\s*$|^user:|\A\W*assistant\s*:"
    r"|^\W*((sure|certainly|of course|absolutely|okay|great)\s*[,!:.]"
    r"|(here(\W?s| (is|are) (a|the|my|your|some))|i(\W?ve| have) (rewritten|"
    r"rephrased|paraphrased|reworded|restated|revised)"
    r"|i\W?d be happy|i\W?m (glad|happy|ready)|thank you for (the|your|providing|sharing))\b"
    rf"|the following is (a|the|my)( \w+)? {OURS}\b)"
    rf"|\b((paraphrased|rephrased|rewritten) {OURS}|revised (version|text|paragraph|passage))\b"
    r"|\b(the|this) ((above|provided|given|original|clinical|medical) )*(text|passage|sentence|"
    r"paragraph|excerpt)s? (is|are|was|were|discuss|contain|include|describe|highlight|provide|"
    r"explain|appear|present|use|mention|outline|detail|summari[sz]e|pertain|concern|refer|"
    r"report|state|start|begin)(e?s)?\b|\b(language|terms) (in|of) this text\b"
    # Clinicians write of notes and reports too, but not that one is about a patient.
    r"|\b(the|this) ((above|provided|given|original|clinical|medical|patient\W?s?|discharge) )*"
    r"(note|summary|report|document|record|description|text)s? (is (about|a (description|"
    r"summary|report) of)|discuss|describe|outline|detail|summari[sz]e|present|pertain|concern)"
    rf"(e?s)?( to| of| on)?( (a|an|the|one))( [\w-]+){{0,5}} {SUBJECT}\b"
    r"|\b(in|according to|based on|from) (the|this) ((above|provided|given|original) )?"
    r"(text|passage)\b|\bthe (author|speaker|writer|narrator) (\w+ )?(is|was|describes|mentions|"
    r"states|discusses|explains|uses|says|reports|talks)\b"
    r"|\b(let me know if (you\W?d|you would|you need|you want|this|there)|feel free to (ask|let)"
    rf"|i hope this|would you like me|please provide (me|the( \w+)? {OURS})"
    r"|if you have any (further|other|more)? ?questions about (this|the) (text|rewrite))\b",
)


class Thinking(Screen):
    """Rejects an answer with thoughts: a mark of them anywhere, of any family of LLMs.

    Marks are tags such as `<think>`, `<seed:think>`, `[THINK]` and `◁think▷`, channels, and what is
    left of these where a server took the marks out ("analysis ... assistantfinal").
    """

    name: Literal["thinking"] = NAME

    def check(self, answer: Answer) -> str | None:
        return self.name if THOUGHTS.search(answer.said) else None


class Refusal(Screen):
    """Rejects an answer that begins as an assistant's refusal or apology.

    Examples are "I'm sorry", "I cannot provide" and "As an AI"; what clinicians and patients cannot
    do passes.
    """

    name: Literal["refusal"] = NAME

    def check(self, answer: Answer) -> str | None:
        refused = REFUSAL.search(answer.said) or REFUSAL.search(answer.text)
        return self.name if refused else None


class ChatResidue(Screen):
    """Rejects an answer in which an assistant talks to its user, or that has marks around it.

    That is an answer with chat-control strings and tokens (`<|im_end|>`, `[INST]`, `<0x0A>`, a line
    that begins with `user:`); with a line that begins as an assistant talks ("Sure!", "Here is
    the"); that speaks of itself or of the passage ("the rephrased version", "the text contains",
    "(Note: I kept all doses.)", "let me know if you need") or, by the weight of its words, talks
    about texts more than its passage does; that ends with a question of its own; in a code fence,
    JSON or tags, or with placeholders, control characters or letters of a script that the passage
    does not have.
    """

    name: Literal["chat_residue"] = NAME

    def check(self, answer: Answer) -> str | None:
        talks = CHAT.search(answer.text) or remarks(answer.text, answer.given)
        if answer.passage:
            # What patients forget are words and questions, too: a written sentence tells of them.
            talks = talks or talks_about_text(answer.text, answer.passage)
            talks = talks or asks(answer.text, answer.passage)
        marked = CONTROL.search(answer.said) or any(foreign_marks(answer.text, answer.given))
        return self.name if talks or marked else None
