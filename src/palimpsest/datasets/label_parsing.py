"""Labels: what the answers to requests about sentences and categories say."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from palimpsest.runtime.labels import CONTENT_FREE
from palimpsest.runtime.rows import Row

UNPARSEABLE = "unparseable"
UNCALIBRATED = "uncalibrated"  # no sentence without content got an answer about the category
ANSWERS = {"Yes": True, "No": False}


def log_odds(answer: Row) -> float | None:
    """The log-odds of yes from the log-likelihoods of yes and no, or None where one is absent."""
    scores: list[Any] = [answer.get(choice) for choice in ("Yes", "No")]
    # A bool is an int in Python, and no likelihood.
    if not all(isinstance(score, int | float) and not isinstance(score, bool) for score in scores):
        return None
    try:
        odds = float(scores[0]) - float(scores[1])
    except OverflowError:
        return None
    return odds if math.isfinite(odds) else None


def parse(text: str) -> Row | None:
    """The score of a scored answer, or the answer and the rationale of a written one.

    None where the text is neither, as when a written answer had no room to end.
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    if "answer" not in answer:
        score = log_odds(answer)
        return None if score is None else {"score": score}
    rationale, chosen = answer.get("rationale"), answer["answer"]
    if not isinstance(chosen, str) or chosen not in ANSWERS or not isinstance(rationale, str):
        return None
    return {"answer": ANSWERS[chosen], "rationale": rationale}


def biases(parsed: Iterable[tuple[Row, Row | None]]) -> dict[str, float]:
    """The mean log-odds of yes about sentences without content, by category.

    parsed: requests with what `parse` made of their answers.
    """
    scores = defaultdict(list)
    for request, answer in parsed:
        if is_content_free(request) and answer and "score" in answer:
            scores[request["category"]].append(answer["score"])
    return {category: sum(found) / len(found) for category, found in sorted(scores.items())}


def is_content_free(request: Row) -> bool:
    """Whether a request is there to calibrate the others."""
    return str(request["sentence_id"]).startswith(CONTENT_FREE)


def label(
    request: Row,
    failure: str | None,
    answer: Row | None,
    bias: dict[str, float] | None,
    threshold: float,
) -> Row:
    """A row of LABELS.

    failure: of the engine. answer: from `parse`. bias: from `biases`, or None where answers are
    not calibrated. threshold: of the log-odds, above which an answer is yes.
    """
    category = request["category"]
    row = {name: request[name] for name in ("sentence_id", "category", "request_key")}
    if failure or answer is None:
        return row | {"failure": failure or UNPARSEABLE}
    if "answer" in answer:
        return row | answer
    if bias is not None and category not in bias:
        return row | {"failure": UNCALIBRATED}
    score = answer["score"]
    if bias is not None:
        row["uncalibrated"] = score > threshold
        score -= bias[category]
    return row | {"score": score, "answer": score > threshold}
