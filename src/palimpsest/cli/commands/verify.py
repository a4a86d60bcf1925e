"""Find what was changed in an evidence pack since it was sealed."""

import argparse
from pathlib import Path

from palimpsest.evidence.seal import digest_of, faults
from palimpsest.runtime.errors import UserError


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", type=Path, help="a pack: the folder, or the zip")
    parser.add_argument("--key", type=Path, help="the public key that it must be signed with")


def run(arguments: argparse.Namespace) -> None:
    """Print what differs, file by file; or the number that names the pack."""
    told = faults(arguments.pack, arguments.key)
    for line in told:
        print(line)
    if told:
        raise UserError(f"{arguments.pack}: it is not as it was sealed ({len(told)} differences)")
    print(f"{arguments.pack}: as it was sealed; SHA-256 of SHA256SUMS: {digest_of(arguments.pack)}")
