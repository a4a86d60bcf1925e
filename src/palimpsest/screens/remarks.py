"""What an LLM says of its work, before, after or within an answer: English patterns, and scripts.

Each says what it must let pass. None counts where the passage says the same.
"""

from palimpsest.text.patterns import Pattern, pattern


def english(*expressions: str) -> Pattern:
    """One pattern of several; `^` and `$` are of lines, and case does not count."""
    joined = "|".join(f"(?:{expression})" for expression in expressions)
    return pattern(f"(?m){joined}", ignore_case=True, captures=False)


# Words for what it did. Prescriptions and orders are rewritten too, and patients restate.
WORK = r"(paraphras\w+|rephras\w+|reword\w+)"
WRITTEN = (
    r"(re-?writ\w+|revis\w+|simplif\w+|transformed|polished|condensed|restated|modified|updated)"
)
TEXT = r"(text|note|version|passage|paragraph|summary|report|sentence|output|answer|response)s?"
EDITED = (
    r"(kept|keeping|preserv\w+|retain\w*|maintain\w*|rephras\w+|rewr[io]t\w+|paraphras\w+|reword\w*|"
    r"restat\w+|omitted|removed|replaced|simplif\w+|clarif\w+|expanded|condensed|restructur\w+|"
    r"reorgani[sz]\w+|reordered|changed|altered|adjusted|modified|added|assumed|ensured|avoid(ed|ing)|"
    r"converted|made sure|focused)"
)
ORIGINAL = (
    r"(original|meaning|wording|phrasing|terminology|abbreviations?|sentence structure|passage|"
    r"source|"
    r"jargon|synonyms?|the (input|prompt|request|text)|rewrite|paraphrase|rephras\w+|rewrit\w+)"
)
OBJECT = (
    rf"(((all|the|any|every) )?{ORIGINAL}|(all|the|every|any|clinical|medical|key) (\w+ )?"
    rf"(details?|facts?|numbers?|values?|"
    r"doses?|dosages?|information|content|terms?|findings|data|structure|tone|figures)s?)"
)
NOTED = (
    r"^\W{0,6}((please |important )?note( that)?|notes?|disclaimer|explanation|rationale|comments?|"
    r"changes|key changes|summary of changes|translator\W?s note|editor\W?s note|p\.?s\.?)\W{1,4}"
)
THINKS_ALOUD = (
    r"(let\W?s|let me|i( will|\W?ll| need to| should| must| have to|\W?m going to)|"
    r"we( will|\W?ll| need to| should| must| have to)|i am going to|here i)"
)
REMARKS = english(
    # Of its work, in any place.
    rf"\b{WORK}\b",
    r"\b(the above|this|my|a|your|the)( \w+)? (re-?write|re-?written)\b|\bre-?writing (this|the|"
    r"it)\b",
    rf"^\W*((the |a |my |your )?{WRITTEN}( \w+){{0,2}} {TEXT}|{WRITTEN} \w+|re-?write|rewritten|"
    r"final (answer|version|output))\W*$",
    rf"^\W*((the |a |my |your )?{WRITTEN}( \w+){{0,2}}|rewrite|final (answer|version|"
    rf"output))\W{{0,4}}:",
    r"\bin this (version|rendition)\b|\bword count\b|\bas an? (ai|large language|language) model\b",
    r"\bas an? (ai|llm)\b|\bend of (the )?(response|answer|output|re-?write)\b|\A\W*as "
    r"requested\W*[,:.]",
    # A remark after it: "(Note: I kept all doses.)"
    rf"{NOTED}[^\n]*\bi(\W?ve| have)? (\w+ )?{EDITED}\b",
    rf"{NOTED}[^\n]*\b{EDITED}\b[^\n]*\b{ORIGINAL}\b",
    rf"{NOTED}[^\n]*\b{ORIGINAL}\b[^\n]*\b{EDITED}\b",
    rf"{NOTED}[^\n]*\bthis (is|was) (a|an|the) (\w+ ){{0,2}}(fictional|simulated|generated|"
    rf"fictitious)\b",
    rf"\bi(\W?ve| have)? (also |only |just |tried to |aimed to |attempted to )?{EDITED}( that)? "
    rf"{OBJECT}\b",
    r"\bi (tried|aimed|attempted) to (keep|preserve|maintain|retain)\b",
    r"^\W*(changes|changes made|key changes|what (i|was) changed|summary of changes)\W*$",
    r"\*(thinks?|pauses?|considers?|clears throat|nods|sighs|smiles)\b[^*\n]{0,60}\*",
    r"\bi (did not|didn\W?t|have not|haven\W?t) (add|change|alter|omit|remove|invent|make up|"
    r"include)\b",
    rf"\b(were|was|are|is|been) (\w+ )?{EDITED}\b[^\n]*\b(source|original|input) (text|note|"
    rf"passage)\b",
    r"\b(the|from|in) (the )?(original|source|input|provided|given) (text|passage|wording|"
    r"document)\b",
    r"\bin the original\W*$|^\W*original( text| note| passage)?\W{0,3}:",
    r"^\W*(key |main )?(points|facts|details|elements|information) (preserved|retained|kept)\b",
    r"\bi (can ?not|can\W?t|am unable to|could not) (verify|guarantee|access)\b",
    r"\bfor medical advice\b|\bnot (a substitute for|intended as) (\w+ )?medical\b",
    r"^\W*please (review|verify|check|confirm)\b[^\n]{0,40}\b(accuracy|accurate|errors|"
    r"correctness)\b",
    r"\bthis version (keeps?|preserves?|retains?|maintains?|uses?|avoids?|follows?|is written)\b",
    rf"\b(can|could|may|might) be ({WORK}|rewritten|reworded|restated) (as|to|like)\b",
    r"^\W*(all|every|key|clinical|medical)( \w+)? (details?|facts?|numbers?|values?|information|"
    r"content|meaning) (are |were |is |was |have been )?(preserved|retained|kept|maintained|intact|"
    r"unchanged)\W*$",
    r"^\W*confidence( (score|level))?\W{1,4}\d{1,3}\b\W*$|\[(end|fin|done|rewritten|rewrite|"
    r"revised|paraphrased|rephrased)\]",
    r"(?s:\n\s*-{3,}\s*\n\W*(key )?changes( made)?:)",
    r"\A\W*as an? (\w+ )?(writer|editor|scribe|transcriptionist|assistant|expert|professional),? "
    r"i\b",
    # What it offers.
    r"\blet me know (if|whether) (you|this|that|there|any(thing)?)\b|"
    r"\bis there anything else (i|you) (can|could|"
    r"want|would|need)|\bwould you like (me|any|another|a different)\b|\bdo you want me to\b",
    r"(\b(i\W?m|i am|i\W?d be|would be|always) |^\W*)happy to (adjust|revise|help|assist|rewrite|"
    r"provide)|\bfeel free to (adjust|modify|edit|"
    r"ask (me|for)|"
    r"let me)|\bhope (this|that) helps\b|\bplease let me know\b",
    r"\bif you(\W?d| would)? (like|need|want) (me|another|a different|(any |further |more "
    r")+(changes|"
    r"adjustments|revisions|modifications|edits|versions?))\b|\bdoes (this|that|it) (work|help)( "
    r"for you)?\?",
    r"\byour (request|requirements?|query|prompt|specifications?|expectations|feedback)\b|"
    r"\bmeets? your "
    r"needs\b|\bthank you for (using|your (question|input|patience|message|submission))\b",
    # What it says before, of what it was asked for.
    r"\A\W*(sure thing|got it|no problem|understood|gladly|with pleasure|you got it|will do|my "
    r"pleasure)"
    r"\W{0,3}[!.,:\n-]|\bhere\W?s (my|your|the|an?) (\w+ )?(attempt|take|try|result)\b",
    rf"\A\W*((the |a )?\w+ )?(version|rendition)( \w+){{0,4}}\W{{0,3}}:|\b{WRITTEN} {TEXT} (reads|"
    rf"is|goes) as "
    r"follows\b",
    r"^\W*final\W{0,3}:|^\*\*thought process\W*$|^\W*step 1\W[^\n]*\b(identify|read|understand|"
    r"reword|"
    r"analy[sz]e|extract|list)\b",
    r"\A\W*(here you go|here it is|there you go|here goes|below you will find|sure thing)\b",
    rf"\A\W*(\w+\W+){{0,3}}{THINKS_ALOUD}( \w+){{0,2}} (tackle|re-?write|restate|craft|draft|"
    rf"parse|think|"
    r"break (this|it|the)|produce|transform|analy[sz]e the (request|text|passage|prompt|note|"
    r"input))\b",
    r"\bthe user(\W?s request| is asking| wants| asks| asked| needs a| provided| request)\b",
    r"\b(the|my) (task|prompt|instructions?) (is|are) to (\w+ )?(re-?write|restate|produce|write|"
    r"turn|make)",
    r"\A\W*(so|okay|ok|alright|hmm|wait)\W+(the user|the (passage|text|note)|i need|we need|let "
    r"me|let\W?s)\b",
    r"\b(the|this) (passage|excerpt|snippet) (talks|says|tells|speaks|covers|focuses|is about)\b",
    r"^\W*((my |the )?(thinking|reasoning)( process| steps)?|chain of thought|internal monologue|"
    r"step[- ]by[- ]step( thinking| reasoning)?|thinking\.\.\.|\.* ?done thinking)\W*$",
    r"\bthinking process\W{0,3}:|\A\W*(answer|output|response|option \d|version \d|draft( "
    r"\d)?)\W{0,4}:",
    # Labels, and what stands alone.
    r"\A\W*(thinking|reasoning|thought)( \w+)?\W{0,3}:|\A\W*system\W{0,3}: *you are\b",
    r"\A\W*(topic|style|tone|audience|register|task|text|passage)\W{0,3}:",
    r"\A\W*(reply|attempt|article|introduction|bot|assistant\W?s \w+|before|after|new|result|final|"
    r"draft)\W{0,3}(:|\n)|^\W*grounded answer\W*:|^\W*(relevant|cited) documents\W*:",
    r"^\W*(confidence|rating)( \w+)?\W{0,3}:\W*(\d|high|medium|low)",
    r"^\W*(length|total|approximately|about|word count)?\W{0,4}\d+ (words|characters|tokens|"
    r"sentences)\W*$",
    r"^\W*(example|exercise|instruction|question|option|version|draft|task)s? \d\b",
    r"^\s*#{1,4} *(input|output|task|query|answer|question|solution|context|your task)\b",
    r"\A\W*(no problem( at all)?|(yes\W+)?of course|interesting( case)?|absolutely)\W{0,2}[.!]",
    r"^\W*(thanks|cheers|done|enjoy|that\W?s (it|all)|working on it)\W*\z|^\W{2,}end\W{2,}\z",
    # An abbreviation or a word that it explains: "'HD' was taken to mean", "'Pt' with 'patient'"
    r"[\"'“‘][\w./]{1,12}[\"'”’] (was |is |were |has been )?(means?|meant|with [\"'“‘]|stands? for|"
    r"refers? to|rendered|expanded|interpreted|understood|taken to|replaced|spelled|kept|left)\b",
    # The same in other languages of Latin script; of other scripts every letter is a mark.
    r"\A\W*(voici|voil\x{e0}|bien s\x{fb}r|certainement|aqu\x{ed} (est\x{e1}|tiene)|por supuesto|"
    r"claro|hier "
    r"(ist|sind|folgt|is|volgt)|nat\x{fc}rlich|natuurlijk|selbstverst\x{e4}ndlich|gerne|ecco|certamente|"
    r"aqui est\x{e1}|oto|h\x{e4}r \x{e4}r|her er|tässä on|i\x{15f}te|berikut)[\s,.:!]",
)


QUESTION = pattern(r"([\w']+,? ){3}[\w']+\s?\?\W*\z", captures=False)


def asks(text: str, passage: str) -> bool:
    """Whether an answer ends with a question that its passage does not ask."""
    found = QUESTION.search(text)
    return bool(found) and found.group().strip().casefold() not in passage.casefold()


def remarks(text: str, passage: str) -> bool:
    """Whether an answer has a remark that its passage does not have."""
    found = (match.group().strip().casefold() for match in REMARKS.finditer(text))
    folded = passage.casefold()
    return any(remark not in folded for remark in found)
