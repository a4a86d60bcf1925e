"""Build the requests that ask whether sentences have the categories of a taxonomy.

--labels are the answers to an earlier prompt, where these are to be checked.
"""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from palimpsest.requests.config import LabelSpec
from palimpsest.requests.label import LABEL_REQUESTS, LabelRequests, reasons_not_to_ask
from palimpsest.runtime.accounting import ROWS_ARE, Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_table, table_writer
from palimpsest.runtime.identity import digest
from palimpsest.runtime.origins import of_another
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

SENTENCE = ["sentence_id", "text", "note_id", "start", "end", "wanted"]
ROWS = 256  # sentences held in memory, with a request for each of their categories


def read_labels(path: Path, names: list[str]) -> dict[str, dict[str, bool | None]]:
    """The answers to an earlier prompt, by sentence and category."""
    answers: dict[str, dict[str, bool | None]] = defaultdict(dict)
    for row in read_table(path, ["sentence_id", "category", "answer"]).to_pylist():
        answers[row["sentence_id"]][row["category"]] = row["answer"]
    for sentence, given in answers.items():
        if set(given) != set(names):
            raise UserError(
                f"{path}: sentence {sentence} has answers about {sorted(given)}, expected "
                f"{sorted(names)}; delete it to rebuild it"
            )
    return answers


def main(arguments: argparse.Namespace) -> None:
    spec: LabelSpec = arguments.spec
    made = LabelRequests(spec)
    names = list(made.categories)
    of_another(arguments.labels, prompt=None)
    answers = read_labels(arguments.labels[0], names) if arguments.labels else None
    tokenizer = load_tokenizer(arguments.tokenizer)
    account, entered, tokens, asked = Account(), 0, 0, Counter()
    with table_writer(arguments.out, LABEL_REQUESTS) as table:
        for batch in read_batches(arguments.sentences, SENTENCE, ROWS):
            sentences, requests = batch.to_pylist(), []
            counts = count_tokens(tokenizer, [sentence["text"] for sentence in sentences])
            for sentence, size in zip(sentences, counts, strict=True):
                sentence["tokens"], name = size, sentence["sentence_id"]
                given = answers.get(name) if answers is not None else None
                if answers is not None and given is None:
                    raise UserError(
                        f"{arguments.labels[0]}: no answer about sentence {name} of "
                        f"{arguments.sentences}; delete it to rebuild it"
                    )
                entered += len(names)
                reasons = reasons_not_to_ask(names, sentence["wanted"], given)
                for category, reason in reasons.items():
                    if reason:
                        account.reject(reason)
                    else:
                        requests.append(made.request(sentence, category))
            table.write_rows(requests)
            asked.update(request["category"] for request in requests)
            tokens += sum(request["passage_tokens"] for request in requests)
        account.keep(table.rows)
        if spec.calibration:
            table.write_rows(list(made.content_free([name for name in names if asked[name]])))
        table.fields |= {
            "account": account.close(entered, "requests: sentences x categories"),
            "calibration": table.rows - account.kept,
            ROWS_ARE: ["kept", "calibration"],
            "asked_with": digest(spec.prompt.identity()),
            "tokens": tokens,
        }


if __name__ == "__main__":
    run(main, parser(__doc__, "--sentences", "--tokenizer", "--labels*", "--out", spec=LabelSpec))
