"""Build the requests that ask whether sentences have the categories of a taxonomy."""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from palimpsest.requests.label import ABOUT, Questions, asked_about
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_table, table_writer
from palimpsest.runtime.identity import digest
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

SENTENCE = ["sentence_id", "text", "note_id", "start", "end", "wanted"]
ROWS = 256  # sentences held in memory, with a request for each of their categories


def read_answers(path: Path, names: list[str]) -> dict[str, dict[str, bool | None]]:
    """The answers to an earlier prompt, by sentence and category."""
    answers = defaultdict(dict)
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
    questions = Questions(arguments.taxonomy, arguments.prompt, arguments.set)
    names = list(questions.categories)
    answers = read_answers(arguments.decisions, names) if arguments.decisions else None
    tokenizer = load_tokenizer(arguments.tokenizer)
    account, entered, tokens, asked = Account(), 0, 0, Counter()
    with table_writer(arguments.out, ABOUT) as table:
        for batch in read_batches(arguments.sentences, SENTENCE, ROWS):
            sentences, requests = batch.to_pylist(), []
            counts = count_tokens(tokenizer, [sentence["text"] for sentence in sentences])
            for sentence, size in zip(sentences, counts, strict=True):
                sentence["tokens"] = size
                if answers is not None and sentence["sentence_id"] not in answers:
                    raise UserError(
                        f"{arguments.decisions}: no answer about sentence "
                        f"{sentence['sentence_id']} of {arguments.sentences}; delete it to "
                        "rebuild it"
                    )
                given = None if answers is None else answers[sentence["sentence_id"]]
                entered += len(names)
                for category, reason in asked_about(names, sentence["wanted"], given).items():
                    if reason:
                        account.reject(reason)
                    else:
                        requests.append(questions.request(sentence, category))
            table.write_rows(requests)
            asked.update(request["category"] for request in requests)
            tokens += sum(request["passage_tokens"] for request in requests)
        account.keep(table.rows)
        if arguments.set["calibration"]:
            table.write_rows(list(questions.content_free([n for n in names if asked[n]])))
        table.fields |= {
            "account": account.close(entered, "requests: sentences x categories"),
            "calibration": table.rows - account.kept,
            "asked_with": digest(arguments.prompt),
            "tokens": tokens,
        }


if __name__ == "__main__":
    options = parser(__doc__, "--sentences", "--tokenizer", "--out")
    options.add_argument("--set", type=json_argument, required=True, help="as declared")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="what prompts tell")
    options.add_argument("--prompt", type=json_argument, required=True, help="as declared")
    options.add_argument("--decisions", type=Path, help="on the labels, where these are checked")
    run(main, options)
