"""Build the requests of a further round: what an earlier round rejected, asked once more.

An answer that a screen rejected for a declared reason is asked for again with another seed. A
passage that was too long for the LLM is cut into smaller ones, each a request of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from palimpsest.requests.config import Prompt, RetrySpec
from palimpsest.requests.rephrase import IN_CONTEXT, SCHEMA, rephrase_request
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.rows import Row

# Failures that a shorter passage may not have.
TOO_LONG = ("too_long", "prompt_cut", "server_refused_413")
PLACE = ("request_key", "note_id", "start", "end")
CONTEXT_COLUMNS = [name for name in IN_CONTEXT.names if name not in SCHEMA.names]
# (start, end, tokens, header or nothing) of the pieces of a text, of at most so many tokens each.
Cut = Callable[[str, int], list[tuple[int, int, int, str]]]


def retry_key(request_key: str) -> str:
    """The key of the same request asked once more: another key, and so another seed."""
    return digest({"again": request_key})


def pieces(request: Row, prompt: Prompt, cut: Cut) -> list[Row]:
    """Requests for the pieces of a passage, each of at most half of its tokens.

    They hold all of the passage but blanks, and are told the passage's context. A passage that
    cannot be cut gives none.
    """
    spans = cut(request["passage"], -(-request["passage_tokens"] // 2))
    if len(spans) < 2:
        return []
    made = []
    for start, end, tokens, section in spans:
        place = {"start": request["start"] + start, "end": request["start"] + end}
        text = {"text": request["passage"][start:end], "section": section or request["section"]}
        piece = {**request, **place, **text, "tokens": tokens}
        asked = rephrase_request(piece, prompt, request.get("context") or "")
        made.append(asked | {name: request[name] for name in CONTEXT_COLUMNS if name in request})
    return made


class NextRound:
    """The requests of the next round, and the count of what they stand for."""

    def __init__(self, spec: RetrySpec, cut: Cut) -> None:
        self.reasons, self.prompt, self.cut = frozenset(spec.reasons), spec.prompt, cut
        self.rephrased = 0  # requests of the earlier round that are kept: there is nothing to ask
        self.left: Counter[str] = Counter()  # rejected for other reasons, which stands
        self.rejected: Counter[str] = Counter()  # asked again, by the reason of the earlier round
        self.failed: Counter[str] = Counter()  # cut into pieces, the same

    def requests(self, asked: Iterable[Row], rejects: Iterable[Row], label: str) -> Iterator[Row]:
        """The new requests, in the order of the old.

        asked: rows of the earlier round's requests. rejects: its rows of rejects, which stand
        in the same order. label: names these, for the error.
        Raises UserError when a reject belongs to no request.
        """
        waiting = iter(rejects)
        reject = next(waiting, None)
        for request in asked:
            if reject is None or any(request[name] != reject[name] for name in PLACE):
                self.rephrased += 1
                continue
            reason, outcome = reject["reason"], reject["outcome"]
            reject = next(waiting, None)
            if outcome == "rejected" and reason in self.reasons:
                self.rejected[reason] += 1
                yield {**request, "request_key": retry_key(request["request_key"])}
                continue
            cut = []
            if outcome == "failed" and reason in TOO_LONG:
                cut = pieces(request, self.prompt, self.cut)
            if cut:
                self.failed[reason] += 1
                yield from cut
            else:
                self.left[reason] += 1
        if reject is not None:
            raise UserError(
                f"{label}: row of request {reject['request_key'][:12]}… belongs to none of the "
                "requests, or stands in another order than they; delete it to rebuild it"
            )

    def retried(self) -> dict[str, dict[str, int]]:
        """How many of the earlier round's requests these stand for, by outcome and reason."""
        return {
            "rejected": dict(sorted(self.rejected.items())),
            "failed": dict(sorted(self.failed.items())),
        }
