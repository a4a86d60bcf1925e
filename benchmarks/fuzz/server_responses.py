"""Ask a server that answers at random: every request ends as a completion or fails with a reason.

    PYTHONPATH=src python benchmarks/fuzz/server_responses.py --count 20000

Prints how often each reason was had, and how long the slowest request took, all its tries together.
An error of the engine, or a result that no table can hold, ends it with that error.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit"))
from odd_responses import MOST_SECONDS, outcomes  # noqa: E402

PIECE = 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument(
        "--seconds",
        type=float,
        default=MOST_SECONDS,
        help="for one response; more where it is busy",
    )
    given = options.parse_args()
    begun, counted, slowest = time.monotonic(), Counter[str](), 0.0
    for start in range(0, given.count, PIECE):
        more, slow = outcomes(
            min(PIECE, given.count - start), given.seed + start, seconds=given.seconds
        )
        counted, slowest = counted + more, max(slowest, slow)
        print(f"{start + more.total():,} of {given.count:,}", file=sys.stderr, flush=True)
    for reason, count in counted.most_common():
        print(f"{count:>7,}  {reason}")
    print(f"{given.count:,} requests in {time.monotonic() - begun:.0f} s; slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
