"""Read what a judge answered about rephrases and known pairs, and count its claims."""

import argparse

import pyarrow as pa

from palimpsest.fidelity.config import JudgedSpec
from palimpsest.fidelity.judged import ASKED, JUDGEMENTS, RATES, TEXTS, JudgedRates, judgement
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_answers
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import table_writer, write_table


def main(arguments: argparse.Namespace) -> None:
    account, rates, entered = Account(), JudgedRates(), 0
    with table_writer(arguments.judgements, JUDGEMENTS) as table:
        for request, completion in read_answers(
            arguments.requests, arguments.completions, *ASKED, *TEXTS
        ):
            entered += 1
            row = judgement(request, completion)
            rates.add(row)
            table.write_rows([row])
            if row["failure"]:
                account.fail(row["failure"])
            else:
                account.keep()
        table.fields |= {
            "account": account.close(entered, "judgements"),
            "rows_are": ["kept", "failed"],
        }
    rows = rates.rows(arguments.spec.source)
    write_table(arguments.out, pa.Table.from_pylist(rows, schema=RATES))


if __name__ == "__main__":
    files = ("--requests", "--completions", "--out", "--judgements")
    run(main, parser(__doc__, *files, spec=JudgedSpec))
