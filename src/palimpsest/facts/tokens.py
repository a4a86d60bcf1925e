"""Texts cut into tokens, and the words of these."""

import re

# w/ and w/o, letters, a number with its points and commas, or any other sign; with the blanks after
# it, and with the hyphen or the end of a line after which its word or sentence goes on.
TOKEN = re.compile(
    r"(?:[wW]/(?:[oO](?![^\W_]))?|[^\W\d_]++|\d++(?:[.,]\d++)*+|.)"
    r"(?:-(?=[^\W\d_])|[^\S\n]*+(?:\n[^\S\n]*+(?=[a-z]))?+)",
    re.DOTALL,
)
STEM = 5  # letters by which words are one
# British spellings, read as the American ones.
_SPELLED = {
    "haem": "hem", "aemi": "emi", "oede": "ede", "rrhoe": "rrhe", "pnoe": "pne", "laen": "len",
    "oesoph": "esoph", "oestr": "estr", "coeli": "celi", "caec": "cec", "faec": "fec",
    "foet": "fet", "aesth": "esth", "paed": "ped", "naec": "nec", "caesar": "cesar",
    "aetio": "etio", "phaeo": "pheo", "homoeo": "homeo", "manoeuv": "maneuv", "leuco": "leuko",
    "sulph": "sulf", "tumour": "tumor", "colour": "color", "labour": "labor", "aviour": "avior",
    "odour": "odor", "favour": "favor", "humour": "humor", "igour": "igor", "goitre": "goiter",
    "fibre": "fiber", "centre": "center", "metre": "meter", "litre": "liter",
}  # fmt: skip
_BRITISH = re.compile("|".join(_SPELLED))
_ISE = re.compile(r"(?<=\w{2})(al|er|il|in|at|ic|im|om|ol|ot|en|an)is(e|ed|es|ing|ation)$")
# Read otherwise than by their spelling: CT rules out what it is done to rule out.
_AS_WRITTEN = {"w/": "with", "w/o": "without", "rules": "rules"}
_AS_WRITTEN |= {"bx": "biopsy", "fx": "fracture"}


def stem(word: str) -> str:
    """The letters by which words are one."""
    return word[:STEM]


def tokens_of(text: str) -> list[str]:
    """A text cut into tokens; together they are the text."""
    return TOKEN.findall(text)


def word_of(token: str) -> str:
    """A token without what is after its word."""
    return token.rstrip(" \t\n\r\f\v\xa0-") or token[:1]


def normal(token: str) -> str:
    """The word of a token, in lower case, in American spelling and without a plural's s."""
    word = word_of(token)
    if len(word) > 2 and word[-1] == "s" and word[:-1].isupper():
        return word[:-1].lower()  # HAs
    word = word.lower()
    if word in _AS_WRITTEN:
        return _AS_WRITTEN[word]
    if len(word) > 4:
        word = _ISE.sub(r"\1iz\2", _BRITISH.sub(lambda found: _SPELLED[found[0]], word))
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui":
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        return word[:-1]
    return word
